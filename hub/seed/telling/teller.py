"""Whoever tells the year to the hub: the write verbs, and what became of each simulated record."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from typing import Any
from uuid import UUID

from sqlalchemy import select

from hub import writes
from hub.context import Ctx
from hub.document import holding
from hub.document.edit import company_of
from hub.document.registry import spec
from hub.seed.paying import Bill
from hub.seed.records import StockMove, Year

Row = dict[str, Any]


@dataclass(frozen=True, slots=True)
class BankLine:
    """Money that came (above zero) or went, as the bank tells it."""

    day: date
    amount: Decimal
    counterparty: str
    purpose: str


@dataclass
class Book:
    """The ids of what has been told, by the simulated record it is of; it lives as long as the telling."""

    ids: dict[int, UUID] = field(default_factory=dict)
    lots: dict[tuple[str, str], str] = field(default_factory=dict)
    delivered: dict[int, list[UUID]] = field(default_factory=lambda: defaultdict(list))
    """The hub's delivery lines of a simulated one: a line for each lot, in the order of the movements."""
    operations: dict[int, list[UUID]] = field(default_factory=dict)
    """The operations of a production order."""
    offers: dict[int, UUID] = field(default_factory=dict)
    """The accepted quotations of orders that began with one."""
    billed: dict[int, Bill] = field(default_factory=dict)
    """The bill that a simulated delivery line is on."""
    credited: dict[int, Decimal] = field(default_factory=lambda: defaultdict(Decimal))
    """What was given back of a bill and will not be paid."""
    bank: list[BankLine] = field(default_factory=list)
    """What moved on the bank account and is on no statement yet."""
    bank_balance: Decimal = Decimal(0)
    """What the last statement ended with."""


class Teller:
    """One unit of work of the telling."""

    def __init__(self, ctx: Ctx, year: Year, book: Book, moves: Mapping[str, list[StockMove]]) -> None:
        self.ctx, self.year, self.book, self.moves = ctx, year, book, moves

    def create(self, document_type: str, values: Row) -> Any:
        """The new document."""
        return writes.create(self.ctx, document_type, values)

    def step(self, document_type: str, document_id: UUID, name: str, **arguments: Any) -> Any:
        """Take a step of a document."""
        return writes.run_step(self.ctx, document_type, document_id, name, arguments)

    def hold(self, document_type: str, ids: Iterable[UUID]) -> None:
        """Lock at once what is about to take its steps one by one."""
        holding.hold(self.ctx, spec(document_type), ids)

    def convert(self, document_type: str, document_id: UUID, target: str, values: Row) -> Any:
        """What a document leads to."""
        return writes.convert(self.ctx, document_type, document_id, target, values)

    def banked(self, day: date, amount: Decimal, counterparty: str, purpose: str) -> None:
        """Money moves on the bank account: the next statement has it."""
        self.book.bank.append(BankLine(day, amount, counterparty, purpose))

    def change(self, document_type: str, document_id: UUID, values: Row) -> Any:
        """Fill in fields of a draft."""
        return writes.update(self.ctx, document_type, document_id, values)

    def told(self, document_type: str, values: Row, *steps: str) -> Any:
        """A new document, taken through its steps."""
        document = self.create(document_type, values)
        for name in steps:
            self.step(document_type, document.id, name)
        return document

    def keep(self, record: object, document_id: UUID) -> None:
        """Remember what a simulated record has become."""
        self.book.ids[id(record)] = document_id

    def keep_offer(self, order: object, quotation_id: UUID) -> None:
        """Remember the quotation that an order will follow from."""
        self.book.offers[id(order)] = quotation_id

    def id_of(self, record: object) -> UUID:
        """What a simulated record has become."""
        return self.book.ids[id(record)]

    def load(self, document_type: str, rows: list[Row]) -> None:
        """Bring in many masters at once."""
        if rows:
            result = writes.load(self.ctx, document_type, rows)
            if result.problems:
                first = result.problems[0]
                raise ValueError(f"{document_type} {first.path}: {first.message_en}")  # a mistake of the seed itself

    def missing(self, document_type: str, rows: list[Row]) -> list[Row]:
        """The rows whose code is not known yet, so that what somebody has changed since stays changed."""
        table = spec(document_type).table
        mine = select(table.c.code).where(table.c.company_id == company_of(self.ctx))
        known = set(self.ctx.session.execute(mine).scalars())
        return [row for row in rows if row["code"] not in known]

    def lot(self, move: StockMove) -> str:
        """The code of a movement's lot in the hub, where a lot is of one item."""
        return self.book.lots[move.item, move.lot]


Part = Callable[[Teller, date], None]
"""Something that happens on a day."""


def lot_code(item: str, lot: str) -> str:
    """A lot's code: that of the run that made it, or of the arrival and the item."""
    return lot if lot.startswith("SC") else f"{lot}-{item}"
