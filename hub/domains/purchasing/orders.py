"""Orders to our suppliers: confirmed by us, then by them; what came, was invoiced and paid is derived per line."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import UTC, date, datetime
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
    Percent,
    Price,
    Quantity,
    Series,
    Value,
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
from hub.document.derive import followed_by, left_of, part_of, share_of, sum_of
from hub.errors import Problem, Refused
from hub.ledgers import supply, taxing
from hub.rules.orders import not_positive, with_reason
from hub.rules.prices import line_amount
from hub.rules.taxes import GENERAL

if TYPE_CHECKING:
    from hub.domains.items import Item, UnitOfMeasure
    from hub.domains.organization import Department
    from hub.domains.parties import Supplier
    from hub.domains.people import Employee
    from hub.domains.purchasing.inquiries import Rfq
    from hub.domains.purchasing.requests import PurchasePlan, PurchasePlanLine, PurchaseRequestLine


class PurchaseState(Choice):
    """What has been decided about a purchase order."""

    DRAFT = "draft", "草稿", "Draft"
    SUBMITTED = "submitted", "已提交", "Submitted"
    CONFIRMED = "confirmed", "已确认", "Confirmed"
    CLOSED = "closed", "已关闭", "Closed"
    REJECTED = "rejected", "已驳回", "Rejected"
    CANCELLED = "cancelled", "已取消", "Cancelled"


received_quantity = followed_by(
    "PurchaseReceiptLine", "quantity", of="order_line", document="PurchaseReceipt", states=("confirmed",)
)
invoiced_quantity = followed_by(
    "PurchaseInvoiceLine", "quantity", of="order_line", document="PurchaseInvoice", states=("matched", "posted")
)
paid_amount = part_of(
    "PurchaseInvoiceLine", of="order_line", document="PurchaseInvoice", kept="paid_amount", states=("posted",)
)
_received_share = share_of("PurchaseOrderLine", received_quantity, of="purchase_order")


_SHOWN_TO_SUPPLIER = (
    *("supplier", "order_date", "promised_date", "currency", "total"),
    *("lines.item", "lines.description", "lines.quantity", "lines.unit_price", "lines.amount", "lines.promised_date"),
)
"""What of an order stands on its supplier's page."""


