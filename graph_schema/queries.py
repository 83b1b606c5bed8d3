"""A query operation as a plan: which root fields one statement answers, which are resolved beside it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import cache
from typing import Any

from graphql import FieldNode

from graph_schema.cost import INTROSPECTION, Cost, cost_of
from graph_schema.document import Known
from graph_schema.introspection import FIELDS
from graph_schema.naming import box_field
from graph_schema.read.compile import Statement, compiled
from graph_schema.read.emit import emit, emit_columns
from graph_schema.read.plan import Planner, Root
from graph_schema.read.scope import Emission
from graph_schema.read.selection import Pick, Source, pick, roots
from graph_schema.trouble import Error, of_problem, shown
from hub.context import Viewer
from hub.document.registry import specs
from hub.errors import HubError

Reading = Callable[[Planner, Pick], Root]


@dataclass
class QueryPlan:
    """How one operation is answered.

    `whole`: the statement's one column is the complete data. `of_schema`: the schema itself is asked for.
    """

    keys: list[str]
    roots: list[Root] = field(default_factory=list)
    plain: dict[str, list[FieldNode]] = field(default_factory=dict)
    errors: list[Error] = field(default_factory=list)
    statement: Statement | None = None
    whole: bool = False
    of_schema: bool = False
    cost: Cost = field(default_factory=Cost)

    @property
    def columns(self) -> list[str]:
        """The response names of the statement's columns."""
        return [root.key for root in self.roots]


@cache
def readings() -> dict[str, Reading]:
    """How each generic root field is planned."""
    found: dict[str, Reading] = {"node": lambda planner, one: planner.node(one)}
    for spec in specs().values():
        found[spec.single] = lambda planner, one, spec=spec: planner.one(one, spec)  # type: ignore[misc]
        found[spec.many] = lambda planner, one, spec=spec: planner.list(one, spec)  # type: ignore[misc]
        for box in spec.boxes:
            found[box_field(spec, box)] = lambda planner, one, spec=spec, box=box: planner.list(one, spec, box)  # type: ignore[misc]
    return found


def plan_query(known: Known, slots: Mapping[str, Any], viewer: Viewer) -> QueryPlan:
    """Plan and compile; a root field that the viewer may not ask for becomes null with one error."""
    source = Source(known.schema, known.fragments, dict(slots))
    fields = roots(source, known.operation)
    plan, planner = QueryPlan(list(fields)), Planner(viewer)
    query = known.schema.query_type
    assert query is not None
    for key, nodes in fields.items():
        reading = readings().get(nodes[0].name.value)
        if reading is None:
            plan.plain[key] = nodes
            plan.of_schema |= nodes[0].name.value in FIELDS
            continue
        try:
            plan.roots.append(reading(planner, pick(source, query, key, nodes)))
        except HubError as error:
            plan.errors += shown(error, viewer.language, (key,))
        plan.errors += [of_problem(one, viewer.language, (key,)) for one in planner.problems]
        planner.problems.clear()
    plan.cost = cost_of(plan.roots, sum(_plain_cost(nodes[0].name.value) for nodes in plan.plain.values()))
    if plan.roots:
        plan.whole = len(plan.roots) == len(plan.keys) and not plan.errors
        emission = Emission(viewer)
        made = emit(emission, plan.roots) if plan.whole else emit_columns(emission, plan.roots)
        plan.statement = compiled(made, emission.bindings)
    return plan


def _plain_cost(name: str) -> int:
    """The whole schema is a long answer, the rest is a row's worth."""
    return INTROSPECTION if name in FIELDS else 1
