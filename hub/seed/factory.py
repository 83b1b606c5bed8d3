"""Simulates one year of the demo company from a seed: plain data out, nothing touched.

Day by day: goods arrive, planners cover new demand, buyers reorder, machines run, lorries leave. Whether an order is
late follows from capacity, moulds, breakdowns and supply; no order's delay is drawn. The same seed gives the same year.
"""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from functools import partial
from random import Random

from hub.seed import partners, people, products
from hub.seed.cast import Masters
from hub.seed.demand import sales_orders
from hub.seed.records import SalesLine, SalesOrder, Year
from hub.seed.shipping import Shipping
from hub.seed.shop import Shop
from hub.seed.stock import Stock
from hub.seed.supply import Supply, daily_use
from hub.seed.workdays import BEFORE, Span

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


def simulate(seed: int = SEED, span: Span = BEFORE, percent: int = 100) -> Year:
    """A whole year of the same company, with so many of its orders; another year is another course of events."""
    base = masters(seed)
    stream = partial(_stream, f"{seed}:{span.first_day:%Y}")
    orders = sales_orders(stream("demand"), span, base.customers, base.parts, percent)
    stock = Stock()
    inspectors = people.with_title(base.employees, "来料检验员", "成品检验员")
    supply = Supply(
        stream("supply"), stock, base.suppliers, base.materials, daily_use(orders, span), inspectors[0].code, span
    )
    operators = people.with_title(base.employees, "注塑操作工")
    shop = Shop(stream("shop"), stock, base.machines, operators, inspectors[1:])
    shipping = Shipping(stream("shipping"), stock, span)
    _open_stores(stream("opening"), span, base, stock, supply)
    _run_year(span, orders, supply, shop, shipping)
    return Year(
        span=span,
        masters=base,
        reorder_points=supply.reorder_points,
        sales_orders=orders,
        deliveries=shipping.deliveries,
        purchase_orders=supply.orders,
        receipts=supply.receipts,
        production_orders=shop.orders,
        reports=shop.output.reports,
        inspections=supply.inspections + shop.output.inspections,
        moves=stock.moves,
    )


def _stream(seed: int | str, purpose: str) -> Random:
    """Random numbers for one purpose, so that a change in one part of the company does not reshuffle the others."""
    return Random(f"{seed}:{purpose}")  # noqa: S311 (a demo must repeat; nothing here is secret)


def _open_stores(random: Random, span: Span, base: Masters, stock: Stock, supply: Supply) -> None:
    """The opening stock: materials for some weeks, and left-over lots of every third part."""
    supply.open_store()
    lot = f"QC{span.first_day:%y%m}"
    for part in base.parts[::3]:
        quantity = part.carton_pieces * random.randint(2, part.lot_cartons)
        stock.put("opening", span.first_day, part.code, Decimal(quantity), lot, lot, 0, "")


def _run_year(span: Span, orders: list[SalesOrder], supply: Supply, shop: Shop, shipping: Shipping) -> None:
    by_day: dict[date, list[SalesOrder]] = {}
    for order in orders:
        if order.state == "confirmed":
            by_day.setdefault(order.order_date, []).append(order)
    for day in span.workdays():
        supply.receive(day)
        for order in by_day.get(day, []):
            shipping.accept(order)
        if day.isoweekday() in _PLANNING_DAYS:
            _plan(day, shop, shipping)
        supply.review(day, shop.committed())
        shop.run(day)
        shipping.run(day)


def _plan(day: date, shop: Shop, shipping: Shipping) -> None:
    """Covers every line that neither stock nor a production order covers; one order a part."""
    lines: dict[str, list[SalesLine]] = {}
    for line in shipping.open_lines():
        lines.setdefault(line.part.code, []).append(line)
    coming: dict[str, int] = {}
    for order in shop.orders:
        if order.state != "closed":
            coming[order.part.code] = coming.get(order.part.code, 0) + order.remaining
    for item, wanted in lines.items():
        cover = shipping.free(item) + coming.get(item, 0)
        uncovered: list[tuple[SalesLine, int]] = []
        for line in wanted:
            needed = line.open - line.reserved
            missing = needed - min(cover, needed)
            cover -= min(cover, needed)
            if missing:
                uncovered.append((line, missing))
        if uncovered:
            shop.plan(day, wanted[0].part, uncovered)
