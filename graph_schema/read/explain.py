"""What becomes of a query: its plan and its SQL, printed for people."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any

import sqlglot
from graphql import GraphQLObjectType

from graph_schema.answer import core_schema
from graph_schema.document import Known, understand
from graph_schema.measures import Measure
from graph_schema.queries import plan_query
from graph_schema.read.aggregates import AggregatePlan, GroupKey, GroupsPlan, Node
from graph_schema.read.plan import ListPlan, ObjectPlan, Root
from graph_schema.read.selection import Pick, Source, pick, roots
from hub.context import Viewer
from hub.settings import settings


def explained(document: str, viewer: Viewer, variables: Mapping[str, Any]) -> str:
    """The selection, the plan as an indented tree, its cost, then the statement; Faulty or a HubError if wrong."""
    known = understand(core_schema(), document, None)
    given = known.variables(variables)
    plan = plan_query(known, known.slots(given), viewer)
    source = Source(known.schema, known.fragments, known.slots(given))
    parts = ["selection"]
    for key, nodes in roots(source, known.operation).items():
        parts += _selection(pick(source, _root_type(known), key, nodes), 1)
    parts += ["", "plan", *(f"  {line}" for root in plan.roots for line in _root(root))]
    parts += [f"  {key}: beside the statement" for key in plan.plain]
    parts += [f"  error {error['message']}" for error in plan.errors]
    parts += ["", f"cost {plan.cost.of(given)} of {settings().cost_limit}"]
    if plan.statement is not None:
        parts += ["", pretty(plan.statement.sql), ""]
        values = plan.statement.values(given, viewer)
        parts += [f"${index} = {value!r}" for index, value in enumerate(values, 1)]
    return "\n".join(parts)


def _root_type(known: Known) -> GraphQLObjectType:
    root = known.schema.get_root_type(known.operation.operation)
    assert root is not None
    return root


def _selection(one: Pick, depth: int) -> Iterator[str]:
    """A field with its arguments and what is selected below it; by type where that differs."""
    name = one.name if one.name == one.key else f"{one.key}: {one.name}"
    given = ", ".join(f"{key}: {value!r}" for key, value in one.arguments.items())
    yield "  " * depth + name + (f"({given})" if given else "")
    different = list(one.children.values())
    shared = all(picks == different[0] for picks in different)
    for type_name, picks in list(one.children.items())[: 1 if shared else None]:
        if not shared:
            yield "  " * (depth + 1) + f"on {type_name}"
        for child in picks:
            yield from _selection(child, depth + (1 if shared else 2))


def pretty(sql: str) -> str:
    """The statement on many lines. sqlglot would read $1…$2 as a quoted text, so parameters get names meanwhile."""
    named = re.sub(r"\$(\d+)", r":value_\1", sql)
    laid_out = sqlglot.transpile(named, read="postgres", write="postgres", pretty=True)[0]
    return re.sub(r"%\(value_(\d+)\)s", r"$\1", laid_out)


def _root(root: Root) -> Iterator[str]:
    yield f"{root.key}: {root.kind}" + (f" by {root.by}" if root.kind == "one" else "")
    plans = [root.plan] if root.plan is not None else root.nodes
    for plan in plans:
        yield from _below(plan, 1)


def _below(plan: ObjectPlan | ListPlan, depth: int) -> Iterator[str]:
    """A document's outputs, or a list's arguments and what it shows."""
    indent = "  " * depth
    if isinstance(plan, ObjectPlan):
        for output in plan.outputs:
            yield f"{indent}{output.key}: {output.kind}" + (f" {plan.spec.name}" if output.kind == "typename" else "")
            if isinstance(output.below, ObjectPlan | ListPlan):
                yield from _below(output.below, depth + 1)
        return
    keys = ", ".join(key.name for key in plan.keys)
    yield f"{indent}{plan.shape} of {plan.spec.name} order by {keys}" + (f" size {plan.size}" if plan.size else "")
    if plan.node is not None:
        yield from _below(plan.node, depth + 1)
    for one in plan.outputs:
        yield f"{indent}  {one.key}: {one.kind}"
        if one.node is not None:
            yield from _below(one.node, depth + 2)
        if isinstance(one.aggregate, AggregatePlan):
            yield from _shown(one.aggregate.shown, depth + 2)
        elif one.aggregate is not None:
            yield from _groups(one.aggregate, depth + 2)


def _groups(plan: GroupsPlan, depth: int) -> Iterator[str]:
    """What rows are grouped by, in what order and how many groups, and what each shows."""
    indent = "  " * depth
    keys = ", ".join(key.name for key in plan.by)
    order = ", ".join(f"{one.of.name} {'desc' if one.descending else 'asc'}" for one in plan.order)
    yield f"{indent}by {keys} order by {order} size {plan.size}"
    yield from _shown(plan.shown, depth)


def _shown(node: Node, depth: int) -> Iterator[str]:
    """An object of measures and keys."""
    indent = "  " * depth
    for key, one in node if isinstance(node, tuple) else ():
        name = one.name if isinstance(one, Measure | GroupKey) else "object" if isinstance(one, tuple) else one
        yield f"{indent}{key}: {name or 'null'}"
        yield from _shown(one, depth + 1)
