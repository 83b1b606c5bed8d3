"""Numbers and codes: gapless and fast series, rules as data, and many writers at once."""

from __future__ import annotations

import contextlib
import re
import threading
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import date
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import Engine, text

from hub import writes
from hub.context import system_viewer
from hub.db.engine import make_engine
from hub.document.patterns import Pattern, Reset
from hub.errors import Conflict, Invalid
from tests.writing.conftest import Work

WRITERS = 32


class Undo(Exception):
    """Ends a unit of work without a commit."""


def rule(work: Work, document_type: str, pattern: str, **more: Any) -> Any:
    values = {"code": f"{document_type} {pattern}", "name": pattern, "document_type": document_type, "pattern": pattern}
    with work() as ctx:
        return writes.create(ctx, "CodeRule", {**values, **more})


def made(work: Work, document_type: str, values: dict[str, Any]) -> Any:
    with work() as ctx:
        document = writes.create(ctx, document_type, values)
    return document.code if document_type in ("Item", "Customer") else document.number


def item(work: Work, **more: Any) -> Any:
    return made(work, "Item", {"name": "件", "unit": "PCS", **more})


def column(engine: Engine, statement: str) -> list[Any]:
    with engine.connect() as connection:
        return list(connection.execute(text(statement)).scalars())


def test_a_fast_number_that_is_rolled_back_leaves_a_gap_and_a_gapless_one_none(work: Work, order: Any) -> None:
    for gapless, third in ((False, "F-00003"), (True, "G-00002")):
        one = rule(work, "SalesOrder", f"{third[0]}-{{seq:05}}", gapless=gapless)
        assert made(work, "SalesOrder", order) == f"{third[0]}-00001"
        with contextlib.suppress(Undo), work() as ctx:
            assert writes.create(ctx, "SalesOrder", order).number == f"{third[0]}-00002"
            raise Undo
        assert made(work, "SalesOrder", order) == third
        with work() as ctx:
            writes.update(ctx, "CodeRule", one.id, {"active": False})
    assert made(work, "SalesOrder", order) == "SO-202603-00001"


def test_a_dry_run_shows_numbers_and_takes_none(work: Work, order: Any) -> None:
    for gapless in (False, True):
        one = rule(work, "SalesOrder", f"{'G' if gapless else 'F'}{{seq:03}}", gapless=gapless)
        for _ in range(2):
            with work(dry_run=True) as ctx:
                found = [writes.create(ctx, "SalesOrder", order).number[1:] for _ in range(3)]
            assert found == ["001", "002", "003"]
        assert made(work, "SalesOrder", order)[1:] == "001"
        with work() as ctx:
            writes.update(ctx, "CodeRule", one.id, {"active": False})


def test_many_documents_take_their_numbers_together_and_give_back_what_is_left(work: Work, order: Any) -> None:
    rule(work, "SalesOrder", "F-{seq:05}")
    with work(many=True) as ctx:
        found = [writes.create(ctx, "SalesOrder", order).number for _ in range(24)]
    assert found == [f"F-{at:05}" for at in range(1, 25)]
    assert made(work, "SalesOrder", order) == "F-00025"
    with work(many=True) as ctx:
        found = [writes.create(ctx, "SalesOrder", order).number for _ in range(24)]
        assert made(work, "SalesOrder", order) == "F-00066"  # somebody else's: what is left before it is a gap
    assert found == [f"F-{at:05}" for at in range(26, 50)]
    assert made(work, "SalesOrder", order) == "F-00067"


def test_writers_of_a_fast_series_do_not_wait_for_each_other(engine: Engine, work: Work, order: Any) -> None:
    rule(work, "SalesOrder", "F-{seq:05}")
    with work() as first:
        taken = writes.create(first, "SalesOrder", order).number
        assert made(work, "SalesOrder", order) == "F-00002"  # the first has not committed
    assert taken == "F-00001"


