"""`importRows(documentType:, rows:, csv:)`: what `hub.exchange` does with a file, for rows and text in a request."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from hub.context import Ctx
from hub.document.answers import Answer
from hub.errors import Invalid, Problem, problem
from hub.exchange.asking import FIGURES, Asked, columns_in, within
from hub.exchange.records import Trouble

IMPORT = "importRows"
ROWS, TEXT = "rows", "csv"
ARGUMENTS = {
    TEXT: "CSV 文本或从 Excel 粘贴的单元格，第一行为列名 · CSV or pasted cells; the first row holds the headings",
    "mode": "both 新建和更新（默认），create 或 update · Create and update (the default), or only one of them",
    "step": "随后办理的步骤，如 confirm · A step to take after it",
}


def bring(ctx: Ctx, arguments: Mapping[str, Any]) -> Answer:
    """All rows or none: the figures, or Invalid with every problem of every row, led by its row and heading.

    A row of `rows` is counted from 1, one of `csv` by its line in the text, the headings being the first.
    """
    rows, text = arguments.get(ROWS), arguments.get(TEXT)
    if (rows is None) == (text is None):
        hint = ("二者只给一个。", "One of the two, not both.")
        raise Invalid(problem("ROWS_MISSING", "请给出 rows 或 csv 之一。", "Give either rows or csv.", ROWS, hint=hint))
    Invalid.raise_all(_no_object(index) for index, row in enumerate(rows or (), 1) if not isinstance(row, Mapping))
    content: bytes | str = str(text) if rows is None else "\n".join(map(_line, rows)).encode()
    given: dict[str, Any] = {name: arguments[name] for name in ("mode", "step") if arguments.get(name) is not None}
    given["columns"] = columns_in(arguments["columns"]) if arguments.get("columns") is not None else {}
    asked = Asked(arguments["documentType"], content, dry_run=bool(arguments.get("dryRun")), **given)
    outcome = within(ctx, asked)
    Invalid.raise_all(_led(TEXT if rows is None else ROWS, one) for one in outcome.troubles)
    return {name: getattr(outcome, name) for name in FIGURES}


def lines_of(arguments: Mapping[str, Any]) -> int:
    """How many rows a call brings, at least as many as there will be."""
    rows, text = arguments.get(ROWS) or (), arguments.get(TEXT) or ""
    return max(len(rows), text.count("\n"))


def _line(row: Any) -> str:
    """A row as a line of NDJSON, as exports have it."""
    return json.dumps(row, ensure_ascii=False, default=str)


def _no_object(index: int) -> Problem:
    chinese, english = f"第 {index} 行不是对象。", f"Row {index} is no object."
    hint = ('例如 {"code": "K1"}', 'For example {"code": "K1"}')
    return problem("ROW_MALFORMED", chinese, english, ROWS, str(index), hint=hint)


def _led(argument: str, one: Trouble) -> Problem:
    place = [argument, *([] if one.row is None else [str(one.row)]), *([one.column] if one.column else [])]
    found = one.problem
    return Problem(found.code, found.message, tuple(place), found.hint, found.data)
