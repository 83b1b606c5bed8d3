"""99 stock documents in an Excel file, imported and posted in one transaction, and the dry run that goes before.

Users of ERPNext report 22 to 106 s for as many. The file is read, mapped, written by the verbs, posted to the stock
ledger and committed, as the page and `POST /import/stockAdjustments` do it.
"""

from __future__ import annotations

import io
import statistics
import time
from typing import Any

from openpyxl import Workbook
from sqlalchemy import text

from benchmarks.stand.writing import Figure, Stand
from hub.exchange.asking import Asked
from hub.exchange.asking import run as bring_in

DOCUMENTS, LINES, ROUNDS = 99, 2, 5
NAME = f"import and post {DOCUMENTS} stock adjustments of {LINES} lines from a workbook"
MUST = 2.0


def run(stand: Stand) -> list[Figure]:
    """The middle and the longest of some imports, and the middle of the dry runs."""
    tried, done = [], []
    for _ in range(ROUNDS):
        content = _workbook()
        tried.append(_seconds(stand, content, dry_run=True))
        done.append(_seconds(stand, content, dry_run=False))
    with stand.engine.connect() as connection:
        company = {"company": stand.ids["Company"]}
        posted = connection.execute(
            text("SELECT count(*) FROM hub.stock_entry WHERE company_id = :company AND kind = 'adjustment'"), company
        ).scalar_one()
    assert posted == ROUNDS * DOCUMENTS * LINES, posted
    return [
        Figure(
            "import, posted and committed", statistics.median(done), "s", must=MUST, note=f"worst {max(done):.2f} s"
        ),
        Figure("dry run of the same file", statistics.median(tried), "s"),
    ]


def _seconds(stand: Stand, content: bytes, *, dry_run: bool) -> float:
    began = time.perf_counter()
    asked = Asked("stockAdjustments", content, "adjustments.xlsx", mode="create", step="post", dry_run=dry_run)
    outcome = bring_in(stand.engine, stand.viewer, asked).outcome
    assert (outcome.created, outcome.stepped, outcome.troubles) == (DOCUMENTS, DOCUMENTS, [])
    return time.perf_counter() - began


def _workbook() -> bytes:
    """A row per line, the header's columns empty from the second row of a document on."""
    book = Workbook()
    sheet: Any = book.active
    sheet.append(["仓库 编码", "调整日期", "原因", "明细 存货 编码", "明细 调整数量", "明细 单位成本"])
    for document in range(DOCUMENTS):
        sheet.append(["1", "2026-11-22", f"第 {document} 张", "1", 5 + document, "3.25"])
        for line in range(1, LINES):
            sheet.append([None, None, None, "1", line, "3.5"])
    written = io.BytesIO()
    book.save(written)
    return written.getvalue()
