"""Trial balance, balance sheet, income statement and cash flow, from account balances and movements.

They tie out at any moment: assets are liabilities and equity (what has been earned and not yet closed is undistributed
profit), and the cash flow ends at the cash of the balance sheet, because each side of a voucher is told once.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal

from hub.rules.money import ZERO
from hub.rules.statement_lines import (
    ACCUMULATED,
    BALANCE_SHEET,
    CASH_ACCOUNTS,
    CASH_BEFORE,
    CASH_FLOW,
    EARNED,
    FLOWS,
    GAINS,
    INCOME_STATEMENT,
    OTHER,
    OTHER_FLOWS,
    RECEIPTS,
    TURNED,
    Row,
)


@dataclass(frozen=True)
class Balance:
    """What an account holds or has turned over, debit less credit."""

    code: str
    kind: str
    amount: Decimal


@dataclass(frozen=True)
class Side:
    """One side of a voucher, debit less credit; `voucher` tells which sides belong together."""

    voucher: tuple[object, ...]
    account: str
    amount: Decimal


def _longest(code: str, beginnings: Iterable[str]) -> str | None:
    """The longest of the beginnings of a code."""
    return max((one for one in beginnings if code.startswith(one)), key=len, default=None)


def _summed(rows: Sequence[Row], own: Mapping[int, Decimal]) -> dict[int, Decimal]:
    """Every line: what it takes itself, and the lines that it adds or takes off."""
    by_number, found = {row.number: row for row in rows}, dict[int, Decimal]()

    def amount(number: int) -> Decimal:
        if number not in found:
            row = by_number[number]
            parts = (amount(abs(one)) if one > 0 else -amount(-one) for one in row.adds)
            found[number] = own.get(number, ZERO) + sum(parts, ZERO)
        return found[number]

    return {row.number: amount(row.number) for row in rows}


def _line_of(rows: Sequence[Row]) -> dict[str, int]:
    return {code: row.number for row in rows for code in row.accounts}


_SHEET, _INCOME = _line_of(BALANCE_SHEET), _line_of(INCOME_STATEMENT)


def is_cash(code: str) -> bool:
    """Whether an account is cash, bank or other money."""
    return code.startswith(CASH_ACCOUNTS)


def balance_sheet(balances: Iterable[Balance]) -> dict[int, Decimal]:
    """The lines of 会小企01表 by their number, of the balances of all accounts.

    A line of receivables or payables on the wrong side goes to its counterpart, as the standard has it.

    >>> told = balance_sheet([Balance("1002", "asset", Decimal(7)), Balance("5001", "income", Decimal(-7))])
    >>> told[30], told[51], told[53]
    (Decimal('7'), Decimal('7'), Decimal('7'))
    """
    own: dict[int, Decimal] = defaultdict(Decimal)
    for one in balances:
        claimed = _longest(one.code, _SHEET) if one.kind not in EARNED else None
        own[_SHEET[claimed] if claimed else OTHER[one.kind]] += one.amount
    moved = {TURNED[line]: own.pop(line) for line, sign in ((4, -1), (5, -1), (33, 1), (34, 1)) if own[line] * sign > 0}
    for line, amount in moved.items():
        own[line] += amount
    shown = {line: -amount if line > 30 or line == ACCUMULATED else amount for line, amount in own.items()}
    return _summed(BALANCE_SHEET, shown)


def income_statement(turnovers: Iterable[Balance]) -> dict[int, Decimal]:
    """The lines of 会小企02表 by their number, of what income and expense accounts turned over, closing left out."""
    own: dict[int, Decimal] = defaultdict(Decimal)
    for one in turnovers:
        if one.kind in EARNED:
            claimed = _longest(one.code, _INCOME)
            line = _INCOME[claimed] if claimed else EARNED[one.kind]
            own[line] += -one.amount if line in GAINS else one.amount
    return _summed(INCOME_STATEMENT, own)


def cash_flow(sides: Iterable[Side], cash_before: Decimal) -> dict[int, Decimal]:
    """The lines of 会小企03表 by their number, of vouchers that move cash, and the cash there was before.

    The other sides of such a voucher are, in sum, what its cash moved; each goes to the line of its account. Of a
    voucher without cash nothing is told.
    """
    vouchers: dict[tuple[object, ...], dict[str, Decimal]] = defaultdict(lambda: defaultdict(Decimal))
    for side in sides:
        vouchers[side.voucher][side.account] += side.amount
    own: dict[int, Decimal] = defaultdict(Decimal)
    for accounts in vouchers.values():
        if not any(map(is_cash, accounts)):
            continue
        for code, amount in accounts.items():
            if amount and not is_cash(code):
                own_line = _flow(code, incoming=amount < 0)
                own[own_line] += -amount if own_line in RECEIPTS else amount
    own[CASH_BEFORE] = cash_before
    return _summed(CASH_FLOW, own)


def _flow(code: str, *, incoming: bool) -> int:
    claimed = _longest(code, FLOWS)
    return (FLOWS[claimed] if claimed else OTHER_FLOWS)[0 if incoming else 1]


def closing(turnovers: Iterable[Balance]) -> list[tuple[str, Decimal]]:
    """What a year's end enters on each income and expense account, debit less credit, so that nothing is left on it."""
    return [(one.code, -one.amount) for one in turnovers if one.kind in EARNED and one.amount]
