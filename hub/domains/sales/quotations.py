"""What we offer a customer before he orders: prices for quantities, until a day."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
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
    our_customer,
    own_department,
    step,
    today,
    written_by_me,
)
from hub.document.derive import sum_of
from hub.errors import Invalid, Problem, Refused, problem
from hub.ledgers import offers, taxing
from hub.rules.orders import not_positive, with_reason
from hub.rules.prices import line_amount
from hub.rules.taxes import GENERAL
from hub.rules.validity import crossed

if TYPE_CHECKING:
    from hub.domains.items import Item, UnitOfMeasure
    from hub.domains.organization import Department
    from hub.domains.parties import Customer
    from hub.domains.people import Employee
    from hub.domains.sales.leads import Lead
    from hub.domains.sales.prices import PriceList


class QuotationState(Choice):
    """What has been decided about a quotation."""

    DRAFT = "draft", "草稿", "Draft"
    SUBMITTED = "submitted", "已提交", "Submitted"
    SENT = "sent", "已发送", "Sent"
    ACCEPTED = "accepted", "已接受", "Accepted"
    LOST = "lost", "未成交", "Lost"
    CANCELLED = "cancelled", "已取消", "Cancelled"


class QuotationLine(Line, label=("报价单明细", "Quotation line"), of="Quotation"):
    """An item that is offered, with its price."""

    item: Mapped[Item] = link("存货", "Item", inverse=("quotation_lines", "报价明细", "Quotation lines"))
    description: Mapped[str | None] = field("描述", "Description")
    quantity: Mapped[Quantity] = field("数量", "Quantity", minimum=0)
    unit: Mapped[UnitOfMeasure | None] = link("单位", "Unit")
    unit_price: Mapped[Price] = field("单价", "Unit price", default=Decimal(0), unit="currency", minimum=0)
    discount: Mapped[Percent] = field("折扣", "Discount", default=Decimal(0), unit="%", minimum=0, maximum=100)
    tax_rate: Mapped[Percent] = field("税率", "Tax rate", default=GENERAL, unit="%", minimum=0, maximum=100)
    amount: Mapped[Money] = field("金额", "Amount", computed=True, unit="currency")
    wanted_date: Mapped[date | None] = field("要求日期", "Wanted by")


class Quotation(
    Document,
    label=("报价单", "Quotation"),
    series=Series("QT-{yyyy}{mm}-{seq:05}"),
    access=Access(
        read="sales.read",
        write="sales.write",
        rows=only(
            own_department("department"),
            mine("sales_rep"),
            written_by_me(),
            our_customer("customer"),
            unless="sales.all",
        ),
    ),
):
    """An offer to a customer; accepted, it becomes an order at its prices."""

    state: Mapped[QuotationState] = field("状态", "State", default=QuotationState.DRAFT)
    customer: Mapped[Customer] = link("客户", "Customer", inverse=("quotations", "报价单", "Quotations"))
    lead: Mapped[Lead | None] = link("潜在客户", "Lead", inverse=("quotations", "报价单", "Quotations"))
    quotation_date: Mapped[date] = field("报价日期", "Quotation date", default=today, index=True)
    valid_until_date: Mapped[date | None] = field("有效期至", "Valid until")
    sales_rep: Mapped[Employee | None] = link("业务员", "Sales representative")
    department: Mapped[Department | None] = link("部门", "Department")
    currency: Mapped[Code] = field("币种", "Currency", default="CNY")
    price_list: Mapped[PriceList | None] = link("价格表", "Price list")
    ship_to: Mapped[str | None] = field("收货地址", "Ship to")
    payment_terms_days: Mapped[int | None] = field("账期", "Payment terms", unit="天", minimum=0)
    delivery_terms: Mapped[str | None] = field("交货条件", "Delivery terms")
    note: Mapped[str | None] = field("备注", "Note", editable_in=ANY_STATE)
    lines: Mapped[list[QuotationLine]] = lines("明细", "Lines", at_least=1)
    total: Mapped[Money] = derived(
        "总额", "Total", sum_of("QuotationLine", "amount", of="quotation"), unit="currency", filterable=True
    )

    def prepare(self) -> None:
        """Each line is rounded to cents, as the order's will be."""
        Invalid.raise_all(crossed(self.quotation_date, self.valid_until_date))
        for line in self.lines:
            line.amount = line_amount(line.quantity, line.unit_price, line.discount)

    def check(self, ctx: Ctx) -> Iterable[Problem]:
        """Nothing is wrong with a rate that was left out: it is proposed."""
        taxing.propose(ctx, self, self.quotation_date)
        return ()

    @step("取价", "Find prices", source=QuotationState.DRAFT, target=QuotationState.DRAFT)
    def find_prices(self, ctx: Ctx) -> None:
        """Set each line's price by price lists, else the last price, else the standard one."""
        offers.find_prices(ctx, self, self.quotation_date)

    @step("提交", "Submit", source=QuotationState.DRAFT, target=QuotationState.SUBMITTED)
    def submit(self, ctx: Ctx) -> None:
        """Have it looked at: quantities above zero, and no price below the lists."""
        found = list(not_positive(line.quantity for line in self.lines))
        Refused.raise_all([*found, *offers.below_list(ctx, self, self.quotation_date)])

    @step("发送", "Send", source=QuotationState.SUBMITTED, target=QuotationState.SENT)
    def send(self, ctx: Ctx) -> None:
        """The customer has it."""

    @step(
        "接受",
        "Accept",
        source=QuotationState.SENT,
        target=QuotationState.ACCEPTED,
        public=(
            *("customer", "quotation_date", "valid_until_date", "currency", "delivery_terms"),
            *("lines.item", "lines.quantity", "lines.unit_price", "lines.discount", "lines.tax_rate", "lines.amount"),
        ),
    )
    def accept(self, ctx: Ctx) -> Iterator[Problem]:
        """The customer agrees, while it is valid; an order can be made of it."""
        if self.valid_until_date is not None and today() > self.valid_until_date:
            yield problem(
                "QUOTATION_EXPIRED",
                f"报价已于 {self.valid_until_date} 过期。",
                f"The quotation was valid until {self.valid_until_date}.",
                "validUntilDate",
                hint=("请取消后修订，重新报价。", "Cancel and amend it, and quote anew."),
            )

    @step(
        "未成交",
        "Lose",
        source=(QuotationState.SUBMITTED, QuotationState.SENT),
        target=QuotationState.LOST,
        words={"reason": ("原因", "Reason")},
    )
    def lose(self, ctx: Ctx, reason: str) -> None:
        """The customer does not want it; the reason is kept in the note."""
        self.note = with_reason(self.note, reason)

    @step(
        "取消",
        "Cancel",
        source=(QuotationState.DRAFT, QuotationState.SUBMITTED, QuotationState.SENT),
        target=QuotationState.CANCELLED,
    )
    def cancel(self, ctx: Ctx) -> None:
        """Take it back; it can be amended."""
