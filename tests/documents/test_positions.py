"""Lines that the hub puts on a document come last, and no position is used twice by one change."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from hub.document.positions import add_lines, replace_lines


class _Line:
    def __init__(self, position: int | None = None) -> None:
        self.position = position


def _document(positions: list[int]) -> Any:
    return SimpleNamespace(lines=[_Line(one) for one in positions])


@given(st.lists(st.integers(1, 9), unique=True), st.sets(st.integers(1, 9)), st.integers(0, 4))
def test_new_lines_come_behind_the_highest_position_there_was(there: list[int], stay: set[int], count: int) -> None:
    document, new = _document(there), [_Line() for _ in range(count)]
    kept = [line for line in document.lines if line.position in stay]
    replace_lines(document, "lines", kept, new)
    assert document.lines == [*kept, *new]
    highest = max(there, default=0)
    assert [line.position for line in new] == list(range(highest + 1, highest + 1 + count))
    assert {line.position for line in kept} == stay & set(there)


def test_adding_lines_removes_none() -> None:
    document = _document([4, 2])
    add_lines(document, "lines", (_Line() for _ in range(2)))
    assert [line.position for line in document.lines] == [4, 2, 5, 6]
