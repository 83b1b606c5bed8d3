"""Every entity has the fields and states that the domain asks for: `fields.tsv` beside this file says which."""

from __future__ import annotations

import csv
from pathlib import Path

import pytest

from hub.document.registry import specs

_TABLE = Path(__file__).parent / "fields.tsv"


def _rows() -> list[dict[str, str]]:
    with _TABLE.open(encoding="utf-8", newline="") as file:
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
    assert not missing(row)
