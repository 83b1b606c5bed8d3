"""What an import has to say, as JSON for pages and programs, and as a workbook with the errors beside the rows."""

from __future__ import annotations

import io
from collections import defaultdict
from collections.abc import Iterable, Sequence
from typing import Any

from openpyxl import Workbook
from openpyxl.cell import WriteOnlyCell
from openpyxl.styles import Alignment, Font, PatternFill

from hub.errors import Problem
from hub.exchange.asking import FIGURES, Answer
from hub.exchange.mapping import Mapped
from hub.exchange.records import Trouble
from hub.exchange.writing import text_cell
from hub.words import Label

_ERRORS = Label("错误", "Errors")
_RED = PatternFill("solid", fgColor="FFF0F0")


def as_json(answer: Answer, *, dry_run: bool) -> dict[str, Any]:
    """The answer; sentences are in both languages, so that a program's log can be read by everybody."""
    return {
        "type": answer.plan.spec.name,
        "imported": answer.imported,
        "repeated": answer.repeated,
        "dryRun": dry_run,
        "sheet": answer.sheet.name,
        **{name: getattr(answer.outcome, name) for name in FIGURES},
        "columns": [_column(one) for one in answer.mapping if one.heading],
        "notes": [_words(one) for one in answer.notes],
        "problems": [of_trouble(one) for one in answer.outcome.troubles],
    }


def of_trouble(one: Trouble) -> dict[str, Any]:
    """A problem with its row in the file and the heading of its column."""
    return {"row": one.row, "column": one.column, **of_problem(one.problem)}


def of_problem(found: Problem) -> dict[str, Any]:
    """A problem by itself; what concerns the whole file may know a row all the same."""
    known: dict[str, Any] = {name: found.data[name] for name in ("row", "column") if name in found.data}
    return {
        **known,
        "code": found.code,
        "message": _words(found.message),
        "hint": _words(found.hint) if found.hint else None,
        "path": list(found.path),
    }


def _words(label: Label) -> dict[str, str]:
    return {"zh": label.chinese, "en": label.english}


def _column(one: Mapped) -> dict[str, Any]:
    """A heading: what it is, or why nothing under it goes in."""
    state = "ignored" if one.ignored else "unknown"
    if one.column is not None:
        state = "mapped" if one.used is not None else "closed"
    return {
        "heading": one.heading,
        "state": state,
        "path": one.column.path if one.column else None,
        "label": _words(one.column.label) if one.column else None,
        "reason": _words(one.column.closed) if one.column and one.column.closed else None,
    }


def marked_rows(answer: Answer, language: str) -> bytes:
    """The file's rows as a workbook; those with errors are red and say them in a last column. It can be mended and
    imported again: that column is none of the fields.
    """
    by_row: dict[int | None, list[Trouble]] = defaultdict(list)
    for one in answer.outcome.troubles:
        by_row[one.row].append(one)
    book = Workbook(write_only=True)
    sheet = book.create_sheet(answer.sheet.name or None)
    sheet.freeze_panes = "A2"
    kept = [index for index, text in enumerate(answer.sheet.headings) if text not in _ERRORS]
    headings = [answer.sheet.headings[index] for index in kept]
    sheet.append([_bold(sheet, text) for text in (*headings, _ERRORS.in_language(language))])
    for row in answer.sheet.rows:
        troubles = by_row.get(row.number, [])
        wrong = {one.column for one in troubles}
        cells = [_kept(sheet, row.cells[index], red=text in wrong) for text, index in zip(headings, kept, strict=True)]
        sheet.append([*cells, _said(sheet, troubles, language)] if troubles else cells)
    written = io.BytesIO()
    book.save(written)
    return written.getvalue()


def _bold(sheet: Any, text: str) -> Any:
    cell = text_cell(sheet, text)
    cell.font = Font(bold=True)
    return cell


def _kept(sheet: Any, value: Any, *, red: bool) -> Any:
    """A cell as it was; a text stays one, whatever it begins with."""
    if isinstance(value, list):
        value = ", ".join(map(str, value))
    cell = text_cell(sheet, value) if isinstance(value, str) else WriteOnlyCell(sheet, value)
    if red:
        cell.fill = _RED
    return cell


def _said(sheet: Any, troubles: Sequence[Trouble], language: str) -> Any:
    cell = text_cell(sheet, "\n".join(_sentences(troubles, language)))
    cell.fill, cell.alignment = _RED, Alignment(wrap_text=True)
    return cell


def _sentences(troubles: Iterable[Trouble], language: str) -> Iterable[str]:
    for one in troubles:
        hint = f" {one.problem.hint.in_language(language)}" if one.problem.hint else ""
        yield f"{one.problem.message.in_language(language)}{hint}"
