"""What carriers are paid for driving our goods."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING

from sqlalchemy.orm import Mapped

from hub.context import Ctx
from hub.document import (
    ANY_STATE,
    Choice,
    Code,
    Document,
    Line,
    Money,
    Series,
    derived,
    field,
    lines,
    link,
    step,
    today,
)
from hub.document.derive import sum_of
from hub.domains.finance.banking import BankAccount, PaidBy
from hub.domains.finance.books import BOOKS
from hub.errors import Refused
from hub.ledgers import freight, money

if TYPE_CHECKING:
    from hub.domains.organization import Department
    from hub.domains.warehouse import Carrier, Delivery, Dispatch


class FreightState(Choice):
    """What has been decided about a payment of freight."""

    DRAFT = "draft", "草稿", "Draft"
    SUBMITTED = "submitted", "已提交", "Submitted"
    POSTED = "posted", "已付款", "Posted"
    CANCELLED = "cancelled", "已作废", "Void"


class FreightPaymentLine(Line, label=("运费付款明细", "Freight payment line"), of="FreightPayment"):
    """What is paid for a delivery or a journey."""

    delivery: Mapped[Delivery | None] = link(
        "送货单", "Delivery", inverse=("freight_payment_lines", "运费付款明细", "Freight payment lines")
    )
    dispatch: Mapped[Dispatch | None] = link(
        "运输调度", "Dispatch", inverse=("freight_payment_lines", "运费付款明细", "Freight payment lines")
    )
    amount: Mapped[Money] = field("金额", "Amount", unit="currency", minimum=0)


class FreightPayment(
    Document,
    label=("运费付款单", "Freight payment"),
    series=Series("FP-{yyyy}{mm}-{seq:05}", gapless=True, at="post"),
    access=BOOKS,
):
    """Money to a carrier, for what it drove within some days; its lines say for which deliveries."""

    state: Mapped[FreightState] = field("状态", "State", default=FreightState.DRAFT)
    carrier: Mapped[Carrier] = link(
        "承运公司", "Carrier", inverse=("freight_payments", "运费付款单", "Freight payments")
    )
    payment_date: Mapped[date] = field("付款日期", "Payment date", default=today, index=True)
    from_date: Mapped[date | None] = field("起始日", "From")
    until_date: Mapped[date | None] = field("截止日", "Until")
    method: Mapped[PaidBy] = field("付款方式", "Paid by", default=PaidBy.BANK)
    amount: Mapped[Money] = field("付款金额", "Amount", unit="currency", minimum=0)
    bank_account: Mapped[BankAccount | None] = link("付款账户", "Bank account")
    reference: Mapped[Code | None] = field("流水号", "Reference")
    department: Mapped[Department | None] = link("部门", "Department")
    note: Mapped[str | None] = field("备注", "Note", editable_in=ANY_STATE)
    lines: Mapped[list[FreightPaymentLine]] = lines("明细", "Lines")
    allocated: Mapped[Money] = derived(
        "已分摊金额", "Allocated", sum_of("FreightPaymentLine", "amount", of="freight_payment"), unit="currency"
    )

    @step("提交", "Submit", source=FreightState.DRAFT, target=FreightState.SUBMITTED)
    def submit(self, ctx: Ctx) -> None:
        """Ask for the payment; each delivery is the carrier's and is paid once, and lines are not above the amount."""
        Refused.raise_all(freight.not_payable(ctx, self))

    @step("付款", "Post", source=(FreightState.DRAFT, FreightState.SUBMITTED), target=FreightState.POSTED)
    def post(self, ctx: Ctx) -> None:
        """Pay: selling expense against bank or cash."""
        Refused.raise_all(freight.not_payable(ctx, self))
        freight.pay(ctx, self)

    @step(
        "作废",
        "Cancel",
        source=(FreightState.DRAFT, FreightState.SUBMITTED, FreightState.POSTED),
        target=FreightState.CANCELLED,
        words={"day": ("红冲日期", "Day of the reversal")},
    )
    def cancel(self, ctx: Ctx, day: date | None = None) -> None:
        """Take the payment back by red entries."""
        money.reverse(ctx, self, day, "day")
