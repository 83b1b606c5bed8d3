"""The accounts balance to the cent after random months of business, at any moment and after the year is closed.

Every control account is what the papers beside the books say, each reckoned here from the papers alone.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from decimal import Decimal
from typing import Any

from hypothesis import HealthCheck, Phase, given, settings
from sqlalchemy import text

from hub.context import Ctx
from hub.ledgers import ageing, money, statements
from tests.books import Books
from tests.finance.business import ACTS, LAST, MONTHS, Business, begun
from tests.finance.test_statements import close_year, column, company

UNTIL = "2026-12"
_CLAIMS = """SELECT sum(round(w.total * i.exchange_rate, 2) - round(i.{kept} * i.exchange_rate, 2)) FROM hub.{head} i
    JOIN (SELECT {head}_id AS id, sum(amount + tax_amount) AS total FROM hub.{head}_line GROUP BY 1) w USING (id)
    WHERE i.state = 'posted'"""
_ADVANCES = """SELECT sum(round((p.amount - coalesce(l.part, 0)) * p.exchange_rate, 2)) FROM hub.{head} p
    LEFT JOIN (SELECT {head}_id AS id, sum(amount) AS part FROM hub.{head}_line GROUP BY 1) l USING (id)
    WHERE p.state = 'posted'"""
_NOTES = "SELECT sum(round(amount * exchange_rate, 2)) FROM hub.{head} WHERE state = 'posted' AND method = 'note'"
_WORTH = """SELECT sum(round(value, 2)) FROM (SELECT sum(c.value) AS value FROM hub.cost_entry c
    JOIN hub.item i ON i.id = c.item_id WHERE {which} GROUP BY c.document_type, c.document_number, i.kind) paper"""
_ACCRUED = """SELECT -sum(round(r.unit_cost * l.quantity, 2)) FROM hub.purchase_invoice_line l
    JOIN hub.purchase_invoice i ON i.id = l.purchase_invoice_id
    JOIN hub.purchase_receipt_line r ON r.id = l.receipt_line_id WHERE i.state = 'posted'"""
_DEPRECIATED = """SELECT sum(l.amount) FROM hub.depreciation_line l JOIN hub.depreciation d ON d.id = l.depreciation_id
    JOIN hub.asset a ON a.id = l.asset_id WHERE d.state = 'posted' AND a.state <> 'disposed'"""
_OWED_TO_PEOPLE = """SELECT sum(l.amount) FROM hub.expense_claim_line l
    JOIN hub.expense_claim c ON c.id = l.expense_claim_id WHERE c.state = 'approved'"""
SALES, PURCHASES = (
    {"head": "sales_invoice", "kept": "received_amount"},
    {"head": "purchase_invoice", "kept": "paid_amount"},
)
PAPERS: dict[str, list[tuple[int, str]]] = {
    "1121": [(1, _NOTES.format(head="sales_receipt"))],
    "1122": [(1, _CLAIMS.format(**SALES))],
    "1123": [(1, _ADVANCES.format(head="purchase_payment"))],
    "1403": [(1, _WORTH.format(which="i.kind = 'raw'"))],
    "1405": [(1, _WORTH.format(which="i.kind = 'finished'"))],
    "1601": [(1, "SELECT sum(cost) FROM hub.asset WHERE state <> 'disposed' AND code IN ('M1', 'M2')")],
    "1602": [(-1, _DEPRECIATED)],
    "2201": [(-1, _NOTES.format(head="purchase_payment"))],
    "2202": [
        (-1, _CLAIMS.format(**PURCHASES)),
        (-1, _WORTH.format(which="c.document_type IN ('PurchaseReceipt', 'PurchaseReturn')")),
        (-1, _ACCRUED),
    ],
    "2203": [(-1, _ADVANCES.format(head="sales_receipt"))],
    "2241": [(-1, _OWED_TO_PEOPLE)],
    "4001": [
        (-1, _WORTH.format(which="c.document_type IN ('MaterialIssue', 'MaterialReturn', 'ProductReceipt')")),
    ],
}
"""What each control account must hold by the papers beside the books: debit above zero."""
_CASH = """SELECT coalesce(sum(e.debit - e.credit), 0) FROM hub.money_entry e JOIN hub.account a ON a.id = e.account_id
    JOIN hub.fiscal_period p ON p.id = e.period_id
    WHERE a.code IN ('1001', '1002', '1012') AND p.code BETWEEN :since AND :until
        AND e.document_type <> 'OpeningBalance'"""


def _figure(ctx: Ctx, statement: str, **about: Any) -> Decimal:
    return Decimal(ctx.session.execute(text(statement), about).scalar_one() or 0)


def tie_out(books: Books, ctx: Ctx) -> None:
    """Everything that must agree: with each other, with the accounts, with the papers."""
    ours = company(ctx)
    trial = money.trial_balance(ctx, ours, UNTIL)
    assert sum(one.closing for one in trial) == 0
    assert sum(one.debit - one.credit for one in trial) == 0
    closing = Counter({one.code: one.closing for one in trial})
    by_papers = {code: sum(sign * _figure(ctx, one) for sign, one in parts) for code, parts in PAPERS.items()}
    assert by_papers == {code: closing[code] for code in PAPERS}
    assert sum(one.total for one in ageing.receivables(ctx, ours, LAST)) == closing["1122"]
    assert sum(one.total for one in ageing.payables(ctx, ours, LAST)) == -closing["2202"]
    _statements(ctx, closing)
    assert not books.astray(ctx)


def _statements(ctx: Ctx, closing: Counter[str]) -> None:
    """The balance sheet balances, earnings are its profit, and the cash flow is what its cash changed by."""
    ours = company(ctx)
    lines = statements.sheet(ctx, ours, UNTIL)
    sheet, opening = column(lines), column(lines, other=True)
    assert sheet[30] == sheet[53]
    assert opening[30] == opening[53]
    for since in ("2026-12", "2026-11", "2026-01"):
        flow = column(statements.cash(ctx, ours, UNTIL, since))
        assert flow[20] == _figure(ctx, _CASH, since=since, until=UNTIL)
        assert flow[22] == sheet[1] == flow[20] + flow[21]
    year = column(statements.income(ctx, ours, UNTIL), other=True)
    capital = sum((closing[code] for code in ("3001", "3199")), Decimal(0))
    assert sheet[52] == year[32] - capital  # what was paid in, and what was earned


def test_the_accounts_balance_to_the_cent_after_random_months(
    books: Books, proof_count: Callable[[int, int], int]
) -> None:
    with books.work() as ctx:
        begun(books, ctx)
        tie_out(books, ctx)
    done = Counter[str]()

    @settings(
        max_examples=proof_count(8, 200),
        phases=[Phase.generate],  # an example takes seconds, so making it smaller would take an hour
        deadline=None,
        database=None,
        suppress_health_check=list(HealthCheck),
    )
    @given(MONTHS)
    def months(acts: list[tuple[str, int, int]]) -> None:
        with books.work(dry_run=True) as ctx:
            business = Business(books, ctx)
            for act in acts:
                business.act(*act)
            tie_out(books, ctx)
            ours = company(ctx)
            before = column(statements.sheet(ctx, ours, UNTIL))
            earned = column(statements.income(ctx, ours, UNTIL), other=True)
            close_year(ctx)
            tie_out(books, ctx)
            assert column(statements.sheet(ctx, ours, UNTIL)) == before
            assert column(statements.income(ctx, ours, UNTIL), other=True) == earned
            left = {one.code: one.closing for one in money.trial_balance(ctx, ours, UNTIL) if one.closing}
            assert not [code for code in left if code.startswith("5") or code == "3103"]
            done.update(business.done)

    months()
    assert len(done) >= len(set(ACTS)) * 2 // 3, f"nothing but {done} was ever done"
