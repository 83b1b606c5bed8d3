"""The digital invoice: what is refused, all at once, and what older kinds need not have."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hub.rules.tax_invoices import DIGITAL, not_issuable, wrong_number

CATEGORY = "1070601010000000000"


NUMBERS = st.text(alphabet="0123456789", min_size=18, max_size=22) | st.text(alphabet="0123456789-X", max_size=24)


@given(NUMBERS, st.sampled_from(DIGITAL))
def test_a_number_is_twenty_digits(number: str, kind: str) -> None:
    right = len(number) == 20 and number.isdigit()
    assert (not list(wrong_number(kind, number))) == right


def test_a_number_that_has_not_come_and_paper_are_left_alone() -> None:
    assert not list(wrong_number("digital_special", None))
    assert not list(wrong_number("paper_special", "12345678"))
    assert not list(wrong_number(None, "值"))


@pytest.mark.parametrize(
    ("kind", "buyer", "seller", "categories", "codes"),
    [
        ("digital_special", None, None, ["1", CATEGORY], ["BUYER_TAX_NUMBER", "SELLER_TAX_NUMBER", "TAX_CATEGORY"]),
        ("digital_ordinary", None, "9133", [None], []),
        ("digital_special", "9144", "9133", [CATEGORY], []),
        ("paper_special", None, None, ["1"], []),
    ],
)
def test_everything_that_is_missing_is_told(
    kind: str, buyer: str | None, seller: str | None, categories: list[str | None], codes: list[str]
) -> None:
    assert [one.code for one in not_issuable(kind, buyer, seller, categories)] == codes
