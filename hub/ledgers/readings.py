"""The ledger of meter readings: stored once by meter, metric and moment, however often they are sent.

Rows that cannot be stored (unknown device, a moment out of all bounds, no number) go to quarantine with the
reason, so that the collector may forget them and nothing is lost.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from decimal import Decimal, InvalidOperation
from typing import Any
from uuid import UUID

from sqlalchemy import BigInteger, Column, DateTime, Identity, Table, Text, func, insert, select, text
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Session

from hub.document.registry import metadata, spec
from hub.words import Label

reading_rejected = Table(
    "reading_rejected",
    metadata,
    Column("id", BigInteger, Identity(always=True), primary_key=True),
    Column("at", DateTime(timezone=True), nullable=False, server_default=func.now()),
    Column("edge", Text, nullable=False),
    Column("code", Text, nullable=False),
    Column("body", JSONB, nullable=False),
    schema="hub",
    comment="被拒读数 (Readings that could not be stored)",
)
_EARLIEST = datetime(2000, 1, 1, tzinfo=UTC)
_AHEAD = timedelta(days=1)
_LIMIT = Decimal(10) ** 14


@dataclass(frozen=True)
class Rejected:
    """A reading that went to quarantine: its place in the batch and why."""

    index: int
    code: str
    message: Label


@dataclass(frozen=True)
class Recorded:
    """What became of a batch."""

    accepted: int
    duplicates: int
    rejected: list[Rejected]


def record(session: Session, *, company_id: UUID, actor_id: UUID, edge: str, batch: Sequence[Any]) -> Recorded:
    """Store a batch: dicts with device, metric, at (ISO 8601 with offset), value (decimal text), quality.

    The caller commits; until then nothing may be acknowledged.
    """
    meter = spec("EnergyMeter").table
    known = session.execute(select(meter.c.code, meter.c.id).where(meter.c.company_id == company_id))
    meters: dict[str, UUID] = {row.code: row.id for row in known}
    rows, rejected = [], []
    for index, body in enumerate(batch):
        found = _checked(body, meters)
        if isinstance(found, tuple):
            rejected.append(Rejected(index, *found))
        else:
            rows.append({**found, "company_id": company_id, "recorded_by": actor_id})
    accepted = _insert(session, rows)
    if rejected:
        kept = [{"edge": edge, "code": one.code, "body": _as_json(batch[one.index])} for one in rejected]
        session.execute(insert(reading_rejected), kept)
    return Recorded(accepted, len(rows) - accepted, rejected)


def _insert(session: Session, rows: list[dict[str, Any]]) -> int:
    """COPY into a staging table, then insert in key order: two writers with overlapping keys cannot deadlock."""
    if not rows:
        return 0
    session.execute(
        text(
            "CREATE TEMP TABLE IF NOT EXISTS reading_stage (LIKE hub.reading INCLUDING DEFAULTS) ON COMMIT DELETE ROWS"
        )
    )
    columns = ("company_id", "meter_id", "metric", "read_at", "value", "quality", "recorded_by")
    connection = session.connection().connection
    with connection.cursor().copy(
        "COPY reading_stage (company_id, meter_id, metric, read_at, value, quality, recorded_by) FROM STDIN"
    ) as copy:
        for row in rows:
            copy.write_row([row[column] for column in columns])
    inserted = session.execute(
        text(
            "INSERT INTO hub.reading SELECT * FROM reading_stage ORDER BY meter_id, metric, read_at "
            "ON CONFLICT (meter_id, metric, read_at) DO NOTHING"
        )
    )
    session.execute(text("DELETE FROM reading_stage"))
    return int(inserted.rowcount)  # type: ignore[attr-defined]  # a cursor result, which execute() types as Result


def _checked(body: Any, meters: dict[str, UUID]) -> dict[str, Any] | tuple[str, Label]:
    """The row of a reading, or the code and sentence of what is wrong with it."""
    if not isinstance(body, dict):
        return "READING_MALFORMED", Label("读数不是一个对象。", "The reading is no object.")
    device, metric = body.get("device"), body.get("metric")
    meter_id = meters.get(device) if isinstance(device, str) else None
    if meter_id is None:
        return "DEVICE_UNKNOWN", Label(f"没有计量表 {device}。", f"There is no meter {device}.")
    if not isinstance(metric, str) or not metric or len(metric) > 100:
        return "METRIC_MISSING", Label("读数没有量的名称。", "The reading names no metric.")
    for problem in _measured(body):
        return problem
    quality = body.get("quality", 0)
    return {
        "meter_id": meter_id,
        "metric": metric,
        "read_at": datetime.fromisoformat(body["at"]),
        "value": Decimal(str(body["value"])),
        "quality": quality if isinstance(quality, int) and 0 <= quality < 2**15 else 0,
    }


def _measured(body: dict[str, Any]) -> Iterator[tuple[str, Label]]:
    """What is wrong with a reading's moment and value."""
    try:
        at = datetime.fromisoformat(str(body.get("at")))
    except ValueError:
        yield "MOMENT_INVALID", Label("时间不是 ISO 8601 格式。", "The moment is not in ISO 8601 form.")
        return
    if at.tzinfo is None:
        yield "MOMENT_INVALID", Label("时间没有时区。", "The moment has no offset.")
    elif not _EARLIEST <= at <= datetime.now(UTC) + _AHEAD:
        yield "MOMENT_OUT_OF_RANGE", Label("时间超出合理范围。", "The moment is out of all bounds.")
    try:
        value = Decimal(str(body.get("value")))
    except InvalidOperation:
        yield "VALUE_INVALID", Label("值不是数。", "The value is no number.")
        return
    if not value.is_finite() or abs(value) >= _LIMIT:
        yield "VALUE_INVALID", Label("值不是有限的数。", "The value is no finite number.")


def _as_json(body: Any) -> Any:
    """JSON of PostgreSQL holds no NUL character."""
    if isinstance(body, str):
        return body.replace("\x00", "�")
    if isinstance(body, dict):
        return {_as_json(key): _as_json(value) for key, value in body.items()}
    return [_as_json(one) for one in body] if isinstance(body, list) else body
