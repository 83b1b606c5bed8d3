"""The stock ledger: entries in, entries out, never changed.

A document's moves are checked together, all problems at once, then written by one statement; PostgreSQL keeps the
balances in the same transaction (`hub.db.stock`). Items are locked in one order first, so that two writers of the same
goods queue and never wait for each other in a circle.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, time
from decimal import Decimal
from typing import Any
from uuid import UUID

from sqlalchemy import Row, text

from hub.context import Ctx
from hub.document import direct, numbering
from hub.document.fields import CHINA, today
from hub.document.walls import told
from hub.errors import Problem, Refused, problem
from hub.ledgers import cost, goods, periods, quarantine, reservations, tracking
from hub.ledgers.holdings import Holdings
from hub.rules.valuation import Price, cents

_TRUTHS = ("adjustment", "stocktake")
"""Kinds that say what is there, whatever was promised of it."""


@dataclass(frozen=True)
class Place:
    """Where a transfer brings goods, and in which status; what `stays` only changes its status."""

    warehouse_id: UUID
    location_id: UUID | None
    status: str
    stays: bool = False

    @classmethod
    def of(cls, transfer: Any, line: Any) -> Place:
        """Where a line of a transfer goes; without another warehouse it stays in its own."""
        status = line.status if line.to_status == "unchanged" else line.to_status
        return cls(transfer.to_warehouse_id or transfer.warehouse_id, line.to_location_id, status)


@dataclass(frozen=True)
class Move:
    """A signed quantity of an item, in its base unit, for a line of a document.

    What goes out without location, lot or serial number is taken from where it lies, first in first out. `value`
    is what comes in is worth; without one it comes at the average. `to` makes a transfer of what goes out.
    """

    item_id: UUID
    quantity: Decimal
    position: int
    location_id: UUID | None = None
    lot_id: UUID | None = None
    serial_id: UUID | None = None
    status: str = "available"
    value: Decimal | None = None
    warehouse_id: UUID | None = None
    to: Place | None = None

    @classmethod
    def of(
        cls,
        line: Any,
        quantity: Decimal,
        *,
        unit_cost: Decimal | None = None,
        value: Decimal | None = None,
        to: Place | None = None,
    ) -> Move:
        """The move of a document's line, which has an item and perhaps a location, lot, serial number and status."""
        if unit_cost is not None:
            value = cents(Price(unit_cost), quantity)
        return cls(
            line.item_id,
            quantity,
            line.position,
            line.location_id,
            getattr(line, "lot_id", None),
            getattr(line, "serial_id", None),
            getattr(line, "status", "available"),
            value,
            to=to,
        )


@dataclass(frozen=True)
class Entry:
    """One row to be: the key of its balance and the signed quantity."""

    item_id: UUID
    warehouse_id: UUID
    location_id: UUID | None
    lot: str | None
    serial: str | None
    status: str
    quantity: Decimal
    position: int

    @property
    def order(self) -> tuple[str, ...]:
        """The order in which balances are locked."""
        key = (self.item_id, self.warehouse_id, self.location_id, self.lot, self.serial, self.status)
        return tuple(map(str, key))


def post(
    ctx: Ctx,
    document: Any,
    *,
    kind: str,
    day: date,
    moves: Sequence[Move],
    day_field: str = "entryDate",
    found: Iterable[Problem] = (),
) -> None:
    """Write the moves of a document into stock and, at their value, into cost.

    `found` is what the document itself has found wrong; it is told together with what stock finds.

    Raises:
        Refused: with every problem of every line: WAREHOUSE_MISSING, PERIOD_CLOSED, STOCK_SHORT, STOCK_SHORT_LATER
            (a later day would fall below zero), STOCK_RESERVED, and what `hub.ledgers.tracking` finds.
    """
    found = list(found)
    try:
        periods.opened(ctx, document.company_id, day, day_field)
    except Refused as closed:
        found += closed.problems
    home = getattr(document, "warehouse_id", None)
    if home is None and any(move.warehouse_id is None for move in moves):
        nowhere = problem("WAREHOUSE_MISSING", "请先选择仓库。", "Choose the warehouse first.", "warehouse")
        raise Refused([nowhere, *found])
    moves = [replace(move, warehouse_id=move.warehouse_id or home) for move in moves]
    items = goods.locked(ctx, (move.item_id for move in moves))
    moves = quarantine.kept(ctx, document, kind, day, moves, items)
    found += quarantine.uninspected(ctx, document, kind, day, moves, items)
    numbering.settle(ctx, document)
    entries = _judged(ctx, document, kind, day, moves, items, found)
    transferred = {move.position: move for move in moves if move.to}
    arrived = [_arrived(one, transferred[one.position]) for one in entries if one.position in transferred]
    _append(ctx, document, kind, day, [*entries, *arrived])
    cost.post(ctx, document, day, moves, items)


