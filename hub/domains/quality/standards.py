"""What is looked at and what may be found: inspection standards by item, operation and customer, and defect codes."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date
from typing import TYPE_CHECKING

from sqlalchemy.orm import Mapped

from hub.context import Ctx
from hub.document import Access, Choice, Code, Line, Master, Name, Value, field, lines, link, only
from hub.errors import Problem, problem
from hub.rules.sampling import LIMITS

if TYPE_CHECKING:
    from hub.domains.design import Operation
    from hub.domains.items import Item
    from hub.domains.parties import Customer

STANDARDS = Access(read="base.read", write="quality.write", rows=only(unless="base.all"))


class InspectionKind(Choice):
    """When in its life a thing is inspected."""

    INCOMING = "incoming", "来料检验", "Incoming"
    IN_PROCESS = "in_process", "过程检验", "In process"
    FINAL = "final", "成品检验", "Final"
    OUTGOING = "outgoing", "出货检验", "Outgoing"


class DefectSeverity(Choice):
    """How bad a defect is."""

    CRITICAL = "critical", "致命缺陷", "Critical"
    MAJOR = "major", "严重缺陷", "Major"
    MINOR = "minor", "轻微缺陷", "Minor"


class Sampling(Choice):
    """How many pieces of a lot are looked at."""

    FULL = "full", "全检", "Every piece"
    BY_TABLE = "by_table", "按 GB/T 2828.1 抽样", "By GB/T 2828.1 (ISO 2859-1)"
    FIXED = "fixed", "固定数量", "A fixed number"


class InspectionLevel(Choice):
    """The levels of GB/T 2828.1; its own name of each is the label."""

    S1 = "s_1", "特殊水平 S-1", "S-1"
    S2 = "s_2", "特殊水平 S-2", "S-2"
    S3 = "s_3", "特殊水平 S-3", "S-3"
    S4 = "s_4", "特殊水平 S-4", "S-4"
    I = "i", "一般水平 I", "I"  # noqa: E741  (the standard's own name)
    II = "ii", "一般水平 II", "II"
    III = "iii", "一般水平 III", "III"


class Strictness(Choice):
    """How strictly lots are inspected at the time (GB/T 2828.1, 9)."""

    NORMAL = "normal", "正常检验", "Normal"
    TIGHTENED = "tightened", "加严检验", "Tightened"
    REDUCED = "reduced", "放宽检验", "Reduced"
    SUSPENDED = "suspended", "暂停抽样，全检", "Sampling suspended, every piece"


class DefectCode(Master, label=("缺陷代码", "Defect code"), access=STANDARDS):
    """A kind of defect, so that defects can be counted by kind."""

    category: Mapped[Code | None] = field("类别", "Category")
    severity: Mapped[DefectSeverity] = field("严重程度", "Severity", default=DefectSeverity.MAJOR)
    description: Mapped[str | None] = field("说明", "Description")


class InspectionStandardCharacteristic(
    Line, label=("检验项目", "Characteristic"), of="InspectionStandard", collection="characteristics"
):
    """Something to look at or to measure, with its limits."""

    name: Mapped[Name] = field("检验项目", "Characteristic")
    method: Mapped[str | None] = field("检验方法", "Method")
    unit: Mapped[str | None] = field("单位", "Unit")
    target: Mapped[Value | None] = field("标准值", "Target")
    lower_limit: Mapped[Value | None] = field("下限", "Lower limit")
    upper_limit: Mapped[Value | None] = field("上限", "Upper limit")
    measured: Mapped[bool] = field("计量", "Measured", default=False)
    critical: Mapped[bool] = field("关键项目", "Critical", default=False)


class InspectionStandard(Master, label=("检验标准", "Inspection standard"), access=STANDARDS):
    """How an item is inspected, for everybody or for one customer (特殊客户的验货流程), or after one operation.

    An item with a standard for incoming or final inspection goes into quarantine when it comes in; one with a standard
    for outgoing inspection is not shipped before it has passed. When sampling was suspended (GB/T 2828.1, 9.4), it goes
    on, tightened, from the day that says it was resumed.
    """

    item: Mapped[Item] = link("存货", "Item", inverse=("inspection_standards", "检验标准", "Inspection standards"))
    customer: Mapped[Customer | None] = link(
        "客户", "Customer", inverse=("inspection_standards", "检验标准", "Inspection standards")
    )
    operation: Mapped[Operation | None] = link(
        "工序", "Operation", inverse=("inspection_standards", "检验标准", "Inspection standards")
    )
    kind: Mapped[InspectionKind] = field("检验类型", "Kind", default=InspectionKind.INCOMING)
    valid_from_date: Mapped[date | None] = field("生效日期", "Valid from")
    sampling: Mapped[Sampling] = field("抽样方式", "Sampling", default=Sampling.BY_TABLE)
    sample_size: Mapped[int | None] = field("固定样本量", "Fixed sample size", minimum=1)
    inspection_level: Mapped[InspectionLevel] = field("检验水平", "Inspection level", default=InspectionLevel.II)
    acceptance_quality_limit: Mapped[Value | None] = field("接收质量限", "Acceptance quality limit", minimum=0)
    reduced_allowed: Mapped[bool] = field("可放宽检验", "May become reduced", default=False)
    sampling_resumed_date: Mapped[date | None] = field("恢复抽样日期", "Sampling resumed on")
    instructions: Mapped[str | None] = field("检验说明", "Instructions")
    characteristics: Mapped[list[InspectionStandardCharacteristic]] = lines("检验项目", "Characteristics")

    def check(self, ctx: Ctx) -> Iterable[Problem]:
        """A limit of the tables to sample by them, a number where it is fixed, limits that do not cross."""
        limit = self.acceptance_quality_limit
        if self.sampling is Sampling.BY_TABLE and limit not in LIMITS:
            yield problem(
                "QUALITY_LIMIT_UNKNOWN",
                "按 GB/T 2828.1 抽样时，接收质量限应为国标系列中的值。",
                "To sample by GB/T 2828.1, give one of its acceptance quality limits.",
                "acceptanceQualityLimit",
                hint=("常用值：0.65、1.0、1.5、2.5、4.0。", "Usual ones are 0.65, 1.0, 1.5, 2.5 and 4.0."),
            )
        if self.sampling is Sampling.FIXED and not self.sample_size:
            yield problem("SAMPLE_SIZE_MISSING", "请填写固定样本量。", "Give the fixed sample size.", "sampleSize")
        for index, one in enumerate(self.characteristics):
            if one.lower_limit is not None and one.upper_limit is not None and one.lower_limit > one.upper_limit:
                yield problem(
                    "BOUNDS_CROSSED",
                    f"第 {index + 1} 项的下限大于上限。",
                    f"Characteristic {index + 1}: the lower limit is above the upper one.",
                    *("characteristics", str(index), "lowerLimit"),
                )
