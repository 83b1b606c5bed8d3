"""The old store book is closed on its last day: what it still shows goes over to the hub, lot by lot.

The hub counts its opening stock itself. Without this the goods would be there twice: in the book's history, which the
pipeline brings in, and in the opening balance. It is the book that is closed, with whatever is wrong in it.
"""

from __future__ import annotations

from collections import defaultdict
from datetime import date
from decimal import Decimal

from hub.seed.records import Year
from hub.seed.silo_erp import Cell, Rows
from hub.seed.silo_files import INWARD, OPENING, OUTWARD

CUT_OVER = "系统切换"
_BLANKS = " \u3000"


def close_book(year: Year, sheets: dict[str, Rows], day: date) -> None:
    """Adds the rows that bring each lot of the book to nothing; rows of items that nobody knows do not count."""
    known = {one.code for one in year.masters.parts} | {one.code for one in year.masters.materials}
    left: dict[tuple[str, str], Decimal] = defaultdict(Decimal)
    places: dict[str, dict[str, Cell]] = {}
    for sheet, column, sign in ((OPENING, "数量", 1), (INWARD, "入库数量", 1), (OUTWARD, "数量", -1)):
        for row in sheets[sheet]:
            item = str(row["物料编码"]).strip(_BLANKS)
            if item in known:
                left[item, str(row["批号"])] += sign * Decimal(str(row[column]))
                places.setdefault(item, {name: row[name] for name in ("物料名称", "单位", "仓库", "库位")})
    serial = max(int(str(row["序号"])[2:]) for row in sheets[OUTWARD])
    for (item, lot), quantity in sorted(left.items()):
        if quantity:
            serial += 1
            sheets[OUTWARD].append(
                {
                    "序号": f"CK{serial:06d}",
                    "日期": day,
                    "类型": CUT_OVER,
                    "来源单号": None,
                    "行号": None,
                    "往来单位": None,
                    "物料编码": item,
                    **places[item],
                    "批号": lot,
                    "数量": quantity,
                }
            )
