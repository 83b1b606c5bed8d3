"""The statements tie out for whatever vouchers: sheet, income and cash agree with each other and with the accounts."""

from __future__ import annotations

from collections import defaultdict
from decimal import Decimal

from hypothesis import given
from hypothesis import strategies as st

from hub.rules.chart import CHART
from hub.rules.statement_lines import BALANCE_SHEET, CASH_FLOW, INCOME_STATEMENT, Row
from hub.rules.statements import Balance, Side, balance_sheet, cash_flow, closing, income_statement, is_cash

KINDS = {one.code: one.kind for one in CHART} | {"1999": "asset", "2999": "liability", "5999": "income", "9": "cost"}
CENTS = st.integers(-(10**6), 10**6).map(lambda cents: Decimal(cents) / 100)


@st.composite
def vouchers(draw: st.DrawFn) -> list[list[tuple[str, Decimal]]]:
    """Balanced vouchers of two to five sides on any accounts."""
    made = []
    for _ in range(draw(st.integers(0, 8))):
        sides = draw(st.lists(st.tuples(st.sampled_from(sorted(KINDS)), CENTS), min_size=1, max_size=4))
        left = -sum((amount for _, amount in sides), Decimal(0))
        made.append([*sides, (draw(st.sampled_from(["1002", "1001", "1122", "2202", "5602"])), left)])
    return made


def summed(given_: list[list[tuple[str, Decimal]]]) -> list[Balance]:
    sums: dict[str, Decimal] = defaultdict(Decimal)
    for voucher in given_:
        for code, amount in voucher:
            sums[code] += amount
    return [Balance(code, KINDS[code], amount) for code, amount in sums.items()]


def sides(given_: list[list[tuple[str, Decimal]]]) -> list[Side]:
    return [Side((index,), code, amount) for index, voucher in enumerate(given_) for code, amount in voucher]


@given(vouchers(), vouchers())
def test_all_three_tie_out(before: list[list[tuple[str, Decimal]]], now: list[list[tuple[str, Decimal]]]) -> None:
    opening, ending, turned = balance_sheet(summed(before)), balance_sheet(summed(before + now)), summed(now)
    for sheet in (opening, ending):
        assert sheet[30] == sheet[53]  # assets are liabilities and equity
    equity = sum((one.amount for one in turned if one.kind == "equity"), Decimal(0))
    profit = income_statement(turned)[32]
    assert ending[52] - opening[52] == profit - equity
    flow = cash_flow(sides(now), opening[1])
    assert flow[22] == ending[1]
    assert flow[20] == sum((one.amount for one in turned if is_cash(one.code)), Decimal(0))


@given(vouchers())
def test_closing_a_year_leaves_the_sheet_as_it_is(given_: list[list[tuple[str, Decimal]]]) -> None:
    before = summed(given_)
    entries = closing(before)
    result = -sum((amount for _, amount in entries), Decimal(0))
    after = summed([*given_, [*entries, ("3104", result)]])
    assert all(one.amount == 0 for one in after if one.kind in ("income", "expense"))
    assert balance_sheet(after) == balance_sheet(before)
    assert income_statement(before)[32] == -result
    assert closing(after) == []


def told(statement: dict[int, Decimal]) -> dict[int, Decimal]:
    return {line: amount for line, amount in statement.items() if amount}


def test_a_small_month_is_told_line_by_line() -> None:
    """Sold, paid, spent: each on its line, and a customer's overpayment among the advances."""
    month = [
        [("1002", Decimal(50_000)), ("3001", Decimal(-50_000))],
        [("1122", Decimal(1130)), ("5001", Decimal(-1000)), ("22210102", Decimal(-130))],
        [("1002", Decimal(1500)), ("1122", Decimal(-1500))],
        [("5401", Decimal(600)), ("1405", Decimal(-600))],
        [("5602", Decimal(200)), ("22210101", Decimal(12)), ("1002", Decimal(-212))],
        [("1601", Decimal(9000)), ("1002", Decimal(-9000))],
        [("4101", Decimal(150)), ("1602", Decimal(-150))],
    ]
    sheet = balance_sheet(summed(month))
    assert told(sheet) == {
        1: 42_288, 9: -450, 12: -600, 15: 41_838, 18: 9000, 19: 150, 20: 8850, 29: 8850, 30: 50_688,
        34: 370, 36: 118, 41: 488, 47: 488, 48: 50_000, 51: 200, 52: 50_200, 53: 50_688,
    }  # fmt: skip
    assert told(income_statement(summed(month))) == {1: 1000, 2: 600, 14: 200, 21: 200, 30: 200, 32: 200}
    assert told(cash_flow(sides(month), Decimal(0))) == {
        1: 1500, 3: 12, 6: 200, 7: 1288, 12: 9000, 13: -9000, 15: 50_000, 19: 50_000, 20: 42_288, 22: 42_288,
    }  # fmt: skip


def test_money_goes_to_the_line_of_what_it_was_for() -> None:
    """The account on the other side of a voucher decides, and whether money came or went."""
    wanted = {
        "1122": (1, 1), "2203": (1, 1), "22210102": (1, 1), "1403": (3, 3), "2202": (3, 3), "22210101": (3, 3),
        "2211": (4, 4), "222102": (5, 5), "5403": (5, 5), "5602": (2, 6), "2241": (2, 6), "1511": (8, 11),
        "5111": (9, 9), "1606": (10, 10), "1601": (10, 12), "2001": (14, 16), "3001": (15, 15), "2231": (17, 17),
        "3104": (18, 18),
    }  # fmt: skip
    receipts = {1, 2, 8, 9, 10, 14, 15}
    for code, lines in wanted.items():
        for amount, line in ((Decimal(-5), lines[0]), (Decimal(5), lines[1])):
            flow = cash_flow([Side((), code, amount), Side((), "1002", -amount)], Decimal(0))
            shown = -amount if line in receipts else amount
            assert {number: told for number, told in flow.items() if number not in (7, 13, 19, 20, 22) and told} == {
                line: shown
            }, code
            assert flow[22] == -amount


def test_every_account_of_the_chart_has_its_line() -> None:
    """No account of the standard chart falls to the lines for the rest but those that belong there."""

    def claimed(rows: tuple[Row, ...], code: str) -> bool:
        return any(code.startswith(begin) for row in rows for begin in row.accounts)

    for one in CHART:
        rows = INCOME_STATEMENT if one.kind in ("income", "expense") else BALANCE_SHEET
        assert claimed(rows, one.code), one.code


def test_the_forms_add_up_only_lines_that_exist() -> None:
    for rows in (BALANCE_SHEET, INCOME_STATEMENT, CASH_FLOW):
        numbers = [row.number for row in rows]
        assert numbers == sorted(set(numbers))
        assert {abs(one) for row in rows for one in row.adds} <= set(numbers)
