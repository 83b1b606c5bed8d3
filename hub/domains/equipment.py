"""What we own and use for years: assets with their categories, and what they lose in value each month."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from sqlalchemy import ColumnElement, FromClause, func, select
from sqlalchemy.orm import Mapped

from hub.context import Ctx
from hub.document import (
    ANY_STATE,
    Access,
    Choice,
    Code,
    Document,
    Line,
    Master,
    Money,
    Name,
    Percent,
    Quantity,
    Series,
    derived,
    field,
    lines,
    link,
    only,
    step,
    today,
)
from hub.document.derive import sum_of
from hub.document.fields import Tables
from hub.errors import Refused
from hub.ledgers import assets, money

if TYPE_CHECKING:
    from hub.domains.finance import Account
    from hub.domains.organization import Department
    from hub.domains.parties import Supplier
    from hub.domains.people import Employee
    from hub.domains.plant import Site, WorkCentre

_OURS = Access(read="base.read", write="finance.write", rows=only(unless="base.all"))


class DepreciationMethod(Choice):
    """How an asset loses its value; see `hub.rules.depreciation`."""

    STRAIGHT_LINE = "straight_line", "年限平均法", "Straight line"
    DOUBLE_DECLINING = "double_declining", "双倍余额递减法", "Double declining balance"
    UNITS = "units", "工作量法", "Units of production"
    NONE = "none", "不计提", "None"


class AssetCategory(Master, label=("资产类别档案", "Asset category"), access=_OURS):
    """A kind of assets, how they are depreciated and on which accounts; what it leaves out its parent says."""

    parent: Mapped[AssetCategory | None] = link(
        "上级类别", "Parent category", inverse=("children", "下级类别", "Sub-categories")
    )
    method: Mapped[DepreciationMethod | None] = field("折旧方法", "Depreciation method")
    life_months: Mapped[int | None] = field("使用月数", "Life", unit="月", minimum=1, maximum=1200)
    residual_rate: Mapped[Percent | None] = field("净残值率", "Residual rate", unit="%", minimum=0, maximum=100)
    asset_account: Mapped[Account | None] = link("资产科目", "Asset account")
    depreciation_account: Mapped[Account | None] = link("累计折旧科目", "Account of accumulated depreciation")
    expense_account: Mapped[Account | None] = link("折旧费用科目", "Account of the expense")


class AssetState(Choice):
    """What has been decided about an asset; one that is only idle goes on losing its value."""

    IN_USE = "in_use", "在用", "In use"
    IDLE = "idle", "闲置", "Idle"
    UNDER_REPAIR = "under_repair", "维修中", "Under repair"
    DISPOSED = "disposed", "已处置", "Disposed"


_KEPT = (AssetState.IN_USE, AssetState.IDLE, AssetState.UNDER_REPAIR)


def _accumulated(row: FromClause, tables: Tables) -> ColumnElement[Any]:
    line, paper = tables("DepreciationLine"), tables("Depreciation")
    total = (
        select(func.coalesce(func.sum(line.c.amount), 0))
        .select_from(line.join(paper, paper.c.id == line.c.depreciation_id))
        .where(line.c.asset_id == row.c.id, paper.c.state == "posted")
    )
    return row.c.opening_depreciation + total.correlate(row).scalar_subquery()


def _net(row: FromClause, tables: Tables) -> ColumnElement[Any]:
    return row.c.cost - _accumulated(row, tables)


class Asset(Master, label=("设备信息", "Asset"), access=_OURS):
    """A machine, a mould, a vehicle, a building: what it is, where it stands, what it cost and is worth.

    What it leaves out of method, life and residual rate its category says. A mould counts its shots; by units of
    production it loses its value over `shots_life` of them.
    """

    state: Mapped[AssetState] = field("状态", "State", default=AssetState.IN_USE)
    asset_category: Mapped[AssetCategory | None] = link(
        "资产类别", "Category", inverse=("assets", "资产", "Assets"), editable_in=ANY_STATE
    )
    specification: Mapped[Name | None] = field("规格", "Specification", editable_in=ANY_STATE)
    model: Mapped[Name | None] = field("型号", "Model", editable_in=ANY_STATE)
    maker: Mapped[Name | None] = field("制造商", "Maker", editable_in=ANY_STATE)
    serial_number: Mapped[Code | None] = field("出厂编号", "Serial number", editable_in=ANY_STATE)
    supplier: Mapped[Supplier | None] = link("供应商", "Supplier", editable_in=ANY_STATE)
    site: Mapped[Site | None] = link("厂区", "Site", inverse=("assets", "资产", "Assets"), editable_in=ANY_STATE)
    work_centre: Mapped[WorkCentre | None] = link(
        "工作中心", "Work centre", inverse=("assets", "资产", "Assets"), editable_in=ANY_STATE
    )
    location: Mapped[str | None] = field("存放地点", "Location", editable_in=ANY_STATE)
    department: Mapped[Department | None] = link(
        "使用部门", "Department", inverse=("assets", "资产", "Assets"), editable_in=ANY_STATE
    )
    custodian: Mapped[Employee | None] = link(
        "保管人", "Custodian", inverse=("assets", "保管的资产", "Assets"), editable_in=ANY_STATE
    )
    cost: Mapped[Money] = field("原值", "Cost", default=Decimal(0), unit="currency", minimum=0, restricted="base.cost")
    opening_depreciation: Mapped[Money] = field(
        "期初累计折旧", "Depreciated before", default=Decimal(0), unit="currency", minimum=0, restricted="base.cost"
    )
    opening_months: Mapped[int] = field("期初已折旧月数", "Months depreciated before", default=0, minimum=0)
    residual_rate: Mapped[Percent | None] = field("净残值率", "Residual rate", unit="%", minimum=0, maximum=100)
    in_service_date: Mapped[date | None] = field("启用日期", "In service since", index=True)
    life_months: Mapped[int | None] = field("使用月数", "Life", unit="月", minimum=1, maximum=1200)
    method: Mapped[DepreciationMethod | None] = field("折旧方法", "Depreciation method")
    is_mould: Mapped[bool] = field("模具", "Mould", default=False)
    cavities: Mapped[int | None] = field("穴数", "Cavities", minimum=1, editable_in=ANY_STATE)
    shots: Mapped[int] = field("累计模次", "Shots", default=0, minimum=0, editable_in=ANY_STATE)
    shots_life: Mapped[int | None] = field("寿命模次", "Life in shots", minimum=1, editable_in=ANY_STATE)
    disposed_date: Mapped[date | None] = field("处置日期", "Disposed on", computed=True)
    note: Mapped[str | None] = field("备注", "Note", editable_in=ANY_STATE)
    accumulated_depreciation: Mapped[Money] = derived(
        "累计折旧", "Accumulated depreciation", _accumulated, unit="currency", restricted="base.cost"
    )
    net_value: Mapped[Money] = derived("净值", "Net value", _net, unit="currency", restricted="base.cost")

    @step("停用", "Set idle", source=AssetState.IN_USE, target=AssetState.IDLE)
    def idle(self, ctx: Ctx) -> None:
        """Nobody uses it for now."""

    @step("送修", "Send to repair", source=(AssetState.IN_USE, AssetState.IDLE), target=AssetState.UNDER_REPAIR)
    def repair(self, ctx: Ctx) -> None:
        """It is broken or being overhauled."""

    @step("启用", "Use again", source=(AssetState.IDLE, AssetState.UNDER_REPAIR), target=AssetState.IN_USE)
    def use(self, ctx: Ctx) -> None:
        """It works again."""

    @step("处置", "Dispose", source=_KEPT, target=AssetState.DISPOSED, words={"day": ("处置日期", "Day of disposal")})
    def dispose(self, ctx: Ctx, day: date | None = None) -> None:
        """Give it up: cost and depreciation leave the books, what it was still worth goes to disposals."""
        self.disposed_date = day or today()
        assets.dispose(ctx, self)


class DepreciationState(Choice):
    """What has been decided about a month's depreciation."""

    DRAFT = "draft", "草稿", "Draft"
    POSTED = "posted", "已记账", "Posted"
    CANCELLED = "cancelled", "已作废", "Void"


