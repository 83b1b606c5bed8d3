"""Every entity has the fields and states that the domain asks for: `fields.tsv` beside this file says which."""

from __future__ import annotations

import csv
from pathlib import Path

import pytest

from hub.document.registry import specs

_HERE = Path(__file__).parent
TO_COME = frozenset((_HERE / "to_come.txt").read_text().split())
"""Types that lack something yet, one a line; a type that has everything must leave the list."""


def _rows() -> list[dict[str, str]]:
    with (_HERE / "fields.tsv").open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file, delimiter="\t"))


def missing(row: dict[str, str]) -> set[str]:
    """What a type lacks of its row: itself, fields, lines, links, derived values, states."""
    found = specs().get(row["type"])
    if found is None:
        return {row["type"]}
    stored = {*found.fields, *found.links, *found.lines, *found.derived, *found.inverses}
    lacking = {*row["fields"].split(), *row["derived"].split()} - stored
    states = {one.value for one in found.states or ()}
    return lacking | {f"state {one}" for one in row["states"].split() if one not in states}


@pytest.mark.parametrize("row", _rows(), ids=lambda row: str(row["type"]))
def test_a_type_has_what_the_domain_asks_for(row: dict[str, str]) -> None:
    lacking = missing(row)
    if row["type"] in TO_COME:
        assert lacking, f"{row['type']} has everything: take it off tests/catalogue/to_come.txt"
    else:
        assert not lacking


def test_the_list_of_what_is_to_come_names_types_of_the_table() -> None:
    assert {row["type"] for row in _rows()} >= TO_COME
