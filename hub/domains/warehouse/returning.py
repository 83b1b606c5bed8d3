"""Goods that go back: to a supplier, from the workshop to the stores, from a customer."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING

from sqlalchemy.orm import Mapped

from hub.context import Ctx
from hub.document import (
    ANY_STATE,
    Access,
    Document,
    Line,
    Quantity,
    Series,
    field,
    lines,
    link,
    only,
    our_customer,
    our_supplier,
    step,
    today,
    written_by_me,
)
from hub.domains.warehouse.adjusting import PostingState
from hub.domains.warehouse.goods import Delivery, DeliveryLine, PurchaseReceipt, PurchaseReceiptLine
from hub.domains.warehouse.ledger import StockStatus
from hub.domains.warehouse.lots import Lot, SerialNumber
from hub.domains.warehouse.places import BOOKS, Location, Warehouse
from hub.domains.warehouse.workshop import MaterialIssue, MaterialIssueLine
from hub.ledgers import production, returns, stock
from hub.rules.orders import not_positive

if TYPE_CHECKING:
    from hub.domains.aftersales import ReturnRequest
    from hub.domains.items import Item
    from hub.domains.organization import Department
    from hub.domains.parties import Customer, Supplier
    from hub.domains.production import ProductionOrder
    from hub.domains.quality import NonConformance


class PurchaseReturnLine(Line, label=("采购退货明细", "Purchase return line"), of="PurchaseReturn"):
    """What goes back of a receipt's line; what did not pass its inspection lies frozen."""

    receipt_line: Mapped[PurchaseReceiptLine | None] = link(
        "采购入库行", "Purchase receipt line", inverse=("return_lines", "退货明细", "Return lines")
    )
    item: Mapped[Item] = link("存货", "Item")
    quantity: Mapped[Quantity] = field("数量", "Quantity", minimum=0)
    location: Mapped[Location | None] = link("库位", "Location")
    lot: Mapped[Lot | None] = link("批次", "Lot")
    serial: Mapped[SerialNumber | None] = link("序列号", "Serial number")
    status: Mapped[StockStatus] = field("库存状态", "Status", default=StockStatus.AVAILABLE)


class PurchaseReturn(
    Document,
    label=("采购退货单", "Purchase return"),
    series=Series("RT-{yyyy}{mm}-{seq:05}"),
    access=Access(
        read="warehouse.read",
        write="warehouse.write",
        rows=only(our_supplier("supplier"), written_by_me(), unless="warehouse.all"),
    ),
):
    """Goods that go back to their supplier."""

    state: Mapped[PostingState] = field("状态", "State", default=PostingState.DRAFT)
    supplier: Mapped[Supplier] = link("供应商", "Supplier", inverse=("returns", "采购退货单", "Purchase returns"))
    purchase_receipt: Mapped[PurchaseReceipt | None] = link(
        "采购入库单", "Purchase receipt", inverse=("returns", "采购退货单", "Purchase returns")
    )
    non_conformance: Mapped[NonConformance | None] = link(
        "不合格品处理", "Nonconformance", inverse=("purchase_returns", "采购退货单", "Purchase returns")
    )
    return_date: Mapped[date] = field("退货日期", "Return date", default=today, index=True)
    warehouse: Mapped[Warehouse] = link("仓库", "Warehouse")
    reason: Mapped[str | None] = field("原因", "Reason")
    note: Mapped[str | None] = field("备注", "Note", editable_in=ANY_STATE)
    lines: Mapped[list[PurchaseReturnLine]] = lines("明细", "Lines", at_least=1)

    @step("过账", "Post", source=PostingState.DRAFT, target=PostingState.POSTED)
    def post(self, ctx: Ctx) -> None:
        """Take the goods out of stock; no more goes back than came."""
        found = [*not_positive(line.quantity for line in self.lines), *returns.problems(ctx, self, returns.RECEIPTS)]
        moves = [stock.Move.of(line, -line.quantity) for line in self.lines]
        stock.post(
            ctx, self, kind="purchase_return", day=self.return_date, moves=moves, day_field="returnDate", found=found
        )

    @step("取消", "Cancel", source=(PostingState.DRAFT, PostingState.POSTED), target=PostingState.CANCELLED)
    def cancel(self, ctx: Ctx) -> None:
        """Put the goods back into stock."""
        stock.reverse(ctx, self)


class MaterialReturnLine(Line, label=("材料退库明细", "Material return line"), of="MaterialReturn"):
    """A material that the workshop did not need."""

    issue_line: Mapped[MaterialIssueLine | None] = link(
        "材料出库行", "Material issue line", inverse=("return_lines", "退库明细", "Return lines")
    )
    item: Mapped[Item] = link("物料", "Material")
    quantity: Mapped[Quantity] = field("数量", "Quantity", minimum=0)
    location: Mapped[Location | None] = link("库位", "Location")
    lot: Mapped[Lot | None] = link("批次", "Lot")
    serial: Mapped[SerialNumber | None] = link("序列号", "Serial number")


