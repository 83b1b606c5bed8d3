"""What was inspected and how it came out."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from sqlalchemy import ColumnElement, FromClause, case
from sqlalchemy.orm import Mapped

from hub.context import Ctx
from hub.document import (
    ANY_STATE,
    Access,
    Choice,
    Document,
    Percent,
    Quantity,
    Series,
    derived,
    field,
    link,
    step,
    today,
)
from hub.document.fields import Tables
from hub.errors import Problem, Refused, problem

if TYPE_CHECKING:
    from hub.domains.items import Item
    from hub.domains.people import Employee
    from hub.domains.production import ProductionOrder
    from hub.domains.warehouse import PurchaseReceipt


class InspectionState(Choice):
    """Whether the inspector has decided."""

    DRAFT = "draft", "草稿", "Draft"
    CONFIRMED = "confirmed", "已判定", "Decided"
    CANCELLED = "cancelled", "已取消", "Cancelled"


class InspectionKind(Choice):
    """When in its life a thing is inspected."""

    INCOMING = "incoming", "来料检验", "Incoming"
    IN_PROCESS = "in_process", "过程检验", "In process"
    FINAL = "final", "成品检验", "Final"
    OUTGOING = "outgoing", "出货检验", "Outgoing"


class Disposition(Choice):
    """What becomes of what was inspected."""

    ACCEPT = "accept", "接收", "Accept"
    REWORK = "rework", "返工", "Rework"
    CONCESSION = "concession", "让步接收", "Concession"
    RETURN = "return", "退货", "Return"
    SCRAP = "scrap", "报废", "Scrap"


def _yield(row: FromClause, tables: Tables) -> ColumnElement[Any]:
    good = 100 * row.c.qualified_quantity / row.c.inspected_quantity
    return case((row.c.inspected_quantity > 0, good), else_=None)


class Inspection(
    Document,
    label=("产品质量检验单", "Inspection"),
    series=Series("QI-{yyyy}{mm}-{seq:05}"),
    access=Access(read="quality.read", write="quality.write"),
):
    """A look at goods, with figures and a decision."""

    state: Mapped[InspectionState] = field("状态", "State", default=InspectionState.DRAFT)
    kind: Mapped[InspectionKind] = field("检验类型", "Kind")
    item: Mapped[Item] = link("存货", "Item", inverse=("inspections", "检验单", "Inspections"))
    inspection_date: Mapped[date] = field("检验日期", "Inspection date", default=today, index=True)
    production_order: Mapped[ProductionOrder | None] = link(
        "生产订单", "Production order", inverse=("inspections", "检验单", "Inspections")
    )
    purchase_receipt: Mapped[PurchaseReceipt | None] = link(
        "采购入库单", "Purchase receipt", inverse=("inspections", "检验单", "Inspections")
    )
    inspected_quantity: Mapped[Quantity] = field("检验数量", "Inspected quantity", minimum=0)
    qualified_quantity: Mapped[Quantity] = field("合格数量", "Qualified quantity", minimum=0)
    defective_quantity: Mapped[Quantity] = field("不合格数量", "Defective quantity", default=Decimal(0), minimum=0)
    defect: Mapped[str | None] = field("缺陷", "Defect")
    inspector: Mapped[Employee | None] = link("检验员", "Inspector")
    disposition: Mapped[Disposition | None] = field("处置", "Disposition")
    note: Mapped[str | None] = field("备注", "Note", editable_in=ANY_STATE)
    qualified_rate: Mapped[Percent] = derived("合格率", "Qualified rate", _yield, unit="%", filterable=True)

    @step("判定", "Confirm", source=InspectionState.DRAFT, target=InspectionState.CONFIRMED)
    def confirm(self, ctx: Ctx) -> None:
        """Decide: the figures must add up and the disposition be named."""
        Refused.raise_all(self._unready())

    def _unready(self) -> Iterator[Problem]:
        if self.qualified_quantity + self.defective_quantity != self.inspected_quantity:
            yield problem(
                "INSPECTION_DOES_NOT_ADD_UP",
                "合格数量与不合格数量之和必须等于检验数量。",
                "Qualified and defective quantity must add up to the inspected quantity.",
                "inspectedQuantity",
            )
        if self.disposition is None:
            yield problem("DISPOSITION_MISSING", "请选择处置方式。", "Name the disposition.", "disposition")

    @step("取消", "Cancel", source=(InspectionState.DRAFT, InspectionState.CONFIRMED), target=InspectionState.CANCELLED)
    def cancel(self, ctx: Ctx) -> None:
        """Take the inspection back."""
