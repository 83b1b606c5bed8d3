"""Product designs: each version of what an item is, with its drawings and models as attachments."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date
from typing import TYPE_CHECKING

from sqlalchemy.orm import Mapped

from hub.context import Ctx
from hub.document import ANY_STATE, Code, Document, Name, Series, Value, field, link, step, today
from hub.domains.design.versions import DESIGN, OPEN, UNTIL, VersionState
from hub.errors import Problem
from hub.ledgers import versions

if TYPE_CHECKING:
    from hub.domains.design.changes import EngineeringChange
    from hub.domains.items import Item
    from hub.domains.organization import Department
    from hub.domains.people import Employee


class ProductDesign(
    Document, label=("产品设计", "Product design"), series=Series("PD-{yyyy}{mm}-{seq:05}"), access=DESIGN
):
    """A version of an item's design; releasing it makes it the current one and retires the last."""

    state: Mapped[VersionState] = field("状态", "State", default=VersionState.DRAFT)
    item: Mapped[Item] = link("产品", "Item", inverse=("designs", "设计版本", "Designs"))
    design_version: Mapped[Code] = field("设计版本", "Design version")
    predecessor_design: Mapped[ProductDesign | None] = link(
        "上一版设计", "Former design", inverse=("successor_designs", "后续设计", "Later designs")
    )
    design_date: Mapped[date] = field("设计日期", "Design date", default=today)
    start_date: Mapped[date] = field("启用日期", "Used from", default=today)
    until_date: Mapped[date | None] = field("停用日期", "Not used from", computed=True)
    department: Mapped[Department | None] = link("部门", "Department")
    designer: Mapped[Employee | None] = link("设计人", "Designer")
    drawing_number: Mapped[Code | None] = field("图号", "Drawing number")
    material: Mapped[Name | None] = field("材质", "Material")
    weight: Mapped[Value | None] = field("单重", "Weight", unit="g", minimum=0)
    scheme: Mapped[str | None] = field("设计方案", "Scheme")
    change_reason: Mapped[str | None] = field("变更原因", "Reason of change")
    engineering_change: Mapped[EngineeringChange | None] = link(
        "技术变更", "Engineering change", inverse=("designs", "产品设计", "Designs")
    )
    note: Mapped[str | None] = field("备注", "Note", editable_in=ANY_STATE)

    @step("提交", "Submit", source=VersionState.DRAFT, target=VersionState.SUBMITTED)
    def submit(self, ctx: Ctx) -> None:
        """Hand it over to whoever releases it."""

    @step("发布", "Release", source=OPEN, target=VersionState.RELEASED)
    def release(self, ctx: Ctx) -> Iterable[Problem]:
        """Make it the item's current design, used from its day on."""
        return versions.not_releasable(ctx, self, "design_version")

    @step("停用", "Retire", source=VersionState.RELEASED, target=VersionState.RETIRED, words=UNTIL)
    def retire(self, ctx: Ctx, until: date | None = None) -> None:
        """Use it no more, from a day or from today."""
        self.until_date = max(until or today(), self.start_date)

    @step("取消", "Cancel", source=OPEN, target=VersionState.CANCELLED)
    def cancel(self, ctx: Ctx) -> None:
        """It will not be."""
