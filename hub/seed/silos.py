"""The demo company's four silos as files under `.hub/demo`: a database, a CSV folder, two workbooks.

`build` makes the rows from the simulated year and plants the contradictions; `write` puts them on disk. The same seed
gives the same bytes, so a second start finds the files as they are and leaves them alone.
"""

from __future__ import annotations

import csv
import hashlib
import re
import sqlite3
import zipfile
from collections.abc import Callable, Iterator
from datetime import UTC, date, datetime
from decimal import Decimal
from functools import cache, partial
from io import BytesIO
from pathlib import Path
from random import Random
from typing import Any

import sqlalchemy as sa
from openpyxl import Workbook
from openpyxl.writer.excel import ExcelWriter

from hub.seed import silo_erp, silo_files
from hub.seed.contradictions import Contradiction, Silos, plant
from hub.seed.cutover import close_book
from hub.seed.factory import SEED, simulate
from hub.seed.records import Year
from hub.seed.silo_erp import Cell, Rows

DATABASE, WORKSHOP, STORE, INSPECTIONS = "legacy_erp.db", "workshop", "仓库台账.xlsx", "质检记录.xlsx"
"""The four silos, under the demo folder."""

ENCODINGS = {silo_files.MATERIALS: "gb18030"}
"""Files not in UTF-8 with a byte-order mark: the material list comes from an old program."""

_STAMP = datetime(2025, 10, 31, 18, 0, tzinfo=UTC)
_MANIFEST = "manifest.sha256"


@cache
def demo(seed: int = SEED) -> tuple[Year, Silos, tuple[Contradiction, ...]]:
    """The true year, the silos' rows and what was planted in them. Shared: do not change it."""
    year = simulate(seed)
    silos, planted = build(year, seed)
    return year, silos, planted


def build(year: Year, seed: int = SEED) -> tuple[Silos, tuple[Contradiction, ...]]:
    """The four departments' rows of a year, contradictions planted."""
    silos = Silos(
        erp=silo_erp.tables(year),
        workshop=silo_files.workshop(year),
        storehouse=silo_files.storehouse(year),
        quality=silo_files.quality(year),
    )
    random = Random(f"{seed}:contradictions")  # noqa: S311 (a demo must repeat; nothing here is secret)
    planted = plant(random, silos)
    close_book(year, silos.storehouse, year.span.last_day)
    return silos, planted


def fingerprint(silos: Silos) -> str:
    """A hash of every value in the silos, independent of file formats."""
    digest = hashlib.sha256()
    for silo in (silos.erp, silos.workshop, silos.storehouse, silos.quality):
        for name, rows in silo.items():
            digest.update(f"{name}\n".encode())
            for row in rows:
                digest.update(repr([(key, str(cell)) for key, cell in row.items()]).encode())
    return digest.hexdigest()


def write(silos: Silos, folder: Path) -> bool:
    """Writes the silos unless this very content was written before; whether anything was written.

    Files that a visitor has edited since are kept, a missing one is written again: the manifest tells what the
    generator last wrote, not what is there.
    """
    mark = fingerprint(silos)
    manifest = folder / _MANIFEST
    is_same = manifest.is_file() and manifest.read_text(encoding="ascii").strip() == mark
    todo = [(path, fill) for path, fill in _files(silos, folder) if not (is_same and path.exists())]
    if not todo:
        return False
    (folder / WORKSHOP).mkdir(parents=True, exist_ok=True)
    manifest.unlink(missing_ok=True)
    for path, fill in todo:
        fresh = path.with_suffix(".new")
        fresh.unlink(missing_ok=True)
        fill(fresh)
        fresh.replace(path)
    manifest.write_text(mark + "\n", encoding="ascii")
    return True


def _files(silos: Silos, folder: Path) -> Iterator[tuple[Path, Callable[[Path], None]]]:
    """Every file of the demo and how it is filled; filled under another name and put in place whole."""
    yield folder / DATABASE, partial(_write_database, silos.erp)
    for name, rows in silos.workshop.items():
        yield folder / WORKSHOP / name, partial(_write_csv, rows, ENCODINGS.get(name, "utf-8-sig"))
    yield folder / STORE, partial(_write_workbook, silos.storehouse)
    yield folder / INSPECTIONS, partial(_write_workbook, silos.quality)


