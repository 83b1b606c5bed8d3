"""`auditEntries`: what was done in the company, by document, person and period, newest first.

It is for whoever may read about the integration of data (stewards, administrators), and tells of those types alone of
which he sees every row and column. What became of one document, `history` tells everybody who sees it.
"""

from __future__ import annotations

import json
from typing import Annotated, Any
from uuid import UUID

import strawberry
from sqlalchemy import Text, cast, func, or_, select

from graph_schema.plain import Asked
from graph_schema.read.compile import compiled
from graph_schema.read.run import fetch
from graph_schema.scalars import DateTime, Json
from hub.context import Viewer
from hub.document.audit import audit_entry
from hub.document.rows import open_types
from hub.errors import Forbidden, Invalid, problem

PERMISSION = "integration.read"
MOST = 200


@strawberry.type(name="AuditEntry", description="审计记录 · An audit entry: one verb, or one load")
class AuditEntry:
    """An entry."""

    id: strawberry.ID = strawberry.field(description="编号，按提交先后 · Its number, in the order of commits")
    at: DateTime = strawberry.field(description="时间 · When its transaction began")
    actor: str = strawberry.field(description="登录名 · Login of who did it")
    actor_id: strawberry.ID
    channel: str = strawberry.field(description="途径 · graphql workbench pipeline import edge …")
    document_type: str = strawberry.field(description="单据类型 · Type of the document")
    document_id: strawberry.ID | None = strawberry.field(
        description="单据，批量导入时为空 · The document; none of a load"
    )
    version: int | None = strawberry.field(description="单据版本 · The document's version after it")
    verb: str = strawberry.field(description="动作 · create update discard load, or a step")
    changes: Json = strawberry.field(description="字段的改前与改后 · {field: [before, after]}; *** stands for a secret")
    hash: str = strawberry.field(description="散列 · Its hash, in hexadecimal; see docs/audit.md")


Moment = Annotated[DateTime | None, strawberry.argument(description="起 · From this moment on")]
Until = Annotated[DateTime | None, strawberry.argument(description="止，不含 · Before this moment")]
Before = Annotated[strawberry.ID | None, strawberry.argument(description="只要更早的 · Only those before this entry")]
First = Annotated[int, strawberry.argument(description=f"条数，最多 {MOST} · How many, at most {MOST}")]


async def audit_entries(
    info: strawberry.Info[Asked, None],
    document_type: str | None = None,
    document_id: strawberry.ID | None = None,
    actor: str | None = None,
    verb: str | None = None,
    since: Moment = None,
    until: Until = None,
    before: Before = None,
    first: First = 50,
) -> list[AuditEntry]:
    """The entries that fit, newest first; the next page begins `before` the last one's id."""
    asked = info.context
    if not asked.viewer.may(PERMISSION):
        raise Forbidden(
            problem("FORBIDDEN", "您没有查看审计记录的权限。", "You may not read the audit.", "auditEntries")
        )
    if not 0 <= first <= MOST:
        raise Invalid(
            problem("PAGE_SIZE", f"first 应为 0 到 {MOST}。", f"first must be between 0 and {MOST}.", "first")
        )
    kept, wanted = audit_entry.c, []
    for column, value in ((kept.document_type, document_type), (kept.actor, actor), (kept.verb, verb)):
        if value is not None:
            wanted.append(column == value)
    if document_id is not None:
        wanted.append(kept.document_id == _identifier(document_id, UUID, "documentId"))
    if since is not None:
        wanted.append(kept.at >= since)
    if until is not None:
        wanted.append(kept.at < until)
    if before is not None:
        wanted.append(kept.id < _identifier(before, int, "before"))
    return await _read(asked, [*_visible(asked.viewer), *wanted], first)


def _visible(viewer: Viewer) -> list[Any]:
    """The company's own, and only of types that are wholly open to the viewer."""
    kept = audit_entry.c
    rows: list[Any] = [kept.document_type.in_(open_types(viewer.permissions))]
    if viewer.company_id is not None:
        rows.append(or_(kept.company_id == viewer.company_id, kept.company_id.is_(None)))
    return rows


async def _read(asked: Asked, conditions: list[Any], first: int) -> list[AuditEntry]:
    kept = audit_entry.c
    columns = [kept.actor, kept.channel, kept.document_type, kept.document_id, kept.version, kept.verb, kept.changes]
    page = select(
        cast(kept.id, Text), kept.at, cast(kept.actor_id, Text), *columns, func.encode(kept.hash, "hex").label("hash")
    )
    found = page.where(*conditions).order_by(kept.id.desc()).limit(first).subquery("entry")
    statement = compiled(select(func.json_agg(func.row_to_json(found.table_valued()))), {})
    assert asked.pool is not None
    (answer,) = await fetch(asked.pool, statement, statement.values({}, asked.viewer))
    return [AuditEntry(**one) for one in json.loads(answer) or ()]


def _identifier(given: str, kind: type[UUID | int], name: str) -> Any:
    try:
        return kind(given)
    except ValueError as error:
        raise Invalid(problem("VALUE_INVALID", f"“{given[:40]}”不是标识。", f"{given[:40]} is no id.", name)) from error
