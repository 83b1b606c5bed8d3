"""The year told through the verbs: ledgers, books and documents say what the simulation says, to the piece and cent."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Callable
from datetime import date, timedelta
from decimal import Decimal
from typing import Any
from uuid import UUID

import pytest
import sqlalchemy as sa
from sqlalchemy import Engine

import hub.domains  # noqa: F401  (declares the types)
from hub import writes
from hub.context import system_viewer
from hub.ledgers import money, statements, stock_levels
from hub.seed import story, telling
from hub.seed.causes import CAUSES, late_lines
from hub.seed.paying import Bill, amounts
from hub.seed.silos import demo
from hub.seed.workdays import BEFORE, TOLD
from hub.settings import settings
from tests.conftest import Database
from tests.finance.test_statements import column

_DAYS = 40
"""Enough for a month with its invoices, its closing and the first payments."""


@pytest.fixture(scope="module")
def percent(proof_count: Callable[[int, int], int]) -> int:
    """So many of the year's orders: a light company, but under `make prove` the whole one."""
    return proof_count(12, 100)


@pytest.fixture(scope="module")
def until(proof_count: Callable[[int, int], int]) -> date:
    """The last day that is told."""
    return TOLD.first_day + timedelta(days=proof_count(_DAYS, 365) - 1)


@pytest.fixture(scope="module")
def engine(module_database: Database, until: date, percent: int) -> Engine:
    """A hub that the year was told to, and then again, which must change nothing."""
    found = module_database.engine
    company_id = story._tell_hub(found, telling.told(percent).masters)
    assert telling.tell(found, company_id, lambda line: None, until, percent)
    before = _one(found, "select count(*) from audit.audit_entry")
    assert not telling.tell(found, company_id, lambda line: None, until, percent)
    assert _one(found, "select count(*) from audit.audit_entry") == before
    return found


def test_the_books_balance_and_the_account_in_transit_is_empty(engine: Engine) -> None:
    assert _one(engine, "select sum(debit) - sum(credit) from hub.money_entry") == 0
    assert _account(engine, "3199") == 0
    kept = "select sum(debit) - sum(credit) from hub.money_balance"
    assert _one(engine, kept) == 0


def test_what_partners_owe_is_what_the_control_accounts_say(engine: Engine, until: date, percent: int) -> None:
    """By partner: open invoices, what is left of before the cut-over, and what came and is not invoiced yet."""
    for side, account, sign in (("sales", "1122", 1), ("purchases", "2202", -1)):
        before, now = (getattr(one, side) for one in telling.money(percent))
        owed: dict[str, Decimal] = defaultdict(Decimal)
        for bill in before:
            owed[bill.partner.code] += sum(_late(bill), Decimal()) - _paid(bill, until, TOLD.first_day)
        for bill in now:
            if bill.day <= until:
                owed[bill.partner.code] += bill.total - _paid(bill, until, bill.day)
            elif side == "purchases":
                for moved, quantity in bill.lines:
                    if _arrived(moved, percent) <= until:
                        owed[bill.partner.code] += amounts(moved, quantity)[0]
        for bill, given in _given_back(engine, until, percent) if side == "sales" else ():
            owed[bill.partner.code] -= given
        rows = _rows(
            engine,
            "select p.code, sum(e.debit - e.credit) from hub.money_entry e join hub.account a on a.id = e.account_id"
            f" join hub.{'customer' if sign > 0 else 'supplier'} p"
            f" on p.id = e.{'customer' if sign > 0 else 'supplier'}_id where a.code = '{account}' group by 1",
        )
        found = {code: sign * value for code, value in rows if value}
        assert found == {code: value for code, value in owed.items() if value}, account


def test_open_invoices_are_what_the_simulation_has_not_seen_paid(engine: Engine, until: date, percent: int) -> None:
    for side, invoice, kept in (("sales", "sales", "received"), ("purchases", "purchase", "paid")):
        open_ = _one(
            engine,
            f"select coalesce(sum(l.amount + l.tax_amount), 0) - (select coalesce(sum({kept}_amount), 0)"
            f" from hub.{invoice}_invoice where state = 'posted') from hub.{invoice}_invoice_line l"
            f" join hub.{invoice}_invoice i on i.id = l.{invoice}_invoice_id where i.state = 'posted'",
        )
        before, now = (getattr(one, side) for one in telling.money(percent))
        owed = [sum(_late(bill), Decimal()) - _paid(bill, until, TOLD.first_day) for bill in before]
        owed += [bill.total - _paid(bill, until, bill.day) for bill in now if bill.day <= until]
        owed += [-given for _, given in _given_back(engine, until, percent)] if side == "sales" else []
        assert open_ == sum(owed, Decimal()), side


