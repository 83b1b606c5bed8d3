"""What we ask suppliers to offer, what they answer, and the comparison."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from sqlalchemy import ColumnElement, FromClause, func, select
from sqlalchemy.orm import Mapped

from hub.context import Ctx
from hub.document import (
    ANY_STATE,
    Access,
    Choice,
    Document,
    Line,
    Money,
    Percent,
    Price,
    Quantity,
    Series,
    derived,
    field,
    lines,
    link,
    mine,
    only,
    own_department,
    step,
    today,
    written_by_me,
)
from hub.document.fields import Tables
from hub.errors import Problem, Refused, problem
from hub.ledgers import inquiring, purchase_planning
from hub.rules.orders import not_positive

if TYPE_CHECKING:
    from hub.domains.items import Item, UnitOfMeasure
    from hub.domains.organization import Department
    from hub.domains.parties import Supplier
    from hub.domains.people import Employee
    from hub.domains.purchasing.requests import PurchaseRequestLine


class RfqState(Choice):
    """What has been decided about an inquiry."""

    DRAFT = "draft", "草稿", "Draft"
    SENT = "sent", "已发出", "Sent"
    COMPARED = "compared", "已比价", "Compared"
    CLOSED = "closed", "已定标", "Awarded"
    CANCELLED = "cancelled", "已取消", "Cancelled"


class RfqLine(Line, label=("询价明细", "Inquiry line"), of="Rfq"):
    """An item that we ask prices for."""

    item: Mapped[Item] = link("存货", "Item")
    quantity: Mapped[Quantity] = field("数量", "Quantity", minimum=0)
    unit: Mapped[UnitOfMeasure | None] = link("单位", "Unit")
    needed_date: Mapped[date | None] = field("需求日期", "Needed on")
    request_line: Mapped[PurchaseRequestLine | None] = link(
        "采购需求行", "Purchase request line", inverse=("rfq_lines", "询价明细", "Inquiry lines")
    )


class RfqSupplier(Line, label=("询价供应商", "Supplier asked"), of="Rfq", collection="suppliers"):
    """A supplier that we ask, and when it answered."""

    supplier: Mapped[Supplier] = link("供应商", "Supplier", inverse=("inquiries", "询价", "Inquiries"))
    sent_at: Mapped[datetime | None] = field("发出时间", "Sent at", computed=True)
    answered_at: Mapped[datetime | None] = field("答复时间", "Answered at", computed=True)


def _price_score(row: FromClause, tables: Tables) -> ColumnElement[Any]:
    """The lowest price offered for the item in the same inquiry over this one, out of 100."""
    other = tables("RfqOffer")
    least = select(func.min(other.c.unit_price)).where(
        other.c.rfq_id == row.c.rfq_id, other.c.item_id == row.c.item_id, other.c.unit_price > 0
    )
    return func.round(least.correlate(row).scalar_subquery() * 100 / func.nullif(row.c.unit_price, 0), 2)


def _chosen_amount(row: FromClause, tables: Tables) -> ColumnElement[Any]:
    offer = tables("RfqOffer")
    total = select(func.coalesce(func.round(func.sum(offer.c.chosen_quantity * offer.c.unit_price), 2), 0))
    return total.where(offer.c.rfq_id == row.c.id).correlate(row).scalar_subquery()


class RfqOffer(Line, label=("报价", "Offer"), of="Rfq", collection="offers"):
    """What a supplier asks for an item, from a quantity on; several offers of it are its quantity breaks."""

    supplier: Mapped[Supplier] = link("供应商", "Supplier", inverse=("offers", "报价", "Offers"))
    item: Mapped[Item] = link("存货", "Item", inverse=("offers", "报价", "Offers"))
    quantity: Mapped[Quantity] = field("起订数量", "From quantity", default=Decimal(0), minimum=0)
    unit_price: Mapped[Price] = field("单价", "Unit price", unit="currency", minimum=0)
    lead_time_days: Mapped[int | None] = field("交货天数", "Lead time", unit="天", minimum=0)
    tax_rate: Mapped[Percent] = field("税率", "Tax rate", default=Decimal(13), unit="%", minimum=0, maximum=100)
    valid_until_date: Mapped[date | None] = field("报价有效期至", "Valid until")
    chosen: Mapped[bool] = field("选定", "Chosen", default=False, computed=True)
    chosen_quantity: Mapped[Quantity] = field("选定数量", "Chosen quantity", default=Decimal(0), computed=True)
    note: Mapped[str | None] = field("备注", "Note")
    price_score: Mapped[Percent] = derived("价格得分", "Price score", _price_score)


class Rfq(
    Document,
    label=("询价单", "Request for quotation"),
    series=Series("RFQ-{yyyy}{mm}-{seq:04}"),
    access=Access(
        read="purchasing.read",
        write="purchasing.write",
        rows=only(own_department("department"), mine("buyer"), written_by_me(), unless="purchasing.all"),
    ),
):
    """Prices asked of several suppliers and compared by price, lead time and score; awarded, it becomes orders."""

    state: Mapped[RfqState] = field("状态", "State", default=RfqState.DRAFT)
    rfq_date: Mapped[date] = field("询价日期", "Date", default=today, index=True)
    due_date: Mapped[date | None] = field("答复截止日", "Answers until")
    buyer: Mapped[Employee | None] = link("采购员", "Buyer")
    department: Mapped[Department | None] = link("部门", "Department")
    note: Mapped[str | None] = field("备注", "Note", editable_in=ANY_STATE)
    suppliers: Mapped[list[RfqSupplier]] = lines("询价供应商", "Suppliers")
    offers: Mapped[list[RfqOffer]] = lines("报价", "Offers")
    lines: Mapped[list[RfqLine]] = lines("询价明细", "Lines", at_least=1)
    chosen_amount: Mapped[Money] = derived("选定金额", "Chosen amount", _chosen_amount, unit="currency")

    @step("发出", "Send", source=RfqState.DRAFT, target=RfqState.SENT)
    def send(self, ctx: Ctx) -> None:
        """Ask the suppliers."""
        Refused.raise_all([*not_positive(line.quantity for line in self.lines), *self._nobody()])
        for one in self.suppliers:
            one.sent_at = datetime.now(UTC)

    def _nobody(self) -> Iterator[Problem]:
        if not self.suppliers:
            yield problem(
                "SUPPLIER_MISSING",
                "没有询价的供应商。",
                "No supplier is asked.",
                "suppliers",
                hint=("请添加供应商。", "Add suppliers."),
            )

    @step(
        "登记报价",
        "Enter an offer",
        source=RfqState.SENT,
        target=RfqState.SENT,
        words={
            "supplier": ("供应商", "Supplier"),
            "item": ("存货", "Item"),
            "unit_price": ("单价", "Unit price"),
            "quantity": ("起订数量", "From quantity"),
            "lead_time_days": ("交货天数", "Lead time"),
            "valid_until_date": ("报价有效期至", "Valid until"),
        },
    )
    def answer(
        self,
        ctx: Ctx,
        supplier: str,
        item: str,
        unit_price: Decimal,
        quantity: Decimal | None = None,
        lead_time_days: int | None = None,
        valid_until_date: date | None = None,
    ) -> None:
        """What a supplier answers for an item; the same again, from the same quantity, replaces it."""
        terms = {
            "unit_price": unit_price,
            "quantity": quantity or Decimal(0),
            "lead_time_days": lead_time_days,
            "valid_until_date": valid_until_date,
        }
        inquiring.answer(ctx, self, {"supplier": supplier, "item": item}, terms)

    @step("比价", "Compare", source=(RfqState.SENT, RfqState.COMPARED), target=RfqState.COMPARED)
    def compare(self, ctx: Ctx) -> None:
        """Choose the offers that together are best by price, lead time and the suppliers' scores."""
        purchase_planning.compare(ctx, self)

    @step(
        "改选",
        "Choose",
        source=RfqState.COMPARED,
        target=RfqState.COMPARED,
        words={"position": ("报价行号", "Position of the offer"), "quantity": ("选定数量", "Chosen quantity")},
    )
    def choose(self, ctx: Ctx, position: int, quantity: Decimal) -> None:
        """Take another quantity of an offer; 0 takes nothing of it."""
        inquiring.choose(self, position, quantity)

    @step("定标", "Award", source=RfqState.COMPARED, target=RfqState.CLOSED)
    def award(self, ctx: Ctx) -> None:
        """Make a draft order per chosen supplier (see `hub.flows.procure_to_pay`)."""
        Refused.raise_all(inquiring.not_orderable(ctx, self))

    @step(
        "取消",
        "Cancel",
        source=(RfqState.DRAFT, RfqState.SENT, RfqState.COMPARED),
        target=RfqState.CANCELLED,
    )
    def cancel(self, ctx: Ctx) -> None:
        """Nothing comes of the inquiry."""
