"""What was inspected, by which plan, what was measured and found, and how it came out."""

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
    Code,
    Document,
    Line,
    Name,
    Percent,
    Quantity,
    Series,
    Value,
    derived,
    field,
    lines,
    link,
    step,
    today,
)
from hub.document.fields import Tables
from hub.domains.quality import plans
from hub.domains.quality.standards import DefectCode, InspectionKind, InspectionStandard, Strictness
from hub.errors import Problem, problem

if TYPE_CHECKING:
    from hub.domains.design import Operation
    from hub.domains.items import Item
    from hub.domains.organization import Department
    from hub.domains.parties import Customer
    from hub.domains.people import Employee
    from hub.domains.production import ProductionOrder
    from hub.domains.warehouse import Delivery, Lot, ProductReceipt, PurchaseReceipt

QUALITY = Access(read="quality.read", write="quality.write")


class InspectionState(Choice):
    """Whether the inspector has decided."""

    DRAFT = "draft", "草稿", "Draft"
    CONFIRMED = "confirmed", "已判定", "Decided"
    CANCELLED = "cancelled", "已取消", "Cancelled"


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


class InspectionCharacteristic(
    Line, label=("检验结果", "Inspection result"), of="Inspection", collection="characteristics"
):
    """A characteristic of one piece of the sample: what was measured and whether it is within its limits."""

    name: Mapped[Name] = field("检验项目", "Characteristic")
    unit: Mapped[str | None] = field("单位", "Unit")
    target: Mapped[Value | None] = field("标准值", "Target")
    lower_limit: Mapped[Value | None] = field("下限", "Lower limit")
    upper_limit: Mapped[Value | None] = field("上限", "Upper limit")
    critical: Mapped[bool] = field("关键项目", "Critical", default=False)
    sample_number: Mapped[int] = field("样品序号", "Sample number", default=1, minimum=1)
    measured_value: Mapped[Value | None] = field("测量值", "Measured value")
    passed: Mapped[bool | None] = field("合格", "Passed")


class InspectionDefect(Line, label=("检验缺陷", "Inspection defect"), of="Inspection", collection="defects"):
    """How many pieces had a defect."""

    defect_code: Mapped[DefectCode] = link(
        "缺陷代码", "Defect code", inverse=("inspection_defects", "检验缺陷", "Inspection defects")
    )
    quantity: Mapped[Quantity] = field("数量", "Quantity", minimum=0)
    note: Mapped[str | None] = field("备注", "Note")


