"""Any values for fields of every kind: what fits is read back as it is meant, what does not is told at its place."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta, timezone
from decimal import Decimal
from itertools import count
from typing import Any

import hypothesis.strategies as st
from hypothesis import HealthCheck, given, settings

from hub.settings import settings as hub_settings
from tests.custom.conftest import OPTIONS, Workshop

EXAMPLES = 600 if hub_settings().prove else 40
_CODES = count(1)
Fitting = tuple[Any, Any]
"""What is given, and what it means."""
_WORDS = {word: one["value"] for one in OPTIONS for word in (one["value"], one["name"], one["english_name"].upper())}
_TEXT = st.text(st.characters(categories=["L", "N", "P", "S", "Zs"]), min_size=1, max_size=60).filter(str.strip)
_ZONES = st.sampled_from([UTC, timezone(timedelta(hours=8)), timezone(-timedelta(hours=3, minutes=30))])
_DAYS = st.dates(min_value=date(1900, 1, 1))
_MOMENTS = st.builds(datetime.combine, st.dates(date(1901, 1, 1), date(2090, 1, 1)), st.times(), tzinfo=_ZONES).map(
    lambda one: one.replace(microsecond=0)
)
_TRUTHS: list[Fitting] = [(True, True), ("true", True), ("是", True), (False, False), ("no", False), ("否", False)]

FITS: dict[str, st.SearchStrategy[Fitting]] = {
    "remark": _TEXT.map(lambda one: (one, one.strip())),
    "thickness": st.tuples(st.integers(-(10**9), 10**9), st.booleans()).map(
        lambda drawn: (f"{Decimal(drawn[0]) / 1000:{'.3f' if drawn[1] else 'f'}}", f"{Decimal(drawn[0]) / 1000:.3f}")
    ),
    "cavities": st.tuples(st.integers(1 - 2**31, 2**31 - 1), st.booleans()).map(
        lambda drawn: (str(drawn[0]) if drawn[1] else drawn[0], drawn[0])
    ),
    "coated": st.sampled_from(_TRUTHS),
    "checked": _DAYS.map(lambda one: (one.isoformat(), one.isoformat())),
    "seen_at": _MOMENTS.map(lambda one: (one.isoformat(), one)),
    "colour": st.sampled_from(sorted(_WORDS.items())),
    "markets": st.lists(st.sampled_from(sorted(_WORDS)), min_size=1, max_size=5).map(
        lambda drawn: (drawn, list(dict.fromkeys(_WORDS[one] for one in drawn)))
    ),
    "painter": st.sampled_from([("S1", "S1"), ("S2", "S2")]),
}
WRONG: dict[str, st.SearchStrategy[tuple[Any, str]]] = {
    "remark": st.integers(501, 900).map(lambda length: ("长" * length, "TOO_LONG")),
    "thickness": st.sampled_from(
        [("1.0001", "TOO_MANY_DECIMALS"), ("x", "VALUE_INVALID"), ("NaN", "VALUE_INVALID"), ({}, "VALUE_INVALID")]
    ),
    "cavities": st.sampled_from([("2.5", "VALUE_INVALID"), ("eight", "VALUE_INVALID")]),
    "coated": st.sampled_from([("maybe", "VALUE_INVALID"), (2, "VALUE_INVALID"), ([True], "VALUE_INVALID")]),
    "checked": st.sampled_from([("2026-02-29", "VALUE_INVALID"), ("soon", "VALUE_INVALID")]),
    "seen_at": st.sampled_from([("2026-01-01T25:00:00Z", "VALUE_INVALID"), ("soon", "VALUE_INVALID")]),
    "colour": _TEXT.filter(lambda one: one.strip().lower() not in {word.lower() for word in _WORDS}).map(
        lambda one: (one, "CHOICE_UNKNOWN")
    ),
    "markets": st.just((["red", "pink"], "CHOICE_UNKNOWN")),
    "painter": st.sampled_from([("S9", "LINK_UNKNOWN"), ("喷涂S1", "LINK_UNKNOWN")]),
    "nothing": st.just(("x", "CUSTOM_FIELD_UNKNOWN")),
}
CREATE = "mutation C($input: CreateItemInput!) { createItem(input: $input) { item { extra } problems { code path } } }"


@given(
    fitting=st.fixed_dictionaries({}, optional=FITS),
    wrong=st.one_of(st.just({}), st.fixed_dictionaries({}, optional=WRONG)),
)
@settings(max_examples=EXAMPLES, deadline=None, suppress_health_check=list(HealthCheck))
def test_what_fits_is_kept_and_what_does_not_is_told(
    workshop: Workshop, fitting: dict[str, Fitting], wrong: dict[str, tuple[Any, str]]
) -> None:
    code = f"H{next(_CODES)}"
    extra = {key: value for key, (value, _) in (fitting | wrong).items()}
    answer = workshop.data(CREATE, {"input": {"code": code, "name": code, "unit": "u", "extra": extra}})["createItem"]
    told = {tuple(one["path"]): one["code"] for one in answer["problems"]}
    assert told == {("extra", key): expected for key, (_, expected) in wrong.items()}
    if wrong:
        assert answer["item"] is None
        return
    shown = answer["item"]["extra"]
    meant: dict[str, Callable[[Any], Any]] = {"seen_at": datetime.fromisoformat}
    assert {key: meant.get(key, lambda one: one)(value) for key, value in shown.items()} == {
        key: expected for key, (_, expected) in fitting.items()
    }
