"""Bills of material in the database: the rules are given what was released, day by day and in the items' units."""

from __future__ import annotations

import threading
from collections.abc import Callable
from datetime import date, timedelta
from decimal import Decimal
from random import Random
from typing import Any

import pytest

from hub.errors import HubError
from tests.design.conftest import FIRST, Designs


def test_all_that_is_wrong_with_a_bill_is_told_at_once(designs: Designs) -> None:
    lines = [
        {"component": "PP", "quantity": "0"},
        {"component": "BOX", "quantity": "1", "unit": "KG"},
        {"component": "INK", "quantity": "2", "unit": "KG"},
    ]
    made = designs.bom("COVER", lines=lines, unit="G")
    assert designs.refused("Bom", made, "release") == [
        ("QUANTITY_NOT_POSITIVE", "lines.0.quantity"),
        ("UNIT_UNUSABLE", "unit"),
        ("UNIT_UNUSABLE", "lines.1.unit"),
    ]


def test_quantities_are_handed_over_in_the_items_units(designs: Designs) -> None:
    """A hundred covers of 25 g each lose 2 %; the ink is kept in grams and given in kilograms."""
    lines = [
        {"component": "PP", "quantity": "2500", "unit": "G", "scrap_rate": "2"},
        {"component": "INK", "quantity": "0.003", "unit": "KG"},
    ]
    designs.released("COVER", lines=lines, quantity="100")
    needed = designs.structures(FIRST, "COVER").totals({"COVER": Decimal(1000)})
    assert needed == {"PP": Decimal("25.5"), "INK": Decimal(30)}


def test_loops_are_refused_by_name_on_every_day(designs: Designs) -> None:
    designs.released("KIT", parts={"COVER": "1"})
    designs.released("COVER", parts={"BLANK": "1"})
    assert designs.refused("Bom", designs.bom("BLANK", parts={"BLANK": "1"}), "release") == [("BOM_LOOP", "")]
    closing = designs.bom("BLANK", parts={"PP": "1", "KIT": "1"})
    with pytest.raises(HubError, match="COVER → BLANK → KIT → COVER"):
        designs.step("Bom", closing, "release")
    later = FIRST + timedelta(days=10)
    designs.released("COVER", "B", later, parts={"PP": "1"})
    until_then = designs.bom("BLANK", "C", FIRST, parts={"KIT": "1"})
    assert designs.refused("Bom", until_then, "release") == [("BOM_LOOP", "")], "until the tenth day it still loops"
    from_then = designs.released("BLANK", "D", later, parts={"KIT": "1"})
    assert designs.row("Bom", from_then).state == "released"
    back = designs.bom("COVER", "E", later + timedelta(days=5), parts={"BLANK": "1"})
    assert designs.refused("Bom", back, "release") == [("BOM_LOOP", "")]


def test_of_two_bills_released_at_once_only_one_can_close_the_loop(designs: Designs) -> None:
    made = [designs.bom("KIT", parts={"COVER": "1"}), designs.bom("COVER", parts={"KIT": "1"})]
    outcomes: list[str] = []

    def release(id_: Any) -> None:
        try:
            designs.step("Bom", id_, "release")
            outcomes.append("released")
        except HubError as error:
            outcomes.append(error.problems[0].code)

    threads = [threading.Thread(target=release, args=(id_,)) for id_ in made]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(outcomes) == ["BOM_LOOP", "released"]


def test_operations_are_told_by_their_place_in_the_routing_of_the_day(designs: Designs) -> None:
    lines = [{"component": "PP", "quantity": "1", "operation": "MOLD"}, {"component": "INK", "quantity": "1"}]
    designs.released("COVER", lines=lines)
    for version, start, sequence in (("A", FIRST, 10), ("B", FIRST + timedelta(days=5), 30)):
        operations = [{"sequence": sequence, "operation": "MOLD"}]
        body = {"item": "COVER", "routing_version": version, "start_date": start, "operations": operations}
        designs.step("Routing", designs.create("Routing", body), "release")
    for day, place in ((FIRST, 10), (FIRST + timedelta(days=5), 30)):
        nodes = list(designs.structures(day, "COVER").explode("COVER", Decimal(1)))
        assert [(node.item, node.operation) for node in nodes] == [("COVER", None), ("PP", place), ("INK", None)]


Kept = dict[tuple[str, date], dict[str, Decimal]]


def release_at_random(designs: Designs, random: Random, count: int) -> Kept:
    """Versions of random bills on random days, each of later items only; what was released, by item and first day."""
    items, kept = list(reversed(["PP", "SM", "BOX", "BLANK", "COVER", "KIT"])), Kept()
    for at in range(count):
        place = random.randrange(len(items) - 1)
        day = FIRST + timedelta(days=random.randrange(20))
        if (items[place], day) in kept:
            continue
        chosen = random.sample(items[place + 1 :], random.randint(1, min(3, len(items) - place - 1)))
        parts = {code: Decimal(random.randint(1, 400)) / 100 for code in chosen}
        designs.released(items[place], f"V{at}", day, parts={code: str(part) for code, part in parts.items()})
        former = [one for one in kept if one[0] == items[place] and one[1] > day]
        for one in former:  # what began later has ended before it began
            del kept[one]
        kept[items[place], day] = parts
    return kept


def naive(kept: Kept, item: str, day: date) -> dict[str, Decimal]:
    """Everything in one piece of an item on a day."""
    starts = [start for one, start in kept if one == item and start <= day]
    found: dict[str, Decimal] = {}
    for code, part in (kept[item, max(starts)] if starts else {}).items():
        for below, more in (*naive(kept, code, day).items(), (code, Decimal(1))):
            found[below] = found.get(below, Decimal(0)) + part * more
    return found


def test_random_versions_explode_as_a_plain_reckoning_does(
    designs: Designs, proof_count: Callable[[int, int], int]
) -> None:
    for seed in range(proof_count(2, 25)):
        with designs.engine.begin() as connection:
            connection.exec_driver_sql("UPDATE hub.item SET current_bom_id = NULL")
            connection.exec_driver_sql("DELETE FROM hub.bom")
        kept = release_at_random(designs, Random(seed), 12)  # noqa: S311  (a test's dice)
        for day in (FIRST + timedelta(days=offset) for offset in (0, 3, 9, 15, 30)):
            known = designs.structures(day)
            for item in ("KIT", "COVER", "BLANK"):
                wanted = {code: round(part, 4) for code, part in naive(kept, item, day).items()}
                found = designs.structures(day, item).totals({item: Decimal(1)})
                assert set(found) == set(wanted)
                assert all(abs(part - wanted[code]) <= Decimal("0.0001") for code, part in found.items())
                assert known.totals({item: Decimal(1)}) == found
