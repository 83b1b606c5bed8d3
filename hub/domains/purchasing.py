"""Orders to our suppliers."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import TYPE_CHECKING

from sqlalchemy.orm import Mapped

from hub.context import Ctx
from hub.document import (
    ANY_STATE,
    Access,
    Choice,
    Code,
    Document,
    Line,
    Money,
    Price,
    Quantity,
    Series,
    derived,
    field,
    lines,
    link,
    mine,
    only,
    our_supplier,
    own_department,
    step,
    today,
    written_by_me,
)
from hub.document.derive import followed_by, left_of, sum_of
from hub.errors import Refused
from hub.rules.orders import not_positive, with_reason
from hub.rules.prices import line_amount

if TYPE_CHECKING:
    from hub.domains.items import Item, UnitOfMeasure
    from hub.domains.organization import Department
    from hub.domains.parties import Supplier
    from hub.domains.people import Employee


class PurchaseState(Choice):
    """What has been decided about a purchase order."""

    DRAFT = "draft", "草稿", "Draft"
    SUBMITTED = "submitted", "已提交", "Submitted"
    CONFIRMED = "confirmed", "已确认", "Confirmed"
    CLOSED = "closed", "已关闭", "Closed"
    REJECTED = "rejected", "已驳回", "Rejected"
    CANCELLED = "cancelled", "已取消", "Cancelled"


_received = followed_by(
    "PurchaseReceiptLine", "quantity", of="order_line", document="PurchaseReceipt", states=("confirmed",)
)


class PurchaseOrderLine(Line, label=("采购订单明细", "Purchase order line"), of="PurchaseOrder"):
    """An item to be bought."""

    item: Mapped[Item] = link("存货", "Item", inverse=("purchase_order_lines", "采购明细", "Purchase order lines"))
    quantity: Mapped[Quantity] = field("数量", "Quantity", minimum=0)
    unit: Mapped[UnitOfMeasure | None] = link("单位", "Unit")
    unit_price: Mapped[Price] = field("单价", "Unit price", default=Decimal(0), unit="currency", minimum=0)
    amount: Mapped[Money] = field("金额", "Amount", computed=True, unit="currency")
    promised_date: Mapped[date | None] = field("承诺日期", "Promised date")
    received: Mapped[Quantity] = derived("已收数量", "Received quantity", _received, filterable=True)
    open_quantity: Mapped[Quantity] = derived("未收数量", "Open quantity", left_of(_received), filterable=True)


class PurchaseOrder(
    Document,
    label=("采购订单", "Purchase order"),
    series=Series("PO-{yyyy}{mm}-{seq:05}"),
    access=Access(
        read="purchasing.read",
        write="purchasing.write",
        rows=only(
            own_department("department"),
            mine("buyer"),
            written_by_me(),
            our_supplier("supplier"),
            unless="purchasing.all",
        ),
    ),
):
    """Our firm commitment to buy from a supplier."""

    state: Mapped[PurchaseState] = field("状态", "State", default=PurchaseState.DRAFT)
    supplier: Mapped[Supplier] = link("供应商", "Supplier", inverse=("purchase_orders", "采购订单", "Purchase orders"))
    order_date: Mapped[date] = field("订单日期", "Order date", default=today, index=True)
    promised_date: Mapped[date | None] = field("承诺日期", "Promised date")
    buyer: Mapped[Employee | None] = link("采购员", "Buyer")
    department: Mapped[Department | None] = link("部门", "Department")
    currency: Mapped[Code] = field("币种", "Currency", default="CNY")
    freight: Mapped[Money] = field("运费", "Freight", default=Decimal(0), unit="currency", minimum=0)
    tax_amount: Mapped[Money] = field("税额", "Tax amount", default=Decimal(0), unit="currency", minimum=0)
    note: Mapped[str | None] = field("备注", "Note", editable_in=ANY_STATE)
    lines: Mapped[list[PurchaseOrderLine]] = lines("明细", "Lines", at_least=1)
    total: Mapped[Money] = derived(
        "总额", "Total", sum_of("PurchaseOrderLine", "amount", of="purchase_order"), unit="currency", filterable=True
    )

    def prepare(self) -> None:
        """Own documents round each line to cents."""
        for line in self.lines:
            line.amount = line_amount(line.quantity, line.unit_price)

    @step("提交", "Submit", source=PurchaseState.DRAFT, target=PurchaseState.SUBMITTED)
    def submit(self, ctx: Ctx) -> None:
        """Hand the order over for confirmation."""

    @step("确认", "Confirm", source=(PurchaseState.DRAFT, PurchaseState.SUBMITTED), target=PurchaseState.CONFIRMED)
    def confirm(self, ctx: Ctx) -> None:
        """Place the order with the supplier."""
        Refused.raise_all(not_positive(line.quantity for line in self.lines))

    @step(
        "驳回",
        "Reject",
        source=PurchaseState.SUBMITTED,
        target=PurchaseState.REJECTED,
        words={"reason": ("原因", "Reason")},
    )
    def reject(self, ctx: Ctx, reason: str) -> None:
        """Send the order back, with the reason kept in the note."""
        self.note = with_reason(self.note, reason)

    @step("关闭", "Close", source=PurchaseState.CONFIRMED, target=PurchaseState.CLOSED)
    def close(self, ctx: Ctx) -> None:
        """Nothing more is expected of this order."""

    @step(
        "取消",
        "Cancel",
        source=(PurchaseState.DRAFT, PurchaseState.SUBMITTED, PurchaseState.CONFIRMED),
        target=PurchaseState.CANCELLED,
        words={"reason": ("原因", "Reason")},
    )
    def cancel(self, ctx: Ctx, reason: str) -> None:
        """Take the order back, with the reason kept in the note."""
        self.note = with_reason(self.note, reason)