class PurchaseOrderLine(Line, label=("采购订单明细", "Purchase order line"), of="PurchaseOrder"):
    """An item to be bought, and how far it has come: received, invoiced, paid."""

    item: Mapped[Item] = link("存货", "Item", inverse=("purchase_order_lines", "采购明细", "Purchase order lines"))
    description: Mapped[str | None] = field("描述", "Description")
    quantity: Mapped[Quantity] = field("数量", "Quantity", minimum=0)
    unit: Mapped[UnitOfMeasure | None] = link("单位", "Unit")
    unit_price: Mapped[Price] = field("单价", "Unit price", default=Decimal(0), unit="currency", minimum=0)
    discount: Mapped[Percent] = field("折扣", "Discount", default=Decimal(0), unit="%", minimum=0, maximum=100)
    tax_rate: Mapped[Percent] = field("税率", "Tax rate", default=GENERAL, unit="%", minimum=0, maximum=100)
    amount: Mapped[Money] = field("金额", "Amount", computed=True, unit="currency")
    promised_date: Mapped[date | None] = field("承诺日期", "Promised date")
    request_line: Mapped[PurchaseRequestLine | None] = link(
        "采购需求行", "Purchase request line", inverse=("order_lines", "采购订单明细", "Purchase order lines")
    )
    plan_line: Mapped[PurchasePlanLine | None] = link(
        "采购计划行", "Purchase plan line", inverse=("order_lines", "采购订单明细", "Purchase order lines")
    )
    received: Mapped[Quantity] = derived("已收数量", "Received quantity", received_quantity, filterable=True)
    open_quantity: Mapped[Quantity] = derived("未收数量", "Open quantity", left_of(received_quantity), filterable=True)
    invoiced: Mapped[Quantity] = derived("已开票数量", "Invoiced quantity", invoiced_quantity, filterable=True)
    paid: Mapped[Money] = derived("已付款", "Paid", paid_amount, unit="currency", filterable=True)


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
    exchange_rate: Mapped[Value] = field("汇率", "Exchange rate", default=Decimal(1), minimum=Decimal("0.000001"))
    payment_terms_days: Mapped[int | None] = field("账期", "Payment terms", unit="天", minimum=0)
    purchase_plan: Mapped[PurchasePlan | None] = link(
        "采购计划", "Purchase plan", inverse=("purchase_orders", "采购订单", "Purchase orders")
    )
    rfq: Mapped[Rfq | None] = link("询价单", "Request for quotation", inverse=("orders", "采购订单", "Orders"))
    supplier_confirmed_at: Mapped[datetime | None] = field("供应商确认时间", "Confirmed by the supplier", computed=True)
    announced_date: Mapped[date | None] = field("预计到货日", "Announced for", computed=True)
    announcement: Mapped[str | None] = field("送货通知", "Delivery announcement", computed=True)
    freight: Mapped[Money] = field("运费", "Freight", default=Decimal(0), unit="currency", minimum=0)
    tax_amount: Mapped[Money] = field("税额", "Tax amount", default=Decimal(0), unit="currency", minimum=0)
    note: Mapped[str | None] = field("备注", "Note", editable_in=ANY_STATE)
    lines: Mapped[list[PurchaseOrderLine]] = lines("明细", "Lines", at_least=1)
    total: Mapped[Money] = derived(
        "总额", "Total", sum_of("PurchaseOrderLine", "amount", of="purchase_order"), unit="currency", filterable=True
    )

    received_share: Mapped[Percent] = derived("已收", "Received", _received_share, unit="%", filterable=True)

    def prepare(self) -> None:
        """Own documents round each line to cents."""
        for line in self.lines:
            line.amount = line_amount(line.quantity, line.unit_price, line.discount)

    def check(self, ctx: Ctx) -> Iterable[Problem]:
        """Nothing is wrong with a rate that was left out: it is proposed."""
        taxing.propose(ctx, self, self.order_date, bought=True)
        return ()

    @step("提交", "Submit", source=PurchaseState.DRAFT, target=PurchaseState.SUBMITTED)
    def submit(self, ctx: Ctx) -> None:
        """Hand the order over for confirmation; a supplier that is not admitted gets none."""
        Refused.raise_all(supply.not_admitted(ctx, self.supplier_id))  # type: ignore[attr-defined]  # the link's column

    @step("确认", "Confirm", source=(PurchaseState.DRAFT, PurchaseState.SUBMITTED), target=PurchaseState.CONFIRMED)
    def confirm(self, ctx: Ctx) -> None:
        """Place the order with the supplier, who must be admitted."""
        problems = [*not_positive(line.quantity for line in self.lines)]
        Refused.raise_all([*problems, *supply.not_admitted(ctx, self.supplier_id)])  # type: ignore[attr-defined]  # the link's column

    @step(
        "供应商确认",
        "Acknowledge",
        source=PurchaseState.CONFIRMED,
        target=PurchaseState.CONFIRMED,
        words={"promised_date": ("承诺日期", "Promised date")},
        public=_SHOWN_TO_SUPPLIER,
    )
    def acknowledge(self, ctx: Ctx, promised_date: date | None = None) -> None:
        """The supplier takes the order, for the day that we asked for or for one that it names."""
        self.supplier_confirmed_at = datetime.now(UTC)
        if promised_date is not None:
            self.promised_date = promised_date
            for line in self.lines:
                line.promised_date = promised_date

    @step(
        "送货通知",
        "Announce a delivery",
        source=PurchaseState.CONFIRMED,
        target=PurchaseState.CONFIRMED,
        words={"arrival_date": ("预计到货日", "Day of arrival"), "what": ("送货内容", "What comes")},
        public=_SHOWN_TO_SUPPLIER,
    )
    def announce(self, ctx: Ctx, arrival_date: date, what: str | None = None) -> None:
        """The supplier says when goods of the order will arrive, and which."""
        self.announced_date, self.announcement = arrival_date, what

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
        """Take the order back, with the reason kept in the note; what has come must go back first."""
        Refused.raise_all(supply.nothing_received(ctx, self))
        self.note = with_reason(self.note, reason)
