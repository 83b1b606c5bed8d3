"""Tax: a cent is never lost between net and gross, and the rates of China's value added tax by day."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hub.rules.money import CENT, in_cents
from hub.rules.taxes import DatedRate, by_rate, rate_on, tax_amount, total, within

NET = st.integers(0, 10_000_000).map(lambda cents: CENT * cents)
RATES = st.sampled_from([Decimal(rate) for rate in ("0", "1", "3", "6", "9", "13", "17")])
GENERAL = [
    DatedRate(Decimal(17), None, date(2018, 4, 30)),
    DatedRate(Decimal(16), date(2018, 5, 1), date(2019, 3, 31)),
    DatedRate(Decimal(13), date(2019, 4, 1)),
]


@given(NET, RATES)
def test_gross_falls_apart_into_what_it_was_made_of(net: Decimal, rate: Decimal) -> None:
    tax = tax_amount(net, rate)
    assert within(net + tax, rate) == (net, tax)


@given(NET, RATES)
def test_net_and_tax_of_a_gross_amount_add_up_and_differ_from_the_tax_of_net_by_a_cent_at_most(
    gross: Decimal, rate: Decimal
) -> None:
    net, tax = within(gross, rate)
    assert net + tax == gross
    assert in_cents(net)
    assert abs(tax - tax_amount(net, rate)) <= CENT


@given(st.lists(st.tuples(NET, RATES)), st.randoms(use_true_random=False))
def test_the_summary_is_the_sum_of_the_lines_in_any_order(lines: list[tuple[Decimal, Decimal]], random: object) -> None:
    shuffled = list(lines)
    random.shuffle(shuffled)  # type: ignore[attr-defined]
    summary = by_rate(lines)
    assert by_rate(shuffled) == summary
    assert total(summary) == sum((net + tax_amount(net, rate) for net, rate in lines), Decimal(0))
    assert [one.rate for one in summary] == sorted({rate for _, rate in lines})


@pytest.mark.parametrize(
    ("day", "rate"),
    [
        (date(2018, 4, 30), 17),
        (date(2018, 5, 1), 16),
        (date(2019, 3, 31), 16),
        (date(2019, 4, 1), 13),
        (date(2026, 5, 1), 13),
    ],
)
def test_the_general_rate_of_chinas_value_added_tax(day: date, rate: int) -> None:
    """财税〔2018〕32号 and 财政部 税务总局 海关总署公告2019年第39号."""
    assert rate_on(GENERAL, day) == rate
    assert rate_on(reversed(GENERAL), day) == rate


def test_a_day_without_a_rate_has_none_and_a_later_beginning_goes_first() -> None:
    assert rate_on(GENERAL[1:2], date(2020, 1, 1)) is None
    overlapping = [DatedRate(Decimal(9)), DatedRate(Decimal(6), date(2020, 1, 1))]
    assert rate_on(overlapping, date(2020, 1, 1)) == 6
    assert rate_on(overlapping, date(2019, 12, 31)) == 9
