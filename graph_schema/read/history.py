"""`history`, planned: which revisions of a row are asked for, and which of its fields the viewer may see differ."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from graph_schema.limits import DEFAULT_FIRST, check_first
from graph_schema.read.selection import Pick
from graph_schema.read.values import Slot
from hub.context import Viewer
from hub.document.custom import shown
from hub.document.registry import spec as spec_of
from hub.document.spec import DocSpec, FieldSpec, LinesSpec, LinkSpec
from hub.words import snake

Watched = FieldSpec | LinkSpec
"""What a person can have changed; a custom field is one."""


@dataclass(frozen=True)
class WatchedLines:
    """A document's lines and what is watched of each."""

    list: LinesSpec
    spec: DocSpec
    members: tuple[Watched, ...]


@dataclass(frozen=True)
class HistoryPlan:
    """Revisions of a row, newest first. `before` is the version to go on from, like `size` a number or a slot."""

    spec: DocSpec
    picks: tuple[Pick, ...]
    size: int | Slot
    before: int | Slot | None
    members: tuple[Watched, ...]
    lines: tuple[WatchedLines, ...]

    def picked(self, *names: str) -> bool:
        """Whether any of these fields of a revision is asked for."""
        return any(one.name in names for one in self.picks)


def history_plan(spec: DocSpec, pick: Pick, viewer: Viewer) -> HistoryPlan:
    """history(first:, beforeVersion:) of a row."""
    first: Any = pick.arguments.get("first")
    lines = [(one, spec_of(one.target)) for one in spec.lines.values()]
    return HistoryPlan(
        spec,
        pick.picks,
        DEFAULT_FIRST if first is None else check_first(first) if isinstance(first, int) else first,
        pick.arguments.get("beforeVersion"),
        watched(spec, viewer),
        tuple(WatchedLines(one, of, watched(of, viewer)) for one, of in lines if viewer.may(of.access.read)),
    )


def watched(spec: DocSpec, viewer: Viewer) -> tuple[Watched, ...]:
    """The fields and links that people set, as far as the viewer may read them, in the order of the columns."""
    fields = [one for one in spec.fields.values() if _set_by_people(one) and viewer.may(one.restricted)]
    parent = None if spec.parent is None else f"{snake(spec.parent)}_id"
    links: list[LinkSpec] = [one for one in spec.links.values() if viewer.may(spec_of(one.target).access.read)]
    named: dict[str, Watched] = {one.name: one for one in fields}
    named |= {one.column: one for one in links if one.column != parent}
    own = [named[column.name] for column in spec.table.columns if column.name in named]
    custom = [one for one in shown(viewer, spec.name).values() if one.target is None or _open(one.target, viewer)]
    return (*own, *custom)


def _open(type_name: str, viewer: Viewer) -> bool:
    return viewer.may(spec_of(type_name).access.read)


def _set_by_people(field: FieldSpec) -> bool:
    """Stamps, versions and the place of a line are not; custom values are watched one by one."""
    return not (field.secret or field.system or field.name == "position")
