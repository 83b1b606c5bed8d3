"""Tax: whole cents, no further than half a cent from the exact one; and the rates of China's value added tax by day."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hub.rules.money import CENT, in_cents
from hub.rules.taxes import DatedRate, rate_on, tax_amount

NET = st.integers(0, 10_000_000).map(lambda cents: CENT * cents)
RATES = st.sampled_from([Decimal(rate) for rate in ("0", "1", "3", "6", "9", "13", "17")])
GENERAL = [
    DatedRate(Decimal(17), None, date(2018, 4, 30)),
    DatedRate(Decimal(16), date(2018, 5, 1), date(2019, 3, 31)),
    DatedRate(Decimal(13), date(2019, 4, 1)),
]


@given(NET, RATES)
def test_tax_is_the_nearest_cent_and_half_a_cent_goes_up(net: Decimal, rate: Decimal) -> None:
    tax, exact = tax_amount(net, rate), net * rate / 100
    assert in_cents(tax)
    assert -CENT / 2 <= exact - tax < CENT / 2


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