def _judged(
    ctx: Ctx,
    document: Any,
    kind: str,
    day: date,
    moves: Sequence[Move],
    items: Mapping[UUID, Row[Any]],
    found: list[Problem],
) -> list[Entry]:
    """The entries that moves become; Refused with what was found before and all that is wrong with them."""
    codes = tracking.codes_of(ctx, moves)
    found += tracking.problems(ctx, document.company_id, moves, items, codes, kind=kind, day=day)
    entries: list[Entry] = []
    holdings = Holdings.read(ctx, document.company_id, moves, day)
    for index, move in enumerate(moves):
        if move.quantity < 0:
            taken = list(_taken(move, codes, holdings))
            found += _short(index, move, sum((one.quantity for one in taken), Decimal(0)), holdings, day)
            entries += taken
        elif move.quantity > 0:
            entries.append(_entry(move, codes, move.quantity, location_id=move.location_id))
    if kind not in _TRUTHS:
        found += reservations.problems(ctx, document, moves)
    Refused.raise_all(found)
    return entries


def _entry(move: Move, codes: tracking.Codes, quantity: Decimal, *, location_id: UUID | None) -> Entry:
    assert move.warehouse_id is not None
    lot, serial = codes.lot(move), codes.serial(move)
    return Entry(move.item_id, move.warehouse_id, location_id, lot, serial, move.status, quantity, move.position)


def _taken(move: Move, codes: tracking.Codes, holdings: Holdings) -> Iterator[Entry]:
    """The entries that a move out becomes, one for each balance it takes from."""
    assert move.warehouse_id is not None
    wanted = -move.quantity
    for held, quantity in holdings.take(move, codes.lot(move), codes.serial(move), wanted):
        wanted -= quantity
        yield Entry(
            move.item_id, move.warehouse_id, held.location_id, held.lot, held.serial, held.status, -quantity,
            move.position,
        )  # fmt: skip
    if wanted and holdings.may_be_negative(move.warehouse_id):
        yield _entry(move, codes, -wanted, location_id=move.location_id)


def _arrived(entry: Entry, move: Move) -> Entry:
    """The other end of a transfer."""
    assert move.to is not None
    to = move.to
    location = entry.location_id if to.stays else to.location_id
    return replace(
        entry, warehouse_id=to.warehouse_id, location_id=location, status=to.status, quantity=-entry.quantity
    )


def _short(index: int, move: Move, taken: Decimal, holdings: Holdings, day: date) -> Iterator[Problem]:
    wanted, found = -move.quantity, -taken
    if found == wanted:
        return
    later = holdings.later_shortage(move, wanted)
    needed, there = f"{wanted.normalize():f}", f"{found.normalize():f}"
    path = ("lines", str(index), "quantity")
    if later is not None:
        yield problem(
            "STOCK_SHORT_LATER",
            f"第 {index + 1} 行：{day} 有货，但出库 {needed} 会使 {later} 的库存不足，最多可出 {there}。",
            f"Line {index + 1}: there is enough on {day}, but taking {needed} would leave too little on {later}; "
            f"{there} can be taken.",
            *path,
            wanted=needed,
            available=there,
            day=later.isoformat(),
        )
    else:
        yield problem(
            "STOCK_SHORT",
            f"第 {index + 1} 行库存不足：需要 {needed}，现有 {there}。",
            f"Line {index + 1}: not enough stock, {needed} wanted, {there} there.",
            *path,
            wanted=needed,
            available=there,
        )


