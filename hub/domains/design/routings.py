"""How things are made: operations as master data, and routings that put them in order with times and parameters."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from datetime import date
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from sqlalchemy import ColumnElement, FromClause, Text, case, cast, func, literal, select
from sqlalchemy.dialects.postgresql import aggregate_order_by
from sqlalchemy.orm import Mapped

from hub.context import Ctx
from hub.document import (
    ANY_STATE,
    Access,
    Code,
    Document,
    Line,
    Master,
    Name,
    Price,
    Series,
    Value,
    derived,
    field,
    lines,
    link,
    only,
    step,
    today,
)
from hub.document.fields import Tables
from hub.domains.design.versions import DESIGN, OPEN, UNTIL, VersionState
from hub.errors import Problem, problem
from hub.ledgers import versions

if TYPE_CHECKING:
    from hub.domains.design.changes import EngineeringChange
    from hub.domains.design.products import ProductDesign
    from hub.domains.equipment import Asset, AssetCategory
    from hub.domains.items import Item
    from hub.domains.organization import Department, Skill
    from hub.domains.plant import WorkCentre


class OperationStep(Line, label=("工序步骤", "Operation step"), of="Operation", collection="steps"):
    """One thing to do, in order."""

    instruction: Mapped[str] = field("作业内容", "Instruction")
    minutes: Mapped[Value | None] = field("时长", "Minutes", unit="min", minimum=0)


class Operation(
    Master,
    label=("工序档案", "Operation"),
    access=Access(read="base.read", write="design.write", rows=only(unless="base.all")),
):
    """A kind of work that routings put in order: moulding, printing, packing."""

    work_centre: Mapped[WorkCentre | None] = link("默认工作中心", "Usual work centre")
    skill: Mapped[Skill | None] = link("所需技能", "Skill")
    asset_category: Mapped[AssetCategory | None] = link("所用设备类别", "Kind of equipment")
    standard_minutes: Mapped[Value | None] = field("标准工时", "Standard minutes", unit="min", minimum=0)
    setup_minutes: Mapped[Value | None] = field("换型时间", "Set-up minutes", unit="min", minimum=0)
    inspection_required: Mapped[bool] = field("需检验", "Inspection required", default=False)
    piece_rate: Mapped[Price | None] = field(
        "计件单价", "Piece rate", unit="currency", minimum=0, restricted="base.cost"
    )
    instructions: Mapped[str | None] = field("作业指导", "Instructions")
    steps: Mapped[list[OperationStep]] = lines("步骤", "Steps")


def _parameters(row: FromClause, tables: Tables) -> ColumnElement[Any]:
    """The operation's parameters in one line: 料温 220 ℃ (210–230)."""
    one = tables("RoutingParameter")
    target, lower, upper = (
        cast(func.trim_scale(one.c[name]), Text) for name in ("target", "lower_limit", "upper_limit")
    )
    limits = func.concat("(", func.coalesce(lower, "…"), "–", func.coalesce(upper, "…"), ")")
    limited = case((func.coalesce(lower, upper).is_not(None), limits))
    text = func.concat_ws(" ", one.c.name, target, one.c.unit, limited)
    joined = select(func.string_agg(text, aggregate_order_by(literal("; "), one.c.position))).where(
        one.c.routing_id == row.c.routing_id, one.c.sequence == row.c.sequence
    )
    return joined.correlate(row).scalar_subquery()


class RoutingOperation(Line, label=("工艺工序", "Routing operation"), of="Routing", collection="operations"):
    """An operation in its place: where it is done, with which mould, how long for a set-up and for one piece."""

    sequence: Mapped[int] = field("工序号", "Sequence", minimum=1)
    operation: Mapped[Operation] = link("工序", "Operation")
    work_centre: Mapped[WorkCentre | None] = link("工作中心", "Work centre")
    mould: Mapped[Asset | None] = link(
        "模具", "Mould", inverse=("routing_operations", "工艺工序", "Operations that use it")
    )
    setup_minutes: Mapped[Value] = field("换型时间", "Set-up minutes", default=Decimal(0), unit="min", minimum=0)
    run_minutes: Mapped[Value] = field("单件工时", "Minutes a piece", default=Decimal(0), unit="min", minimum=0)
    inspection_required: Mapped[bool] = field("需检验", "Inspection required", default=False)
    requirements: Mapped[str | None] = field("材料与工艺要求", "Requirements")
    parameters_note: Mapped[str | None] = field("参数说明", "About the parameters")
    parameters: Mapped[str] = derived("工艺参数", "Parameters", _parameters)


