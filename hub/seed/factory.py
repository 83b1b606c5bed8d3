"""Simulates one year of the demo company from a seed: plain data out, nothing touched.

Day by day: goods arrive, planners cover new demand, buyers reorder, machines run, lorries leave. Whether an order is
late follows from capacity, moulds, breakdowns and supply; no order's delay is drawn. The same seed gives the same year.
"""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from random import Random

from hub.seed import partners, people, products
from hub.seed.demand import sales_orders
from hub.seed.records import Masters, SalesLine, SalesOrder, Year
from hub.seed.shipping import Shipping
from hub.seed.shop import Shop
from hub.seed.stock import Stock
from hub.seed.supply import Supply, daily_use
from hub.seed.workdays import FIRST_DAY, days, is_workday

SEED = 20251101
_PLANNING_DAYS = (2, 5)  # Tuesday and Friday: what came in between runs as one order


def masters(seed: int = SEED) -> Masters:
    """The company before its first order: people, partners, items, places and machines."""
    staff = people.employees(_stream(seed, "people"))
    sources = partners.suppliers(_stream(seed, "suppliers"))
    bought = products.materials(sources)
    made = products.parts(bought)
    sales = people.with_title(staff, "销售主管", "销售工程师", "销售跟单")
    return Masters(
        departments=people.departments(staff),
        employees=staff,
        units=partners.units(),
        customers=partners.customers(_stream(seed, "customers"), sales, made),
        suppliers=sources,
        warehouses=partners.warehouses(people.with_title(staff, "成品仓管员", "原料仓管员")),
        locations=partners.locations(),
        materials=bought,
        parts=made,
        machines=partners.machines(),
    )


def simulate(seed: int = SEED) -> Year:
    """The whole year, 2025-11-01 to 2026-10-31."""
    base = masters(seed)
    orders = sales_orders(_stream(seed, "demand"), base.customers, base.parts)
    stock = Stock()
    inspectors = people.with_title(base.employees, "来料检验员", "成品检验员")
    supply = Supply(
        _stream(seed, "supply"), stock, base.suppliers, base.materials, daily_use(orders), inspectors[0].code
    )
    operators = people.with_title(base.employees, "注塑操作工")
    shop = Shop(_stream(seed, "shop"), stock, base.machines, operators, inspectors[1:])
    shipping = Shipping(_stream(seed, "shipping"), stock)
    _open_stores(seed, base, stock, supply)
    _run_year(orders, supply, shop, shipping, stock)
    return Year(
        masters=base,
        reorder_points=supply.reorder_points,
        sales_orders=orders,
        deliveries=shipping.deliveries,
        purchase_orders=supply.orders,
        receipts=supply.receipts,
        production_orders=shop.orders,
        reports=shop.reports,
        inspections=supply.inspections + shop.inspections,
        moves=stock.moves,
    )


def _stream(seed: int, purpose: str) -> Random:
    """Random numbers for one purpose, so that a change in one part of the company does not reshuffle the others."""
    return Random(f"{seed}:{purpose}")  # noqa: S311 (a demo must repeat; nothing here is secret)


def _open_stores(seed: int, base: Masters, stock: Stock, supply: Supply) -> None:
    """The opening stock: materials for some weeks, and left-over lots of every third part."""
    supply.open_store(FIRST_DAY)
    random = _stream(seed, "opening")
    for part in base.parts[::3]:
        quantity = part.carton_pieces * random.randint(2, part.lot_cartons)
        stock.put("opening", FIRST_DAY, part.code, Decimal(quantity), "QC2511", "QC2511", 0, "")


def _run_year(orders: list[SalesOrder], supply: Supply, shop: Shop, shipping: Shipping, stock: Stock) -> None:
    by_day: dict[date, list[SalesOrder]] = {}
    for order in orders:
        if order.state == "confirmed":
            by_day.setdefault(order.order_date, []).append(order)
    for day in days():
        if not is_workday(day):
            continue
        supply.receive(day)
        for order in by_day.get(day, []):
            shipping.accept(order)
        if day.isoweekday() in _PLANNING_DAYS:
            _plan(day, shop, shipping, stock)
        supply.review(day, shop.committed())
        shop.run(day)
        shipping.run(day)


def _plan(day: date, shop: Shop, shipping: Shipping, stock: Stock) -> None:
    """Covers every line that neither stock nor a production order covers; one order a part."""
    lines: dict[str, list[SalesLine]] = {}
    for line in shipping.open_lines():
        lines.setdefault(line.part.code, []).append(line)
    coming: dict[str, int] = {}
    for order in shop.orders:
        if order.state != "closed":
            coming[order.part.code] = coming.get(order.part.code, 0) + order.remaining
    for item, wanted in lines.items():
        cover = int(stock.on_hand(item)) + coming.get(item, 0)
        uncovered: list[tuple[SalesLine, int]] = []
        for line in wanted:
            missing = line.open - min(cover, line.open)
            cover -= min(cover, line.open)
            if missing:
                uncovered.append((line, missing))
        if uncovered:
            shop.plan(day, wanted[0].part, uncovered)
