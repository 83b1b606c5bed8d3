"""A subscription operation as a stream of answers.

Each change is shown only to whom the document is visible, asked by the same compiler; so rights, company and row
rules hold here as in every query.
"""

from __future__ import annotations

import json
from collections.abc import AsyncIterator, Mapping
from dataclasses import dataclass
from typing import Any

from psycopg_pool import AsyncConnectionPool

from graph_schema.document import Known
from graph_schema.live.feed import Change, Feed
from graph_schema.read.compile import Statement, compiled
from graph_schema.read.emit import emit_columns
from graph_schema.read.plan import Planner, Root
from graph_schema.read.run import run
from graph_schema.read.scope import Emission, as_id
from graph_schema.read.selection import Pick, Source, pick, roots
from graph_schema.read.values import Slot, plain
from hub.context import Viewer
from hub.document.registry import spec as spec_of
from hub.document.rows import Me, rule_for
from hub.errors import Invalid, problem

CHANGED = "\0changed"
_VISIBLE = Pick("id", "id", {})


@dataclass(frozen=True)
class Followed:
    """What is followed, what is shown of each change, and the statement that reads the changed document."""

    type: str
    id: str | None
    key: str
    picks: tuple[Pick, ...]
    statement: Statement


def plan_subscription(known: Known, given: Mapping[str, Any], viewer: Viewer) -> Followed:
    """Understand and compile; Forbidden, NotFound or Invalid when it cannot be followed."""
    source = Source(known.schema, known.fragments, dict(given))
    fields = roots(source, known.operation)
    root = known.schema.subscription_type
    assert root is not None
    if len(fields) != 1:
        raise Invalid(problem("ONE_SUBSCRIPTION", "每个订阅只能有一个字段。", "A subscription has exactly one field."))
    ((key, nodes),) = fields.items()
    chosen = pick(source, root, key, nodes)
    spec = spec_of(chosen.arguments["type"])
    planner = Planner(viewer)
    planner.demand(spec)
    shown = [planner.document(spec, one.children[spec.name]) for one in chosen.picks if one.name == "document"]
    plans = [planner.document(spec, (_VISIBLE,)), *shown]
    wanted = [Root(f"document{index}", "one", plan, "id", Slot((CHANGED,))) for index, plan in enumerate(plans)]
    emission = Emission(viewer)
    statement = compiled(emit_columns(emission, wanted), emission.bindings)
    only = chosen.arguments.get("id")
    return Followed(spec.name, None if only is None else str(as_id(plain(only))), key, chosen.picks, statement)


async def changes(
    feed: Feed, pool: AsyncConnectionPool[Any], followed: Followed, given: Mapping[str, Any], viewer: Viewer
) -> AsyncIterator[bytes]:
    """An answer per change that the viewer may see."""
    async with feed.following(followed.type) as heard:
        async for change in heard:
            if followed.id is not None and change.id != followed.id:
                continue
            documents = await _documents(pool, followed, change, given, viewer)
            if documents is not None:
                data = b'{"%s":%s}' % (followed.key.encode(), _shown(followed, change, documents))
                yield b'{"data":' + data + b"}"


async def _documents(
    pool: AsyncConnectionPool[Any], followed: Followed, change: Change, given: Mapping[str, Any], viewer: Viewer
) -> list[bytes] | None:
    """The changed document as selected; None when the change is not for this viewer.

    A batch and a deleted document cannot be looked at; they are told to the company that the outbox names, a deleted
    document only to who sees every row of the type.
    """
    if change.id is not None:
        seen, *columns = await run(pool, followed.statement, {**given, CHANGED: change.id}, viewer)
        if seen != b"null":
            return columns
        if rule_for(spec_of(followed.type), Me.of(viewer, None)) is not None:
            return None
    return [] if change.company is not None and change.company == str(viewer.company_id) else None


def _shown(followed: Followed, change: Change, documents: list[bytes]) -> bytes:
    """The change's JSON."""
    plain_values = {"type": change.type, "id": change.id, "event": change.event, "__typename": "DocumentChange"}
    left = iter(documents)
    parts = []
    for one in followed.picks:
        text = next(left, b"null") if one.name == "document" else json.dumps(plain_values[one.name]).encode()
        parts.append(b'"%s":%s' % (one.key.encode(), text))
    return b"{" + b",".join(parts) + b"}"