class RoutingParameter(Line, label=("工艺参数", "Routing parameter"), of="Routing", collection="parameters"):
    """A value to be kept at one operation of the routing, named by its sequence: 料温, 220 ℃, 210 to 230."""

    sequence: Mapped[int] = field("工序号", "Sequence", minimum=1)
    name: Mapped[Name] = field("参数", "Parameter")
    unit: Mapped[str | None] = field("单位", "Unit")
    target: Mapped[Value | None] = field("目标值", "Target")
    lower_limit: Mapped[Value | None] = field("下限", "Lower limit")
    upper_limit: Mapped[Value | None] = field("上限", "Upper limit")


class Routing(Document, label=("工艺设计", "Routing"), series=Series("RTG-{yyyy}{mm}-{seq:05}"), access=DESIGN):
    """How an item is made, operation by operation; releasing a version makes it current and retires the last."""

    state: Mapped[VersionState] = field("状态", "State", default=VersionState.DRAFT)
    item: Mapped[Item] = link("产品", "Item", inverse=("routings", "工艺设计", "Routings"))
    routing_version: Mapped[Code] = field("工艺版本", "Version of the routing")
    product_design: Mapped[ProductDesign | None] = link(
        "产品设计", "Product design", inverse=("routings", "工艺设计", "Routings")
    )
    start_date: Mapped[date] = field("启用日期", "Used from", default=today)
    until_date: Mapped[date | None] = field("停用日期", "Not used from", computed=True)
    department: Mapped[Department | None] = link("部门", "Department")
    engineering_change: Mapped[EngineeringChange | None] = link(
        "技术变更", "Engineering change", inverse=("routings", "工艺设计", "Routings")
    )
    note: Mapped[str | None] = field("备注", "Note", editable_in=ANY_STATE)
    operations: Mapped[list[RoutingOperation]] = lines("工序", "Operations", at_least=1)
    parameters: Mapped[list[RoutingParameter]] = lines("工艺参数", "Parameters")

    @step("提交", "Submit", source=VersionState.DRAFT, target=VersionState.SUBMITTED)
    def submit(self, ctx: Ctx) -> None:
        """Hand it over to whoever releases it."""

    @step("发布", "Release", source=OPEN, target=VersionState.RELEASED)
    def release(self, ctx: Ctx) -> Iterator[Problem]:
        """Make it the item's current routing, used from its day on."""
        yield from versions.not_releasable(ctx, self, "routing_version")
        yield from self._confused()
        yield from self._out_of_limits()

    def _confused(self) -> Iterator[Problem]:
        """Sequences that stand twice, parameters of an operation that is not there."""
        sequences = Counter(one.sequence for one in self.operations)
        for index, one in enumerate(self.operations):
            if sequences[one.sequence] > 1:
                words = f"工序号 {one.sequence} 重复。", f"Sequence {one.sequence} is there more than once."
                yield problem("SEQUENCE_TWICE", *words, "operations", str(index), "sequence")
        for index, parameter in enumerate(self.parameters):
            if parameter.sequence not in sequences:
                words = f"没有工序号 {parameter.sequence}。", f"There is no operation {parameter.sequence}."
                yield problem("SEQUENCE_UNKNOWN", *words, "parameters", str(index), "sequence")

    def _out_of_limits(self) -> Iterator[Problem]:
        for index, one in enumerate(self.parameters):
            known = [value for value in (one.lower_limit, one.target, one.upper_limit) if value is not None]
            if known != sorted(known):
                words = f"{one.name}的目标值不在上下限之间。", f"{one.name}: the target is not between the limits."
                yield problem("BOUNDS_CROSSED", *words, "parameters", str(index), "target")

    @step("停用", "Retire", source=VersionState.RELEASED, target=VersionState.RETIRED, words=UNTIL)
    def retire(self, ctx: Ctx, until: date | None = None) -> None:
        """Use it no more, from a day or from today."""
        self.until_date = max(until or today(), self.start_date)

    @step("取消", "Cancel", source=OPEN, target=VersionState.CANCELLED)
    def cancel(self, ctx: Ctx) -> None:
        """It will not be."""
