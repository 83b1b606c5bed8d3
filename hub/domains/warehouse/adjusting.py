"""What the warehouse does to its own stock: correct it, count it, move it, lock and unlock it."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING, Any

from sqlalchemy import ColumnElement, FromClause
from sqlalchemy.orm import Mapped

from hub.context import Ctx
from hub.document import (
    ANY_STATE,
    Choice,
    Document,
    Line,
    Price,
    Quantity,
    Series,
    derived,
    field,
    lines,
    link,
    step,
    today,
)
from hub.document.fields import Tables
from hub.domains.warehouse.ledger import StockStatus
from hub.domains.warehouse.lots import Lot, SerialNumber
from hub.domains.warehouse.places import BOOKS, Location, Warehouse
from hub.ledgers import counting, stock
from hub.rules.orders import not_positive

if TYPE_CHECKING:
    from hub.domains.items import Item
    from hub.domains.people import Employee


class PostingState(Choice):
    """What has been decided about a paper of the warehouse."""

    DRAFT = "draft", "草稿", "Draft"
    POSTED = "posted", "已过账", "Posted"
    CANCELLED = "cancelled", "已取消", "Cancelled"


class StockAdjustmentLine(Line, label=("库存调整明细", "Stock adjustment line"), of="StockAdjustment"):
    """A quantity more, or less when it is below zero."""

    item: Mapped[Item] = link("存货", "Item")
    quantity: Mapped[Quantity] = field("调整数量", "Adjusted quantity")
    unit_cost: Mapped[Price | None] = field("单位成本", "Unit cost", unit="currency", minimum=0)
    location: Mapped[Location | None] = link("库位", "Location")
    lot: Mapped[Lot | None] = link("批次", "Lot")
    serial: Mapped[SerialNumber | None] = link("序列号", "Serial number")
    status: Mapped[StockStatus] = field("库存状态", "Status", default=StockStatus.AVAILABLE)


class StockAdjustment(
    Document, label=("库存调整单", "Stock adjustment"), series=Series("SA-{yyyy}{mm}-{seq:05}"), access=BOOKS
):
    """A correction of stock, with its reason."""

    state: Mapped[PostingState] = field("状态", "State", default=PostingState.DRAFT)
    adjustment_date: Mapped[date] = field("调整日期", "Adjustment date", default=today, index=True)
    warehouse: Mapped[Warehouse] = link("仓库", "Warehouse")
    reason: Mapped[str | None] = field("原因", "Reason")
    note: Mapped[str | None] = field("备注", "Note", editable_in=ANY_STATE)
    lines: Mapped[list[StockAdjustmentLine]] = lines("明细", "Lines", at_least=1)

    @step("过账", "Post", source=PostingState.DRAFT, target=PostingState.POSTED)
    def post(self, ctx: Ctx) -> None:
        """Write the corrections into stock; a gain with a unit cost brings its value, all else moves at average."""
        moves = [stock.Move.of(line, line.quantity, unit_cost=line.unit_cost) for line in self.lines]
        stock.post(ctx, self, kind="adjustment", day=self.adjustment_date, moves=moves, day_field="adjustmentDate")

    @step("取消", "Cancel", source=(PostingState.DRAFT, PostingState.POSTED), target=PostingState.CANCELLED)
    def cancel(self, ctx: Ctx) -> None:
        """Take the correction back."""
        stock.reverse(ctx, self)


def _surplus(row: FromClause, tables: Tables) -> ColumnElement[Any]:
    return row.c.counted_quantity - row.c.book_quantity


class StocktakeLine(Line, label=("盘点明细", "Stocktake line"), of="Stocktake"):
    """What the book says and what was counted; no location or lot means all of them."""

    item: Mapped[Item] = link("存货", "Item")
    location: Mapped[Location | None] = link("库位", "Location")
    lot: Mapped[Lot | None] = link("批次", "Lot")
    serial: Mapped[SerialNumber | None] = link("序列号", "Serial number")
    counted_quantity: Mapped[Quantity | None] = field("实盘数量", "Counted quantity", minimum=0)
    book_quantity: Mapped[Quantity | None] = field("账面数量", "Book quantity", computed=True)
    surplus: Mapped[Quantity] = derived("盈亏数量", "Surplus", _surplus)


class Stocktake(Document, label=("盘点单", "Stocktake"), series=Series("ST-{yyyy}{mm}-{seq:05}"), access=BOOKS):
    """A count of a warehouse while business goes on: only the difference to the book of that moment is posted."""

    state: Mapped[PostingState] = field("状态", "State", default=PostingState.DRAFT)
    count_date: Mapped[date] = field("盘点日期", "Count date", default=today, index=True)
    warehouse: Mapped[Warehouse] = link("仓库", "Warehouse")
    keeper: Mapped[Employee | None] = link("盘点人", "Counted by")
    note: Mapped[str | None] = field("备注", "Note", editable_in=ANY_STATE)
    lines: Mapped[list[StocktakeLine]] = lines("明细", "Lines")

    @step("取账面数", "Take book quantities", source=PostingState.DRAFT, target=PostingState.DRAFT)
    def take_book(self, ctx: Ctx) -> None:
        """Note what the book says now; a stocktake without lines gets one for everything that is there."""
        counting.take_book(ctx, self)

    @step("过账", "Post", source=PostingState.DRAFT, target=PostingState.POSTED)
    def post(self, ctx: Ctx) -> None:
        """Post the differences; lines whose book quantity was never taken are held against the book of now."""
        stock.post(
            ctx,
            self,
            kind="stocktake",
            day=self.count_date,
            moves=counting.differences_of(ctx, self),
            day_field="countDate",
            found=counting.uncounted(self),
        )

    @step("取消", "Cancel", source=(PostingState.DRAFT, PostingState.POSTED), target=PostingState.CANCELLED)
    def cancel(self, ctx: Ctx) -> None:
        """Take the differences back."""
        stock.reverse(ctx, self)


class StatusAfter(Choice):
    """The status in which transferred stock arrives: frozen locks it, available unlocks it."""

    UNCHANGED = "unchanged", "不变", "Unchanged"
    AVAILABLE = "available", "可用", "Available"
    QUARANTINE = "quarantine", "待检", "Quarantine"
    FROZEN = "frozen", "冻结", "Frozen"


class StockTransferLine(Line, label=("移库明细", "Stock transfer line"), of="StockTransfer"):
    """A quantity that changes its place, its status or both."""

    item: Mapped[Item] = link("存货", "Item")
    quantity: Mapped[Quantity] = field("数量", "Quantity", minimum=0)
    location: Mapped[Location | None] = link("移出库位", "From location")
    to_location: Mapped[Location | None] = link("移入库位", "To location")
    lot: Mapped[Lot | None] = link("批次", "Lot")
    serial: Mapped[SerialNumber | None] = link("序列号", "Serial number")
    status: Mapped[StockStatus] = field("原状态", "From status", default=StockStatus.AVAILABLE)
    to_status: Mapped[StatusAfter] = field("新状态", "To status", default=StatusAfter.UNCHANGED)


class StockTransfer(
    Document, label=("移库单", "Stock transfer"), series=Series("TR-{yyyy}{mm}-{seq:05}"), access=BOOKS
):
    """Stock that moves to another warehouse or location, or is locked and unlocked (库存锁定) where it lies."""

    state: Mapped[PostingState] = field("状态", "State", default=PostingState.DRAFT)
    transfer_date: Mapped[date] = field("移库日期", "Transfer date", default=today, index=True)
    warehouse: Mapped[Warehouse] = link("移出仓库", "From warehouse")
    to_warehouse: Mapped[Warehouse | None] = link("移入仓库", "To warehouse")
    note: Mapped[str | None] = field("备注", "Note", editable_in=ANY_STATE)
    lines: Mapped[list[StockTransferLine]] = lines("明细", "Lines", at_least=1)

    @step("过账", "Post", source=PostingState.DRAFT, target=PostingState.POSTED)
    def post(self, ctx: Ctx) -> None:
        """Move the quantities, each out of its place and into the other in one entry pair."""
        found = not_positive(line.quantity for line in self.lines)
        moves = [stock.Move.of(line, -line.quantity, to=stock.Place.of(self, line)) for line in self.lines]
        stock.post(
            ctx, self, kind="transfer", day=self.transfer_date, moves=moves, day_field="transferDate", found=found
        )

    @step("取消", "Cancel", source=(PostingState.DRAFT, PostingState.POSTED), target=PostingState.CANCELLED)
    def cancel(self, ctx: Ctx) -> None:
        """Move everything back."""
        stock.reverse(ctx, self)
