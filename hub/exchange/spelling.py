"""What stands in a cell, as the write verbs take it: figures, days and choices in the spellings people use in China.

Only what has one meaning is read: 1,234.50 and １２３ are figures, 1,5 is none; 2026年3月5日 and 20260305 are days,
05/03/26 is none. What is left over goes to the verb as it stands, which says what it expects.
"""

from __future__ import annotations

import json
import re
import unicodedata
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from hub.document.fields import Choice, FieldSpec
from hub.document.values import Unfit
from hub.errors import problem
from hub.exchange.sheet import Broken, empty

_THOUSANDS = re.compile(r"[+-]?\d{1,3}(?:[, ]\d{3})+(?:\.\d+)?")
_FIGURE = re.compile(r"[+-]?(?:\d+\.?\d*|\.\d+)")
_SCIENTIFIC = re.compile(r"[+-]?\d+(?:\.\d+)?[eE][+-]?\d+")
_DAY = (
    r"(?P<year>\d{4})(?:(?P<mark>[-/.])(?P<month>\d{1,2})(?P=mark)(?P<day>\d{1,2})"
    r"|年(?P<m2>\d{1,2})月(?P<d2>\d{1,2})日?|(?P<m3>\d{2})(?P<d3>\d{2}))"
)
_TIME = r"(?:[T ]?(?P<hour>\d{1,2})[:时](?P<minute>\d{1,2})(?:(?::|分)(?P<second>\d{1,2})(?:\.\d+)?秒?|分)?)?"
_MOMENT = re.compile(rf"{_DAY}{_TIME}(?P<zone>Z|[+-]\d{{2}}:?\d{{2}})?")
_TRUE = {"true", "yes", "y", "1", "是", "对", "有", "√", "✓", "启用", "on"}
_FALSE = {"false", "no", "n", "0", "否", "不", "无", "×", "✗", "停用", "off", "x"}
_MINUS = str.maketrans({"−": "-", "–": "-", "—": "-", "\u00a0": " "})


def spelled(field: FieldSpec, cell: Any) -> Any:
    """A cell as a write verb takes it for a field; None for an empty one.

    Raises:
        Unfit: CELL_ERROR for an error of the spreadsheet, NUMBER_SHORTENED for a figure that has lost digits.
    """
    if empty(cell):
        return None
    if isinstance(cell, Broken):
        raise Unfit(_broken(field, cell))
    return _READERS.get(field.kind, _text)(field, cell)


def word(cell: Any) -> str:
    """A cell as the text by which somebody names another record: 1001 for the number 1001."""
    return str(_text(None, cell)).strip()


def _half(cell: Any) -> str:
    """A text in half-width characters, with one kind of minus."""
    return unicodedata.normalize("NFKC", str(cell)).translate(_MINUS).strip()


def _text(_field: FieldSpec | None, cell: Any) -> Any:
    if isinstance(cell, bool):
        return str(cell).lower()
    if isinstance(cell, float):
        return f"{Decimal(f'{cell:.15g}'):f}"
    if isinstance(cell, datetime):
        return cell.date().isoformat() if cell.time() == datetime.min.time() else cell.isoformat(" ")
    if isinstance(cell, list | dict):
        return json.dumps(cell, ensure_ascii=False)
    return cell.isoformat() if isinstance(cell, date) else str(cell)


def _number(field: FieldSpec, cell: Any) -> Any:
    if isinstance(cell, bool | date):
        return str(cell)  # no figure: the verb says so
    if isinstance(cell, int):
        return cell
    if isinstance(cell, float):
        shown = Decimal(f"{cell:.15g}")  # as Excel shows it: 0.1 + 0.2 is 0.3
        return int(shown) if field.kind == "integer" and shown == int(shown) else f"{shown:f}"
    text = _half(cell)
    share = text.endswith("%") and (field.meaning == "percent" or field.unit == "%")
    text = text.removesuffix("%").strip() if share else text
    if field.meaning in ("money", "price"):
        text = text.lstrip("¥$").strip()
    if _SCIENTIFIC.fullmatch(text):
        raise Unfit(_shortened(field, str(cell)))
    if _THOUSANDS.fullmatch(text):
        text = text.replace(",", "").replace(" ", "")
    return text if _FIGURE.fullmatch(text) else str(cell)


def _day(_field: FieldSpec, cell: Any) -> Any:
    if isinstance(cell, datetime | date):
        return cell.date() if isinstance(cell, datetime) else cell
    found = _MOMENT.fullmatch(_half(cell))
    return f"{_date(found)}" if found else str(cell)


def _moment(_field: FieldSpec, cell: Any) -> Any:
    if isinstance(cell, datetime | date):
        return cell
    found = _MOMENT.fullmatch(_half(cell))
    if found is None:
        return str(cell)
    parts = (int(found[name] or 0) for name in ("hour", "minute", "second"))
    time = ":".join(f"{part:02}" for part in parts)
    return f"{_date(found)}T{time}{(found['zone'] or '').replace('Z', '+00:00')}"


def _date(found: re.Match[str]) -> str:
    month = found["month"] or found["m2"] or found["m3"]
    day = found["day"] or found["d2"] or found["d3"]
    return f"{found['year']}-{int(month):02}-{int(day):02}"


def _truth(_field: FieldSpec, cell: Any) -> Any:
    if isinstance(cell, bool):
        return cell
    text = _half(_text(None, cell)).casefold()
    return text in _TRUE if text in _TRUE | _FALSE else str(cell)


def _choice(field: FieldSpec, cell: Any) -> Any:
    """The value of the choice whose value or word in either language this is; else the cell."""
    assert field.choices is not None
    return choice_called(field.choices, _half(cell)) or str(cell)


def choice_called(choices: type[Choice], text: str) -> str | None:
    """The value that a value's or a label's text stands for."""
    wanted = text.casefold()
    for one in choices:
        if wanted in (one.value.casefold(), *(_half(label).casefold() for label in one.label)):
            return one.value
    return None


def _list(_field: FieldSpec, cell: Any) -> Any:
    if isinstance(cell, list):
        return [str(one) for one in cell]
    text = str(cell).strip()
    if text.startswith("["):
        try:
            return json.loads(text)
        except (ValueError, RecursionError):
            return text
    return [part.strip() for part in re.split("[,，、;；\n]", _text(None, cell)) if part.strip()]


def _json(_field: FieldSpec, cell: Any) -> Any:
    try:
        return json.loads(cell) if isinstance(cell, str) else cell
    except (ValueError, RecursionError):
        return cell


_READERS = {
    "decimal": _number,
    "integer": _number,
    "date": _day,
    "moment": _moment,
    "boolean": _truth,
    "choice": _choice,
    "list": _list,
    "json": _json,
}


def _broken(field: FieldSpec, cell: str) -> Any:
    return problem(
        "CELL_ERROR",
        f"{field.label.chinese}的单元格是错误值 {cell}。",
        f"{field.label.english}: the cell holds the error {cell}.",
        hint=("请在 Excel 中改正公式。", "Mend the formula in Excel."),
    )


def _shortened(field: FieldSpec, shown: str) -> Any:
    return problem(
        "NUMBER_SHORTENED",
        f"{field.label.chinese}的值“{shown}”是科学计数法，可能已丢失位数。",
        f"{field.label.english}: {shown} is in scientific notation and may have lost digits.",
        hint=("请把单元格格式设为数值后重新保存。", "Format the cells as numbers and save again."),
    )
