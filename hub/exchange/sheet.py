"""What a file holds before anybody knows what it means: headings, rows of cells, and the walls around them.

The walls are few and the same for every format, so that no file, made by accident or on purpose, can take the
process along: bytes, rows, columns, cells in all.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any

from hub.errors import Invalid, Problem, problem
from hub.words import Label

MOST_BYTES = 20 * 1024 * 1024
MOST_ROWS = 20_000
MOST_COLUMNS = 200
MOST_CELLS = 600_000
LONGEST_HEADING = 200


class Broken(str):
    """A cell that holds an error of the spreadsheet instead of a value: `#N/A`."""

    __slots__ = ()


@dataclass(frozen=True)
class Row:
    """A row as it stands in the file: its number there, from 1, and a cell for each heading, None for an empty one."""

    number: int
    cells: tuple[Any, ...]


@dataclass(frozen=True)
class Sheet:
    """Headings and the rows that hold anything; `notes` tell what of the file was left alone."""

    headings: tuple[str, ...]
    rows: Sequence[Row]
    name: str = ""
    notes: list[Label] = field(default_factory=list)


def sheet_of(numbered: Iterable[tuple[int, Sequence[Any]]], name: str = "") -> Sheet:
    """The first row that holds anything is the headings; empty rows are passed over.

    Raises:
        Invalid: FILE_EMPTY, FILE_TOO_LONG, FILE_TOO_WIDE, HEADING_MISSING, HEADING_TWICE, with every heading at once.
    """
    filled = ((number, cells) for number, cells in numbered if any(not empty(cell) for cell in cells))
    first = next(filled, None)
    if first is None:
        raise Invalid(_empty())
    top, headings = first[0], _headings(first[1])
    rows: list[Row] = []
    problems = list(_heading_problems(top, headings))
    most = min(MOST_ROWS, MOST_CELLS // len(headings))
    for number, cells in filled:
        if len(rows) >= most:
            raise Invalid(_too_long(most))
        beyond = [cell for cell in cells[len(headings) :] if not empty(cell)]
        if beyond and len(problems) < MOST_COLUMNS:
            problems.append(_no_heading(number, beyond[0]))
        kept = tuple(None if empty(cell) else cell for cell in cells[: len(headings)])
        rows.append(Row(number, kept + (None,) * (len(headings) - len(kept))))
    Invalid.raise_all(problems)
    if not rows:
        raise Invalid(_no_rows())
    return Sheet(headings, _with_headings(headings, rows), name)


def empty(cell: Any) -> bool:
    """Whether there is nothing in a cell."""
    return cell is None or (isinstance(cell, str) and not cell.strip())


def _headings(cells: Sequence[Any]) -> tuple[str, ...]:
    texts = ["" if cell is None else " ".join(str(cell).split()) for cell in cells]
    while texts and not texts[-1]:
        texts.pop()
    if len(texts) > MOST_COLUMNS:
        raise Invalid(_too_wide())
    return tuple(text[:LONGEST_HEADING] for text in texts)


def _heading_problems(top: int, headings: Sequence[str]) -> Iterable[Problem]:
    for text, times in Counter(one for one in headings if one).items():
        if times > 1:
            yield problem(
                "HEADING_TWICE",
                f"列名“{text}”出现了 {times} 次。",
                f"The heading {text} stands there {times} times.",
                hint=("请删除或改名重复的列。", "Remove or rename all but one of these columns."),
                row=top,
                column=text,
            )


def _with_headings(headings: Sequence[str], rows: Sequence[Row]) -> list[Row]:
    """The rows, if no column without a heading holds anything."""
    for index, heading in enumerate(headings):
        found = None if heading else next((row for row in rows if row.cells[index] is not None), None)
        if found is not None:
            raise Invalid(_no_heading(found.number, found.cells[index]))
    return list(rows)


def _no_heading(number: int, cell: Any) -> Problem:
    shown = str(cell)[:40]
    return problem(
        "HEADING_MISSING",
        f"第 {number} 行的“{shown}”所在的列没有列名。",
        f"Row {number}: {shown} stands in a column without a heading.",
        hint=("第一行必须是列名。", "The first row must hold the headings."),
        row=number,
    )


def _empty() -> Problem:
    return problem("FILE_EMPTY", "文件里没有内容。", "There is nothing in the file.")


def _no_rows() -> Problem:
    return problem(
        "FILE_EMPTY",
        "只有列名，没有数据。",
        "There are headings and no rows.",
        hint=("数据从列名下面一行开始。", "The data begins in the row below the headings."),
    )


def _too_long(most: int) -> Problem:
    return problem(
        "FILE_TOO_LONG",
        f"一次最多导入 {most} 行。",
        f"At most {most} rows can be imported at once.",
        hint=("请把文件分成几份。", "Divide the file."),
    )


def _too_wide() -> Problem:
    return problem(
        "FILE_TOO_WIDE", f"最多 {MOST_COLUMNS} 列。", f"At most {MOST_COLUMNS} columns can be imported at once."
    )
