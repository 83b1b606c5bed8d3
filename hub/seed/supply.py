"""Buying: reorder points from the year's consumption, purchase orders by supplier, goods that come when they come.

A supplier keeps its day as often as its reliability says; some deliver in two parts, some goods are turned back by
incoming inspection. A shortage that follows holds up machines in the shop, which is where late orders come from.
"""

from __future__ import annotations

from collections import defaultdict
from datetime import date, timedelta
from decimal import ROUND_CEILING, ROUND_HALF_UP, Decimal
from random import Random

from hub.seed.cast import Material, Supplier
from hub.seed.records import Inspection, PurchaseLine, PurchaseOrder, Receipt, ReceiptLine, SalesOrder
from hub.seed.stock import Stock
from hub.seed.workdays import Span, workday_from

_SAFETY = Decimal("0.8")  # of the mean use during the lead time, beyond what waiting production orders need
_COVER_DAYS = 13  # what one purchase lasts
_CENT = Decimal("0.01")
_DEFECTS = ("含水率超标", "色差", "批号标识不符", "尺寸超差", "包装破损受潮", "杂质黑点")


def requirement(quantity: int, per_piece: Decimal) -> Decimal:
    """Material for a number of pieces; grams are the smallest weight a shop can weigh out."""
    return (per_piece * quantity).quantize(Decimal("0.001"), ROUND_HALF_UP)