class DepreciationLine(Line, label=("折旧明细", "Depreciation line"), of="Depreciation"):
    """What an asset loses in the month."""

    asset: Mapped[Asset] = link("资产", "Asset", inverse=("depreciation_lines", "折旧", "Depreciation"))
    amount: Mapped[Money] = field("折旧额", "Amount", unit="currency", minimum=0)
    units: Mapped[Quantity | None] = field("累计工作量", "Units so far", computed=True)


class Depreciation(
    Document,
    label=("折旧", "Depreciation"),
    series=Series("DP-{yyyy}{mm}-{seq:03}", gapless=True, at="post"),
    access=Access(read="finance.read", write="finance.write"),
):
    """The depreciation of a month: calculated for all assets, looked at, posted."""

    state: Mapped[DepreciationState] = field("状态", "State", default=DepreciationState.DRAFT)
    entry_date: Mapped[date] = field("日期", "Entry date", default=today, index=True)
    note: Mapped[str | None] = field("备注", "Note", editable_in=ANY_STATE)
    lines: Mapped[list[DepreciationLine]] = lines("明细", "Lines")
    total: Mapped[Money] = derived(
        "合计", "Total", sum_of("DepreciationLine", "amount", of="depreciation"), unit="currency", filterable=True
    )

    @step("计算", "Calculate", source=DepreciationState.DRAFT, target=DepreciationState.DRAFT)
    def calculate(self, ctx: Ctx) -> None:
        """What every asset has lost by the end of the month and is not yet in the books."""
        assets.calculate(ctx, self)

    @step("记账", "Post", source=DepreciationState.DRAFT, target=DepreciationState.POSTED)
    def post(self, ctx: Ctx) -> None:
        """Enter it: expense of the asset's department against accumulated depreciation."""
        Refused.raise_all(assets.not_postable(ctx, self))
        assets.post(ctx, self)

    @step(
        "作废",
        "Cancel",
        source=(DepreciationState.DRAFT, DepreciationState.POSTED),
        target=DepreciationState.CANCELLED,
        words={"day": ("红冲日期", "Day of the reversal")},
    )
    def cancel(self, ctx: Ctx, day: date | None = None) -> None:
        """Take it back by red entries; not where an asset has left the books with it."""
        Refused.raise_all(assets.not_cancellable(ctx, self))
        money.reverse(ctx, self, day, "day")
