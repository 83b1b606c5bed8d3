"""What a list can be taken away as: CSV that Excel reads in Chinese, and a real workbook.

starlette-admin's own workbook export needs a further package; openpyxl is here anyway.
"""

from __future__ import annotations

import asyncio
import io
from collections.abc import Sequence
from decimal import Decimal, InvalidOperation
from typing import Any, cast

from openpyxl import Workbook
from openpyxl.cell import WriteOnlyCell
from starlette_admin import BaseField
from starlette_admin.export import BaseExporter, CsvExporter


class CSV(CsvExporter):
    """UTF-8 with the mark that makes Excel see it; texts that look like formulas are made harmless."""

    def __init__(self) -> None:
        super().__init__(escape_formulas=True)

    async def generate(self, fields: list[BaseField], rows: list[dict[str, Any]]) -> bytes:
        """The file's bytes."""
        return b"\xef\xbb\xbf" + await super().generate(fields, rows)


class Excel(BaseExporter):
    """A workbook with one sheet; figures are numbers, everything else is text."""

    content_type = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
    extension = "xlsx"

    async def generate(self, fields: list[BaseField], rows: list[dict[str, Any]]) -> bytes:
        """The file's bytes; made in a thread, because a large workbook takes seconds."""
        heads = [str(one.label) for one in fields]
        body = [[(row.get(one.name, ""), _is_figure(one)) for one in fields] for row in rows]
        return await asyncio.to_thread(_workbook, heads, body)


def _is_figure(one: BaseField) -> bool:
    return bool(getattr(getattr(one, "column", None), "numeric", False))


def _workbook(heads: Sequence[str], rows: Sequence[Sequence[tuple[str, bool]]]) -> bytes:
    book = Workbook(write_only=True)
    sheet = book.create_sheet()
    sheet.freeze_panes = "A2"
    sheet.append(heads)
    for row in rows:
        sheet.append([_cell(sheet, text, is_figure=is_figure) for text, is_figure in row])
    file = io.BytesIO()
    book.save(file)
    return file.getvalue()


def _cell(sheet: Any, text: str, *, is_figure: bool) -> Any:
    """A number as such; a text never as a formula."""
    if is_figure and text:
        try:
            return WriteOnlyCell(
                sheet, cast("float", Decimal(text))
            )  # openpyxl takes decimals, its types do not say so
        except InvalidOperation:
            pass
    cell = WriteOnlyCell(sheet, text)
    cell.data_type = "s"
    return cell
