"""Bank matching: a published reconciliation, and that no line or payment is used twice or for other money."""

from __future__ import annotations

from datetime import date, timedelta
from decimal import Decimal
from random import Random

from hypothesis import given
from hypothesis import strategies as st

from hub.rules.bank_matching import SURE, Claim, Movement, matched, reconciled, settled_by, whose
from hub.rules.settlement import OpenItem

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


def claim(partner: str, number: str, amount: str, due: int = 1) -> Claim[str]:
    item = OpenItem(f"{partner}{number}", Decimal(amount), date(2008, 12, due), number)
    return Claim(partner, item, (number, f"FP-{number}"))


NAMES = {"a": "海天塑料有限公司", "b": "宁波模具厂", "c": "海天塑料有限公司", "d": "宁波模具厂北仑分厂"}


def test_money_is_the_partners_whose_name_invoice_or_amount_it_bears() -> None:
    claims = [claim("a", "I-10", "113"), claim("b", "I-11", "50"), claim("c", "I-12", "70")]

    def asked(amount: str, partner: str = "", **more: str) -> set[str]:
        return set(whose(moved("l", 29, amount, partner=partner, **more), NAMES, claims))

    assert asked("-9", "宁波模具厂") == {"b"}
    assert asked("-9", "宁波模具厂北仑分厂") == {"d"}  # the whole name goes before its beginning
    assert asked("-9", "海天塑料有限公司") == {"a", "c"}  # two of one name
    assert asked("-9", "海天塑料有限公司", text="付fp-i-12货款") == {"c"}
    assert asked("-113", "海天塑料有限公司") == {"a"}
    assert asked("-9", "别人", reference="I-11") == {"b"}
    assert asked("-9", "别人", reference="I-110") == set()  # another number
    assert asked("-50") == {"b"}
    assert asked("-50", "别人") == set()
    assert asked("-51") == set()


def test_a_line_settles_what_it_speaks_of_then_its_amount_then_what_is_due_first() -> None:
    claims = [claim("a", "I-1", "30", 1), claim("a", "I-2", "50", 2), claim("a", "I-3", "50", 3)]

    def shares(amount: str, text: str = "") -> list[tuple[str, str]]:
        return [(key, str(part)) for key, part in settled_by(moved("l", 29, amount, text=text), claims)]

    assert shares("-50") == [("aI-2", "50")]
    assert shares("-50", "I-3") == [("aI-3", "50")]
    assert shares("-60") == [("aI-1", "30"), ("aI-2", "30")]
    assert shares("-60", "I-3") == [("aI-3", "50"), ("aI-1", "10")]
    assert shares("-200") == [("aI-1", "30"), ("aI-2", "50"), ("aI-3", "50")]


@given(
    st.lists(st.tuples(st.integers(1, 99), st.integers(1, 28), st.booleans()), max_size=6),
    st.integers(1, 300),
    st.randoms(),
)
def test_no_cent_is_settled_twice_and_the_order_does_not_matter(
    items: list[tuple[int, int, bool]], amount: int, random: Random
) -> None:
    claims = [claim("a", f"N-{at:03}", str(open_), due) for at, (open_, due, _) in enumerate(items)]
    said = " ".join(f"N-{at:03}" for at, (_, _, named) in enumerate(items) if named)
    line = moved("l", 29, str(-amount), text=said)
    shares = settled_by(line, claims)
    left = {one.item.key: one.item.amount for one in claims}
    assert len({key for key, _ in shares}) == len(shares)
    assert all(0 < part <= left[key] for key, part in shares)
    assert sum(part for _, part in shares) == min(amount, sum(left.values()))
    random.shuffle(claims)
    assert sorted(settled_by(line, claims)) == sorted(shares)
    assert whose(line, NAMES, claims) == whose(line, NAMES, claims[::-1])
