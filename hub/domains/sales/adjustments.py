"""What is put right after an invoice: allowances, money paid back, and changed data of a customer."""

from __future__ import annotations

from collections.abc import Iterator
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
    Quantity,
    Series,
    derived,
    field,
    lines,
    link,
    only,
    our_customer,
    own_department,
    step,
    today,
    written_by_me,
)
from hub.document.derive import sum_of
from hub.document.registry import spec
from hub.errors import Problem, Refused, problem
from hub.ledgers import adjusting, money
from hub.rules.orders import with_reason
from hub.words import camel, snake

if TYPE_CHECKING:
    from hub.domains.aftersales import ReturnRequest
    from hub.domains.invoicing import SalesInvoice
    from hub.domains.items import Item
    from hub.domains.organization import Department
    from hub.domains.parties import Customer


class AdjustmentState(Choice):
    """What has been decided about an adjustment."""

    DRAFT = "draft", "草稿", "Draft"
    SUBMITTED = "submitted", "已提交", "Submitted"
    POSTED = "posted", "已生效", "Posted"
    REJECTED = "rejected", "已驳回", "Rejected"
    CANCELLED = "cancelled", "已作废", "Void"


class AdjustmentKind(Choice):
    """What an adjustment does."""

    ALLOWANCE = "allowance", "折让", "Allowance"
    REFUND = "refund", "退款", "Refund"
    CUSTOMER_DATA = "customer_data", "客户资料变更", "Customer data"


class SalesAdjustmentLine(Line, label=("销售调整明细", "Sales adjustment line"), of="SalesAdjustment"):
    """What is given back of an invoice, or what of the customer's record becomes what."""

    invoice: Mapped[SalesInvoice | None] = link(
        "销售开票单", "Sales invoice", inverse=("adjustment_lines", "调整明细", "Adjustment lines")
    )
    item: Mapped[Item | None] = link("存货", "Item")
    quantity: Mapped[Quantity] = field("数量", "Quantity", default=Decimal(0), minimum=0)
    amount: Mapped[Money] = field("金额", "Amount", default=Decimal(0), unit="currency", minimum=0)
    tax_amount: Mapped[Money] = field("税额", "Tax amount", default=Decimal(0), unit="currency", minimum=0)
    field_name: Mapped[Code | None] = field("字段", "Field")
    old_value: Mapped[str | None] = field("原值", "Old value", computed=True)
    new_value: Mapped[str | None] = field("新值", "New value")


class SalesAdjustment(
    Document,
    label=("销售调整单", "Sales adjustment"),
    series=Series("SA-{yyyy}{mm}-{seq:05}"),
    access=Access(
        read="sales.read",
        write="finance.write",
        rows=only(own_department("department"), our_customer("customer"), written_by_me(), unless="sales.all"),
    ),
):
    """An allowance lowers what is open of invoices, a refund pays back what was paid, data change the customer's."""

    state: Mapped[AdjustmentState] = field("状态", "State", default=AdjustmentState.DRAFT)
    kind: Mapped[AdjustmentKind] = field("类型", "Kind", default=AdjustmentKind.ALLOWANCE)
    customer: Mapped[Customer] = link("客户", "Customer", inverse=("adjustments", "销售调整单", "Adjustments"))
    adjustment_date: Mapped[date] = field("日期", "Date", default=today, index=True)
    sales_invoice: Mapped[SalesInvoice | None] = link(
        "销售开票单", "Sales invoice", inverse=("adjustments", "销售调整单", "Adjustments")
    )
    return_request: Mapped[ReturnRequest | None] = link(
        "退换货申请", "Return request", inverse=("adjustments", "销售调整单", "Adjustments")
    )
    reason: Mapped[str | None] = field("原因", "Reason")
    department: Mapped[Department | None] = link("部门", "Department")
    note: Mapped[str | None] = field("备注", "Note", editable_in=ANY_STATE)
    lines: Mapped[list[SalesAdjustmentLine]] = lines("明细", "Lines", at_least=1)
    amount: Mapped[Money] = derived(
        "金额", "Amount", sum_of("SalesAdjustmentLine", "amount", of="sales_adjustment"), unit="currency"
    )
    tax_amount: Mapped[Money] = derived(
        "税额", "Tax amount", sum_of("SalesAdjustmentLine", "tax_amount", of="sales_adjustment"), unit="currency"
    )

    @step("提交", "Submit", source=AdjustmentState.DRAFT, target=AdjustmentState.SUBMITTED)
    def submit(self, ctx: Ctx) -> Iterator[Problem]:
        """Have it approved."""
        yield from self._unfit()

    @step(
        "生效",
        "Post",
        source=(AdjustmentState.DRAFT, AdjustmentState.SUBMITTED),
        target=AdjustmentState.POSTED,
    )
    def post(self, ctx: Ctx) -> None:
        """Give it back: in the books, and of what is open; changed data reach the customer (hub.flows.adjusting)."""
        Refused.raise_all(self._unfit())
        if self.kind != AdjustmentKind.CUSTOMER_DATA:
            adjusting.give(ctx, self)

    def _unfit(self) -> Iterator[Problem]:
        """Lines that say nothing a posting of this kind could do."""
        known = spec("Customer").fields
        for index, line in enumerate(self.lines):
            path = ("lines", str(index))
            if self.kind != AdjustmentKind.CUSTOMER_DATA:
                if line.amount <= 0:
                    yield problem(
                        "AMOUNT_NOT_POSITIVE", "金额必须大于零。", "The amount must be above zero.", *path, "amount"
                    )
                continue
            wanted = known.get(snake(line.field_name or ""))
            if wanted is None or wanted.system or wanted.computed or wanted.secret or wanted.restricted:
                yield problem(
                    "FIELD_UNKNOWN",
                    f"第 {index + 1} 行：客户档案没有可变更的字段“{line.field_name or ''}”。",
                    f"Line {index + 1}: a customer has no field {line.field_name or '(empty)'} that can be changed so.",
                    *path,
                    camel("field_name"),
                )

    @step(
        "驳回",
        "Reject",
        source=AdjustmentState.SUBMITTED,
        target=AdjustmentState.REJECTED,
        words={"reason": ("原因", "Reason")},
    )
    def reject(self, ctx: Ctx, reason: str) -> None:
        """It is not granted."""
        self.note = with_reason(self.note, reason)

    @step(
        "作废",
        "Cancel",
        source=(AdjustmentState.DRAFT, AdjustmentState.SUBMITTED, AdjustmentState.POSTED),
        target=AdjustmentState.CANCELLED,
        words={"day": ("红冲日期", "Day of the reversal")},
    )
    def cancel(self, ctx: Ctx, day: date | None = None) -> None:
        """Take it back: invoices are open again, the books get red entries; a changed record stays as it is."""
        adjusting.take_back(ctx, self)
        money.reverse(ctx, self, day, "day")
