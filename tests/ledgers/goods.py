"""A store to write into, a plain recomputation of what it holds and is worth, and short ways to move goods."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from decimal import ROUND_HALF_UP, Decimal
from fractions import Fraction
from typing import Any
from uuid import UUID

from sqlalchemy import Engine, text

from hub import writes
from hub.context import Ctx, system_viewer
from hub.ledgers import stock_levels

DAY = date(2026, 3, 1)


class Store:
    """One company with warehouses, items, a lot-tracked and a serial-tracked item."""

    def __init__(self, engine: Engine) -> None:
        self.engine = engine

    def work(self, *, dry_run: bool = False) -> Any:
        """`with store.work() as ctx`: one transaction."""
        return writes.unit_of_work(self.engine, system_viewer("test"), "test", dry_run=dry_run)

    def adjust(self, item: str, quantity: Any, day: date = DAY, **line: Any) -> Any:
        """A posted adjustment of one line; `unit_cost`, `lot`, `serial`, `location`, `status` go to the line."""
        values = {
            "warehouse": line.pop("warehouse", "W1"),
            "adjustment_date": day,
            "lines": [{"item": item, "quantity": str(quantity), **line}],
        }
        return self.run("StockAdjustment", values, "post")

    def run(self, document_type: str, values: dict[str, Any], *steps: str) -> Any:
        """A document made and taken through steps in one transaction."""
        with self.work() as ctx:
            made = writes.create(ctx, document_type, values)
            for step in steps:
                made = writes.run_step(ctx, document_type, made.id, step)
        return made

    def step(self, made: Any, step: str) -> None:
        """A further step of a document."""
        with self.work() as ctx:
            writes.run_step(ctx, type(made).__name__, made.id, step)

    def levels(self, day: date = date(2100, 1, 1)) -> dict[str, Decimal]:
        """Quantity by item code at the end of a day."""
        with self.work(dry_run=True) as ctx:
            codes = item_codes(ctx)
            found: dict[str, Decimal] = defaultdict(Decimal)
            for row in stock_levels.as_of(ctx, company_of(ctx), day):
                found[codes[row.item_id]] += row.quantity
        return dict(found)

    def values(self, day: date = date(2100, 1, 1)) -> dict[str, tuple[Decimal, Decimal]]:
        """Quantity and value by item code at the end of a day."""
        with self.work(dry_run=True) as ctx:
            codes = item_codes(ctx)
            rows = stock_levels.value_as_of(ctx, company_of(ctx), day)
            return {codes[row.item_id]: (row.quantity, row.value) for row in rows}

    def astray(self) -> list[Any]:
        """Kept sums that are not the sums of their entries."""
        with self.work(dry_run=True) as ctx:
            return stock_levels.differences(ctx)

    def count(self, statement: str) -> Any:
        """One figure."""
        with self.engine.connect() as connection:
            return connection.execute(text(statement)).scalar_one()


def furnish(engine: Engine, valuation: str = "moving") -> Store:
    """The company and its masters."""
    store = Store(engine)
    with store.work() as ctx:
        writes.create(ctx, "Company", {"code": "C1", "name": "测试公司", "valuation": valuation})
        writes.create(ctx, "UnitOfMeasure", {"code": "PCS", "name": "个"})
        writes.create(ctx, "Customer", {"code": "K1", "name": "客户"})
        writes.create(ctx, "Supplier", {"code": "S1", "name": "供应商", "admission": "admitted"})
        for code in ("W1", "W2"):
            writes.create(ctx, "Warehouse", {"code": code, "name": f"仓库{code}"})
            writes.create(ctx, "Location", {"code": f"{code}-A", "name": "A 架", "warehouse": code})
        writes.create(ctx, "Warehouse", {"code": "NEG", "name": "旧仓", "negative_allowed": True})
        for code in ("I1", "I2"):
            writes.create(ctx, "Item", {"code": code, "name": f"零件{code}", "unit": "PCS"})
        writes.create(ctx, "Item", {"code": "LT", "name": "批次件", "unit": "PCS", "lot_tracked": True})
        writes.create(ctx, "Item", {"code": "SR", "name": "序列件", "unit": "PCS", "serial_tracked": True})
        for code in ("LOT1", "LOT2"):
            writes.create(ctx, "Lot", {"code": code, "name": code, "item": "LT"})
        for code in ("SN1", "SN2"):
            writes.create(ctx, "SerialNumber", {"code": code, "name": code, "item": "SR"})
    return store


def company_of(ctx: Ctx) -> UUID:
    return UUID(str(ctx.session.execute(text("SELECT id FROM hub.company")).scalar_one()))


def item_codes(ctx: Ctx) -> dict[UUID, str]:
    return {row.id: row.code for row in ctx.session.execute(text("SELECT id, code FROM hub.item"))}


@dataclass(frozen=True)
class Moved:
    """A movement as the plain model sees it; without a price it moves at the average."""

    day: date
    quantity: Decimal
    price: Decimal | None = None


def recomputed(moves: Iterable[Moved], *, monthly: bool) -> tuple[Decimal, Decimal]:
    """Quantity and value of an item, from scratch, span by span, in exact fractions rounded to cents per span."""
    spans: dict[date, list[Moved]] = defaultdict(list)
    for move in moves:
        spans[move.day.replace(day=1) if monthly else move.day].append(move)
    quantity, value = Decimal(0), Decimal(0)
    for begins in sorted(spans):
        for move in spans[begins]:
            if move.price is not None:
                quantity += move.quantity
                value += (move.quantity * move.price).quantize(Decimal("0.01"), ROUND_HALF_UP)
        moving = sum((move.quantity for move in spans[begins] if move.price is None), Decimal(0))
        moved = Fraction(0) if quantity == 0 else Fraction(value) * Fraction(moving) / Fraction(quantity)
        exact = Decimal(moved.numerator) / Decimal(moved.denominator)
        value += exact.quantize(Decimal("0.01"), ROUND_HALF_UP)
        quantity += moving
    return quantity, value
