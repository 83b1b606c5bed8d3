"""Who may be ordered of: admitted by a paper, suspended by another, scored by facts."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as some
from sqlalchemy import select

from hub import writes
from hub.document.registry import spec, table
from hub.errors import Refused
from hub.ledgers import supply
from hub.rules import scoring
from tests.purchasing.conftest import Buying
from tests.purchasing.test_payables import codes

ORDER = {"supplier": "S3", "order_date": "2026-05-05", "lines": [{"item": "I1", "quantity": "1", "unit_price": "1"}]}


def admission(buying: Buying, ctx: Any, *steps: str, **more: Any) -> Any:
    """An application for S3 with two criteria: 40 points of weight 1 and 80 of weight 3 are 70."""
    lines = [
        {"criterion": "质量体系", "weight": "1", "score": "40"},
        {"criterion": "现场", "weight": "3", "score": "80"},
    ]
    values = {"supplier": "S3", "license_checked": True, "sample_result": "passed", "lines": lines, **more}
    return buying.make(ctx, "SupplierAdmission", values, *steps)


def refused(buying: Buying, step: str) -> list[str]:
    with buying.work() as ctx:
        made = writes.create(ctx, "PurchaseOrder", ORDER)
    with pytest.raises(Refused) as raised, buying.work() as ctx:
        writes.run_step(ctx, "PurchaseOrder", made.id, step)
    return codes(raised)


def test_an_order_to_a_supplier_that_is_not_admitted_is_refused(buying: Buying) -> None:
    assert refused(buying, "submit") == refused(buying, "confirm") == ["SUPPLIER_NOT_ADMITTED"]
    with buying.work() as ctx:
        paper = admission(buying, ctx, "submit", "approve")
        assert buying.make(ctx, "PurchaseOrder", ORDER, "submit", "confirm").state.value == "confirmed"
        paper_table = spec("SupplierAdmission").table
        asked = select(spec("SupplierAdmission").derived["score"].sql(paper_table, table)).select_from(paper_table)
        assert ctx.session.execute(asked).scalar_one() == 70
    with buying.work() as ctx:
        writes.run_step(ctx, "SupplierAdmission", paper.id, "revoke", {"reason": "质量事故"})
    assert buying.value("SELECT admission FROM hub.supplier WHERE code = 'S3'") == "suspended"
    assert refused(buying, "confirm") == ["SUPPLIER_NOT_ADMITTED"]
    trail = "SELECT string_agg(verb, ' ' ORDER BY id) FROM audit.audit_entry WHERE document_id = "
    assert buying.value(trail + "(SELECT id FROM hub.supplier WHERE code = 'S3')") == "create admit admit"


def test_an_admission_that_has_run_out_admits_no_more(buying: Buying) -> None:
    with buying.work() as ctx:
        paper = admission(buying, ctx, "submit", "approve", valid_until_date="2099-12-31")
        buying.make(ctx, "PurchaseOrder", ORDER, "confirm")
        paper.valid_until_date = date(2026, 1, 1)
    assert refused(buying, "confirm") == ["ADMISSION_EXPIRED"]


def test_what_speaks_against_an_admission_is_told_at_once(buying: Buying) -> None:
    with buying.work() as ctx:
        low = [{"criterion": "现场", "weight": "2", "score": "59.9"}]
        more = {"license_checked": False, "sample_result": "failed", "valid_until_date": "2020-01-01", "lines": low}
        paper = admission(buying, ctx, "submit", **more)
    with pytest.raises(Refused) as raised, buying.work() as ctx:
        writes.run_step(ctx, "SupplierAdmission", paper.id, "approve")
    assert codes(raised) == ["ADMISSION_EXPIRED", "ADMISSION_SCORE_LOW", "LICENSE_UNCHECKED", "SAMPLE_FAILED"]


EVALUATION = {"supplier": "S1", "from_date": "2026-05-01", "until_date": "2026-05-31"}


def test_a_supplier_is_scored_by_what_it_brought(buying: Buying) -> None:
    with buying.work() as ctx:
        late = buying.ordered(ctx, "100", "1.20", promised_date="2026-05-10")
        buying.received(ctx, late, "60", rejected="6", day="2026-05-10")
        buying.received(ctx, late, "40", day="2026-05-15")  # five days late: half of it counts
        buying.ordered(ctx, "100", "0.80", supplier="S2")
        made = writes.create(ctx, "SupplierEvaluation", {**EVALUATION, "service_score": "90"})
        done = writes.run_step(ctx, "SupplierEvaluation", made.id, "calculate")
        # 94 of 100 good; 60 + 40 / 2 in time; the mean price is 1.00 where S1 took 1.20
        assert (done.quality_score, done.delivery_score) == (94, 80)
        assert done.price_score == Decimal("83.33")
        confirmed = writes.run_step(ctx, "SupplierEvaluation", made.id, "confirm")
        assert confirmed.grade.value == "B"
    score = spec("Supplier").derived["score"].sql
    with buying.work() as ctx:
        supplier = spec("Supplier").table
        asked = select(score(supplier, table)).where(supplier.c.code == "S1")
        # (94 × 40 + 80 × 30 + 83.33 × 20 + 90 × 10) / 100
        assert ctx.session.execute(asked).scalar_one() == Decimal("87.27")


def test_whoever_differs_from_the_facts_says_why_and_a_bad_score_suspends(buying: Buying) -> None:
    with buying.work() as ctx:
        made = writes.create(ctx, "SupplierEvaluation", {**EVALUATION, "quality_score": "10"})
        empty = writes.create(ctx, "SupplierEvaluation", EVALUATION)
    for id_, expected in ((made.id, ["EVALUATION_REASON_MISSING"]), (empty.id, ["EVALUATION_EMPTY"])):
        with pytest.raises(Refused) as raised, buying.work() as ctx:
            writes.run_step(ctx, "SupplierEvaluation", id_, "confirm")
        assert codes(raised) == expected
    with buying.work() as ctx:
        writes.update(ctx, "SupplierEvaluation", made.id, {"adjustment_reason": "两次停线"})
        assert writes.run_step(ctx, "SupplierEvaluation", made.id, "confirm").grade.value == "D"
    assert buying.value("SELECT admission FROM hub.supplier WHERE code = 'S1'") == "suspended"


_score = some.none() | some.integers(0, 1000).map(lambda tenths: Decimal(tenths) / 10)


def test_the_score_in_sql_is_that_of_the_rule(buying: Buying, proof_count: Callable[[int, int], int]) -> None:
    @settings(max_examples=proof_count(15, 200), deadline=None, database=None)
    @given(some.tuples(_score, _score, _score, _score), some.integers(-100, 100))
    def same(scores: tuple[Decimal | None, ...], adjustment: int) -> None:
        given = dict(zip(scoring.WEIGHTS, scores, strict=True))
        values = {f"{name}_score": None if one is None else str(one) for name, one in given.items()}
        with buying.work(dry_run=True) as ctx:
            made = writes.create(ctx, "SupplierEvaluation", {**EVALUATION, **values, "adjustment": str(adjustment)})
            evaluation = spec("SupplierEvaluation").table
            asked = select(supply.total_score(evaluation)).where(evaluation.c.id == made.id)
            found = ctx.session.execute(asked).scalar_one()
        expected = scoring.overall(given)
        assert found == (None if expected is None else scoring.adjusted(expected, Decimal(adjustment)))

    same()
