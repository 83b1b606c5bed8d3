"""The ledger of meter readings: stored once by meter, metric and moment, however often they are sent.

Rows that cannot be stored (unknown device, a moment out of all bounds, no number) go to quarantine with the
reason, so that the collector may forget them and nothing is lost. A reading is never changed: a correction is a row of
the next revision, and readers take the latest of a moment.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from decimal import Decimal, InvalidOperation
from typing import Any
from uuid import UUID

from sqlalchemy import BigInteger, Column, DateTime, Identity, Table, Text, func, insert, select, text, tuple_
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Session

from hub.context import Ctx
from hub.document.registry import metadata, spec
from hub.errors import Problem, Refused, problem
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
WITHDRAWN = 32767
"""The quality of a reading that a correction has made void; 0 is a good one."""


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
    columns = ("company_id", "meter_id", "metric", "read_at", "value", "quality", "revision", "recorded_by")
    connection = session.connection().connection
    with connection.cursor().copy(
        "COPY reading_stage (company_id, meter_id, metric, read_at, value, quality, revision, recorded_by) FROM STDIN"
    ) as copy:
        for row in rows:
            copy.write_row([row[column] for column in columns])
    inserted = session.execute(
        text(
            "INSERT INTO hub.reading SELECT * FROM reading_stage ORDER BY meter_id, metric, read_at "
            "ON CONFLICT (meter_id, metric, read_at, revision) DO NOTHING"
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
    for wrong in _measured(body):
        return wrong
    quality = body.get("quality", 0)
    return {
        "meter_id": meter_id,
        "metric": metric,
        "read_at": datetime.fromisoformat(body["at"]),
        "value": Decimal(str(body["value"])),
        "quality": quality if isinstance(quality, int) and 0 <= quality < 2**15 else 0,
        "revision": 0,
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


_KEY = ("meter_id", "metric", "read_at")


def correct(ctx: Ctx, document: Any) -> None:
    """Append what a correction says of readings, each as the next revision; a line without a value makes one void.

    Raises:
        Refused: READING_UNKNOWN, READING_TWICE for each line that has it.
    """
    revisions, problems = _revisions(ctx, document), []
    seen: set[Any] = set()
    for index, line in enumerate(document.lines):
        if _key(line) in seen:
            sentences = ("更正了同一读数两次。", "corrects a reading that another line corrects.")
            problems.append(_of_line("READING_TWICE", index, *sentences))
        elif _key(line) not in revisions:
            sentences = ("该计量表在此时间没有这个量的读数。", "has no reading of this metric at this moment.")
            problems.append(_of_line("READING_UNKNOWN", index, *sentences))
        seen.add(_key(line))
    Refused.raise_all(problems)
    rows = []
    for line in document.lines:
        last = revisions[_key(line)][-1]
        value = last.value if line.value is None else line.value
        rows.append(_next(last, value, WITHDRAWN if line.value is None else 0))
    _revise(ctx, document, rows)


def restore(ctx: Ctx, document: Any) -> None:
    """Append again what stood before a correction; a draft's has changed nothing.

    Raises:
        Refused: CORRECTED_AGAIN for each reading that a later correction is about.
    """
    if document.state.value != "posted":
        return
    revisions, problems, rows = _revisions(ctx, document), [], []
    for index, line in enumerate(document.lines):
        *_, before, last = revisions[_key(line)]
        if last.document_number != document.number:
            sentences = (f"该读数又由 {last.document_number} 更正。", f"was corrected again by {last.document_number}.")
            hint = ("请先作废后一次更正。", "Cancel the later correction first.")
            problems.append(_of_line("CORRECTED_AGAIN", index, *sentences, hint))
        rows.append(_next(last, before.value, before.quality))
    Refused.raise_all(problems)
    _revise(ctx, document, rows)


def _revisions(ctx: Ctx, document: Any) -> dict[Any, list[Any]]:
    """All revisions of the readings that a correction names, the latest last; their meters' corrections wait."""
    meter, reading = spec("EnergyMeter").table, spec("Reading").table
    meters = {line.meter_id for line in document.lines}
    ctx.session.execute(
        select(meter.c.id).where(meter.c.id.in_(meters)).order_by(meter.c.id).with_for_update(key_share=True)
    )
    named = tuple_(*(reading.c[name] for name in _KEY)).in_([_key(line) for line in document.lines])
    found: dict[Any, list[Any]] = {}
    for row in ctx.session.execute(select(reading).where(named).order_by(reading.c.revision)):
        found.setdefault(_key(row), []).append(row)
    return found


def _key(row: Any) -> Any:
    return tuple(getattr(row, name) for name in _KEY)


def _next(last: Any, value: Decimal, quality: int) -> dict[str, Any]:
    key = {name: getattr(last, name) for name in ("company_id", *_KEY)}
    return {**key, "value": value, "quality": quality, "revision": last.revision + 1}


def _revise(ctx: Ctx, document: Any, rows: list[dict[str, Any]]) -> None:
    about = {"document_type": type(document).__name__, "document_number": document.number}
    common = {**about, "recorded_by": ctx.viewer.user_id}
    ctx.session.execute(insert(spec("Reading").table), [{**row, **common} for row in rows])


def _of_line(code: str, index: int, chinese: str, english: str, hint: tuple[str, str] | None = None) -> Problem:
    hint = hint or ("请核对计量表、量和时间。", "Check meter, metric and moment.")
    text_ = (f"第 {index + 1} 行：{chinese}", f"Line {index + 1} {english}")
    return problem(code, *text_, "lines", str(index), hint=hint)
