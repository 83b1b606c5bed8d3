"""Bank matching: a published reconciliation, and that no line or payment is used twice or for other money."""

from __future__ import annotations

from datetime import date, timedelta
from decimal import Decimal

from hypothesis import given
from hypothesis import strategies as st

from hub.rules.bank_matching import SURE, Movement, matched, reconciled

DAY = date(2008, 12, 29)


def moved(key: str, day: int, amount: str, **more: str) -> Movement:
    return Movement(key, date(2008, 12, day), Decimal(amount), **more)


def test_the_published_reconciliation() -> None:
    """银行余额调节表实例 (华天公司, December 2008): both balances become 161,000."""
    payments = [
        moved("p1", 29, "15000", text="98#"),
        moved("p2", 29, "-1000", text="78#"),
        moved("p3", 30, "3800", text="355#"),
        moved("p4", 30, "-17100", text="105#"),
        moved("p5", 31, "-500", text="106#"),
    ]
    lines = [
        moved("l1", 29, "-1000", text="支付78#现金支票"),
        moved("l2", 30, "15000", text="收到98#转账支票"),
        moved("l3", 30, "25000", text="收到托收的货款"),
        moved("l4", 30, "-11700", text="支付105#转账支票"),
        moved("l5", 31, "-100", text="结转银行结算手续费"),
    ]
    found = matched(lines, payments)
    assert [(one.line, one.payments) for one in found] == [("l1", ("p2",)), ("l2", ("p1",))]
    assert all(one.score >= SURE for one in found)
    told = reconciled(Decimal(147_800), Decimal(174_800), lines[2:], payments[2:])
    assert (told.books, told.bank) == (Decimal(161_000), Decimal(161_000))
    assert told.difference == 0


def test_one_transfer_for_several_invoices_is_found() -> None:
    payments = [
        moved("a", 28, "100.10", partner="海天塑料有限公司"),
        moved("b", 29, "200.20", partner="海天塑料有限公司"),
        moved("c", 29, "300.30", partner="别人"),
    ]
    (found,) = matched([moved("l", 30, "300.30", partner="海天塑料有限公司")], payments[:2])
    assert found.payments == ("a", "b")
    (single,) = matched([moved("l", 30, "300.30", partner="海天塑料有限公司")], payments)
    assert single.payments == ("c",)  # the same amount comes first, though nobody should be sure
    assert single.score < SURE


def test_two_partners_with_the_same_amount_are_left_to_a_person() -> None:
    payments = [moved("a", 29, "50", partner="甲"), moved("b", 29, "50", partner="乙")]
    (found,) = matched([moved("l", 29, "50")], payments)
    assert found.score < SURE
    (told,) = matched([moved("l", 29, "50", partner="乙")], payments)
    assert told.payments == ("b",)
    assert told.score >= SURE


def test_the_only_amount_of_its_kind_is_sure_within_days() -> None:
    scores = [matched([moved("l", day, "7.5")], [moved("p", 1, "7.5")])[0].score for day in (1, 3, 4)]
    assert [score >= SURE for score in scores] == [True, True, False]
    assert not matched([moved("l", 20, "7.5")], [moved("p", 1, "7.5")])


MOVEMENTS = st.builds(
    lambda day, cents, partner, reference: (DAY + timedelta(day), Decimal(cents), partner, reference),
    st.integers(0, 40),
    st.integers(-6, 6).filter(bool),
    st.sampled_from(["", "海天塑料", "宁波模具"]),
    st.sampled_from(["", "R1", "R2"]),
)


def keyed(prefix: str, rows: list[tuple[date, Decimal, str, str]]) -> list[Movement]:
    return [Movement(f"{prefix}{index:02}", *row) for index, row in enumerate(rows)]


@given(st.lists(MOVEMENTS, max_size=8), st.lists(MOVEMENTS, max_size=8), st.randoms())
def test_the_same_money_once_and_in_whatever_order(
    of_bank: list[tuple[date, Decimal, str, str]], of_books: list[tuple[date, Decimal, str, str]], chance: object
) -> None:
    lines, payments = keyed("l", of_bank), keyed("p", of_books)
    found = matched(lines, payments)
    amounts = {one.key: one.amount for one in [*lines, *payments]}
    used = [key for one in found for key in one.payments]
    assert len(used) == len(set(used))
    assert len(found) == len({one.line for one in found})
    assert all(sum(amounts[key] for key in one.payments) == amounts[one.line] for one in found)
    shuffled = [*lines], [*payments]
    for one in shuffled:
        chance.shuffle(one)  # type: ignore[attr-defined]  # a Random
    assert matched(*shuffled) == found


@given(st.lists(MOVEMENTS, max_size=8, unique_by=lambda one: one[1]))
def test_a_statement_that_is_the_books_leaves_nothing_open(rows: list[tuple[date, Decimal, str, str]]) -> None:
    found = matched(keyed("l", rows), keyed("p", rows))
    assert [(one.line[1:], one.payments[0][1:]) for one in found] == [(f"{i:02}",) * 2 for i in range(len(rows))]
