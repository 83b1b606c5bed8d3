"""What a plan costs: the rows it may show, multiplied down the nesting, known before anything runs.

One row is one unit. A derived value or a link adds a unit per row, a count or an aggregate of a list more, because
each is a statement of its own inside the statement. Page sizes that are variables stay in the formula as slots, so
that a plan's cost is computed once and a request only multiplies.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from graph_schema.limits import check_first
from graph_schema.read.aggregates import AggregatePlan, GroupsPlan
from graph_schema.read.history import HistoryPlan
from graph_schema.read.plan import ListPlan, ObjectPlan, Output, Root
from graph_schema.read.values import Slot
from hub.errors import Invalid, Refused, problem

EXPECTED_LINES = 10
"""Rows of an owned list that is asked for whole."""
MAX_CONDITIONS = 300
"""Conditions, sort keys and quantifiers of one operation: they come in variables too, where no token is counted."""
COUNT, AGGREGATE, PROVENANCE, REVISION, EXISTS, WRITE, INTROSPECTION = 10, 20, 3, 5, 5, 10, 10_000
NEW_DOCUMENT = 500
"""What it takes to parse, validate and compile a document that was not seen before: paid from the quota only."""
_OF_OUTPUT = {"field": 0, "null": 0, "typename": 0, "steps": 0, "extra": 1, "derived": 1, "provenance": PROVENANCE}
_OF_CONNECTION = {"__typename": 0, "pageInfo": 0, "nodes": 0, "edges": 0, "totalCount": COUNT}

Formula = dict[tuple[Slot, ...], int]
"""A sum of products: a weight by the slots that multiply it; () holds the part without slots."""


@dataclass(frozen=True)
class Cost:
    """A plan's cost: `fixed` units and terms that depend on page sizes given in variables."""

    fixed: int = 0
    terms: tuple[tuple[int, tuple[Slot, ...]], ...] = ()

    def of(self, variables: Mapping[str, Any]) -> int:
        """The units of one request; Invalid PAGE_SIZE when a size is out of range."""
        total = self.fixed
        for weight, slots in self.terms:
            for slot in slots:
                weight *= check_first(_value(slot, variables))
            total += weight
        return total


class TooCostly(Refused):
    """A request beyond the limit; carries the figures that are echoed."""

    def __init__(self, requested: int, limit: int) -> None:
        super().__init__(
            problem(
                "COST_EXCEEDED",
                f"查询的成本为 {requested}，超过上限 {limit}；请减少每页条数或嵌套。",
                f"The cost is {requested}, above the limit of {limit}; ask for smaller pages or less nesting.",
            )
        )
        self.requested = requested


@dataclass
class Spending:
    """What the operations of one request cost together; one limit holds for all of them."""

    limit: int
    spent: int = 0
    effort: int = 0
    """What the quota pays beside the cost: understanding documents that nobody sent before."""

    @property
    def due(self) -> int:
        """What the request takes from the quota."""
        return self.spent + self.effort

    def add(self, cost: int) -> None:
        """Take one operation's cost into account; TooCostly when the request has gone beyond its limit."""
        self.spent += cost
        if self.spent > self.limit:
            raise TooCostly(self.spent, self.limit)


def echo(requested: int, limit: int) -> bytes:
    """The end of an answer: the cost and the limit."""
    return b',"extensions":{"cost":{"requested":%d,"limit":%d}}}' % (requested, limit)


def cost_of(roots: Iterable[Root], plain: int = 0) -> Cost:
    """The cost of root fields and of `plain` units beside them; Invalid CONDITIONS_EXCEEDED."""
    meter = _Meter()
    found: Formula = {(): plain}
    for root in roots:
        for plan in (root.plan, *root.nodes):
            if isinstance(plan, ListPlan):
                _add(found, meter.list(plan))
            elif isinstance(plan, ObjectPlan):
                _add(found, meter.document(plan))
    return Cost(found.pop(()), tuple((weight, slots) for slots, weight in found.items()))


@dataclass
class _Meter:
    """Walks one operation's plans; counts its conditions on the way."""

    conditions: int = field(default=0)

    def document(self, plan: ObjectPlan) -> Formula:
        found: Formula = {(): 1}
        for output in plan.outputs:
            _add(found, self._output(output))
        return found

    def _output(self, output: Output) -> Formula:
        below = output.below
        if isinstance(below, ObjectPlan):
            return self.document(below)
        if isinstance(below, ListPlan):
            return self.list(below)
        if isinstance(below, HistoryPlan):
            return _times({(): REVISION if below.picked("changes") else 1}, below.size)
        return {(): _OF_OUTPUT[output.kind]}

    def list(self, plan: ListPlan) -> Formula:
        """A list itself counts one, so that a thousand empty ones are not for nothing."""
        self._count(len(plan.keys) + _tests(plan.where))
        found: Formula = {(): 1 + EXISTS * _exists(plan.where)}
        if plan.empty:
            return found
        size = EXPECTED_LINES if plan.size is None else plan.size
        nodes = [plan.node] if plan.node else []
        for output in plan.outputs:
            if output.aggregate is not None:
                _add(found, self.aggregate(output.aggregate))
                continue
            found[()] += _OF_CONNECTION[output.kind]
            nodes += [output.node] if output.node else []
            if output.kind in ("nodes", "edges", "pageInfo") and output.node is None:
                _add(found, _times({(): 1}, size))
        for node in nodes:
            _add(found, _times(self.document(node), size))
        return found

    def aggregate(self, plan: AggregatePlan | GroupsPlan) -> Formula:
        """Rows added up read the list anew, once per aggregate and once per grouping; a group shown is one unit."""
        found: Formula = {(): AGGREGATE + EXISTS * _exists(plan.where)}
        if isinstance(plan, GroupsPlan):
            self._count(len(plan.order) + sum(map(_tests, plan.having)))
            _add(found, _times({(): 1}, plan.size))
        return found

    def _count(self, conditions: int) -> None:
        self.conditions += conditions
        if self.conditions > MAX_CONDITIONS:
            raise Invalid(
                problem(
                    "CONDITIONS_EXCEEDED",
                    f"筛选和排序的条件超过 {MAX_CONDITIONS} 个。",
                    f"There are more than {MAX_CONDITIONS} conditions and sort keys.",
                )
            )


def _tests(part: Any) -> int:
    """The nodes of a condition's tree."""
    return 1 + sum(_tests(one) for one in _below(part))


def _exists(part: Any) -> int:
    """How many linked documents and lists a condition looks into."""
    return hasattr(part, "target") + sum(_exists(one) for one in _below(part))


def _below(part: Any) -> tuple[Any, ...]:
    """The conditions that a condition is made of, whatever its kind."""
    one = getattr(part, "part", None)
    return (*getattr(part, "parts", ()), *getattr(part, "tests", ()), *(() if one is None else (one,)))


def _add(found: Formula, more: Formula) -> None:
    for slots, weight in more.items():
        found[slots] = found.get(slots, 0) + weight


def _times(formula: Formula, size: Any) -> Formula:
    if isinstance(size, Slot):
        return {(*slots, size): weight for slots, weight in formula.items()}
    return {slots: weight * int(size) for slots, weight in formula.items()}


def _value(slot: Slot, variables: Mapping[str, Any]) -> Any:
    found: Any = variables
    for step in slot.path:
        found = found[step]
    return found
