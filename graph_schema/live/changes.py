"""Changes of a type's documents: who is told of which, and what it means for what they follow.

A document is asked about through the compiler whenever it has changed, so company, rows and columns hold as in
every query. Whether it matched before is read from its former row; so a follower that adds what ENTERED or CHANGED
and removes what LEFT always holds what the filter holds, also after a resume.
"""

from __future__ import annotations

import json
from collections.abc import AsyncGenerator, Mapping
from dataclasses import dataclass
from typing import Any

from sqlalchemy import ColumnElement, FromClause, Integer, Select, and_, select

from graph_schema.build.subscriptions import FOLLOWABLE
from graph_schema.live.feed import Event, Feed
from graph_schema.live.sharing import Question, Sharing
from graph_schema.live.token import Place, written
from graph_schema.read import predicates
from graph_schema.read.as_of import former
from graph_schema.read.compile import Statement, compiled
from graph_schema.read.conditions import Condition, condition
from graph_schema.read.emit import emit_columns
from graph_schema.read.plan import Planner, Root
from graph_schema.read.scope import Emission, as_id
from graph_schema.read.selection import Pick
from graph_schema.read.sql import Constant
from graph_schema.read.values import Slot
from hub.context import Viewer
from hub.document.spec import DocSpec
from hub.errors import Invalid, problem

CHANGED, VERSION = "\0changed", "\0version"
_NEWEST = 2**31 - 1


@dataclass(frozen=True)
class Followed:
    """What is followed and shown; the statement says whether a document matches, matched, and how it looks now."""

    type: str
    typename: str
    key: str
    picks: tuple[Pick, ...]
    statement: Statement


def plan_changes(chosen: Pick, typename: str, spec: DocSpec, viewer: Viewer) -> Followed:
    """Understand and compile; Forbidden or Invalid when it cannot be followed."""
    planner = Planner(viewer)
    planner.demand(spec)
    if spec.kind not in FOLLOWABLE:
        raise Invalid(
            problem(
                "NOT_FOLLOWABLE",
                f"{spec.label.chinese}没有自己的事件；请用实时查询。",
                f"{spec.label.english} has no events of its own; use a live query.",
                "type",
            )
        )
    shown = [planner.document(spec, one.children[spec.name]) for one in chosen.picks if one.name == "document"]
    wanted = [Root(f"document{index}", "one", plan, "id", Slot((CHANGED,))) for index, plan in enumerate(shown)]
    where = condition(spec, chosen.arguments.get("where"), planner)
    emission = Emission(viewer)
    matches, matched = _present(emission, spec, where), _former(emission, spec, where)
    statement = compiled(emit_columns(emission, wanted).add_columns(matches, matched), emission.bindings)
    return Followed(spec.name, typename, chosen.key, chosen.picks, statement)


async def changes(
    feed: Feed, sharing: Sharing, followed: Followed, given: Mapping[str, Any], viewer: Viewer, only: Any, after: Place
) -> AsyncGenerator[tuple[bytes, str], None]:
    """The change's JSON and its token: first OPENED, then all that the viewer may know of."""
    id_ = None if only is None else str(as_id(only))
    yield _shown(followed, "OPENED", None, after, [])
    async for event in feed.events(followed.type, id_, after):
        if event.id is None:
            if event.company == str(viewer.company_id):
                yield _shown(followed, "BATCH", event, event.place, [])
            continue
        about = {**given, CHANGED: event.id, VERSION: event.version or _NEWEST}
        question = Question(followed.statement, followed.statement.values(about, viewer))
        *documents, matches, matched = await sharing.ask_about(event.place.id, question)
        kind = _KINDS.get((matches != b"null", matched != b"null"))
        if kind is not None:
            yield _shown(followed, kind, event, event.place, documents)


_KINDS = {(True, False): "ENTERED", (True, True): "CHANGED", (False, True): "LEFT"}


def _present(emission: Emission, spec: DocSpec, where: Condition) -> ColumnElement[Any]:
    row = emission.alias(spec.name)
    key = row.c.id == emission.bind(Slot((CHANGED,)), row.c.id.type, as_id)
    return _holds(emission, spec, where, row).where(key).scalar_subquery()


def _former(emission: Emission, spec: DocSpec, where: Condition) -> ColumnElement[Any]:
    """The same of the row before the event: the newest of an older version."""
    row = former(spec.name)
    latest = (
        select(row)
        .where(
            row.c.id == emission.bind(Slot((CHANGED,)), row.c.id.type, as_id),
            row.c.version < emission.bind(Slot((VERSION,)), Integer()),
        )
        .order_by(row.c.version.desc())
        .limit(1)
        .subquery(emission.name("former"))
    )
    return _holds(emission, spec, where, latest).scalar_subquery()


def _holds(emission: Emission, spec: DocSpec, where: Condition, row: FromClause) -> Select[str]:
    visible = emission.visible(spec, row)
    return select(Constant("true")).select_from(row).where(and_(*visible, predicates.where(emission, where, row)))


def _shown(
    followed: Followed, kind: str, event: Event | None, place: Place, documents: list[bytes]
) -> tuple[bytes, str]:
    token = written(place)
    plain_values = {
        "__typename": followed.typename,
        "kind": kind,
        "type": followed.type,
        "id": event.id if event else None,
        "event": event.event if event else None,
        "token": token,
    }
    left = iter(documents)
    parts = []
    for one in followed.picks:
        text = next(left, b"null") if one.name == "document" else json.dumps(plain_values[one.name]).encode()
        parts.append(b'"%s":%s' % (one.key.encode(), text))
    return b"{" + b",".join(parts) + b"}", token