class Inspection(
    Document, label=("产品质量检验单", "Inspection"), series=Series("QI-{yyyy}{mm}-{seq:05}"), access=QUALITY
):
    """A look at goods, with figures and a decision; deciding releases or freezes what a receipt left in quarantine.

    `quantity` is how many pieces the lot has, `inspected_quantity` how many of them were looked at; `failed_in_a_row`
    is told from the second lot on that did not pass, so that a notification rule can watch for it.
    """

    state: Mapped[InspectionState] = field("状态", "State", default=InspectionState.DRAFT)
    kind: Mapped[InspectionKind] = field("检验类型", "Kind")
    item: Mapped[Item] = link("存货", "Item", inverse=("inspections", "检验单", "Inspections"))
    lot: Mapped[Lot | None] = link("批次", "Lot", inverse=("inspections", "检验单", "Inspections"))
    quantity: Mapped[Quantity] = field("批量", "Lot size", default=Decimal(0), minimum=0)
    inspection_date: Mapped[date] = field("检验日期", "Inspection date", default=today, index=True)
    production_order: Mapped[ProductionOrder | None] = link(
        "生产订单", "Production order", inverse=("inspections", "检验单", "Inspections")
    )
    operation: Mapped[Operation | None] = link("工序", "Operation", inverse=("inspections", "检验单", "Inspections"))
    purchase_receipt: Mapped[PurchaseReceipt | None] = link(
        "采购入库单", "Purchase receipt", inverse=("inspections", "检验单", "Inspections")
    )
    product_receipt: Mapped[ProductReceipt | None] = link(
        "产品入库单", "Product receipt", inverse=("inspections", "检验单", "Inspections")
    )
    delivery: Mapped[Delivery | None] = link("送货单", "Delivery", inverse=("inspections", "检验单", "Inspections"))
    customer: Mapped[Customer | None] = link("客户", "Customer", inverse=("inspections", "检验单", "Inspections"))
    inspection_standard: Mapped[InspectionStandard | None] = link(
        "检验标准", "Inspection standard", inverse=("inspections", "检验单", "Inspections")
    )
    strictness: Mapped[Strictness | None] = field("检验严格度", "Strictness", computed=True)
    code_letter: Mapped[Code | None] = field("样本量字码", "Code letter", computed=True)
    sample_size: Mapped[int | None] = field("样本量", "Sample size", minimum=0)
    accept_number: Mapped[int | None] = field("接收数", "Acceptance number", minimum=0)
    reject_number: Mapped[int | None] = field("拒收数", "Rejection number", minimum=0)
    inspected_quantity: Mapped[Quantity] = field("检验数量", "Inspected quantity", minimum=0)
    qualified_quantity: Mapped[Quantity] = field("合格数量", "Qualified quantity", minimum=0)
    defective_quantity: Mapped[Quantity] = field("不合格数量", "Defective quantity", default=Decimal(0), minimum=0)
    defect: Mapped[str | None] = field("缺陷", "Defect")
    inspector: Mapped[Employee | None] = link("检验员", "Inspector")
    department: Mapped[Department | None] = link("部门", "Department")
    disposition: Mapped[Disposition | None] = field("处置", "Disposition")
    failed_in_a_row: Mapped[int | None] = field("连续不合格批数", "Failed in a row", computed=True)
    note: Mapped[str | None] = field("备注", "Note", editable_in=ANY_STATE)
    characteristics: Mapped[list[InspectionCharacteristic]] = lines("检验结果", "Results")
    defects: Mapped[list[InspectionDefect]] = lines("缺陷明细", "Defects found")
    qualified_rate: Mapped[Percent] = derived("合格率", "Qualified rate", _yield, unit="%", filterable=True)

    def prepare(self) -> None:
        """What was measured passes when it is within its limits."""
        for one in self.characteristics:
            if one.measured_value is not None and (one.lower_limit is not None or one.upper_limit is not None):
                low = one.lower_limit is None or one.measured_value >= one.lower_limit
                one.passed = low and (one.upper_limit is None or one.measured_value <= one.upper_limit)

    @step("取检验方案", "Take the plan", source=InspectionState.DRAFT, target=InspectionState.DRAFT)
    def plan(self, ctx: Ctx) -> None:
        """Take the standard that fits, its sample by how earlier lots came out, and its characteristics."""
        plans.plan(ctx, self)

    @step("判定", "Confirm", source=InspectionState.DRAFT, target=InspectionState.CONFIRMED)
    def confirm(self, ctx: Ctx) -> Iterator[Problem]:
        """Decide: the figures must add up, the disposition be named and not accept what the plan refuses."""
        yield from self._unready()
        if self.disposition is Disposition.ACCEPT:
            yield from plans.refused(self)
        elif self.disposition is not None and (failed := 1 + plans.failed_before(ctx, self)) > 1:
            self.failed_in_a_row = failed

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
        if self.sample_size is not None and self.inspected_quantity < self.sample_size:
            yield problem(
                "SAMPLE_TOO_SMALL",
                f"样本量应为 {self.sample_size}，检验数量不足。",
                f"The sample is {self.sample_size} pieces; fewer were inspected.",
                "inspectedQuantity",
            )

    @property
    def released_quantity(self) -> Decimal:
        """How much of the lot the decision releases: all of a concession, of an accepted lot all but the bad pieces.

        A lot that was not accepted keeps its good pieces only where every piece was looked at.
        """
        size = self.quantity or self.inspected_quantity
        if self.disposition is Disposition.CONCESSION:
            return size
        if self.disposition is Disposition.ACCEPT:
            return max(size - self.defective_quantity, Decimal(0))
        return self.qualified_quantity if self.inspected_quantity >= size else Decimal(0)

    @property
    def frozen_quantity(self) -> Decimal:
        """How much of the lot stays frozen until it is decided what becomes of it."""
        return (self.quantity or self.inspected_quantity) - self.released_quantity

    @step("取消", "Cancel", source=(InspectionState.DRAFT, InspectionState.CONFIRMED), target=InspectionState.CANCELLED)
    def cancel(self, ctx: Ctx) -> None:
        """Take the inspection back."""
