"""Pay items: an amount or a formula, and formulas that fit together whenever one of them is saved."""

from __future__ import annotations

from typing import Any

import pytest

from hub import writes
from hub.errors import Invalid, Refused
from tests.writing.conftest import Work


def saved(work: Work, code: str, **values: Any) -> Any:
    with work() as ctx:
        return writes.create(ctx, "PayItem", {"code": code, "name": code, **values}).id


def changed(work: Work, id_: Any, **values: Any) -> None:
    with work() as ctx:
        writes.update(ctx, "PayItem", id_, values)


def codes(error: pytest.ExceptionInfo[Any]) -> list[str]:
    return [one.code for one in error.value.problems]


def test_a_fixed_item_has_an_amount_and_a_formula_is_written_out(work: Work) -> None:
    for values in (
        {"basis": "fixed"},
        {"basis": "fixed", "amount": "200", "formula": "1"},
        {"basis": "formula"},
        {"basis": "entered", "amount": "5"},
    ):
        with pytest.raises(Invalid) as error:
            saved(work, "X", **values)
        assert set(codes(error)) == {"PAY_BASIS_MISMATCH"}
    saved(work, "X", basis="fixed", amount="200")


def test_formulas_of_a_company_fit_together(work: Work) -> None:
    base = saved(work, "BASE", basis="entered")
    hours = saved(work, "HOURS", basis="entered")
    overtime = saved(work, "OVERTIME", basis="formula", formula="max(0, HOURS - 174) * 30")
    gross = saved(work, "GROSS", basis="formula", formula="BASE + OVERTIME")
    for id_, formula, code in (
        (gross, "BASE + NIGHT", "FORMULA_UNKNOWN_NAME"),
        (overtime, "GROSS / 10", "FORMULA_LOOP"),
        (overtime, "HOURS **", "FORMULA_UNREADABLE"),
    ):
        with pytest.raises(Refused) as error:
            changed(work, id_, formula=formula)
        assert codes(error) == [code]
    with pytest.raises(Refused) as error:
        changed(work, base, active=False)  # a formula names it
    assert codes(error) == ["FORMULA_UNKNOWN_NAME"]
    changed(work, gross, active=False)
    changed(work, base, active=False)
    changed(work, hours, name="工时")