def _columns(rows: Rows) -> list[str]:
    """Every column that occurs, in the order of first sight; rows may leave out what they do not have."""
    return list(dict.fromkeys(column for row in rows for column in row))


def _write_database(tables: dict[str, Rows], path: Path) -> None:
    """The ERP's database as one SQLite file."""
    metadata = sa.MetaData()
    engine = sa.create_engine("sqlite://", poolclass=sa.NullPool, creator=lambda: sqlite3.connect(path))
    with engine.begin() as connection:
        for name, rows in tables.items():
            columns = _columns(rows)
            table = sa.Table(name, metadata, *(_sql_column(rows, column, columns[0]) for column in columns))
            table.create(connection)
            connection.execute(table.insert(), [{key: _sql_value(row.get(key)) for key in columns} for row in rows])
    engine.dispose()


def _sql_column(rows: Rows, column: str, key: str) -> sa.Column[Any]:
    """A column whose type follows from its cells; the first column is the key."""
    kinds = {type(cell) for row in rows if (cell := row.get(column)) is not None}
    kind: sa.types.TypeEngine[Any]
    if kinds == {int}:
        kind = sa.Integer()
    elif kinds and kinds <= {int, Decimal}:
        kind = sa.Numeric(23, 10, asdecimal=False)
    elif kinds == {date}:
        kind = sa.DateTime()
    else:
        kind = sa.Unicode(255)
    return sa.Column(column, kind, primary_key=column == key, autoincrement=False)


def _sql_value(cell: Cell) -> object:
    """What SQLite can hold: its decimals are binary numbers, which read back to the same digits."""
    if isinstance(cell, Decimal):
        return float(cell)
    if isinstance(cell, date):
        return datetime(cell.year, cell.month, cell.day)  # noqa: DTZ001 (the ERP's days have no zone)
    return cell


def _write_csv(rows: Rows, encoding: str, path: Path) -> None:
    """A file as Excel saves it: CRLF, and a byte-order mark when the encoding has one."""
    columns = _columns(rows)
    with path.open("w", encoding=encoding, newline="") as file:
        writer = csv.writer(file)
        writer.writerow(columns)
        writer.writerows([_text(row.get(column)) for column in columns] for row in rows)


def _text(cell: Cell) -> str:
    """A cell as text; a Decimal without exponent or idle zeros."""
    if cell is None:
        return ""
    return f"{_plain(cell):f}" if isinstance(cell, Decimal) else str(cell)


def _plain(number: Decimal) -> Decimal:
    """The number without trailing zeros."""
    return number.quantize(Decimal(1)) if number == number.to_integral_value() else number.normalize()


def _write_workbook(sheets: dict[str, Rows], path: Path) -> None:
    """A workbook with a header row per sheet and real dates."""
    workbook = Workbook(write_only=True)
    for name, rows in sheets.items():
        sheet = workbook.create_sheet(name)
        columns = _columns(rows)
        sheet.append(columns)
        for row in rows:
            sheet.append([_excel_value(row.get(column)) for column in columns])
    packed = BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_STORED) as archive:
        ExcelWriter(workbook, archive).save()
    _repack(packed, path)


def _excel_value(cell: Cell) -> object:
    """Numbers as numbers: a whole one as an integer."""
    if not isinstance(cell, Decimal):
        return cell
    return int(cell) if cell == cell.to_integral_value() else float(cell)


def _repack(packed: BytesIO, path: Path) -> None:
    """The same parts with the clock taken out, so that equal content makes an equal file."""
    stamp = _STAMP.strftime("%Y-%m-%dT%H:%M:%SZ")
    with (
        zipfile.ZipFile(packed) as source,
        zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED, compresslevel=1) as target,
    ):
        for part in sorted(source.namelist()):
            content = source.read(part)
            if part == "docProps/core.xml":
                content = _fixed_times(content, stamp)
            target.writestr(zipfile.ZipInfo(part, _STAMP.timetuple()[:6]), content, zipfile.ZIP_DEFLATED, 1)


def _fixed_times(core: bytes, stamp: str) -> bytes:
    """The document properties with one fixed moment for created and modified."""
    return re.sub(rb"(W3CDTF\">)[^<]*(<)", rb"\g<1>" + stamp.encode() + rb"\g<2>", core)
