"""Backflush: however work is reported, the materials of all pieces are taken once, and what was taken can come back."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal
from random import Random

from hypothesis import given
from hypothesis import strategies as st

from hub.rules.backflush import COMPLETION, Material, backflush, due, passed
from hub.rules.bom import Component

Materials = list[Material[str]]
Reports = list[tuple[int | None, Decimal]]
OPERATIONS = (10, 20, 30)
COUNTS = st.integers(0, 400).map(Decimal)
MATERIALS = st.lists(
    st.builds(
        Material,
        st.builds(
            Component,
            st.sampled_from(["PP", "ink", "carton"]),
            st.integers(1, 3000).map(lambda ten_thousandths: Decimal(ten_thousandths) / 10_000),
            st.sampled_from([Decimal(0), Decimal("1.5"), Decimal(7)]),
            st.sampled_from([None, *OPERATIONS]),
        ),
        st.sampled_from([Decimal(1), Decimal(3), Decimal(1000)]),
    ),
    min_size=1,
    max_size=5,
)
REPORTS = st.lists(st.tuples(st.sampled_from([None, *OPERATIONS]), COUNTS), max_size=12)


def counted(reports: Reports) -> dict[int | None, Decimal]:
    """Pieces per operation after these reports."""
    sums: dict[int | None, Decimal] = dict.fromkeys((COMPLETION, *OPERATIONS), Decimal(0))
    for operation, count in reports:
        sums[operation] += count
    reported = {operation: count for operation, count in sums.items() if operation is not None}
    return passed(OPERATIONS, reported, sums[COMPLETION])


def book(materials: Materials, pieces: dict[int | None, Decimal]) -> Materials:
    """The materials after everything that is due was taken, or given back."""
    changes = {id(material): change for material, change in backflush(materials, pieces)}
    return [replace(one, flushed=one.flushed + changes.get(id(one), Decimal(0))) for one in materials]


@given(MATERIALS, REPORTS, st.randoms())
def test_neither_order_nor_size_of_reports_matters(materials: Materials, reports: Reports, random: Random) -> None:
    step_by_step = materials
    for end in range(len(reports) + 1):
        step_by_step = book(step_by_step, counted(reports[:end]))
    shuffled = list(reports)
    random.shuffle(shuffled)
    at_once = book(materials, counted(shuffled))
    assert step_by_step == at_once
    for material in at_once:
        pieces = counted(reports)
        assert material.flushed == due(material, pieces.get(material.component.operation, pieces[COMPLETION]))


@given(MATERIALS, REPORTS)
def test_a_report_told_twice_takes_nothing(materials: Materials, reports: Reports) -> None:
    assert list(backflush(book(materials, counted(reports)), counted(reports))) == []


@given(MATERIALS, REPORTS, REPORTS)
def test_what_is_taken_back_undoes(materials: Materials, reports: Reports, mistaken: Reports) -> None:
    before = book(materials, counted(reports))
    assert book(book(before, counted([*reports, *mistaken])), counted(reports)) == before


@given(MATERIALS, REPORTS, st.lists(st.integers(0, 50).map(Decimal), min_size=5, max_size=5))
def test_what_the_stores_handed_out_is_not_taken_again(
    materials: Materials, reports: Reports, by_hand: list[Decimal]
) -> None:
    """Together never less than due, more only when the stores alone gave more."""
    given_out = [replace(one, by_hand=hand) for one, hand in zip(materials, by_hand, strict=False)]
    pieces = counted(reports)
    for material in book(given_out, pieces):
        needed = due(material, pieces.get(material.component.operation, pieces[COMPLETION]))
        assert material.flushed == max(Decimal(0), needed - material.by_hand)


@given(REPORTS, REPORTS)
def test_pieces_only_move_forward(reports: Reports, more: Reports) -> None:
    """No operation has seen fewer pieces than a later one, and a further report never lowers a count."""
    now, later = counted(reports), counted([*reports, *more])
    flow = [now[operation] for operation in (*OPERATIONS, COMPLETION)]
    assert flow == sorted(flow, reverse=True)
    assert all(later[operation] >= now[operation] for operation in now)


def test_a_run_with_scrap_and_an_operation_nobody_reported() -> None:
    """100 moulded of which 4 are scrapped, printing not reported, 96 packed: ink for 96, granulate for 100."""
    materials = [
        Material(Component("PP", Decimal("0.05"), Decimal(2), 10)),
        Material(Component("ink", Decimal(3), operation=20), base_quantity=Decimal(1000)),
        Material(Component("carton", Decimal(1)), base_quantity=Decimal(24)),
    ]
    pieces = passed(OPERATIONS, {10: Decimal(100), 30: Decimal(96)}, completed=Decimal(96))
    taken = {material.component.item: change for material, change in backflush(materials, pieces)}
    assert taken == {"PP": Decimal("5.1"), "ink": Decimal("0.288"), "carton": Decimal(4)}
