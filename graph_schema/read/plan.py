"""The second stage: picks become a plan over documents, with every right of the viewer decided.

A plan is plain data, printable, and holds no SQL. What the viewer may not see is already gone from it: forbidden
links are null, forbidden lists empty, restricted columns null, and asking for a forbidden type at the root raises.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from graph_schema.limits import DEFAULT_FIRST, check_first
from graph_schema.naming import (
    AS_OF,
    AVAILABLE_STEPS,
    HISTORY,
    PROVENANCE,
    LinesConnection,
    Member,
    Special,
    members,
)
from graph_schema.read.aggregates import AggregatePlan, GroupsPlan, aggregate, groups
from graph_schema.read.as_of import has_history, unsupported
from graph_schema.read.conditions import All, Condition, Own, condition
from graph_schema.read.history import HistoryPlan, history_plan
from graph_schema.read.ordering import Key, ordering
from graph_schema.read.selection import Pick
from graph_schema.read.values import Slot, plain
from hub.context import Viewer
from hub.document.custom import CustomSpec, has_extra, shown
from hub.document.registry import spec as spec_of
from hub.document.registry import specs
from hub.document.spec import DerivedSpec, DocSpec, FieldSpec, InverseSpec, LinesSpec, LinkSpec
from hub.errors import Forbidden, Invalid, Problem, problem

_BY_POSITION = (("position", False),)


@dataclass(frozen=True)
class Output:
    """One entry of a JSON object: its name there, what it is, and the plan below it."""

    key: str
    kind: str
    """field, derived, extra, link, rows, connection, typename, steps, provenance, history, null, empty."""
    member: Member | None = None
    below: ObjectPlan | ListPlan | HistoryPlan | None = None
    picks: tuple[Pick, ...] = ()
    custom: tuple[CustomSpec, ...] = ()


@dataclass(frozen=True)
class ObjectPlan:
    """A document as a JSON object."""

    spec: DocSpec
    outputs: tuple[Output, ...]


@dataclass(frozen=True)
class ListPlan:
    """Rows of a type, as a plain list or a connection. `first` and the like are numbers or slots."""

    spec: DocSpec
    where: Condition
    keys: tuple[Key, ...]
    shape: str
    """"rows" for a plain list, "connection" for nodes, edges, pageInfo and totalCount."""
    node: ObjectPlan | None = None
    outputs: tuple[ConnectionOutput, ...] = ()
    size: int | Slot | None = None
    backward: bool = False
    after: str | Slot | None = None
    before: str | Slot | None = None
    empty: bool = False


@dataclass(frozen=True)
class ConnectionOutput:
    """One entry of a connection, with what is asked of it.

    `kind`: nodes, edges, pageInfo, totalCount, aggregate, groups or __typename.
    """

    key: str
    kind: str
    node: ObjectPlan | None = None
    picks: tuple[Pick, ...] = ()
    aggregate: AggregatePlan | GroupsPlan | None = None


@dataclass(frozen=True)
class Root:
    """A root field: one document by its key, a list, or a node of whatever type."""

    key: str
    kind: str
    """one, list, node."""
    plan: ObjectPlan | ListPlan | None = None
    by: str = "id"
    value: Any = None
    nodes: tuple[ObjectPlan, ...] = ()
    as_of: Any = None
    """A moment, a slot, or None for now."""


@dataclass
class Planner:
    """Plans for one viewer; `types` collects the types that were touched, `problems` what could not be shown.

    `past` is whether the root field in hand is asked as of a moment.
    """

    viewer: Viewer
    types: set[str] = field(default_factory=set)
    problems: list[Problem] = field(default_factory=list)
    past: bool = False

    def one(self, pick: Pick, spec: DocSpec) -> Root:
        """salesOrder(id: …) or salesOrder(number: …)."""
        self.demand(spec)
        as_of = self._as_of(pick)
        given = {name: value for name, value in pick.arguments.items() if value is not None and name != AS_OF}
        if len(given) != 1:
            names = f"id / {spec.natural_key}"
            raise Invalid(
                problem("KEY_NEEDED", f"请给出且只给出 {names} 之一。", f"Give exactly one of {names}.", pick.key)
            )
        ((by, value),) = given.items()
        return Root(pick.key, "one", self.document(spec, pick.picks), by, value, as_of=as_of)

    def list(self, pick: Pick, spec: DocSpec, box: str | None = None) -> Root:
        """salesOrders(where, orderBy, first, after, last, before); of a box only what is the viewer's in its way."""
        self.demand(spec)
        as_of = self._as_of(pick)
        own = None if box is None else Own(spec.boxes[box])
        return Root(pick.key, "list", self.connection(spec, pick, own=own), as_of=as_of)

    def node(self, pick: Pick) -> Root:
        """node(id: …): the types whose fields are asked for come with them, all others with what they share."""
        as_of = self._as_of(pick)
        readable = [one for one in specs().values() if self.readable(one)]
        plans = tuple(self.document(one, pick.children[one.name]) for one in readable)
        return Root(pick.key, "node", by="id", value=pick.arguments["id"], nodes=plans, as_of=as_of)

    def _as_of(self, pick: Pick) -> Any:
        """The moment a root field asks for; what is planned below it is planned for that."""
        moment = pick.arguments.get(AS_OF)
        self.past = moment is not None
        return moment

    def readable(self, spec: DocSpec) -> bool:
        """Whether the viewer may read the type at all."""
        self.types.add(spec.name)
        return self.viewer.may(spec.access.read)

    def shows(self, member: FieldSpec | DerivedSpec) -> bool:
        """Whether a value is shown: not without its permission, nor as of a moment when it has no history."""
        if not self.viewer.may(member.restricted):
            return False
        if self.past and isinstance(member, DerivedSpec) and not has_history(member):
            self.problems.append(unsupported(member))
            return False
        return True

    def demand(self, spec: DocSpec) -> None:
        """Forbidden unless the viewer may read the type."""
        if not self.readable(spec):
            chinese, english = spec.label
            raise Forbidden(
                problem("FORBIDDEN", f"您没有查看{chinese}的权限。", f"You may not read this type: {english}.")
            )

    def document(self, spec: DocSpec, picks: tuple[Pick, ...]) -> ObjectPlan:
        """The outputs of a document for what is picked of it."""
        self.types.add(spec.name)
        return ObjectPlan(spec, tuple(self._output(spec, pick) for pick in picks))

    def _output(self, spec: DocSpec, pick: Pick) -> Output:
        if pick.name == "__typename":
            return Output(pick.key, "typename")
        member = members(spec)[pick.name]
        if isinstance(member, FieldSpec) and has_extra(member):
            return Output(pick.key, "extra", member, custom=self._custom(spec))
        if isinstance(member, FieldSpec | DerivedSpec):
            kind = "field" if isinstance(member, FieldSpec) else "derived"
            return Output(pick.key, kind if self.shows(member) else "null", member)
        if isinstance(member, Special):
            kinds = {AVAILABLE_STEPS: "steps", PROVENANCE: "provenance", HISTORY: "history"}
            below = history_plan(spec, pick, self.viewer) if pick.name == HISTORY else None
            return Output(pick.key, kinds[pick.name], member, below, pick.picks)
        if isinstance(member, LinesConnection):
            target = spec_of(member.lines.target)
            pages = self.connection(target, pick, empty=not self.readable(target), default=_BY_POSITION)
            return Output(pick.key, "connection", member, pages)
        return self._related(member, pick)

    def _custom(self, spec: DocSpec) -> tuple[CustomSpec, ...]:
        """The custom fields that are shown; a link only to whom its target is open."""
        found = shown(self.viewer, spec.name).values()
        return tuple(one for one in found if one.target is None or self.readable(spec_of(one.target)))

    def _related(self, member: LinkSpec | LinesSpec | InverseSpec, pick: Pick) -> Output:
        target = spec_of(member.target)
        readable = self.readable(target)
        if isinstance(member, LinkSpec):
            if not readable:
                return Output(pick.key, "null", member)
            return Output(pick.key, "link", member, self.document(target, pick.picks))
        if isinstance(member, LinesSpec):
            rows = self._rows(target, pick, empty=not readable)
            return Output(pick.key, "rows", member, rows)
        return Output(pick.key, "connection", member, self.connection(target, pick, empty=not readable))

    def _rows(self, spec: DocSpec, pick: Pick, *, empty: bool) -> ListPlan:
        """Owned lines: all of them unless `first` is given, in their order."""
        arguments = pick.arguments
        return ListPlan(
            spec,
            condition(spec, arguments.get("where"), self),
            ordering(spec, arguments.get("orderBy"), self, default=_BY_POSITION),
            "rows",
            node=self.document(spec, pick.picks),
            size=_checked(arguments.get("first")),
            empty=empty,
        )

    def connection(
        self,
        spec: DocSpec,
        pick: Pick,
        *,
        empty: bool = False,
        default: tuple[tuple[str, bool], ...] | None = None,
        own: Own | None = None,
    ) -> ListPlan:
        """A list with pages; `default` is its order when none is asked for."""
        arguments = pick.arguments
        first, last = _checked(arguments.get("first")), _checked(arguments.get("last"))
        if first is not None and last is not None:
            raise Invalid(
                problem("PAGE_BOTH_ENDS", "first 与 last 不能同时使用。", "Use either first or last.", pick.key)
            )
        backward = last is not None or (first is None and arguments.get("before") is not None)
        size = last if backward else first
        where = condition(spec, arguments.get("where"), self)
        where = where if own is None else All((own, where))
        return ListPlan(
            spec,
            where,
            ordering(spec, arguments.get("orderBy"), self, default=default),
            "connection",
            outputs=tuple(self._connection_output(spec, one, where) for one in pick.picks),
            size=DEFAULT_FIRST if size is None else size,
            backward=backward,
            after=plain(arguments.get("after")),
            before=plain(arguments.get("before")),
            empty=empty,
        )

    def _connection_output(self, spec: DocSpec, pick: Pick, where: Condition) -> ConnectionOutput:
        if pick.name in ("aggregate", "groups"):
            planned = aggregate if pick.name == "aggregate" else groups
            return ConnectionOutput(pick.key, pick.name, aggregate=planned(spec, pick, where, self))
        if pick.name == "nodes":
            return ConnectionOutput(pick.key, "nodes", self.document(spec, pick.picks))
        if pick.name == "edges":
            node = next((one for one in pick.picks if one.name == "node"), None)
            return ConnectionOutput(pick.key, "edges", self.document(spec, node.picks) if node else None, pick.picks)
        return ConnectionOutput(pick.key, pick.name, None, pick.picks)


def _checked(size: Any) -> Any:
    """A page size: checked now if it stands in the document, when it runs if it is a slot."""
    return check_first(size) if isinstance(size, int) else size
