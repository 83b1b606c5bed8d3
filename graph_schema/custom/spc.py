"""`controlChart`: what inspections measured of a characteristic, with Cp, Cpk and the Western Electric rules."""

from __future__ import annotations

import decimal
from typing import Annotated

import strawberry

from graph_schema.custom.asking import ask
from graph_schema.plain import Asked
from graph_schema.scalars import Date, Decimal
from hub.context import Ctx
from hub.document.edit import company_of
from hub.document.registry import spec
from hub.errors import Forbidden, problem
from hub.ledgers import measurements
from hub.rules import control_charts


@strawberry.type(name="ControlLimits", description="控制限 · Control limits, three sigma from the centre")
class ControlLimits:
    """A chart's lines."""

    lower: Decimal = strawberry.field(description="下控制限 · Lower control limit")
    centre: Decimal = strawberry.field(description="中心线 · Centre line")
    upper: Decimal = strawberry.field(description="上控制限 · Upper control limit")


@strawberry.type(name="ControlPoint", description="子组 · A subgroup: the values of one inspection")
class ControlPoint:
    """A point of both charts."""

    inspection: str = strawberry.field(description="检验单 · Inspection")
    inspection_date: Date = strawberry.field(description="日期 · Day")
    mean: Decimal = strawberry.field(description="均值 · Mean")
    spread: Decimal = strawberry.field(description="极差 · Range")
    broken_rules: list[int] = strawberry.field(
        description="违反的判异准则 1 至 4 · Western Electric rules that its mean breaks, 1 to 4"
    )


@strawberry.type(name="ControlChart", description="均值-极差控制图 · X-bar and R chart")
class ControlChart:
    """A chart; `actual` is Cpk, `potential` Cp, null without limits or variation."""

    size: int = strawberry.field(description="子组大小 · Values in a subgroup")
    points: list[ControlPoint] = strawberry.field(description="子组 · Subgroups in order of time")
    mean: ControlLimits = strawberry.field(description="均值图 · Of the means")
    spread: ControlLimits = strawberry.field(description="极差图 · Of the ranges")
    sigma: Decimal = strawberry.field(description="标准差估计 R̄/d2 · Sigma of single values")
    potential: Decimal | None = strawberry.field(description="过程能力指数 Cp · Cp")
    actual: Decimal | None = strawberry.field(description="过程能力指数 Cpk · Cpk")


Item = Annotated[str, strawberry.argument(description="存货编码 · Code of the item")]
Characteristic = Annotated[str, strawberry.argument(description="检验项目 · Name of the characteristic")]
Since = Annotated[Date | None, strawberry.argument(description="起 · From this day on")]
Until = Annotated[Date | None, strawberry.argument(description="止 · To this day")]


async def control_chart(
    info: strawberry.Info[Asked, None],
    item: Item,
    characteristic: Characteristic,
    since: Since = None,
    until: Until = None,
) -> ControlChart | None:
    """The chart of the subgroups there are; null when no inspection measured at least two values."""
    viewer = info.context.viewer
    if not viewer.may(spec("Inspection").access.read):
        text = ("您没有查看检验单的权限。", "You may not read inspections.")
        raise Forbidden(problem("FORBIDDEN", *text, "controlChart"))

    def read(ctx: Ctx) -> measurements.Measured | None:
        company_id = company_of(ctx)
        if company_id is None:
            return None
        return measurements.measured(ctx, company_id, item, characteristic, since, until)

    found = await ask(viewer, read)
    return None if found is None or not found.subgroups else _chart(found)


def _chart(found: measurements.Measured) -> ControlChart:
    chart = control_charts.chart_of([one.values for one in found.subgroups])
    able = control_charts.capability(chart.mean.centre, chart.sigma, found.lower_limit, found.upper_limit)
    broken: dict[int, list[int]] = {}
    for signal in control_charts.signals(chart.means, chart.mean):
        broken.setdefault(signal.place, []).append(signal.rule)
    points = [
        ControlPoint(
            inspection=one.inspection,
            inspection_date=Date(one.day),
            mean=_six(chart.means[place]),
            spread=_six(chart.ranges[place]),
            broken_rules=broken.get(place, []),
        )
        for place, one in enumerate(found.subgroups)
    ]
    return ControlChart(
        size=len(found.subgroups[0].values),
        points=points,
        mean=_limits(chart.mean),
        spread=_limits(chart.range),
        sigma=_six(chart.sigma),
        potential=None if able.potential is None else Decimal(able.potential),
        actual=None if able.actual is None else Decimal(able.actual),
    )


def _limits(limits: control_charts.Limits) -> ControlLimits:
    return ControlLimits(lower=_six(limits.lower), centre=_six(limits.centre), upper=_six(limits.upper))


def _six(value: decimal.Decimal) -> Decimal:
    """Six decimals, as measured values have them."""
    return Decimal(control_charts.rounded(value))
