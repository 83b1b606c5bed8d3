"""Opens one sheet of an Excel workbook for reading, and no more than that.

openpyxl asks every sheet for its size first: where the file does not tell (exports of other programs), it parses
all of it for that, and where the file tells wrongly, rows are lost in silence. Rows are read to the end here, so no
size is wanted.
"""

from pathlib import Path
from typing import cast

from openpyxl import Workbook
from openpyxl.reader.excel import ExcelReader
from openpyxl.worksheet._read_only import ReadOnlyWorksheet
from openpyxl.worksheet.worksheet import Worksheet


class _Unsized(ReadOnlyWorksheet):
    """A sheet that is read to its end, whatever the file says of its size."""

    def _get_size(self) -> None:
        """Leaves the size open."""


class _OneSheet(ExcelReader):
    """Reads a workbook with a single one of its sheets."""

    def __init__(self, path: Path, title: str) -> None:
        super().__init__(path, read_only=True, data_only=True, keep_links=False)
        self.title = title
        self.sheet: _Unsized | None = None

    def read_worksheets(self) -> None:
        """Called by openpyxl in the course of `read`."""
        for sheet, relation in self.parser.find_sheets():
            if sheet.name == self.title and relation.target in self.valid_files:
                self.sheet = _Unsized(self.wb, sheet.name, relation.target, self.shared_strings)


def open_sheet(path: Path, title: str) -> tuple[Workbook, Worksheet | None]:
    """The workbook, to be closed by the caller, and its sheet with that title, None where there is none."""
    reader = _OneSheet(path, title)
    reader.read()
    return reader.wb, cast("Worksheet | None", reader.sheet)  # it has the methods, but is no subclass