_INSERT = direct.Asked(
    "INSERT INTO hub.stock_entry (company_id, entry_at, item_id, warehouse_id, location_id, lot, serial, status, "
    "quantity, kind, document_type, document_number, line_position, recorded_by) "
    "SELECT cast(:company AS uuid), cast(:at AS timestamptz), item, warehouse, location, lot, serial, status, "
    "quantity, cast(:kind AS text), cast(:type AS text), cast(:number AS text), position, cast(:actor AS uuid) "
    "FROM unnest(cast(:items AS uuid[]), cast(:warehouses AS uuid[]), cast(:locations AS uuid[]), "
    "cast(:lots AS text[]), cast(:serials AS text[]), cast(:statuses AS text[]), cast(:quantities AS numeric[]), "
    "cast(:positions AS int[])) AS row (item, warehouse, location, lot, serial, status, quantity, position)"
)


def _append(ctx: Ctx, document: Any, kind: str, day: date, entries: Sequence[Entry]) -> None:
    """All entries of a document by one statement, so that the balances are kept once."""
    rows = sorted((one for one in entries if one.quantity), key=lambda one: one.order)
    if not rows:
        return
    columns = {
        "items": [one.item_id for one in rows],
        "warehouses": [one.warehouse_id for one in rows],
        "locations": [one.location_id for one in rows],
        "lots": [one.lot for one in rows],
        "serials": [one.serial for one in rows],
        "statuses": [str(one.status) for one in rows],
        "quantities": [one.quantity for one in rows],
        "positions": [one.position for one in rows],
    }
    about = {
        "company": document.company_id,
        "at": moment(day),
        "kind": kind,
        "type": type(document).__name__,
        "number": document.number,
        "actor": ctx.viewer.user_id,
    }
    with told():
        _INSERT.run(ctx.session, about | columns)


def moment(day: date) -> datetime:
    """The moment that entries of a day bear: noon where the factory stands."""
    return datetime.combine(day, time(12), CHINA)


_REVERSE = text(
    "INSERT INTO hub.stock_entry (company_id, entry_at, item_id, warehouse_id, location_id, lot, serial, status, "
    "quantity, kind, document_type, document_number, line_position, recorded_by, note) "
    "SELECT company_id, coalesce(:at, entry_at), item_id, warehouse_id, location_id, lot, serial, status, "
    "-sum(quantity), kind, document_type, document_number, line_position, :actor, '冲销 Reversal' FROM hub.stock_entry "
    "WHERE company_id = :company AND document_type = :type AND document_number = :number "
    "GROUP BY company_id, coalesce(:at, entry_at), item_id, warehouse_id, location_id, lot, serial, status, kind, "
    "document_type, document_number, line_position HAVING sum(quantity) <> 0 ORDER BY item_id, warehouse_id"
)


def reverse(ctx: Ctx, document: Any) -> None:
    """Write the opposite of every entry of a document, on its day, or today when that day's period is closed.

    Raises:
        Refused: STOCK_SHORT when what it brought is gone (with the day on which it would be missing).
    """
    about = {"company": document.company_id, "type": type(document).__name__, "number": document.number}
    rows = ctx.session.execute(
        text(
            "SELECT item_id, (entry_at AT TIME ZONE 'Asia/Shanghai')::date AS day FROM hub.stock_entry "
            "WHERE company_id = :company AND document_type = :type AND document_number = :number GROUP BY 1, 2"
        ),
        about,
    ).all()
    if not rows:
        return
    day = _open_day(ctx, document.company_id, max(row.day for row in rows))
    items = goods.locked(ctx, (row.item_id for row in rows))
    at = None if all(row.day == day for row in rows) else moment(day)
    with told():
        ctx.session.execute(_REVERSE.bindparams(at=at), about | {"actor": ctx.viewer.user_id})
    cost.reverse(ctx, document, day, items)


def _open_day(ctx: Ctx, company_id: UUID, day: date) -> date:
    """The day itself when its period is open, else today."""
    try:
        periods.opened(ctx, company_id, day)
    except Refused:
        day = today()
        periods.opened(ctx, company_id, day, "state")
    return day
