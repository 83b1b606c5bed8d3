"""The office's own course: a budget, claims, carriers paid, wear and the bank's statement of every month."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date, timedelta
from decimal import Decimal
from functools import partial
from random import Random
from uuid import UUID

from hub.seed.records import Delivery, Year
from hub.seed.shipping import CARRIERS
from hub.seed.telling.masters import BANK_ACCOUNT
from hub.seed.telling.opening import BANK
from hub.seed.telling.selling import CARRIER
from hub.seed.telling.teller import Part, Row, Teller
from hub.seed.workdays import workday_from

_BUDGET = 90_000
"""What sales may claim in the first calendar year that the hub sees begin."""
_TRIPS = (
    ("拜访客户", "苏州"),
    ("展会", "上海"),
    ("客户审厂陪同", "宁波"),
    ("模具验收", "黄岩"),
    ("供应商稽核", "余姚"),
)
_FEE = Decimal("38.50")


def course(random: Random, year: Year) -> Iterator[tuple[date, Part]]:
    """What happens on which day."""
    months: dict[tuple[int, int], list[date]] = defaultdict(list)
    for day in year.span.workdays():
        months[day.year, day.month].append(day)
    sent = defaultdict(list)
    for delivery in year.deliveries:
        sent[delivery.delivery_date.year, delivery.delivery_date.month, delivery.carrier].append(delivery)
    travellers = [one for one in year.masters.employees if one.department in ("XS", "JS", "CG")]
    yield months[year.span.last_day.year, 1][0], _budgeted
    for (of_year, month), days in months.items():
        for day in days[2:-4:5]:
            yield from _Claim.of(random, random.choice(travellers).code, day).course(day)
        for name, _ in CARRIERS:
            if sent[of_year, month, name]:
                yield days[-1], partial(_freight, sent[of_year, month, name])
        yield days[-1], _worn
        following = workday_from((days[-1].replace(day=1) + timedelta(days=32)).replace(day=2))
        if following <= year.span.last_day:
            yield following, partial(_stated, days[0].replace(day=1))


def _budgeted(teller: Teller, day: date) -> None:
    """What sales may claim in the year."""
    lines: list[Row] = [{"account": "5601", "amount": _BUDGET * 12}]
    about: Row = {"year": day.year, "department": "XS", "period_kind": "year", "lines": lines}
    teller.told("Budget", about, "submit", "approve")


@dataclass
class _Claim:
    """A journey that somebody laid out the money for."""

    values: Row
    person: str
    amount: Decimal
    ids: list[UUID] = field(default_factory=list)

    @classmethod
    def of(cls, random: Random, employee: str, day: date) -> _Claim:
        purpose, place = random.choice(_TRIPS)
        rail, nights = Decimal(random.randint(80, 420)), random.randint(0, 2)
        lines: list[Row] = [{"amount": rail, "category": "transport", "expense_date": day - timedelta(days=2)}]
        if nights:
            lodging = Decimal(318 * nights)
            lines.append({"amount": lodging, "tax_amount": Decimal(18 * nights), "category": "lodging"})
        values: Row = {"employee": employee, "kind": "travel", "claim_date": day, "purpose": purpose}
        amount = rail + 318 * nights
        return cls({**values, "destination": place, "lines": lines}, employee, amount)

    def course(self, day: date) -> Iterator[tuple[date, Part]]:
        yield day, self._come
        yield workday_from(day + timedelta(days=3)), self._pay

    def _come(self, teller: Teller, _day: date) -> None:
        self.ids.append(teller.told("ExpenseClaim", self.values, "submit", "approve").id)

    def _pay(self, teller: Teller, day: date) -> None:
        teller.step("ExpenseClaim", self.ids[0], "pay", day=day)
        names = {one.code: one.name for one in teller.year.masters.employees}
        teller.banked(day, -self.amount, names[self.person], "报销")


def _freight(deliveries: list[Delivery], teller: Teller, day: date) -> None:
    """A carrier is paid for the month's deliveries."""
    lines: list[Row] = [{"delivery": teller.id_of(one), "amount": one.freight} for one in deliveries if one.freight]
    amount = sum((one.freight for one in deliveries), Decimal(0))
    about: Row = {"carrier": CARRIER[deliveries[0].carrier], "payment_date": day, "amount": amount, "department": "XS"}
    teller.told("FreightPayment", {**about, "lines": lines}, "submit", "post")
    teller.banked(day, -amount, deliveries[0].carrier, "运费")


def _worn(teller: Teller, day: date) -> None:
    """What machines and moulds have lost in the month."""
    end = (day.replace(day=1) + timedelta(days=32)).replace(day=1) - timedelta(days=1)
    teller.told("Depreciation", {"entry_date": end}, "calculate", "post")


def _stated(month: date, teller: Teller, day: date) -> None:
    """The bank's statement of the month before: its fee is entered, and then all of it is in the books."""
    last = day.replace(day=1) - timedelta(days=1)
    sides: list[Row] = [{"account": "5603", "debit": _FEE}, {"account": BANK, "credit": _FEE}]
    teller.told("JournalEntry", {"entry_date": last, "note": "银行手续费", "lines": sides}, "post")
    teller.banked(last, -_FEE, "", "手续费")
    moved = [one for one in teller.book.bank if one.day <= last]
    teller.book.bank = [one for one in teller.book.bank if one.day > last]
    lines: list[Row] = [
        {
            "booked_date": one.day,
            "amount": one.amount,
            "counterparty": one.counterparty or None,
            "purpose": one.purpose,
        }
        for one in sorted(moved, key=lambda one: one.day)
    ]
    closing = teller.book.bank_balance + sum((one.amount for one in moved), Decimal(0))
    about: Row = {"bank_account": BANK_ACCOUNT["code"], "from_date": month, "until_date": last, "lines": lines}
    balances: Row = {"opening_balance": teller.book.bank_balance, "closing_balance": closing}
    teller.told("BankStatement", {**about, **balances}, "match", "close")
    teller.book.bank_balance = closing
