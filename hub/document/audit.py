"""What is kept of every verb: an audit entry, an event in the outbox, the answer to an idempotency key.

All three are written in the verb's own transaction, so there is no change without its trace and no event without
its change. Entries and events come last, right before the commit and one transaction after the other (a trigger of
their tables sees to it), so that their ids are in the order of commit: whoever has read up to an id has missed
nothing. An entry bears the hash of the one before it of the same document (`hub.db.chain`), and seals bear those of
all entries (`hub.audit_seals`). When the commit was is kept as well (`hub.db.history`).
"""

from __future__ import annotations

from typing import Any
from uuid import UUID

from sqlalchemy import (
    BigInteger,
    Column,
    DateTime,
    FetchedValue,
    Identity,
    Index,
    Integer,
    LargeBinary,
    Table,
    Text,
    Uuid,
    func,
)
from sqlalchemy.dialects.postgresql import JSONB, TSTZRANGE

from hub.context import Ctx
from hub.document import direct
from hub.document.registry import metadata
from hub.round_trips import Statement

CHANNEL = "hub_touched"
"""PostgreSQL's notification channel: each transaction names the tables it has changed, `outbox` among them."""

audit_entry = Table(
    "audit_entry",
    metadata,
    Column("id", BigInteger, Identity(always=True), primary_key=True),
    Column("company_id", Uuid),
    Column("at", DateTime(timezone=True), nullable=False, server_default=func.now()),
    Column("actor_id", Uuid, nullable=False),
    Column("actor", Text, nullable=False),
    Column("channel", Text, nullable=False),
    Column("document_type", Text, nullable=False),
    Column("document_id", Uuid),
    Column("version", Integer),
    Column("verb", Text, nullable=False),
    Column("changes", JSONB, nullable=False),
    Column("previous_hash", LargeBinary),
    Column("hash", LargeBinary, FetchedValue(), nullable=False),
    Index("ix_audit_entry_document", "document_type", "document_id", "id"),
    schema="audit",
    comment="审计记录 (Audit entry): one row per verb, per batch for loads",
)
audit_seal = Table(
    "audit_seal",
    metadata,
    Column("id", BigInteger, primary_key=True, autoincrement=False),
    Column("at", DateTime(timezone=True), nullable=False),
    Column("first_entry", BigInteger, nullable=False),
    Column("last_entry", BigInteger, nullable=False),
    Column("manifest", LargeBinary, nullable=False),
    Column("previous_digest", LargeBinary),
    Column("digest", LargeBinary, nullable=False),
    schema="audit",
    comment="审计封存 (Audit seal): the hashes of a batch of entries, chained from seal to seal",
)
outbox = Table(
    "outbox",
    metadata,
    Column("id", BigInteger, Identity(always=True), primary_key=True),
    Column("company_id", Uuid),
    Column("at", DateTime(timezone=True), nullable=False, server_default=func.now()),
    Column("document_type", Text, nullable=False),
    Column("document_id", Uuid),
    Column("event", Text, nullable=False),
    Column("payload", JSONB, nullable=False),
    schema="audit",
    comment="事件发件箱 (Outbox): one event per verb, written with it",
)
outbox_reader = Table(
    "outbox_reader",
    metadata,
    Column("name", Text, primary_key=True),
    Column("place", BigInteger, nullable=False),
    schema="audit",
    comment="事件读取位置 (Outbox readers): up to which event each has read",
)
idempotency = Table(
    "idempotency",
    metadata,
    Column("user_id", Uuid, primary_key=True),
    Column("key", Text, primary_key=True),
    Column("body_hash", Text, nullable=False),
    Column("answer", JSONB),
    Column("at", DateTime(timezone=True), nullable=False, server_default=func.now()),
    schema="audit",
    comment="幂等键 (Idempotency keys): which request had which outcome",
)
commit_moment = Table(
    "commit_moment",
    metadata,
    Column("transaction", BigInteger, primary_key=True, autoincrement=False),
    Column("during", TSTZRANGE, nullable=False),
    Index("ix_commit_moment_during", "during", postgresql_using="gist"),
    schema="audit",
    comment="事务起止 (Commit moment): from when to when each writing transaction ran; its rows bear the beginning",
)


_ENTER = b"""INSERT INTO audit.audit_entry
  (company_id, actor_id, actor, channel, document_type, document_id, version, verb, changes)
  SELECT company_id, actor_id, actor, channel, document_type, document_id, version, verb, changes
  FROM json_populate_recordset(NULL::audit.audit_entry, $1)"""
_TELL = b"""INSERT INTO audit.outbox (company_id, document_type, document_id, event, payload)
  SELECT company_id, document_type, document_id, event, payload FROM json_populate_recordset(NULL::audit.outbox, $1)"""
_ANSWER = b"UPDATE audit.idempotency SET answer = $1 WHERE user_id = $2 AND key = $3"


def record(
    ctx: Ctx,
    document_type: str,
    document_id: UUID | None,
    verb: str,
    changes: dict[str, Any],
    *,
    version: int | None = None,
    company_id: UUID | None = None,
) -> None:
    """Keep the audit entry and the event of one verb; `changes` is {field: [before, after]} in JSON values.

    Whoever records something of a document holds that document's lock until the commit.
    """
    common = {
        "company_id": company_id or ctx.viewer.company_id,
        "document_type": document_type,
        "document_id": document_id,
    }
    actor = {"actor_id": ctx.viewer.user_id, "actor": ctx.viewer.code, "channel": ctx.channel}
    entry = {**common, **actor, "verb": verb, "version": version, "changes": changes}
    who = {"actor": ctx.viewer.name, "actor_id": str(ctx.viewer.user_id)}
    event = {
        **common,
        "event": f"{document_type}.{verb}",
        "payload": {"version": version, "fields": sorted(changes), **who},
    }
    ctx.events.append({"entry": entry, "event": event})


def publish(ctx: Ctx, *more: Statement) -> None:
    """Write the entries and events of a unit of work; from here to the commit no other transaction can write any.

    `more` goes out with them in the same round trip.
    """
    asked: list[Statement] = []
    if ctx.events:
        asked.append((_ENTER, [direct.as_json([one["entry"] for one in ctx.events])]))
        asked.append((_TELL, [direct.as_json([one["event"] for one in ctx.events])]))
    asked += [(_ANSWER, [direct.as_json(answer), ctx.viewer.user_id, key]) for key, answer in ctx.answers.items()]
    direct.writer_of(ctx.session).results(*asked, *more)
    ctx.events.clear()
    ctx.answers.clear()
