"""Budgets: whoever goes beyond is told, all at once, in whatever order; nobody else is."""

from __future__ import annotations

from decimal import Decimal

from hypothesis import given
from hypothesis import strategies as st

from hub.rules.budgets import Ceiling, Spending, exceeded, used

ACCOUNTS = st.sampled_from(["56", "5601", "5602", "560201", "560202"])
DEPARTMENTS = st.sampled_from(["shop", "office", "sales", None])
CENTS = st.integers(0, 10**6).map(lambda cents: Decimal(cents) / 100)
SPENDINGS = st.lists(st.builds(Spending, ACCOUNTS, DEPARTMENTS, CENTS), max_size=8)
CEILINGS = st.lists(
    st.builds(
        Ceiling,
        st.integers(),
        CENTS,
        ACCOUNTS,
        st.none() | st.frozensets(st.sampled_from(["shop", "office", "sales"]), min_size=1),
    ),
    max_size=6,
)


@given(CEILINGS, SPENDINGS, SPENDINGS)
def test_exactly_the_ceilings_that_wishes_break_are_told(
    ceilings: list[Ceiling], spent: list[Spending], wishes: list[Spending]
) -> None:
    told = exceeded(ceilings, spent, wishes)
    assert told == exceeded(ceilings, spent[::-1], wishes[::-1])
    plain = []
    for ceiling in ceilings:
        sums = []
        for given_ in (spent, wishes):
            whole = Decimal(0)
            for one in given_:
                mine = ceiling.departments is None or one.department in ceiling.departments
                if mine and one.account[: len(ceiling.account)] == ceiling.account:
                    whole += one.amount
            sums.append(whole)
        if sums[1] > 0 and sum(sums) > ceiling.amount:
            plain.append((ceiling, sum(sums) - ceiling.amount))
    assert [(one.ceiling, one.over) for one in told] == plain


@given(CEILINGS, SPENDINGS, SPENDINGS)
def test_what_was_let_through_never_breaks_a_ceiling(
    ceilings: list[Ceiling], spent: list[Spending], wishes: list[Spending]
) -> None:
    within = [one for one in ceilings if used(one, spent) <= one.amount]
    if not exceeded(within, spent, wishes):
        assert all(used(one, [*spent, *wishes]) <= one.amount for one in within)


def test_a_ceiling_reached_to_the_cent_is_not_broken() -> None:
    ceiling = Ceiling("k", Decimal("10.00"), "5602", frozenset({"shop"}))
    assert not exceeded([ceiling], [], [Spending("5602", "shop", Decimal("10.00"))])
    assert exceeded([ceiling], [], [Spending("5602", "shop", Decimal("10.01"))])[0].over == Decimal("0.01")
    assert not exceeded([ceiling], [], [Spending("5602", None, Decimal(99))])
