"""Bills of material: what an item is made of, version by version."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from decimal import Decimal
from typing import TYPE_CHECKING

from sqlalchemy.orm import Mapped

from hub.context import Ctx
from hub.document import ANY_STATE, Code, Document, Line, Percent, Quantity, Series, field, lines, link, step, today
from hub.document.fields import Value
from hub.domains.design.versions import DESIGN, OPEN, UNTIL, VersionState
from hub.errors import Problem
from hub.ledgers import structures, versions
from hub.ledgers.backflush import IssueMethod
from hub.rules.orders import not_positive

if TYPE_CHECKING:
    from hub.domains.design.changes import EngineeringChange
    from hub.domains.design.products import ProductDesign
    from hub.domains.design.routings import Operation
    from hub.domains.items import Item, UnitOfMeasure
    from hub.domains.organization import Department


class BomLine(Line, label=("物料清单明细", "Bill of material line"), of="Bom"):
    """A component: how much of it goes into the bill's quantity, and how many percent more because some is lost."""

    component: Mapped[Item] = link("组件", "Component", inverse=("bom_lines", "用于物料清单", "Bills it goes into"))
    quantity: Mapped[Value] = field("用量", "Quantity", minimum=0)
    unit: Mapped[UnitOfMeasure | None] = link("单位", "Unit")
    scrap_rate: Mapped[Percent] = field("损耗率", "Scrap rate", default=Decimal(0), unit="%", minimum=0, maximum=1000)
    operation: Mapped[Operation | None] = link("工序", "Operation")
    issue_method: Mapped[IssueMethod] = field("发料方式", "How it is issued", default=IssueMethod.ISSUE)
    substitute: Mapped[Item | None] = link("替代料", "Substitute")
    position_note: Mapped[str | None] = field("位号", "Where it goes")


class Bom(Document, label=("物料清单", "Bill of material"), series=Series("BOM-{yyyy}{mm}-{seq:05}"), access=DESIGN):
    """What `quantity` of an item is made of; releasing a version makes it the current one and retires the last."""

    state: Mapped[VersionState] = field("状态", "State", default=VersionState.DRAFT)
    item: Mapped[Item] = link("产品", "Item", inverse=("boms", "物料清单", "Bills of material"))
    bom_version: Mapped[Code] = field("清单版本", "Version of the bill")
    product_design: Mapped[ProductDesign | None] = link(
        "产品设计", "Product design", inverse=("boms", "物料清单", "Bills of material")
    )
    quantity: Mapped[Quantity] = field("基准数量", "Base quantity", default=Decimal(1), minimum=Decimal("0.0001"))
    unit: Mapped[UnitOfMeasure | None] = link("单位", "Unit")
    start_date: Mapped[date] = field("启用日期", "Used from", default=today)
    until_date: Mapped[date | None] = field("停用日期", "Not used from", computed=True)
    department: Mapped[Department | None] = link("部门", "Department")
    engineering_change: Mapped[EngineeringChange | None] = link(
        "技术变更", "Engineering change", inverse=("boms", "物料清单", "Bills of material")
    )
    note: Mapped[str | None] = field("备注", "Note", editable_in=ANY_STATE)
    lines: Mapped[list[BomLine]] = lines("明细", "Lines", at_least=1)

    @step("提交", "Submit", source=VersionState.DRAFT, target=VersionState.SUBMITTED)
    def submit(self, ctx: Ctx) -> None:
        """Hand it over to whoever releases it."""

    @step("发布", "Release", source=OPEN, target=VersionState.RELEASED)
    def release(self, ctx: Ctx) -> Iterator[Problem]:
        """Make it the item's current bill, used from its day on; units must convert, and nothing may contain itself."""
        yield from versions.not_releasable(ctx, self, "bom_version")
        yield from not_positive(line.quantity for line in self.lines)
        yield from structures.unfit(ctx, self)
        structures.refuse_loops(ctx, self)

    @step("停用", "Retire", source=VersionState.RELEASED, target=VersionState.RETIRED, words=UNTIL)
    def retire(self, ctx: Ctx, until: date | None = None) -> None:
        """Use it no more, from a day or from today."""
        self.until_date = max(until or today(), self.start_date)

    @step("取消", "Cancel", source=OPEN, target=VersionState.CANCELLED)
    def cancel(self, ctx: Ctx) -> None:
        """It will not be."""
