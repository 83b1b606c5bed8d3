"""Dispatch: which finished goods go to whom and when.

An order leaves when all that is open on it can be filled, a few days ahead at most; on the promised day and after,
what is there leaves. What lay in the store when an order was confirmed is reserved for it; all else goes to the
earliest promise first, so a late lot makes the later promises late too.
"""

from __future__ import annotations

from collections import defaultdict
from datetime import date, timedelta
from decimal import Decimal
from random import Random

from hub.seed.records import Delivery, DeliveryLine, SalesLine, SalesOrder
from hub.seed.stock import Stock
from hub.seed.workdays import Span, workdays_before

_EARLY_DAYS = 4
CARRIERS = (("自有车队", 120), ("甬捷达物流", 320), ("四明快运", 600), ("东海联运", 10_000))
_VEHICLES = ("浙B·示001", "浙B·示002", "浙B·示015", "浙B·示023", "浙B·示047", "浙B·示088")


class Shipping:
    """Open orders and the deliveries made for them."""

    def __init__(self, random: Random, stock: Stock, span: Span) -> None:
        self.deliveries: list[Delivery] = []
        self._random, self._stock, self._span = random, stock, span
        self._open: list[SalesOrder] = []
        self._reserved: dict[str, int] = defaultdict(int)
        self._numbers: dict[str, int] = defaultdict(int)

    def accept(self, order: SalesOrder) -> None:
        """Takes a confirmed order into the list of what is to be delivered; what is there for it is put by."""
        self._open.append(order)
        for line in order.lines:
            line.reserved = min(max(self.free(line.part.code), 0), line.quantity)
            self._reserved[line.part.code] += line.reserved

    def free(self, item: str) -> int:
        """Stock that is reserved for nobody."""
        return int(self._stock.on_hand(item)) - self._reserved[item]

    def open_lines(self) -> list[SalesLine]:
        """Lines with an open quantity, earliest promise first."""
        lines = [line for order in self._open for line in order.lines if line.open]
        return sorted(lines, key=lambda line: (line.promised_date, line.order.number, line.position))

    def run(self, day: date) -> None:
        """Loads the day's lorries."""
        free: dict[str, int] = {}
        ready: dict[tuple[str, int], int] = {}
        for line in self.open_lines():
            unreserved = free.setdefault(line.part.code, self.free(line.part.code))
            more = min(unreserved, line.open - line.reserved)
            ready[line.order.number, line.position] = line.reserved + more
            free[line.part.code] = unreserved - more
        for order in self._open:
            chosen = _leaving(day, order, ready)
            if chosen:
                self._deliver(day, order, chosen)
        self._open = [order for order in self._open if order.state == "confirmed"]

    def _deliver(self, day: date, order: SalesOrder, chosen: list[tuple[SalesLine, int]]) -> None:
        prefix = f"FH{day:%y%m}"
        self._numbers[prefix] += 1
        distance = order.customer.distance
        carrier = next(name for name, reach in CARRIERS if distance <= reach)
        signed = day + timedelta(days=distance // 300 + self._random.choice((0, 1, 1, 2)))
        cartons = sum(-(-quantity // line.part.carton_pieces) for line, quantity in chosen)
        delivery = Delivery(
            number=f"{prefix}-{self._numbers[prefix]:04d}",
            order=order,
            delivery_date=day,
            carrier=carrier,
            vehicle=self._random.choice(_VEHICLES),
            freight=Decimal(50 + cartons * (2 + distance // 100)),
            signed_date=signed if signed <= self._span.last_day else None,
        )
        for position, (line, quantity) in enumerate(chosen, start=1):
            delivery.lines.append(DeliveryLine(position, line, quantity))
            line.delivered += quantity
            used = min(quantity, line.reserved)
            line.reserved -= used
            self._reserved[line.part.code] -= used
            self._stock.take(
                "delivery",
                day,
                line.part.code,
                Decimal(quantity),
                delivery.number,
                position,
                order.customer.code,
            )
        order.freight += delivery.freight
        self.deliveries.append(delivery)
        if not any(line.open for line in order.lines):
            order.state = "closed"


def _leaving(day: date, order: SalesOrder, ready: dict[tuple[str, int], int]) -> list[tuple[SalesLine, int]]:
    """What of an order leaves today."""
    lines = [(line, ready.get((order.number, line.position), 0)) for line in order.lines if line.open]
    if all(quantity == line.open for line, quantity in lines):
        earliest = min(line.promised_date for line, _ in lines) - timedelta(days=_EARLY_DAYS)
        return lines if day >= earliest else []
    return [
        (line, quantity)
        for line, quantity in lines
        if day >= workdays_before(line.promised_date, 1) and quantity >= max(1, min(line.open, line.quantity * 3 // 10))
    ]
