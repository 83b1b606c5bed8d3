"""What follows from the year's goods in money: monthly bills, when they are paid, wages, power and taxes.

Customers and suppliers are billed by the month, as most are in China (月结). A bill is paid when it is due, give or
take some days; what is due after the year stays open.
"""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass, field
from datetime import date, timedelta
from decimal import ROUND_HALF_UP, Decimal
from random import Random

from hub.rules.prices import line_amount
from hub.rules.taxes import tax_amount
from hub.seed.cast import Customer, Supplier
from hub.seed.records import DeliveryLine, ReceiptLine, Year
from hub.seed.workdays import Span, workday_from

TAX_PERCENT = Decimal(13)
_DELAYS = (-3, 0, 0, 0, 1, 2, 5, 9, 16)
_CENT = Decimal("0.01")
_OPENING_WAGES = Decimal(361_500)
"""Owed for the month before the first day."""
Moved = tuple[Customer | Supplier, date, DeliveryLine | ReceiptLine, Decimal]
"""Who is billed, when it moved, what, and how much of it."""


@dataclass(slots=True, eq=False)
class Bill:
    """What one partner owes, or is owed, for a month's goods; amounts with tax."""

    partner: Customer | Supplier
    day: date
    due: date
    lines: list[tuple[DeliveryLine | ReceiptLine, Decimal]] = field(default_factory=list)
    net: Decimal = Decimal(0)
    tax: Decimal = Decimal(0)
    payments: list[tuple[date, Decimal]] = field(default_factory=list)

    @property
    def total(self) -> Decimal:
        """Net and tax."""
        return self.net + self.tax

    def open_on(self, day: date) -> Decimal:
        """What is still to be paid at the end of a day."""
        return self.total - sum((amount for paid, amount in self.payments if paid <= day), Decimal(0))


@dataclass(frozen=True, slots=True)
class Voucher:
    """A journal entry: its sides as (account, debit, credit)."""

    day: date
    note: str
    sides: tuple[tuple[str, Decimal, Decimal], ...]


@dataclass(slots=True)
class Money:
    """The money side of a year."""

    sales: list[Bill]
    purchases: list[Bill]
    vouchers: list[Voucher]


def money_of(random: Random, year: Year) -> Money:
    """Bills, payments and vouchers of a simulated year."""
    sales = _bills(year.span, _sold(year))
    purchases = _bills(year.span, _bought(year))
    for bill in [*sales, *purchases]:
        _pay(random, bill)
    return Money(sales, purchases, _vouchers(random, year, sales, purchases))


def _sold(year: Year) -> list[Moved]:
    lines = {(one.number, line.position): (one, line) for one in year.deliveries for line in one.lines}
    sold: list[Moved] = []
    for move in year.moves:  # lot by lot, as the hub's delivery has its lines
        if move.kind == "delivery":
            delivery, line = lines[move.document, move.position]
            sold.append((delivery.order.customer, delivery.delivery_date, line, -move.quantity))
    return sold


def _bought(year: Year) -> list[Moved]:
    return [
        (receipt.order.supplier, receipt.receipt_date, line, line.stocked)
        for receipt in year.receipts
        for line in receipt.lines
        if line.stocked
    ]


def _bills(
    span: Span, moved: list[tuple[Customer | Supplier, date, DeliveryLine | ReceiptLine, Decimal]]
) -> list[Bill]:
    """One bill a partner and month, on the month's last workday; oldest first."""
    last = {(day.year, day.month): day for day in span.workdays()}
    bills: dict[tuple[date, str], Bill] = {}
    for partner, day, line, quantity in moved:
        billed = last[day.year, day.month]
        due = billed + timedelta(days=partner.payment_days)
        bill = bills.setdefault((billed, partner.code), Bill(partner, billed, due))
        bill.lines.append((line, quantity))
        net, tax = amounts(line, quantity)
        bill.net, bill.tax = bill.net + net, bill.tax + tax
    return [bills[key] for key in sorted(bills)]


def amounts(moved: DeliveryLine | ReceiptLine, quantity: Decimal) -> tuple[Decimal, Decimal]:
    """Net amount and tax of a quantity at its order's price, as the hub rounds them."""
    if isinstance(moved, DeliveryLine):
        net = line_amount(quantity, moved.line.price, moved.line.discount)
    else:
        net = line_amount(quantity, moved.line.price)
    return net, tax_amount(net, TAX_PERCENT)


def _pay(random: Random, bill: Bill) -> None:
    """When a bill is paid; one in ten in two parts."""
    day = workday_from(max(bill.due + timedelta(days=random.choice(_DELAYS)), bill.day + timedelta(days=1)))
    if random.random() < 0.1:
        part = (bill.total * Decimal("0.6")).quantize(_CENT, ROUND_HALF_UP)
        bill.payments.append((day, part))
        later = workday_from(day + timedelta(days=random.randint(5, 20)))
        bill.payments.append((later, bill.total - part))
    else:
        bill.payments.append((day, bill.total))


def _vouchers(random: Random, year: Year, sales: list[Bill], purchases: list[Bill]) -> list[Voucher]:
    """Wages, power, rent and value added tax of every month; oldest first."""
    months: dict[tuple[int, int], list[date]] = defaultdict(list)
    for day in year.span.workdays():
        months[day.year, day.month].append(day)
    tax = _tax(sales, purchases)
    wages, due, found = _OPENING_WAGES, Decimal(0), list[Voucher]()
    for month, days in months.items():
        found.append(_both(days[5], "发放上月工资", "2211", "1002", wages))
        if due > 0:
            found.append(_both(days[8], "缴纳上月增值税", "22210103", "1002", due))
        wages = Decimal(random.randint(352_000, 378_000))
        found.append(_wages(days[-1], wages))
        found.append(_both(days[-1], "本月电费", "4001", "1002", Decimal(random.randint(92_000, 118_000))))
        found.append(_both(days[-1], "厂房租金与办公费", "5602", "1002", Decimal(random.randint(58_000, 66_000))))
        due = min(due, Decimal(0)) + tax[month]  # what was paid too much is left for the next month
    return sorted(found, key=lambda one: one.day)


def _tax(sales: list[Bill], purchases: list[Bill]) -> dict[tuple[int, int], Decimal]:
    """Output less input tax by month."""
    found: dict[tuple[int, int], Decimal] = defaultdict(Decimal)
    for sign, bills in ((1, sales), (-1, purchases)):
        for bill in bills:
            found[bill.day.year, bill.day.month] += sign * bill.tax
    return found


def _wages(day: date, wages: Decimal) -> Voucher:
    """Two thirds work in the shop, the others sell or keep the office."""
    zero, sold, office = Decimal(0), wages * 14 // 100, wages * 18 // 100
    sides = (("4001", wages - sold - office), ("5601", sold), ("5602", office))
    return Voucher(day, "计提本月工资", (*((one, amount, zero) for one, amount in sides), ("2211", zero, wages)))


def _both(day: date, note: str, debit: str, credit: str, amount: Decimal) -> Voucher:
    return Voucher(day, note, ((debit, amount, Decimal(0)), (credit, Decimal(0), amount)))
