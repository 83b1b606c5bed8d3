"""Credit: what is refused is refused for every larger order, and for every customer who owes more."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta
from decimal import Decimal

from hypothesis import given
from hypothesis import strategies as st

from hub.rules.credit import Exposure, refusals, room

DAY = date(2026, 5, 31)
AMOUNTS = st.decimals(0, 100_000, places=2)
EXPOSURES = st.builds(
    Exposure,
    AMOUNTS,
    AMOUNTS,
    AMOUNTS,
    AMOUNTS,
    AMOUNTS,
    st.none() | st.integers(-30, 60).map(lambda days: DAY - timedelta(days=days)),
)
LIMITS = st.none() | AMOUNTS


def codes(limit: Decimal | None, exposure: Exposure, amount: Decimal, grace: int = 0) -> set[str]:
    return {one.code for one in refusals(limit, exposure, amount, DAY, grace)}


@given(LIMITS, EXPOSURES, AMOUNTS, AMOUNTS)
def test_what_is_refused_stays_refused_when_more_is_asked_for_or_owed(
    limit: Decimal | None, exposure: Exposure, amount: Decimal, more: Decimal
) -> None:
    found = codes(limit, exposure, amount)
    assert found <= codes(limit, exposure, amount + more)
    assert found <= codes(limit, replace(exposure, ordered=exposure.ordered + more), amount)


@given(LIMITS, EXPOSURES)
def test_the_room_is_what_may_still_be_ordered_to_the_cent(limit: Decimal | None, exposure: Exposure) -> None:
    left = room(limit, exposure)
    if left is None:
        assert "CREDIT_EXCEEDED" not in codes(limit, exposure, Decimal(10) ** 12)
        return
    assert "CREDIT_EXCEEDED" in codes(limit, exposure, left + Decimal("0.01"))
    if left:
        assert "CREDIT_EXCEEDED" not in codes(limit, exposure, left)


@given(EXPOSURES, AMOUNTS, st.integers(0, 60))
def test_overdue_money_stops_an_order_after_the_days_of_grace(exposure: Exposure, amount: Decimal, grace: int) -> None:
    since = exposure.overdue_since
    late = exposure.overdue > 0 and since is not None and since + timedelta(days=grace) < DAY
    assert ("CREDIT_OVERDUE" in codes(None, exposure, amount, grace)) == (late and amount > 0)


def test_money_paid_ahead_makes_room() -> None:
    exposure = Exposure(Decimal(500), Decimal(100), Decimal(200), advances=Decimal(300))
    assert exposure.total == 500
    assert room(Decimal(1000), exposure) == 500
    assert room(Decimal(400), exposure) == 0
    assert codes(Decimal(400), exposure, Decimal(1)) == {"CREDIT_EXCEEDED"}
    assert codes(Decimal(400), exposure, Decimal(0)) == set()
