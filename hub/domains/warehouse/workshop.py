"""Between the stores and the workshop: materials go out for a production order, products come in from it."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from typing import TYPE_CHECKING

from sqlalchemy.orm import Mapped

from hub.context import Ctx
from hub.document import ANY_STATE, Document, Line, Quantity, Series, field, lines, link, step, today
from hub.domains.warehouse.adjusting import PostingState
from hub.domains.warehouse.lots import Lot, SerialNumber
from hub.domains.warehouse.places import BOOKS, Location, Warehouse
from hub.errors import Problem, Refused
from hub.ledgers import cost, picking, production, returns, stock
from hub.rules.orders import not_positive

if TYPE_CHECKING:
    from hub.domains.hours import OperationReport
    from hub.domains.items import Item
    from hub.domains.organization import Department
    from hub.domains.people import Employee
    from hub.domains.production import ProductionOrder
    from hub.domains.quality import Inspection


class MaterialIssueLine(Line, label=("材料出库明细", "Material issue line"), of="MaterialIssue"):
    """A material handed to the workshop."""

    item: Mapped[Item] = link("物料", "Material")
    quantity: Mapped[Quantity] = field("数量", "Quantity", minimum=0)
    location: Mapped[Location | None] = link("库位", "Location")
    lot: Mapped[Lot | None] = link("批次", "Lot")
    serial: Mapped[SerialNumber | None] = link("序列号", "Serial number")


class MaterialIssue(
    Document, label=("材料出库单", "Material issue"), series=Series("MI-{yyyy}{mm}-{seq:05}"), access=BOOKS
):
    """Materials that leave the stores, for a production order or for other use."""

    state: Mapped[PostingState] = field("状态", "State", default=PostingState.DRAFT)
    production_order: Mapped[ProductionOrder | None] = link(
        "生产订单", "Production order", inverse=("material_issues", "材料出库单", "Material issues")
    )
    issue_date: Mapped[date] = field("出库日期", "Issue date", default=today, index=True)
    warehouse: Mapped[Warehouse] = link("仓库", "Warehouse")
    department: Mapped[Department | None] = link("领用部门", "Department")
    recipient: Mapped[Employee | None] = link("领料人", "Recipient")
    operation_report: Mapped[OperationReport | None] = link("倒冲报工", "Backflushed by report", system=True)
    product_receipt: Mapped[ProductReceipt | None] = link("倒冲入库", "Backflushed by receipt", system=True)
    note: Mapped[str | None] = field("备注", "Note", editable_in=ANY_STATE)
    lines: Mapped[list[MaterialIssueLine]] = lines("明细", "Lines", at_least=1)

    @step("配货", "Pick", source=PostingState.DRAFT, target=PostingState.DRAFT)
    def pick(self, ctx: Ctx) -> Iterator[Problem]:
        """Choose the lots, first expired first out, for lines that name none; a line is split where needed."""
        yield from picking.propose(ctx, self, self.issue_date)

    @step("过账", "Post", source=PostingState.DRAFT, target=PostingState.POSTED)
    def post(self, ctx: Ctx) -> None:
        """Take the materials out of stock; the production order must be released."""
        found = [*not_positive(line.quantity for line in self.lines), *production.not_released(ctx, self)]
        moves = [stock.Move.of(line, -line.quantity) for line in self.lines]
        stock.post(ctx, self, kind="issue", day=self.issue_date, moves=moves, day_field="issueDate", found=found)
        production.note_origins(ctx, self)

    @step("取消", "Cancel", source=(PostingState.DRAFT, PostingState.POSTED), target=PostingState.CANCELLED)
    def cancel(self, ctx: Ctx) -> None:
        """Put the materials back; nothing of them may have come back before."""
        Refused.raise_all(returns.nothing(ctx, self, returns.ISSUES))
        stock.reverse(ctx, self)
        production.forget_origins(ctx, self)


class ProductReceiptLine(Line, label=("产品入库明细", "Product receipt line"), of="ProductReceipt"):
    """A quantity of the product, in a lot where the product has lots."""

    item: Mapped[Item] = link("产品", "Item")
    quantity: Mapped[Quantity] = field("数量", "Quantity", minimum=0)
    location: Mapped[Location | None] = link("库位", "Location")
    lot: Mapped[Lot | None] = link("批次", "Lot")
    serial: Mapped[SerialNumber | None] = link("序列号", "Serial number")


class ProductReceipt(
    Document, label=("产品入库单", "Product receipt"), series=Series("FR-{yyyy}{mm}-{seq:05}"), access=BOOKS
):
    """Products that come into the stores from a production order."""

    state: Mapped[PostingState] = field("状态", "State", default=PostingState.DRAFT)
    production_order: Mapped[ProductionOrder | None] = link(
        "生产订单", "Production order", inverse=("product_receipts", "产品入库单", "Product receipts")
    )
    receipt_date: Mapped[date] = field("入库日期", "Receipt date", default=today, index=True)
    warehouse: Mapped[Warehouse] = link("仓库", "Warehouse")
    inspection: Mapped[Inspection | None] = link("入库前检验", "Inspected before")
    department: Mapped[Department | None] = link("交库部门", "Department")
    note: Mapped[str | None] = field("备注", "Note", editable_in=ANY_STATE)
    lines: Mapped[list[ProductReceiptLine]] = lines("明细", "Lines", at_least=1)

    @step("过账", "Post", source=PostingState.DRAFT, target=PostingState.POSTED)
    def post(self, ctx: Ctx) -> None:
        """Put the products into stock, worth their standard cost or the materials that went into them.

        What an inspection passed before needs no other one.
        """
        found = [*not_positive(line.quantity for line in self.lines), *production.not_fitting(ctx, self)]
        unit_cost = cost.production_cost(ctx, self)
        moves = [stock.Move.of(line, line.quantity, unit_cost=unit_cost) for line in self.lines]
        stock.post(
            ctx, self, kind="production", day=self.receipt_date, moves=moves, day_field="receiptDate", found=found
        )
        production.note_origins(ctx, self)

    @step("取消", "Cancel", source=(PostingState.DRAFT, PostingState.POSTED), target=PostingState.CANCELLED)
    def cancel(self, ctx: Ctx) -> None:
        """Take the products out again."""
        stock.reverse(ctx, self)
        production.forget_origins(ctx, self)
