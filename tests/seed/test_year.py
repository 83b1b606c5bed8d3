"""The simulated year: size, arithmetic, and that lateness has causes."""

from __future__ import annotations

import ast
from collections import Counter, defaultdict
from collections.abc import Iterator
from datetime import date
from decimal import Decimal
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

import hub.seed
from hub.rules.prices import line_amount
from hub.seed import partners, shop
from hub.seed.codes import credit_code, identity_number
from hub.seed.factory import simulate
from hub.seed.people import ACCOUNTS
from hub.seed.records import Year
from hub.seed.silos import build, demo, fingerprint
from hub.seed.workdays import BEFORE, is_workday


@pytest.fixture(scope="module")
def year() -> Year:
    return demo()[0]


def test_the_company_has_the_size_it_claims(year: Year) -> None:
    base = year.masters
    assert len(base.employees) == 52
    assert [one.name for one in base.departments] == (
        ["总经办", "销售部", "采购部", "生产部", "仓储部", "质量部", "设备部", "财务部", "人事行政部"]
    )
    assert (len(base.customers), len(base.suppliers), len(base.parts), len(base.materials)) == (35, 18, 70, 25)
    for names in (
        [one.name for one in base.employees],
        [one.login for one in base.employees],
        [one.name for one in base.customers],
        [one.code for one in base.parts],
    ):
        assert len(set(names)) == len(names)


def test_every_role_has_an_account_of_somebody_who_works_here(year: Year) -> None:
    logins = {one.login for one in year.masters.employees}
    assert {login for login, _ in ACCOUNTS} <= logins
    wanted = "administrator sales purchasing engineer planner workshop warehouse quality finance people executive"
    assert {role for _, roles in ACCOUNTS for role in roles} == {*wanted.split(), "steward", "sales_manager"}


def test_orders_by_month_and_lines_by_order(year: Year) -> None:
    months = Counter((order.order_date.year, order.order_date.month) for order in year.sales_orders)
    assert len(months) == 12
    assert all(150 <= count <= 210 for count in months.values()), months
    assert 2100 <= len(year.sales_orders) <= 2250
    assert {len(order.lines) for order in year.sales_orders} == {1, 2, 3, 4, 5, 6}
    assert all(BEFORE.first_day <= order.order_date <= BEFORE.last_day for order in year.sales_orders)


def test_nothing_happens_on_a_day_off(year: Year) -> None:
    happened = [one.delivery_date for one in year.deliveries] + [one.receipt_date for one in year.receipts]
    happened += [one.day for one in year.reports] + [one.order_date for one in year.sales_orders]
    assert all(is_workday(day) for day in happened)


def test_amounts_are_what_the_hub_would_compute(year: Year) -> None:
    for order in year.sales_orders:
        for line in order.lines:
            assert line.amount == line_amount(Decimal(line.quantity), line.price, line.discount)
    for purchase in year.purchase_orders:
        for bought in purchase.lines:
            assert bought.amount == line_amount(bought.quantity, bought.price)


def test_on_time_rate_is_plausible_by_line_and_by_order(year: Year) -> None:
    on_time = [line.line.promised_date >= one.delivery_date for one in year.deliveries for line in one.lines]
    assert 0.75 <= sum(on_time) / len(on_time) <= 0.90
    last = {id(line.line): one.delivery_date for one in year.deliveries for line in one.lines}
    closed = [order for order in year.sales_orders if order.state == "closed"]
    kept = [all(last[id(line)] <= line.promised_date for line in order.lines) for order in closed]
    assert 0.75 <= sum(kept) / len(kept) <= 0.90


def test_one_mould_is_on_one_machine_and_no_machine_works_over_its_hours(year: Year) -> None:
    hours: dict[tuple[date, str], Decimal] = defaultdict(Decimal)
    places: dict[tuple[date, str], set[str]] = defaultdict(set)
    tonnage = {machine.code: machine.tonnage for machine in year.masters.machines}
    for report in year.reports:
        hours[report.day, report.machine] += report.hours
        places[report.day, report.order.part.mould].add(report.machine)
        assert tonnage[report.machine] >= report.order.part.tonnage
    assert max(hours.values()) <= Decimal(str(shop.HOURS)) + 1  # each report is rounded to tenths
    assert {len(machines) for machines in places.values()} == {1}


def test_more_machines_make_fewer_late_orders(year: Year, monkeypatch: pytest.MonkeyPatch) -> None:
    """The delays come from capacity: with a third more hours a day the same demand is nearly always on time."""
    monkeypatch.setattr(shop, "HOURS", shop.HOURS * 4 / 3)
    assert _late_share(simulate()) < _late_share(year) / 2


