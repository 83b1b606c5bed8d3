"""The statements of a company, read from the kept balances and the vouchers that move cash: see `hub.rules.statements`.

A period that is running is told as far as it has come. What opening balances brought in within the year counts as the
beginning of the year: it was there before, and no business of the year.
"""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from typing import Any
from uuid import UUID

from sqlalchemy import text

from hub.context import Ctx
from hub.rules.money import ZERO, to_cents
from hub.rules.statement_lines import BALANCE_SHEET, CASH_ACCOUNTS, CASH_FLOW, INCOME_STATEMENT, Row
from hub.rules.statements import Balance, Side, balance_sheet, cash_flow, income_statement, is_cash

_TURNED = text(
    "SELECT a.code, a.kind, sum(b.debit - b.credit) AS amount FROM hub.money_balance b "
    "JOIN hub.account a ON a.id = b.account_id JOIN hub.fiscal_period p ON p.id = b.period_id "
    "WHERE b.company_id = :company AND p.code BETWEEN :since AND :until GROUP BY a.code, a.kind ORDER BY a.code"
)
_OF_TYPE = text(
    "SELECT a.code, a.kind, sum(e.debit - e.credit) AS amount FROM hub.money_entry e "
    "JOIN hub.account a ON a.id = e.account_id JOIN hub.fiscal_period p ON p.id = e.period_id "
    "WHERE e.company_id = :company AND p.code BETWEEN :since AND :until AND e.document_type = :type "
    "GROUP BY a.code, a.kind ORDER BY a.code"
)
_CASH = text(
    "SELECT e.document_type AS type, e.document_number AS number, e.entry_date AS day, a.code, "
    "  sum(e.debit - e.credit) AS amount "
    "FROM hub.money_entry e JOIN hub.account a ON a.id = e.account_id "
    "JOIN (SELECT DISTINCT c.document_type, c.document_number, c.entry_date FROM hub.money_entry c "
    "    JOIN hub.account m ON m.id = c.account_id JOIN hub.fiscal_period p ON p.id = c.period_id "
    "    WHERE c.company_id = :company AND p.code BETWEEN :since AND :until AND m.code ^@ ANY(cast(:cash AS text[])) "
    "      AND c.document_type <> 'OpeningBalance') moved "
    "  ON moved.document_type = e.document_type AND moved.document_number = e.document_number "
    "  AND moved.entry_date = e.entry_date "
    "WHERE e.company_id = :company GROUP BY 1, 2, 3, 4"
)
_EVER = "0000-00"


@dataclass(frozen=True)
class Line:
    """A line of a statement with its two columns: the span asked for, and the beginning or the year to date."""

    number: int
    chinese: str
    english: str
    amount: Decimal
    other: Decimal


def _lines(rows: tuple[Row, ...], amounts: dict[int, Decimal], others: dict[int, Decimal]) -> list[Line]:
    return [
        Line(row.number, row.chinese, row.english, to_cents(amounts[row.number]), to_cents(others[row.number]))
        for row in rows
    ]


def _year(period: str) -> str:
    """The first period of a period's year."""
    return f"{period[:4]}-01"


def _before(period: str) -> str:
    """The period before one, good for comparing: 2026-01 → 2026-00."""
    return f"{period[:5]}{int(period[5:]) - 1:02}"


def _sums(ctx: Ctx, company_id: UUID, since: str, until: str, of_type: str | None = None) -> list[Balance]:
    about: dict[str, Any] = {"company": company_id, "since": since, "until": until}
    found = ctx.session.execute(_OF_TYPE, about | {"type": of_type}) if of_type else ctx.session.execute(_TURNED, about)
    return [Balance(row.code, row.kind, row.amount) for row in found]


def _at_beginning(ctx: Ctx, company_id: UUID, until: str) -> list[Balance]:
    """What accounts held when the year began, with what opening balances brought in since."""
    before = _sums(ctx, company_id, _EVER, _before(_year(until)))
    return before + _sums(ctx, company_id, _year(until), until, "OpeningBalance")


def sheet(ctx: Ctx, company_id: UUID, until: str) -> list[Line]:
    """资产负债表 at the end of the period `until`, beside the beginning of its year."""
    now = balance_sheet(_sums(ctx, company_id, _EVER, until))
    return _lines(BALANCE_SHEET, now, balance_sheet(_at_beginning(ctx, company_id, until)))


def income(ctx: Ctx, company_id: UUID, until: str, since: str | None = None) -> list[Line]:
    """利润表 of the periods `since` to `until` (the last alone when left out), beside the year to date."""

    def of(begin: str) -> dict[int, Decimal]:
        closed = [
            Balance(one.code, one.kind, -one.amount) for one in _sums(ctx, company_id, begin, until, "FiscalPeriod")
        ]
        return income_statement(_sums(ctx, company_id, begin, until) + closed)

    return _lines(INCOME_STATEMENT, of(since or until), of(_year(until)))


def cash(ctx: Ctx, company_id: UUID, until: str, since: str | None = None) -> list[Line]:
    """现金流量表 of the periods `since` to `until` (the last alone when left out), beside the year to date."""

    def of(begin: str) -> dict[int, Decimal]:
        about = {"company": company_id, "since": begin, "until": until, "cash": list(CASH_ACCOUNTS)}
        sides = [
            Side((row.type, row.number, row.day), row.code, row.amount) for row in ctx.session.execute(_CASH, about)
        ]
        held = _sums(ctx, company_id, _EVER, _before(begin)) + _sums(ctx, company_id, begin, until, "OpeningBalance")
        return cash_flow(sides, sum((one.amount for one in held if is_cash(one.code)), ZERO))

    return _lines(CASH_FLOW, of(since or until), of(_year(until)))