def test_stock_is_the_simulated_stock_lot_by_lot_and_worth_what_the_books_say(
    engine: Engine, until: date, percent: int
) -> None:
    true: dict[tuple[str, str], Decimal] = defaultdict(Decimal)
    for move in telling.told(percent).moves:
        if move.day <= until:
            true[move.item, _lot(move.item, move.lot)] += move.quantity
    counted = "select i.code, e.lot, sum(e.quantity) from hub.stock_entry e join hub.item i on i.id = e.item_id"
    counts = f"{counted} where e.document_type = 'Stocktake' group by 1, 2, e.document_number"
    for code, lot, quantity in _rows(engine, counts):
        assert quantity == 1  # found at a count, which the simulation does not know; a lot may be counted again
        true[code, lot] += quantity
    rows = _rows(engine, f"{counted} group by 1, 2")
    found = {(code, lot): quantity for code, lot, quantity in rows}
    assert {key: value for key, value in found.items() if value} == {key: value for key, value in true.items() if value}
    worth = _one(engine, "select sum(value) from hub.cost_entry")
    assert worth == sum(_account(engine, code) for code in ("1403", "1405", "1411"))
    with writes.unit_of_work(engine, system_viewer("tests", _company(engine)), "tests") as ctx:
        assert stock_levels.differences(ctx) == []


def test_every_document_of_the_year_is_there(engine: Engine, until: date, percent: int) -> None:
    year, bills = telling.told(percent), telling.money(percent)[1]
    ours = "state = 'posted' and opening_balance_id is null"
    runs = [one for one in year.production_orders if one.created_date <= until]
    reports = [one for one in year.reports if one.day <= until]
    ended = [one for one in runs if one.finished_date and one.finished_date <= until]
    wanted = {
        "sales_order": sum(one.order_date <= until for one in year.sales_orders),
        "purchase_order": sum(one.order_date <= until for one in year.purchase_orders),
        "purchase_request": sum(one.order_date <= until for one in year.purchase_orders),
        "purchase_receipt": sum(one.receipt_date <= until for one in year.receipts),
        "production_order": len(runs),
        "production_order where state = 'closed'": len(ended),
        "operation_report": len(reports) + len(ended),
        "inspection where kind = 'final' and state = 'confirmed'": sum(one.good > 0 for one in reports),
        "product_receipt": sum(one.good > 0 for one in reports),
        "delivery": sum(one.delivery_date <= until for one in year.deliveries),
        f"sales_invoice where {ours}": sum(bill.day <= until for bill in bills.sales),
        f"purchase_invoice where {ours}": sum(bill.day <= until for bill in bills.purchases),
    }
    assert {name: _one(engine, f"select count(*) from hub.{name}") for name in wanted} == wanted


def test_what_goes_on_beside_the_goods_has_its_papers(engine: Engine, until: date) -> None:
    """From the first day of the year on; what comes later in it is asked for when that much is told."""
    wanted = [
        "lead where state in ('lost', 'qualified', 'converted')",
        "interaction where state = 'done'",
        "quotation where state = 'accepted'",
        "quotation where state = 'lost'",
        "quality_complaint",
        "expense_claim where state = 'paid'",
        "freight_payment where state = 'posted'",
        "depreciation where state = 'posted'",
        "bank_statement where state = 'closed'",
        "production_plan where state = 'calculated'",
        "schedule where state = 'calculated'",
        "asset where cost > 0",
    ]
    if until == TOLD.last_day:
        wanted += ["satisfaction_survey", "sales_adjustment where state = 'posted'", "stocktake where state = 'posted'"]
        wanted += ["corrective_action where state = 'closed'", "budget where state = 'approved'", "market_forecast"]
    assert [one for one in wanted if not _one(engine, f"select count(*) from hub.{one}")] == []
    ordered = "select count(*) from hub.sales_order where quotation_id is not null"
    accepted = "select count(*) from hub.quotation where state = 'accepted'"
    assert 0 <= _one(engine, accepted) - _one(engine, ordered) <= 2  # offered, and ordered some days later


