"""What customers order during the year. Knows nothing of capacity: sales promise the customer's usual lead time.

About 180 orders a month with 1 to 6 lines. An order's size follows the part's usual lot, so that a large part comes
in small numbers and a clip by the thousand.
"""

from __future__ import annotations

from datetime import date, timedelta
from decimal import ROUND_HALF_UP, Decimal
from random import Random

from hub.seed.cast import Customer, Part
from hub.seed.records import SalesLine, SalesOrder
from hub.seed.workdays import Span, workdays_before

_ORDERS_PER_MONTH = {11: 176, 12: 188, 1: 181, 2: 158, 3: 192, 4: 184, 5: 180, 6: 178, 7: 171, 8: 175, 9: 194, 10: 189}
_LINE_COUNTS, _LINE_WEIGHTS = (1, 2, 3, 4, 5, 6), (30, 28, 19, 12, 7, 4)
_LOT_FACTORS, _FACTOR_WEIGHTS = (0.5, 1.0, 1.5, 2.0, 3.0, 4.0), (14, 30, 20, 18, 12, 6)
_SIZE = 1.08  # of all quantities: set so that nine lines of ten leave on their day
_CENT = Decimal("0.01")


def sales_orders(
    random: Random, span: Span, customers: list[Customer], parts: list[Part], percent: int = 100
) -> list[SalesOrder]:
    """Every order of the year, oldest first, numbered `XS2511-0001` by month."""
    by_code = {part.code: part for part in parts}
    weights = [customer.weight for customer in customers]
    orders: list[SalesOrder] = []
    for day, position in _arrivals(random, span, percent):
        customer = random.choices(customers, weights)[0]
        number = f"XS{day:%y%m}-{position:04d}"
        orders.append(_order(random, number, day, customer, by_code))
        orders[-1].state = _state(random, day, span)
    return orders


def _arrivals(random: Random, span: Span, percent: int) -> list[tuple[date, int]]:
    """The day of each order with its place in the month."""
    by_month: dict[tuple[int, int], list[date]] = {}
    for day in span.workdays():
        by_month.setdefault((day.year, day.month), []).append(day)
    arrivals: list[tuple[date, int]] = []
    for (_, month), workdays in by_month.items():
        chosen = sorted(random.choices(workdays, k=_ORDERS_PER_MONTH[month] * percent // 100))
        arrivals.extend((day, position) for position, day in enumerate(chosen, start=1))
    return arrivals


def _order(random: Random, number: str, day: date, customer: Customer, parts: dict[str, Part]) -> SalesOrder:
    lead_days = customer.lead_days + random.choice((-2, 0, 0, 0, 2, 5))
    promised = workdays_before(day + timedelta(days=lead_days + 1), 1)
    order = SalesOrder(
        number=number,
        customer=customer,
        customer_number=f"PO{day:%y%m}{random.randint(100, 999)}",
        order_date=day,
        promised_date=promised,
        state="draft",
        freight=Decimal(0),
        note=random.choice(("", "", "", "", "", "请随货附检验报告", "分批送货请提前通知", "外箱贴客户标签")),
    )
    count = min(random.choices(_LINE_COUNTS, _LINE_WEIGHTS)[0], len(customer.parts))
    for position, code in enumerate(random.sample(customer.parts, k=count), start=1):
        order.lines.append(_line(random, order, position, parts[code]))
    order.promised_date = max(line.promised_date for line in order.lines)
    return order


def _line(random: Random, order: SalesOrder, position: int, part: Part) -> SalesLine:
    factor = random.choices(_LOT_FACTORS, _FACTOR_WEIGHTS)[0]
    cartons = max(1, round(part.lot_cartons * factor * _SIZE))
    quantity = cartons * part.carton_pieces
    discount = Decimal(random.choice((0, 0, 0, 2, 3, 5))) if factor >= 2 else Decimal(0)
    price = (part.price * Decimal(random.choice(("1", "1", "1", "1.02", "0.98")))).quantize(_CENT, ROUND_HALF_UP)
    amount = (price * quantity * (100 - discount) / 100).quantize(_CENT, ROUND_HALF_UP)
    promised = order.promised_date
    if random.random() < 0.12:
        promised = workdays_before(promised + timedelta(days=8), 1)
    return SalesLine(order, position, part, quantity, price, discount, amount, promised)


def _state(random: Random, day: date, span: Span) -> str:
    """What sales decided: nearly all orders are confirmed the same day, those of the last days wait for it."""
    if (span.last_day - day).days < 1:
        return "draft"
    if (span.last_day - day).days < 2:
        return "submitted"
    return "cancelled" if random.random() < 0.011 else "confirmed"
