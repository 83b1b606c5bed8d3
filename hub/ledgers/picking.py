"""Which lots a paper takes: for lines of items kept by lot that name none, what expires first goes first (FEFO).

It is a proposal on a draft: locked stock is passed over, a line is split where one lot does not do, and posting looks
again at what is there.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Sequence
from datetime import date
from decimal import Decimal
from typing import Any, NamedTuple
from uuid import UUID

from sqlalchemy import text

from hub.context import Ctx
from hub.document.edit import stamp
from hub.document.positions import add_lines
from hub.document.registry import spec
from hub.errors import Problem, Refused, problem
from hub.ledgers import stock_tables  # noqa: F401  (declares the table that is read here)
from hub.rules.picking import Held, Lock, first_out, lock_of, pick

_THERE = text(
    "SELECT b.item_id, b.location_id, lot.id AS lot_id, lot.code, b.status, b.quantity, b.first_day, lot.expiry_date, "
    "lot.status AS lot_status, p.pick_order, p.code AS place FROM hub.stock_balance b "
    "LEFT JOIN hub.location p ON p.id = b.location_id "
    "JOIN hub.item i ON i.id = b.item_id AND i.lot_tracked AND NOT i.serial_tracked "
    "JOIN hub.lot ON lot.company_id = b.company_id AND lot.item_id = b.item_id AND lot.code = b.lot "
    "WHERE b.company_id = :company AND b.warehouse_id = :warehouse AND b.item_id = ANY(:items) AND b.quantity > 0"
)


class _Shelf(NamedTuple):
    lot_id: UUID
    location_id: UUID | None
    status: str


def propose(ctx: Ctx, paper: Any, day: date) -> Iterator[Problem]:
    """Give the lines of a draft their lots; STOCK_SHORT for each line of which not all can be picked.

    Raises:
        Refused: WAREHOUSE_MISSING.
    """
    if paper.warehouse_id is None:
        raise Refused(problem("WAREHOUSE_MISSING", "请先选择仓库。", "Choose the warehouse first.", "warehouse"))
    open_lines = [line for line in paper.lines if line.lot_id is None]
    about = {"company": paper.company_id, "warehouse": paper.warehouse_id}
    about["items"] = sorted({line.item_id for line in open_lines})
    held: dict[UUID, list[Held[_Shelf]]] = defaultdict(list)
    locks: dict[_Shelf, Lock | None] = {}
    for row in ctx.session.execute(_THERE, about):
        key = _Shelf(row.lot_id, row.location_id, row.status)
        place = f"{999_999 if row.pick_order is None else row.pick_order:06} {row.place or ''}"
        order = first_out(row.first_day, row.expiry_date, row.code, place)
        held[row.item_id].append(Held(key, row.quantity, order))
        locks[key] = lock_of(row.status, row.lot_status, row.expiry_date, day)
    further: list[Any] = []
    for item_id in sorted(held):
        wants = {line.position: line.quantity for line in open_lines if line.item_id == item_id}
        found = pick(wants, held[item_id], locks)
        for index, line in enumerate(paper.lines):
            if line.position in wants and line in open_lines:
                if found[line.position].missing:
                    yield _short(index, line.quantity, line.quantity - found[line.position].missing)
                further += _divide(line, found[line.position].taken)
    add_lines(paper, "lines", further)
    stamp(ctx, spec(type(paper).__name__), paper)


def _divide(line: Any, taken: Sequence[tuple[_Shelf, Decimal]]) -> list[Any]:
    """The line takes the first lot; the further lines that take the others."""
    into = [line if nth == 0 else _like(line) for nth in range(len(taken))]
    for one, (shelf, quantity) in zip(into, taken, strict=True):
        one.lot_id, one.location_id, one.quantity = shelf.lot_id, shelf.location_id, quantity
    return into[1:]


def _like(line: Any) -> Any:
    """A new line with everything that another says."""
    of = spec(type(line).__name__)
    names = [name for name, field in of.fields.items() if not field.system and name != "position"]
    names += [link.column for link in of.links.values() if link.target != of.parent]
    return of.model(**{name: getattr(line, name) for name in names})


def _short(index: int, wanted: Decimal, there: Decimal) -> Problem:
    needed, found = f"{wanted.normalize():f}", f"{there.normalize():f}"
    return problem(
        "STOCK_SHORT",
        f"第 {index + 1} 行可拣库存不足：需要 {needed}，可拣 {found}。",
        f"Line {index + 1}: not enough to pick, {needed} wanted, {found} can be taken.",
        *("lines", str(index), "quantity"),
        wanted=needed,
        available=found,
    )
