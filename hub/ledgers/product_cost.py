"""What production orders cost in a month, from what was issued, worked and spent: see `hub.rules.product_cost`.

Material is the value of what was issued to an order and did not come back. Wages booked on production costs and
overheads of the workshop are pools, divided by hours worked; depreciation of machines by the hours of machines. Energy
waits for who measures it.
"""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from decimal import Decimal
from uuid import UUID

from sqlalchemy import text

from hub.context import Ctx
from hub.rules.chart import STOCK_COUNTERPARTS
from hub.rules.money import CENT, ZERO
from hub.rules.product_cost import Cost, Work, costs, unit_cost

_MATERIAL = text(
    "SELECT p.production_order_id AS id, round(-sum(c.value), 2) AS amount FROM hub.cost_entry c JOIN ("
    "    SELECT 'MaterialIssue' AS type, company_id, number, production_order_id FROM hub.material_issue "
    "    UNION ALL SELECT 'MaterialReturn', company_id, number, production_order_id FROM hub.material_return) p "
    "  ON p.company_id = c.company_id AND p.type = c.document_type AND p.number = c.document_number "
    "WHERE c.company_id = :company AND p.production_order_id IS NOT NULL "
    "  AND to_char(c.entry_date, 'YYYY-MM') = :period GROUP BY 1 HAVING round(-sum(c.value), 2) <> 0"
)
_HOURS = text(
    "SELECT h.production_order_id AS id, sum(h.hours) AS hours FROM hub.hours_entry h "
    "WHERE h.company_id = :company AND h.production_order_id IS NOT NULL "
    "  AND to_char(h.work_date, 'YYYY-MM') = :period GROUP BY 1 HAVING sum(h.hours) <> 0"
)
_RUN = text(
    "SELECT r.production_order_id AS id, sum(l.hours) AS hours FROM hub.operation_report r "
    "JOIN hub.operation_report_line l ON l.operation_report_id = r.id "
    "WHERE r.company_id = :company AND r.state = 'posted' AND r.production_order_id IS NOT NULL "
    "  AND l.equipment_id IS NOT NULL AND to_char(r.work_date, 'YYYY-MM') = :period GROUP BY 1"
)
_MADE = text(
    "SELECT r.production_order_id AS id, sum(l.quantity) AS quantity FROM hub.product_receipt r "
    "JOIN hub.product_receipt_line l ON l.product_receipt_id = r.id "
    "WHERE r.company_id = :company AND r.state = 'posted' AND to_char(r.receipt_date, 'YYYY-MM') = :period GROUP BY 1"
)
_POOLS = text(
    "SELECT left(a.code, 4) AS account, e.document_type = 'Depreciation' AS machine, sum(e.debit - e.credit) AS amount "
    "FROM hub.money_entry e JOIN hub.account a ON a.id = e.account_id JOIN hub.fiscal_period p ON p.id = e.period_id "
    "WHERE e.company_id = :company AND p.code = :period AND left(a.code, 4) IN ('4001', '4101') "
    "  AND e.document_type <> ALL(cast(:stock AS text[])) GROUP BY 1, 2"
)
_ORDERS = text(
    "SELECT o.id, o.number, i.code AS item, i.name FROM hub.production_order o JOIN hub.item i ON i.id = o.item_id "
    "WHERE o.id = ANY(cast(:ids AS uuid[])) ORDER BY o.number"
)


@dataclass(frozen=True)
class OrderCost:
    """A production order's cost in a month, what it made, and what one piece of that costs."""

    number: str
    item: str
    name: str
    cost: Cost
    quantity: Decimal

    @property
    def unit(self) -> Decimal:
        """The cost of a piece; zero when nothing was finished."""
        return unit_cost(self.cost, self.quantity)


def of_month(ctx: Ctx, company_id: UUID, period: str) -> list[OrderCost]:
    """The orders that something was issued to or worked on in a month (2026-05), by number.

    Machines run for the hours that reports give to equipment; on an order whose reports name none, while people work.
    """
    about = {"company": company_id, "period": period}
    material = {row.id: row.amount for row in ctx.session.execute(_MATERIAL, about)}
    hours = {row.id: row.hours for row in ctx.session.execute(_HOURS, about)}
    made = {row.id: row.quantity for row in ctx.session.execute(_MADE, about)}
    run = {row.id: row.hours for row in ctx.session.execute(_RUN, about)}
    works = {
        id_: Work(material.get(id_, ZERO), hours.get(id_, ZERO), run.get(id_, hours.get(id_, ZERO)))
        for id_ in sorted({*material, *hours})
    }
    told = costs(works, _pools(ctx, company_id, period))
    rows = ctx.session.execute(_ORDERS, {"ids": list(works)})
    return [OrderCost(row.number, row.item, row.name, told[row.id], made.get(row.id, ZERO)) for row in rows]


def _pools(ctx: Ctx, company_id: UUID, period: str) -> Cost:
    """What was spent for all orders: wages on 4001, depreciation and everything else on 4101."""
    about = {"company": company_id, "period": period, "stock": list(STOCK_COUNTERPARTS)}
    sums: dict[str, Decimal] = defaultdict(Decimal)
    for row in ctx.session.execute(_POOLS, about):
        kind = "labour" if row.account == "4001" else "machine" if row.machine else "overhead"
        sums[kind] += row.amount.quantize(CENT)
    return Cost(labour=sums["labour"], machine=sums["machine"], overhead=sums["overhead"])