class MaterialReturn(
    Document, label=("材料退库单", "Material return"), series=Series("MR-{yyyy}{mm}-{seq:05}"), access=BOOKS
):
    """Materials that come back from the workshop."""

    state: Mapped[PostingState] = field("状态", "State", default=PostingState.DRAFT)
    production_order: Mapped[ProductionOrder | None] = link(
        "生产订单", "Production order", inverse=("material_returns", "材料退库单", "Material returns")
    )
    material_issue: Mapped[MaterialIssue | None] = link(
        "材料出库单", "Material issue", inverse=("returns", "材料退库单", "Material returns")
    )
    return_date: Mapped[date] = field("退库日期", "Return date", default=today, index=True)
    warehouse: Mapped[Warehouse] = link("仓库", "Warehouse")
    reason: Mapped[str | None] = field("原因", "Reason")
    department: Mapped[Department | None] = link("部门", "Department")
    note: Mapped[str | None] = field("备注", "Note", editable_in=ANY_STATE)
    lines: Mapped[list[MaterialReturnLine]] = lines("明细", "Lines", at_least=1)

    @step("过账", "Post", source=PostingState.DRAFT, target=PostingState.POSTED)
    def post(self, ctx: Ctx) -> None:
        """Put the materials back into stock, at their average cost; no more comes back than was issued."""
        found = [*not_positive(line.quantity for line in self.lines), *returns.problems(ctx, self, returns.ISSUES)]
        moves = [stock.Move.of(line, line.quantity) for line in self.lines]
        stock.post(
            ctx, self, kind="material_return", day=self.return_date, moves=moves, day_field="returnDate", found=found
        )
        production.note_origins(ctx, self)

    @step("取消", "Cancel", source=(PostingState.DRAFT, PostingState.POSTED), target=PostingState.CANCELLED)
    def cancel(self, ctx: Ctx) -> None:
        """Take the materials out again."""
        stock.reverse(ctx, self)
        production.forget_origins(ctx, self)


class SalesReturnLine(Line, label=("销售退货明细", "Sales return line"), of="SalesReturn"):
    """What comes back of a delivery's line; it waits in quarantine unless the line says otherwise."""

    delivery_line: Mapped[DeliveryLine | None] = link(
        "发货行", "Delivery line", inverse=("return_lines", "退货明细", "Return lines")
    )
    item: Mapped[Item] = link("存货", "Item")
    quantity: Mapped[Quantity] = field("数量", "Quantity", minimum=0)
    location: Mapped[Location | None] = link("库位", "Location")
    lot: Mapped[Lot | None] = link("批次", "Lot")
    serial: Mapped[SerialNumber | None] = link("序列号", "Serial number")
    status: Mapped[StockStatus] = field("库存状态", "Status", default=StockStatus.QUARANTINE)
    credited: Mapped[bool] = field("折让退款，不补发", "Credited, not replaced", default=False)


class SalesReturn(
    Document,
    label=("销售退货单", "Sales return"),
    series=Series("RS-{yyyy}{mm}-{seq:05}"),
    access=Access(
        read="sales.read",
        write="warehouse.write",
        rows=only(our_customer("customer"), written_by_me(), unless="sales.all"),
    ),
):
    """Goods that a customer sends back.

    What he got of his order is that much less, so a replacement can be shipped; unless he is credited instead.
    """

    state: Mapped[PostingState] = field("状态", "State", default=PostingState.DRAFT)
    customer: Mapped[Customer] = link("客户", "Customer", inverse=("sales_returns", "销售退货单", "Sales returns"))
    delivery: Mapped[Delivery | None] = link(
        "送货单", "Delivery", inverse=("sales_returns", "销售退货单", "Sales returns")
    )
    return_request: Mapped[ReturnRequest | None] = link(
        "退换货申请", "Return request", inverse=("sales_returns", "销售退货单", "Sales returns")
    )
    return_date: Mapped[date] = field("退货日期", "Return date", default=today, index=True)
    warehouse: Mapped[Warehouse] = link("仓库", "Warehouse")
    reason: Mapped[str | None] = field("原因", "Reason")
    note: Mapped[str | None] = field("备注", "Note", editable_in=ANY_STATE)
    lines: Mapped[list[SalesReturnLine]] = lines("明细", "Lines", at_least=1)

    @step("过账", "Post", source=PostingState.DRAFT, target=PostingState.POSTED)
    def post(self, ctx: Ctx) -> None:
        """Put the goods into stock, at their average cost; no more comes back than was shipped."""
        found = [*not_positive(line.quantity for line in self.lines), *returns.problems(ctx, self, returns.DELIVERIES)]
        moves = [stock.Move.of(line, line.quantity) for line in self.lines]
        stock.post(
            ctx, self, kind="sales_return", day=self.return_date, moves=moves, day_field="returnDate", found=found
        )

    @step("取消", "Cancel", source=(PostingState.DRAFT, PostingState.POSTED), target=PostingState.CANCELLED)
    def cancel(self, ctx: Ctx) -> None:
        """Take the goods out again."""
        stock.reverse(ctx, self)
