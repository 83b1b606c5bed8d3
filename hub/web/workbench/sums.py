"""What the home page adds up: purchase value, stock, orders by month, open findings of the checks.

GraphQL cannot add up yet, so these are SELECTs; they keep the same company, permission and row rules. Synchronous:
call it in a thread.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from decimal import Decimal

import sqlalchemy as sa
from sqlalchemy import Engine, Select, func, select, text

from hub.context import Viewer
from hub.document.registry import spec as spec_of
from hub.document.registry import table
from hub.document.rows import Me, visible
from hub.document.spec import DocSpec
from hub.words import Label, snake

MONTHS = 12


@dataclass(frozen=True)
class Finding:
    """A rule of the data quality checks that failed when it was last tried."""

    label: Label
    asset: str
    severity: str
    rows: int


@dataclass(frozen=True)
class Sums:
    """Sums and findings; None where the viewer may not know or nothing is known yet."""

    purchase_value: Decimal | None
    stock_quantity: Decimal | None
    months: list[tuple[date, Decimal]]
    findings: list[Finding] | None


def sums(engine: Engine, viewer: Viewer, today: date) -> Sums:
    """All of them, over one connection; `months` are the last twelve, this one included."""
    since = _months_before(today, MONTHS - 1)
    orders, purchases, entries = spec_of("SalesOrder"), spec_of("PurchaseOrder"), spec_of("StockEntry")
    with engine.connect() as connection:
        value = connection.scalar(_purchase_value(purchases, viewer)) if viewer.may(purchases.access.read) else None
        stock = connection.scalar(_stock_quantity(entries, viewer)) if viewer.may(entries.access.read) else None
        known: dict[date, Decimal] = {}
        if viewer.may(orders.access.read):
            rows = connection.execute(_orders_by_month(orders, viewer, since))
            known = dict(rows.tuples().all())
        findings = _findings(connection) if viewer.may(spec_of("SourceRecord").access.read) else None
    months = [(month, known.get(month, Decimal(0))) for month in _months(since, today)] if known else []
    return Sums(value, stock, months, findings)


def _visible(spec: DocSpec, viewer: Viewer) -> list[sa.ColumnElement[bool]]:
    """The rows of a type that the viewer may see."""
    return visible(spec, spec.table, table, Me.of(viewer, viewer.company_id))


def _line_amounts(spec: DocSpec) -> tuple[sa.Join, sa.Column[Decimal]]:
    """A document's table joined with its lines, and their amounts."""
    lines = spec_of(spec.lines["lines"].target).table
    return spec.table.join(lines, lines.c[f"{snake(spec.name)}_id"] == spec.table.c.id), lines.c.amount


def _purchase_value(spec: DocSpec, viewer: Viewer) -> Select[Decimal]:
    source, amount = _line_amounts(spec)
    total = select(func.coalesce(func.sum(amount), 0)).select_from(source)
    return total.where(spec.table.c.state.in_(["confirmed", "closed"]), *_visible(spec, viewer))


def _stock_quantity(spec: DocSpec, viewer: Viewer) -> Select[Decimal]:
    return select(func.coalesce(func.sum(spec.table.c.quantity), 0)).where(*_visible(spec, viewer))


def _orders_by_month(spec: DocSpec, viewer: Viewer, since: date) -> Select[date, Decimal]:
    source, amount = _line_amounts(spec)
    order = spec.table.c
    month = sa.cast(func.date_trunc("month", order.order_date), sa.Date)
    total = select(month, func.sum(amount)).select_from(source).group_by(month)
    placed = order.state.not_in(["draft", "cancelled"])  # as the dashboard counts them
    return total.where(order.order_date >= since, placed, *_visible(spec, viewer))


def _months_before(day: date, count: int) -> date:
    """The first day of the month `count` months earlier."""
    months = day.year * 12 + day.month - 1 - count
    return date(months // 12, months % 12 + 1, 1)


def _months(since: date, until: date) -> list[date]:
    """The first days of all months from one day to another."""
    found = [since]
    while (following := _months_before(found[-1], -1)) <= until:
        found.append(following)
    return found


_LATEST_FAILURES = """
    SELECT label_zh, label_en, asset, severity, failing_count
    FROM (SELECT DISTINCT ON (asset, code) * FROM dq.result ORDER BY asset, code, checked_at DESC) latest
    WHERE status <> 'passed'
    ORDER BY array_position(ARRAY['critical', 'warning', 'info'], severity), failing_count DESC
"""


def _findings(connection: sa.Connection) -> list[Finding] | None:
    """The rules whose latest result is a failure; None before the first check."""
    there = connection.scalar(text("SELECT to_regclass('dq.result')")) is not None
    if not there or not connection.scalar(text("SELECT EXISTS (SELECT FROM dq.result)")):
        return None
    rows = connection.execute(text(_LATEST_FAILURES))
    return [Finding(Label(row[0], row[1]), row[2], row[3], row[4]) for row in rows]
