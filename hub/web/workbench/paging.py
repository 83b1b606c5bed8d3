"""Pages by number over a list that pages by cursor.

GraphQL's pages start where the last one ended, which no insertion can disturb; people click on page 7. The way to
it is walked in large strides from the nearer end, asking for cursors only.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from starlette.exceptions import HTTPException

from graph_schema.limits import MAX_FIRST
from hub.context import Viewer
from hub.document.custom import EXTRA
from hub.document.registry import spec as spec_of
from hub.document.spec import DocSpec
from hub.web.workbench.asking import ask
from hub.web.workbench.columns import Column
from hub.web.workbench.language import say
from hub.words import camel

MOST_STRIDES = 100
"""A page further than this many strides from both ends is refused with advice; nobody pages that far."""

Where = dict[str, Any]
Sorts = Sequence[tuple[str, str]]


@dataclass(frozen=True)
class Page:
    """Rows of a list, and how many the list has."""

    rows: list[dict[str, Any]]
    total: int


@dataclass(frozen=True)
class Listing:
    """A list as it is filtered and sorted for a viewer."""

    spec: DocSpec
    where: Where
    sorts: Sorts
    viewer: Viewer

    async def ask(self, selection: str, **window: Any) -> dict[str, Any]:
        """The connection for a window of `first` and `after`, or `last` and `before`."""
        kinds = {"first": "Int", "last": "Int", "after": "String", "before": "String"}
        declared = "".join(f", ${name}: {kinds[name]}" for name in window)
        arguments = "".join(f", {name}: ${name}" for name in window)
        document = (
            f"query List($where: {self.spec.name}Where, $orderBy: [{self.spec.name}OrderBy!]{declared}) "
            f"{{ {self.spec.many}(where: $where, orderBy: $orderBy{arguments}) {{ {selection} }} }}"
        )
        variables = {"where": self.where, "orderBy": order_by(self.spec, self.sorts), **window}
        answer = await ask(document, variables, self.viewer)
        connection: dict[str, Any] = answer[self.spec.many]
        return connection


def order_by(spec: DocSpec, sorts: Sorts) -> list[dict[str, Any]]:
    """The `orderBy` argument: [{"orderDate": "DESC"}]."""
    return [_order_key(spec, name, direction.upper()) for name, direction in sorts]


def _order_key(spec: DocSpec, name: str, direction: str) -> dict[str, Any]:
    """A link sorts by what its target is called; Chinese names sort by their pinyin; custom fields by their key."""
    if name.startswith(f"{EXTRA}."):
        return {EXTRA: {"field": name.removeprefix(f"{EXTRA}."), "direction": direction}}
    link = next((one for one in spec.links.values() if camel(one.name) == name), None)
    if link is not None:
        called = "namePinyin" if spec_of(link.target).kind == "master" else "number"
        return {name: {called: direction}}
    return {"namePinyin" if name == "name" and spec.kind == "master" else name: direction}


async def page_of(
    spec: DocSpec, columns: Iterable[Column], where: Where, sorts: Sorts, viewer: Viewer, *, skip: int, limit: int
) -> Page:
    """`limit` rows after the first `skip`.

    Raises:
        HTTPException: 400 for a page too far from both ends.
    """
    listing = Listing(spec, where, sorts, viewer)
    nodes = "nodes { id " + " ".join(one.selection() for one in columns) + " }"
    if skip == 0:
        found = await listing.ask(f"totalCount {nodes}", first=limit)
        return Page(found["nodes"], found["totalCount"])
    total = (await listing.ask("totalCount", first=0))["totalCount"]
    if skip >= total:
        return Page([], total)
    behind = total - skip - limit
    if behind <= 0:
        found = await listing.ask(nodes, last=total - skip)
    elif behind < skip:
        found = await listing.ask(nodes, last=limit, before=await _cursor(listing, behind, "last", "before"))
    else:
        found = await listing.ask(nodes, first=limit, after=await _cursor(listing, skip, "first", "after"))
    return Page(found["nodes"], total)


async def total_of(spec: DocSpec, where: Where, viewer: Viewer) -> int:
    """How many records fit."""
    found = await Listing(spec, where, [], viewer).ask("totalCount", first=0)
    return int(found["totalCount"])


async def _cursor(listing: Listing, distance: int, size: str, start: str) -> str:
    """The cursor `distance` rows from the beginning ("first", "after") or from the end ("last", "before")."""
    if distance > MOST_STRIDES * MAX_FIRST:
        sentence = say("页数太深，请用筛选缩小范围。", "Too many pages away; narrow the list by a filter.")
        raise HTTPException(400, sentence)
    end = "endCursor" if size == "first" else "startCursor"
    cursor: str | None = None
    while distance > 0:
        stride = min(distance, MAX_FIRST)
        window = {size: stride} | ({start: cursor} if cursor else {})
        cursor = (await listing.ask(f"pageInfo {{ {end} }}", **window))["pageInfo"][end]
        distance -= stride
    assert cursor is not None
    return cursor
