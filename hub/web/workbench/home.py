"""业务首页: the figures of the business, this month, the latest orders, open findings, the ways onward."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response
from starlette_admin import CustomView
from starlette_admin.routing import route

from hub.context import Viewer
from hub.document.fields import today
from hub.document.registry import spec as spec_of
from hub.settings import Settings
from hub.web.openid.clients import clients
from hub.web.workbench import values
from hub.web.workbench.asking import ask
from hub.web.workbench.columns import Column, columns_of, detail_path
from hub.web.workbench.figures import (
    ORDERS,
    TOP,
    Counted,
    by_month,
    home_document,
    may_see,
    months_before,
    months_counts,
)
from hub.web.workbench.findings import Finding, findings
from hub.web.workbench.language import lazy, say, spoken
from hub.web.workbench.people import viewer_of
from hub.web.workbench.record import TableRow
from hub.words import Label

_MONTHS = 12
"""Months of the chart, this one included."""
_LATEST_COLUMNS = ("number", "state", "customer", "promisedDate", "total", "delivered")


@dataclass(frozen=True)
class Figure:
    """A tile: what it says, the figure, where it leads."""

    name: str
    label: str
    text: str
    icon: str
    href: str


@dataclass(frozen=True)
class Bar:
    """A month of the chart: its height in percent of the highest."""

    label: str
    short: str
    text: str
    height: float


@dataclass(frozen=True)
class Way:
    """A door to another part of the product."""

    label: str
    more: str
    icon: str
    href: str


class Home(CustomView):
    """The page at `/`."""

    menu_label = lazy(Label("业务首页", "Home"))
    icon = "fa-solid fa-house"
    path = "/"

    def __init__(self, hub: Starlette, settings: Settings) -> None:
        super().__init__()
        self._hub, self._settings = hub, settings

    @route("")
    async def index(self, request: Request) -> Response:
        """The page."""
        viewer, day = viewer_of(request), today()
        month, before = _this_and_last_month(day)
        since = months_before(day, _MONTHS - 1)
        document = home_document(viewer, TOP + month + before, since)
        counts = await ask(document, {}, viewer) if document else {}
        failed = await asyncio.to_thread(findings, self._hub.state.engine, viewer)
        assert self._admin is not None
        columns = [one for one in columns_of(spec_of(ORDERS), viewer) if one.name in _LATEST_COLUMNS]
        context = {
            "title": say("业务首页", "Home"),
            "greeting": _greeting(viewer.name),
            "today": day,
            "top": _tiles([_figure(one, counts) for one in TOP if may_see(viewer, one)], _added(counts)),
            "month": [
                (_figure(one, counts), _figure(earlier, counts))
                for one, earlier in zip(month, before, strict=True)
                if may_see(viewer, one)
            ],
            "bars": _bars(by_month(counts, since, day)),
            "latest": _latest(columns, counts),
            "latest_columns": sorted(columns, key=lambda one: _LATEST_COLUMNS.index(one.name)),
            "findings": failed,
            "finding_text": _finding_text,
            "ways": _ways(self._settings, request.url.hostname or self._settings.host, viewer),
        }
        response: Response = self._admin._template_response(request=request, name="home.html", context=context)
        return response


def _this_and_last_month(day: date) -> tuple[tuple[Counted, ...], tuple[Counted, ...]]:
    """The counts of this month so far and of the whole month before."""
    start = day.replace(day=1)
    last = start - timedelta(days=1)
    return months_counts("month", start, day), months_counts("before", last.replace(day=1), last)


def _greeting(name: str) -> str:
    return say(f"{name}，您好", f"Hello, {name}")


def _tiles(counted: list[Figure], added: list[Figure]) -> list[Figure]:
    """Counts of the business, then what was added up, people last."""
    return [*counted[:-1], *added, *counted[-1:]]


def _figure(one: Counted, counts: dict[str, Any]) -> Figure:
    return Figure(one.name, spoken(one.label), f"{counts[one.name]['totalCount']:,}", one.icon, one.href)


def _added(answer: dict[str, Any]) -> list[Figure]:
    """The tiles that are sums; what the viewer may not know was not asked for."""
    found = []
    if "purchaseValue" in answer:
        text = short_money(Decimal(answer["purchaseValue"]["aggregate"]["sum"]["total"]))
        label = say("采购总价", "Purchase value")
        found.append(Figure("purchaseValue", label, text, "fa-yen-sign", "/purchase-orders/list"))
    if "stockQuantity" in answer:
        text = values.figure(Decimal(answer["stockQuantity"]["aggregate"]["sum"]["quantity"]), scale=0)
        label = say("库存结存数量", "Stock on hand")
        found.append(Figure("stockQuantity", label, text, "fa-warehouse", "/stock-entries/list"))
    return found


def short_money(value: Decimal) -> str:
    """¥ 1,234.56, or in units of ten thousand (万), as Chinese books say it, from a million on."""
    if abs(value) < 1_000_000:
        return f"¥ {value:,.2f}"
    return say(f"¥ {value / 10_000:,.1f} 万", f"¥ {value / 1_000_000:,.2f} m")


def _bars(months: list[tuple[date, Decimal]]) -> list[Bar]:
    highest = max((value for _, value in months), default=Decimal(0)) or Decimal(1)
    return [
        Bar(f"{month:%y-%m}", _short(value), short_money(value), round(float(100 * value / highest), 1))
        for month, value in months
    ]


def _short(value: Decimal) -> str:
    """A figure over a bar: in 万, or in thousands; nothing for nothing."""
    return say(f"{value / 10_000:,.1f} 万", f"{value / 1_000:,.0f} k") if value else ""


def _latest(columns: list[Column], counts: dict[str, Any]) -> list[TableRow]:
    rows = counts.get("latest", {}).get("nodes", [])
    return [
        TableRow(detail_path("SalesOrder", row["id"]), {one.name: one.show(row.get(one.name)) for one in columns})
        for row in rows
    ]


def _finding_text(finding: Finding) -> str:
    return spoken(finding.label)


def _ways(settings: Settings, host: str, viewer: Viewer) -> list[Way]:
    """The other pages that the reader may open, on the host by which the reader came here: no password is asked."""
    open_to_reader = [page for page in clients(settings, host).values() if page.admits(viewer.roles)]
    looks = {
        "superset": (
            say("决策看板", "Dashboards"),
            say("Superset 图表与自助分析", "Charts in Superset"),
            "fa-chart-line",
        ),
        "dagster": (
            say("数据管道", "Pipelines"),
            say("Dagster 同步、集市与检查", "Syncs, marts and checks in Dagster"),
            "fa-diagram-project",
        ),
        "jupyterlab": (
            say("数据分析", "Notebooks"),
            say("JupyterLab 笔记本", "Notebooks in JupyterLab"),
            "fa-flask",
        ),
    }
    graphql = Way(
        say("数据接口", "GraphQL"), say("GraphiQL 一处查询全部数据", "Ask all data in one place"), "fa-code", "/graphql"
    )
    return [*(Way(*looks[page.client_id], page.origin + page.home) for page in open_to_reader), graphql]