def test_the_statements_tie_out_and_the_bank_says_the_same(engine: Engine, until: date) -> None:
    month = f"{until.replace(day=1) - timedelta(days=1):%Y-%m}"
    with writes.unit_of_work(engine, system_viewer("tests", _company(engine)), "tests") as ctx:
        ours = _company(engine)
        sheet = column(statements.sheet(ctx, ours, month))
        flow = column(statements.cash(ctx, ours, month))
        income = column(statements.income(ctx, ours, month), other=True)
        assert sheet[30] == sheet[53]
        assert flow[22] == sheet[1] == flow[20] + flow[21]
        closing = Counter({one.code: one.closing for one in money.trial_balance(ctx, ours, month)})
        assert sum(closing.values()) == 0
        assert sheet[52] == income[32] - sum((closing[code] for code in ("3001", "3103", "3104")), Decimal(0))
    said = _one(engine, "select closing_balance from hub.bank_statement order by until_date desc limit 1")
    books = _one(
        engine,
        "select sum(e.debit - e.credit) from hub.money_entry e join hub.account a on a.id = e.account_id"
        f" where a.code = '1002' and e.entry_date < '{until.replace(day=1)}'",
    )
    assert said == books


def test_the_documents_are_late_as_often_as_the_simulation(engine: Engine, until: date, percent: int) -> None:
    year = telling.told(percent)
    true = Counter(
        line.line.promised_date >= one.delivery_date
        for one in year.deliveries
        if one.delivery_date <= until
        for line in one.lines
    )
    rows = _rows(
        engine,
        "select in_time, count(*) from (select distinct d.id, l.order_line_id,"
        " o.promised_date >= d.delivery_date as in_time from hub.delivery d"
        " join hub.delivery_line l on l.delivery_id = d.id"
        " join hub.sales_order_line o on o.id = l.order_line_id) shipped group by 1",
    )
    assert {row.in_time: row.count for row in rows} == true


@pytest.mark.parametrize("span", [BEFORE, TOLD], ids=["before", "told"])
def test_every_late_line_has_a_cause_in_the_simulation(span: Any) -> None:
    year = telling.told(100) if span is TOLD else demo()[0]
    causes = late_lines(year)
    assert len(causes) > 100
    assert set(causes.values()) <= set(CAUSES)
    assert len(set(causes.values())) >= 3


def test_months_are_closed_in_their_order(engine: Engine, until: date) -> None:
    closed = [code for (code,) in _rows(engine, "select code from hub.fiscal_period where state = 'closed' order by 1")]
    assert closed[0] == f"{TOLD.first_day:%Y-%m}"
    assert closed[-1] < f"{until:%Y-%m}"


def test_the_telling_is_as_long_as_the_settings_say() -> None:
    assert settings().demo_days < _DAYS


def _given_back(engine: Engine, until: date, percent: int) -> list[tuple[Bill, Decimal]]:
    """Of each bill what was credited and is not taken off a payment yet."""
    rows = _rows(
        engine,
        "select c.code, i.invoice_date, a.adjustment_date, sum(l.amount + l.tax_amount) as given"
        " from hub.sales_adjustment a join hub.sales_adjustment_line l on l.sales_adjustment_id = a.id"
        " join hub.sales_invoice i on i.id = l.invoice_id join hub.customer c on c.id = i.customer_id"
        " where a.state = 'posted' group by 1, 2, 3",
    )
    bills = {(bill.partner.code, bill.day): bill for bill in telling.money(percent)[1].sales}
    found = [(bills[row.code, row.invoice_date], row) for row in rows]
    return [(bill, row.given) for bill, row in found if not _paid(bill, until, row.adjustment_date)]


def _late(bill: Any) -> list[Decimal]:
    return [amount for day, amount in bill.payments if day >= TOLD.first_day]


def _paid(bill: Any, until: date, since: date) -> Decimal:
    return sum((amount for day, amount in bill.payments if since <= day <= until), Decimal())


def _arrived(moved: Any, percent: int) -> date:
    return next(one.receipt_date for one in telling.told(percent).receipts if moved in one.lines)


def _lot(item: str, lot: str) -> str:
    return lot if lot.startswith("SC") else f"{lot}-{item}"


def _account(engine: Engine, code: str) -> Decimal:
    found = _one(
        engine,
        "select coalesce(sum(e.debit - e.credit), 0) from hub.money_entry e join hub.account a on a.id = e.account_id"
        f" where a.code = '{code}'",
    )
    return Decimal(str(found))


def _company(engine: Engine) -> UUID:
    return UUID(str(_one(engine, "select id from hub.company")))


def _rows(engine: Engine, query: str) -> list[Any]:
    with engine.connect() as connection:
        return list(connection.execute(sa.text(query)).all())


def _one(engine: Engine, query: str) -> Any:
    return _rows(engine, query)[0][0]