def test_unreliable_supply_makes_more_late_orders(year: Year, monkeypatch: pytest.MonkeyPatch) -> None:
    """The delays come from supply, too: suppliers that never keep their day stop machines."""
    unreliable = tuple((*row[:-1], 0.0) for row in partners._SUPPLIERS)
    monkeypatch.setattr(partners, "_SUPPLIERS", unreliable)
    assert _late_share(simulate()) > _late_share(year) * 1.5


def test_stock_is_never_below_zero_and_balances_per_lot(year: Year) -> None:
    lots: dict[tuple[str, str], Decimal] = defaultdict(Decimal)
    for move in year.moves:
        lots[move.item, move.lot] += move.quantity
        assert lots[move.item, move.lot] >= 0
    delivered = sum(line.quantity for one in year.deliveries for line in one.lines)
    assert delivered == -sum(move.quantity for move in year.moves if move.kind == "delivery")
    stocked = sum(line.stocked for one in year.receipts for line in one.lines)
    assert stocked == sum(move.quantity for move in year.moves if move.kind == "receipt")


def test_lines_get_no_more_than_was_ordered_and_closed_means_all_of_it(year: Year) -> None:
    for order in year.sales_orders:
        assert all(0 <= line.delivered <= line.quantity for line in order.lines)
        assert (order.state == "closed") == (order.state != "cancelled" and not any(line.open for line in order.lines))
    for made in year.production_orders:
        assert made.completed + made.scrap <= made.quantity
        assert (made.state == "closed") == (made.finished_date is not None)
        assert made.demands


def test_the_same_seed_gives_the_same_year_and_another_seed_another(year: Year) -> None:
    silos, planted = demo()[1:]
    again, planted_again = build(simulate())
    assert fingerprint(again) == fingerprint(silos)
    assert planted_again == planted
    other, _ = build(simulate(7), 7)
    assert fingerprint(other) != fingerprint(silos)


@given(st.integers(0, 9_999_999))
def test_credit_codes_pass_the_official_check(serial: int) -> None:
    """GB 32100: weighted by 3^i mod 31, the check character brings the sum to a multiple of 31."""
    alphabet = "0123456789ABCDEFGHJKLMNPQRTUWXY"
    code = credit_code(serial)
    assert len(code) == 18
    body = sum(alphabet.index(letter) * pow(3, at, 31) for at, letter in enumerate(code[:17]))
    assert (body + alphabet.index(code[17])) % 31 == 0


@given(st.dates(date(1930, 1, 1), date(2010, 12, 31)), st.integers(0, 400), st.booleans())
def test_identity_numbers_pass_the_official_check(birth_date: date, serial: int, is_male: bool) -> None:
    """GB 11643: ISO 7064 MOD 11-2 over all eighteen characters gives 1; the seventeenth is odd for men."""
    number = identity_number(birth_date, serial, is_male)
    digits = [10 if letter == "X" else int(letter) for letter in number]
    assert sum(digit * pow(2, 17 - at, 11) for at, digit in enumerate(digits)) % 11 == 1
    assert (int(number[16]) % 2 == 1) == is_male


def test_the_generator_is_pure() -> None:
    """The simulation reads no clock, no environment and no random numbers but its own streams."""
    impure = {"datetime.now", "date.today", "time.time", "uuid4", "os.getenv", "random.seed", "Random()"}
    for path in _generator_files():
        tree = ast.parse(path.read_text(encoding="utf-8"))
        called = {ast.unparse(node.func) for node in ast.walk(tree) if isinstance(node, ast.Call)}
        imported = {ast.unparse(node) for node in ast.walk(tree) if isinstance(node, ast.Import)}
        assert not called & impure, path.name
        assert not imported & {"import random", "import os", "import time", "import secrets"}, path.name


def _generator_files() -> Iterator[Path]:
    folder = Path(hub.seed.__file__).parent
    yield from (path for path in sorted(folder.glob("*.py")) if path.name not in {"story.py", "__init__.py"})


def _late_share(year: Year) -> float:
    late = [line.line.promised_date < one.delivery_date for one in year.deliveries for line in one.lines]
    still_open = sum(
        1
        for order in year.sales_orders
        if order.state == "confirmed"
        for line in order.lines
        if line.open and line.promised_date <= BEFORE.last_day
    )
    return (sum(late) + still_open) / (len(late) + still_open)


def test_the_calendar_covers_a_year() -> None:
    assert sum(1 for _ in BEFORE.days()) == 365