@pytest.mark.parametrize("gapless", [True, False])
def test_many_writers_at_once(
    engine: Engine, work: Work, order: Any, gapless: bool, proof_count: Callable[[int, int], int]
) -> None:
    """No double, no deadlock, for the gapless kind no gap: each takes two numbers, half of them in the other order."""
    rule(work, "SalesOrder", "V-{seq:05}", gapless=gapless)
    rule(work, "Customer", "K-{seq:04}", gapless=gapless)
    each, many = proof_count(4, 40), make_engine(engine.url, pool_size=WRITERS)
    begin = threading.Barrier(WRITERS)

    def write(index: int) -> None:
        begin.wait()
        for turn in range(each):
            bodies = [("SalesOrder", order), ("Customer", {"name": f"客户{index}"})]
            with contextlib.suppress(Undo), writes.unit_of_work(many, system_viewer("test"), "test") as ctx:
                for name, values in bodies if index % 2 else reversed(bodies):
                    writes.create(ctx, name, values)
                if turn == 1:
                    raise Undo

    with ThreadPoolExecutor(WRITERS) as pool:
        list(pool.map(write, range(WRITERS)))
    many.dispose()
    kept = WRITERS * (each - 1)
    for statement, shape in (
        ("SELECT number FROM hub.sales_order ORDER BY number", "V-{:05}"),
        ("SELECT code FROM hub.customer WHERE code LIKE 'K-%' ORDER BY code", "K-{:04}"),
    ):
        found = column(engine, statement)
        assert len(set(found)) == len(found) == kept
        if gapless:
            assert found == [shape.format(one) for one in range(1, kept + 1)]


def test_a_counter_begins_after_what_is_there(work: Work, order: Any) -> None:
    with work() as ctx:
        rows = [{**order, "number": number} for number in ("SO-202603-00041", "SO-202604-00007", "SO-202603-x9")]
        assert writes.load(ctx, "SalesOrder", rows).inserted == 3
    with work(dry_run=True) as ctx:
        assert writes.create(ctx, "SalesOrder", order).number == "SO-202603-00042"
    assert made(work, "SalesOrder", order) == "SO-202603-00042"


@pytest.mark.parametrize(
    ("reset", "days"),
    [
        ("pattern", {"2025-12-31": "251231-01", "2026-01-01": "260101-01", "2026-02-01": "260201-01"}),
        ("day", {"2025-12-31": "251231-01", "2026-01-01": "260101-01", "2026-01-02": "260102-01"}),
        ("month", {"2025-12-31": "251231-01", "2026-01-01": "260101-01", "2026-01-02": "260102-02"}),
        ("year", {"2025-12-31": "251231-01", "2026-01-01": "260101-01", "2026-02-01": "260201-02"}),
        ("never", {"2025-12-31": "251231-01", "2026-01-01": "260101-02", "2026-02-01": "260201-03"}),
    ],
)
def test_numbers_begin_anew_as_the_rule_says(work: Work, order: Any, reset: str, days: dict[str, str]) -> None:
    rule(work, "SalesOrder", "{yy}{mm}{dd}-{seq:02}", reset=reset)
    assert {day: made(work, "SalesOrder", {**order, "order_date": day}) for day in days} == days


def test_items_are_coded_by_their_category_and_given_codes_are_kept(work: Work) -> None:
    rule(work, "Item", "RM-{category}-{seq:03}", field_name="kind", field_value="raw", reset="field")
    rule(work, "Item", "TZ{seq:03}", field_name="category", field_value="图纸")
    assert item(work, kind="raw", category="ABS") == "RM-ABS-001"
    assert item(work, kind="raw", category="ABS") == "RM-ABS-002"
    assert item(work, kind="raw", category="PP") == "RM-PP-001"
    assert item(work, kind="raw", category="PP", code="自编") == "自编"
    assert item(work, kind="finished", category="图纸") == "TZ001"
    with pytest.raises(Invalid) as raised:
        item(work, kind="finished")
    assert [(one.code, one.path) for one in raised.value.problems] == [("FIELD_MISSING", ("code",))]
    with pytest.raises(Conflict):
        item(work, code="自编")


def test_a_rule_may_show_what_a_link_leads_to(work: Work, order: Any) -> None:
    rule(work, "SalesOrder", "{customer}/{seq:03}", reset="field")
    assert made(work, "SalesOrder", order) == "K1/001"
    made(work, "Customer", {"code": "K{seq:9}", "name": "怪"})
    assert made(work, "SalesOrder", {**order, "customer": "K{seq:9}"}) == "K{seq:9}/001"


