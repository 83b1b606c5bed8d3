"""Which rows are one document: those with one number or one mark, or those that follow with the header left empty.

Nothing is judged here but what rows of one document say of its header: they may repeat it or leave it empty.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any

from hub.errors import Problem, problem
from hub.exchange.columns import GROUP, Column, Plan
from hub.exchange.mapping import Mapped
from hub.exchange.sheet import Row, Sheet
from hub.exchange.spelling import word

Cells = dict[str, Any]
"""Cells by the path of their column."""


@dataclass(frozen=True)
class Trouble:
    """A problem with the row of the file and the heading it belongs to; no row for what concerns the whole file."""

    problem: Problem
    row: int | None = None
    column: str = ""


@dataclass
class LineCells:
    """A line of a document: where it stands in the file, and its cells."""

    row: int
    cells: Cells


@dataclass
class Record:
    """A document on its way in, as its rows say it."""

    row: int
    header: Cells
    lines: dict[str, list[LineCells]] = field(default_factory=dict)
    placed: dict[str, dict[tuple[str, str], int]] = field(default_factory=dict)
    """Which line each entry of an update's lists is: {"lines": {("add", "0"): 2}}."""

    def row_of(self, lines: str | None, index: int | None) -> int:
        """The row of the file in which a line stands; the first for the header."""
        rows = self.lines.get(lines or "", [])
        return rows[index].row if index is not None and index < len(rows) else self.row


class Grouping:
    """Goes through the rows of a sheet and puts them together; what contradicts is told in `troubles`."""

    def __init__(self, plan: Plan, mapping: Sequence[Mapped]) -> None:
        used = [(index, one.used) for index, one in enumerate(mapping)]
        self._header = [(index, column) for index, column in used if column is not None and column.lines is None]
        self._lines = [(index, column) for index, column in used if column is not None and column.lines is not None]
        self._headings = {column.path: mapping[index].heading for index, column in used if column is not None}
        key = next((one for one in plan.columns if one.name == plan.key and one.lines is None and one.field), None)
        self._key = key.path if key else ""
        self._known: dict[tuple[str, str], Record] = {}
        self.troubles: list[Trouble] = []

    def records(self, sheet: Sheet) -> list[Record]:
        """The documents in the order in which they begin."""
        found: list[Record] = []
        for row in sheet.rows:
            header = {column.path: row.cells[index] for index, column in self._header}
            lines = dict(self._line_cells(row))
            record = self._continued(header, found[-1] if found else None, has_lines=bool(lines))
            if record is None:
                record = self._begun(row, header)
                found.append(record)
            else:
                self._agree(record, row, header, has_lines=bool(lines))
            for name, cells in lines.items():
                record.lines.setdefault(name, []).append(LineCells(row.number, cells))
        return found

    def _line_cells(self, row: Row) -> Iterator[tuple[str, Cells]]:
        """The cells of each list of lines that has any in this row."""
        names = dict.fromkeys(column.lines for _, column in self._lines)
        for name in names:
            cells = {column.path: row.cells[index] for index, column in self._lines if column.lines == name}
            if name is not None and any(cell is not None for cell in cells.values()):
                yield name, cells

    def _mark(self, header: Cells) -> tuple[str, str] | None:
        """By what a row says which document it belongs to."""
        for path in (GROUP, self._key):
            if header.get(path) is not None:
                return path, word(header[path])
        return None

    def _begun(self, row: Row, header: Cells) -> Record:
        record = Record(row.number, {path: cell for path, cell in header.items() if path != GROUP})
        if mark := self._mark(header):
            self._known[mark] = record
        return record

    def _continued(self, header: Cells, last: Record | None, *, has_lines: bool) -> Record | None:
        """The document that this row goes on with."""
        if mark := self._mark(header):
            return self._known.get(mark)
        said = {path: cell for path, cell in header.items() if cell is not None}
        if last is None or not has_lines:
            return None
        if not said:
            return last
        repeated = bool(last.lines) and last.header.get(self._key) is None
        return last if repeated and all(last.header.get(path) == cell for path, cell in said.items()) else None

    def _agree(self, record: Record, row: Row, header: Cells, *, has_lines: bool) -> None:
        """Tell what a further row of a document says otherwise; what the first one left empty is taken over."""
        if not has_lines:
            self.troubles.append(Trouble(_twice(record.row), row.number, self._headings.get(self._key, "")))
        for path, cell in header.items():
            if path == GROUP or cell is None:
                continue
            first = record.header.get(path)
            if first is None:
                record.header[path] = cell
            elif first != cell:
                self.troubles.append(Trouble(_differs(first, cell, record.row), row.number, self._headings[path]))


def headings_of(mapping: Sequence[Mapped]) -> dict[tuple[str | None, str], str]:
    """The heading under which a field of the header, or of a list of lines, stands in the file."""
    found: dict[tuple[str | None, str], str] = {}
    for one in mapping:
        column: Column | None = one.used
        if column is not None:
            found.setdefault((column.lines, column.name), one.heading)
    return found


def _twice(first: int) -> Problem:
    return problem("ROW_TWICE", f"与第 {first} 行重复。", f"The same record as row {first}.")


def _differs(first: Any, cell: Any, row: int) -> Problem:
    return problem(
        "HEADER_DIFFERS",
        f"同一张单据的表头不一致：第 {row} 行为“{str(first)[:40]}”，本行为“{str(cell)[:40]}”。",
        f"Rows of one document differ: {str(first)[:40]} in row {row}, {str(cell)[:40]} here.",
        hint=("同一单据的各行重复表头，或留空。", "Repeat the header in each row of a document, or leave it empty."),
    )