def daily_use(orders: list[SalesOrder], span: Span) -> dict[str, Decimal]:
    """Mean consumption per workday of every material, from what customers will order."""
    total: dict[str, Decimal] = defaultdict(Decimal)
    for order in orders:
        for line in order.lines:
            for item, per_piece in line.part.per_piece:
                total[item] += requirement(line.quantity, per_piece)
            for item in line.part.per_carton:
                total[item] += -(-line.quantity // line.part.carton_pieces)
    workdays = len(span.workdays())
    return {item: quantity / workdays for item, quantity in sorted(total.items())}


class Supply:
    """The purchasing department and the gate: orders out, receipts in."""

    def __init__(
        self,
        random: Random,
        stock: Stock,
        suppliers: list[Supplier],
        materials: list[Material],
        use: dict[str, Decimal],
        inspector: str,
        span: Span,
    ) -> None:
        self.orders: list[PurchaseOrder] = []
        self.receipts: list[Receipt] = []
        self.inspections: list[Inspection] = []
        self.reorder_points: dict[str, Decimal] = {}
        self._random, self._stock, self._inspector, self._span = random, stock, inspector, span
        self._suppliers = {supplier.code: supplier for supplier in suppliers}
        self._materials = materials
        self._batch: dict[str, Decimal] = {}
        self._on_order: dict[str, Decimal] = defaultdict(Decimal)
        self._arrivals: dict[date, list[tuple[PurchaseOrder, Decimal]]] = defaultdict(list)
        for material in materials:
            daily = use.get(material.code, Decimal(0))
            self.reorder_points[material.code] = _up(daily * material.lead_days * _SAFETY, material.pack)
            self._batch[material.code] = _up(daily * _COVER_DAYS, material.pack)

    def open_store(self) -> None:
        """The stock at the start of the year: the reorder point and half a purchase more."""
        for material in self._materials:
            quantity = self.reorder_points[material.code] + _up(self._batch[material.code] / 2, material.pack)
            lot = f"QC{self._span.first_day:%y%m}"
            self._stock.put("opening", self._span.first_day, material.code, quantity, lot, lot, 0, "")

    def review(self, day: date, committed: dict[str, Decimal]) -> None:
        """Orders what falls below its reorder point, one purchase order a supplier. `committed`: not yet issued."""
        wanted: dict[str, list[tuple[Material, Decimal]]] = defaultdict(list)
        for material in self._materials:
            available = self._stock.on_hand(material.code) + self._on_order[material.code]
            available -= committed.get(material.code, Decimal(0))
            point = self.reorder_points[material.code]
            if available < point:
                wanted[material.supplier].append(
                    (material, _up(point - available + self._batch[material.code], material.pack))
                )
        for supplier, lines in wanted.items():
            self._order(day, self._suppliers[supplier], lines)

    def _order(self, day: date, supplier: Supplier, lines: list[tuple[Material, Decimal]]) -> None:
        in_month = sum(order.number.startswith(f"CG{day:%y%m}") for order in self.orders)
        order = PurchaseOrder(
            number=f"CG{day:%y%m}-{in_month + 1:04d}",
            supplier=supplier,
            order_date=day,
            promised_date=workday_from(day + timedelta(days=supplier.lead_days)),
            state="confirmed" if (self._span.last_day - day).days >= 2 else "submitted",
        )
        for position, (material, quantity) in enumerate(lines, start=1):
            swing = Decimal(self._random.randint(97, 104)) / 100
            price = (material.price * swing).quantize(Decimal("0.0001"), ROUND_HALF_UP)
            amount = (price * quantity).quantize(_CENT, ROUND_HALF_UP)
            order.lines.append(PurchaseLine(order, position, material, quantity, price, amount))
            self._on_order[material.code] += quantity
        self.orders.append(order)
        self._plan_arrivals(order)

    def _plan_arrivals(self, order: PurchaseOrder) -> None:
        """When the goods will come, drawn at once: on the day, or some days late; now and then in two parts."""
        late = 0
        if self._random.random() > order.supplier.reliability:
            late = 1 + min(int(self._random.expovariate(1 / 4)), 14)
        first = workday_from(order.promised_date + timedelta(days=late))
        if self._random.random() < 0.15:
            second = workday_from(first + timedelta(days=self._random.randint(2, 6)))
            self._arrivals[first].append((order, Decimal("0.6")))
            self._arrivals[second].append((order, Decimal(1)))
        else:
            self._arrivals[first].append((order, Decimal(1)))

    def receive(self, day: date) -> None:
        """Takes in, inspects and stores what arrives on this day."""
        for order, share in self._arrivals.pop(day, []):
            in_month = sum(receipt.number.startswith(f"RK{day:%y%m}") for receipt in self.receipts)
            receipt = Receipt(f"RK{day:%y%m}-{in_month + 1:04d}", order, day)
            for line in order.lines:
                quantity = min(_up(line.quantity * share, line.material.pack), line.quantity) - line.received
                if quantity > 0:
                    self._receive_line(receipt, line, quantity)
            if receipt.lines:
                self.receipts.append(receipt)
            if all(line.received == line.quantity for line in order.lines):
                order.state = "closed"

    def _receive_line(self, receipt: Receipt, line: PurchaseLine, quantity: Decimal) -> None:
        rejected = Decimal(0)
        if self._random.random() < 0.05:
            packs = int(quantity / line.material.pack)
            rejected = line.material.pack * self._random.randint(1, max(1, packs // 4))
        line.received += quantity
        self._on_order[line.material.code] -= quantity
        receipt_line = ReceiptLine(len(receipt.lines) + 1, line, quantity, rejected)
        receipt.lines.append(receipt_line)
        if receipt_line.stocked > 0:
            self._stock.put(
                "receipt",
                receipt.receipt_date,
                line.material.code,
                receipt_line.stocked,
                receipt.number.replace("RK", "L"),
                receipt.number,
                receipt_line.position,
                receipt.order.supplier.code,
            )
        self.inspections.append(
            Inspection(
                number=f"LJ{receipt.number[2:]}-{receipt_line.position}",
                kind="incoming",
                day=receipt.receipt_date,
                item=line.material.code,
                inspected=quantity,
                defective=rejected,
                defect=self._random.choice(_DEFECTS) if rejected else "",
                disposition="return" if rejected else "accept",
                inspector=self._inspector,
                receipt=receipt.number,
                supplier=receipt.order.supplier.code,
            )
        )


def _up(quantity: Decimal, pack: Decimal) -> Decimal:
    """The quantity in whole packs, at least one."""
    return max((quantity / pack).to_integral_value(ROUND_CEILING), Decimal(1)) * pack