def test_a_rule_is_of_its_company_alone(engine: Engine, work: Work, order: Any) -> None:
    rule(work, "Customer", "C-{seq:03}")
    with work() as ctx:
        other = writes.create(ctx, "Company", {"code": "C2", "name": "二公司"}).id
    with pytest.raises(Invalid), work(replace(system_viewer("test"), company_id=other)) as ctx:
        writes.create(ctx, "Customer", {"name": "无码"})
    assert made(work, "Customer", {"name": "有码"}) == "C-001"


@pytest.mark.parametrize(
    ("values", "expected"),
    [
        ({"pattern": "SO-{yyyy}"}, {("PATTERN_INVALID", "pattern")}),
        ({"pattern": "{seq:3}{seq:3}"}, {("PATTERN_INVALID", "pattern")}),
        ({"pattern": "A{seq:05"}, {("PATTERN_INVALID", "pattern")}),
        ({"pattern": "A{seq:77}"}, {("PATTERN_INVALID", "pattern")}),
        ({"pattern": "{colour}{seq:3}"}, {("PATTERN_INVALID", "pattern")}),
        ({"pattern": "{mm}{seq:3}", "reset": "month"}, {("PATTERN_INVALID", "pattern")}),
        ({"pattern": "{yyyy}{seq:3}", "reset": "field"}, {("PATTERN_INVALID", "pattern")}),
        ({"document_type": "Nothing"}, {("TYPE_NOT_NUMBERED", "documentType")}),
        ({"document_type": "StockEntry"}, {("TYPE_NOT_NUMBERED", "documentType")}),
        ({"field_name": "colour", "field_value": "red"}, {("FIELD_UNKNOWN", "fieldName")}),
        ({"field_name": "customer"}, {("FIELD_MISSING", "fieldValue")}),
        (
            {"pattern": "{x}", "field_name": "y"},
            {("PATTERN_INVALID", "pattern"), ("FIELD_UNKNOWN", "fieldName"), ("FIELD_MISSING", "fieldValue")},
        ),
    ],
)
def test_a_wrong_rule_is_refused_with_everything_that_is_wrong(
    work: Work, values: dict[str, Any], expected: set[tuple[str, str]]
) -> None:
    body = {"code": "R", "name": "规则", "document_type": "SalesOrder", "pattern": "SO{seq:4}"}
    with pytest.raises(Invalid) as raised, work() as ctx:
        writes.create(ctx, "CodeRule", {**body, **values})
    assert {(one.code, ".".join(one.path)) for one in raised.value.problems} == expected
    assert all(one.message.chinese and one.message.english for one in raised.value.problems)
    with work() as ctx:
        writes.create(ctx, "CodeRule", body)


def _patterns() -> Iterator[tuple[str, Reset]]:
    for parts in ("{yyyy}{mm}{dd}", "{yy}-{mm}-{dd}/{category}"):
        for reset in Reset:
            if reset is not Reset.FIELD or "category" in parts:
                yield f"X{parts}-{{seq:04}}", reset


@given(
    st.sampled_from(list(_patterns())),
    st.lists(
        st.tuples(
            st.dates(date(2019, 1, 1), date(2031, 1, 1)), st.sampled_from(["", "A", "A-0001", "中{seq:04}", "2601"])
        ),
        max_size=40,
    ),
)
def test_numbers_are_never_doubled_and_their_counter_knows_them_again(
    pattern_reset: tuple[str, Reset], documents: list[tuple[date, str]]
) -> None:
    """Each counter counts by itself; its expression finds its own running number in what it gave."""
    text_, reset = pattern_reset
    pattern = Pattern(text_)
    assert not list(pattern.problems(reset, ["category"]))
    counters: dict[str, int] = {}
    numbers: set[str] = set()
    for day, category in documents:
        value = lambda _, shown=category: shown  # noqa: E731
        within = pattern.within(reset, day, value)
        counters[within] = counters.get(within, 0) + 1
        number = pattern.number(counters[within], day, value)
        assert number not in numbers
        numbers.add(number)
        found = re.match(pattern.matching(reset, day, value), number)
        assert found is not None
        assert int(found[1]) == counters[within]
