"""The empty workbook of a type: headings in the reader's language, a sheet that explains them, lists to choose from.

Texts and codes are formatted as text, so that Excel keeps the zeros before a number; days and figures as what they
are. What the template asks for, the import understands: both are made from one plan.
"""

from __future__ import annotations

import io
from collections.abc import Iterator, Sequence
from typing import Any

from openpyxl import Workbook
from openpyxl.comments import Comment
from openpyxl.styles import Alignment, Font, PatternFill
from openpyxl.utils import get_column_letter
from openpyxl.worksheet.datavalidation import DataValidation

from hub.document.registry import spec as spec_of
from hub.exchange.columns import GROUP, Column, Plan
from hub.exchange.sheet import MOST_ROWS
from hub.exchange.writing import WORDS
from hub.words import Label, unit_label

_FORMATS = {"text": "@", "list": "@", "date": "yyyy-mm-dd", "moment": "yyyy-mm-dd hh:mm", "integer": "0"}
_KINDS = {
    "text": Label("文字", "text"),
    "decimal": Label("数字", "number"),
    "integer": Label("整数", "whole number"),
    "boolean": Label("是/否", "yes or no"),
    "date": Label("日期，如 2026-11-22", "date such as 2026-11-22"),
    "moment": Label("时间，如 2026-11-22 08:30", "moment such as 2026-11-22 08:30"),
    "choice": Label("选项", "choice"),
    "list": Label("多个值，用逗号分开", "values separated by commas"),
    "json": Label("JSON 对象", "JSON object"),
}
_DATA, _EXPLAINED, _OPTIONS = Label("数据", "Data"), Label("填写说明", "Explanation"), Label("选项", "Options")
_HEADS = (
    Label("列名", "Heading"),
    Label("必填", "Required"),
    Label("类型", "Kind"),
    Label("可填的值", "Values"),
    Label("单位", "Unit"),
    Label("字段名", "Field name"),
)
_BLUE, _GREY = PatternFill("solid", fgColor="D9EBE7"), PatternFill("solid", fgColor="EEF2F4")


def template(plan: Plan, language: str) -> bytes:
    """The workbook of a plan, as bytes."""
    book = Workbook()
    data: Any = book.active
    data.title = _DATA.in_language(language)
    columns = [one for one in plan.open if not (one.link is not None and one.part == "name")]
    explained = book.create_sheet(_EXPLAINED.in_language(language))
    options = book.create_sheet(_OPTIONS.in_language(language))
    options.sheet_state = "hidden"
    for index, column in enumerate(columns, start=1):
        _head(data, index, column, language)
        if listed := _choices(column, language):
            _offer(data, options, index, listed)
    data.freeze_panes = "A2"
    _explain(explained, plan, columns, language)
    written = io.BytesIO()
    book.save(written)
    return written.getvalue()


def _head(sheet: Any, index: int, column: Column, language: str) -> None:
    """A heading with its star, its comment and the format of what stands below."""
    label = column.label.in_language(language)
    cell = sheet.cell(1, index, f"{label} *" if column.required else label)
    cell.font, cell.fill = Font(bold=True), _GREY if column.lines else _BLUE
    cell.comment = Comment("\n".join(filter(None, _words(column, language))), "Shuniu")
    dimension = sheet.column_dimensions[get_column_letter(index)]
    dimension.width = max(12, 2 * len(label) + 4)
    dimension.number_format = _FORMATS.get(column.field.kind, "General") if column.field else "@"


def _choices(column: Column, language: str) -> list[str]:
    if column.field is None:
        return []
    if column.field.choices is not None:
        return [one.label.in_language(language) for one in column.field.choices]
    return list(reversed(WORDS[language])) if column.field.kind == "boolean" else []


def _offer(data: Any, options: Any, index: int, listed: Sequence[str]) -> None:
    """A list to choose from in the cells of a column; they stand in a hidden sheet, for there they may be many."""
    letter = get_column_letter(options.max_column + 1 if options.cell(1, 1).value else 1)
    for row, text in enumerate(listed, start=1):
        options[f"{letter}{row}"] = text
    offered = DataValidation(
        "list", formula1=f"'{options.title}'!${letter}$1:${letter}${len(listed)}", allow_blank=True
    )
    offered.add(f"{get_column_letter(index)}2:{get_column_letter(index)}{MOST_ROWS + 1}")
    data.add_data_validation(offered)


def _explain(sheet: Any, plan: Plan, columns: Sequence[Column], language: str) -> None:
    """What each heading means, and how rows become documents."""
    for index, head in enumerate(_HEADS, start=1):
        cell = sheet.cell(1, index, head.in_language(language))
        cell.font, cell.fill = Font(bold=True), _BLUE
    for row, column in enumerate(columns, start=2):
        needed = Label("是", "yes").in_language(language) if column.required else ""
        kind, values, unit = _words(column, language)
        texts = (column.label.in_language(language), needed, kind, values, unit, column.path)
        for index, text in enumerate(texts, start=1):
            sheet.cell(row, index, text).alignment = Alignment(wrap_text=True, vertical="top")
    for letter, width in zip("ABCDEF", (24, 8, 26, 48, 10, 28), strict=True):
        sheet.column_dimensions[letter].width = width
    for row, sentence in enumerate(_rules(plan), start=len(columns) + 3):
        sheet.cell(row, 1, sentence.in_language(language))
    sheet.freeze_panes = "A2"


def _words(column: Column, language: str) -> tuple[str, str, str]:
    """Kind, values and unit of a column."""
    if column.path == GROUP:
        said = Label("标记相同的行是同一张单据", "rows with the same mark are one document")
        return _KINDS["text"].in_language(language), said.in_language(language), ""
    if column.link is not None:
        target = spec_of(column.link.target).label
        by = {"key": Label("编码、单号或唯一名称", "code, number or unique name")}.get(column.part, column.label)
        kind = Label(f"关联{target.chinese}", f"link to {target.english.lower()}")
        return kind.in_language(language), by.in_language(language), ""
    assert column.field is not None
    field = column.field
    unit = unit_label(field.unit).in_language(language) if field.unit else ""
    return _KINDS[field.kind].in_language(language), "; ".join(_values(column, language)), unit


def _values(column: Column, language: str) -> Iterator[str]:
    field = column.field
    assert field is not None
    if field.choices is not None:
        yield " / ".join(_choices(column, language))
    if field.minimum is not None:
        yield f"≥ {field.minimum}"
    if field.maximum is not None:
        yield f"≤ {field.maximum}"
    if field.scale:
        yield Label(f"最多 {field.scale} 位小数", f"at most {field.scale} decimals").in_language(language)
    if field.name == "number":
        yield Label("新单据留空，由系统编号", "leave empty for a new document").in_language(language)


def _rules(plan: Plan) -> Iterator[Label]:
    """What is to be known beyond the single columns."""
    yield Label(
        "带 * 的列新建时必填；其余可留空。", "Columns with a * are needed for what is new; others may be empty."
    )
    yield Label("列的顺序可以改变，用不到的列可以删除。", "Columns may be moved, and those not needed deleted.")
    if any(one.lines for one in plan.columns) and plan.of_lines is None:
        yield Label(
            "一行一条明细：同一单据的各行重复表头，或从第二行起表头留空；也可用“分组”标记同一单据的行。",
            "A row per line: repeat the header in each row of a document, leave it empty from the second row on, or "
            "give the rows of a document one mark in the column Group.",
        )
