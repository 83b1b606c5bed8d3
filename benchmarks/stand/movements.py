"""A company with a long history of stock: over a million movements, each a document of its own, with their values.

They are inserted as rows, past the verbs, for the history is no part of what is measured; PostgreSQL keeps the sums
from them as from any other. Everything came in at 10 a piece, so the average is 10 at every moment.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta

from sqlalchemy import text

from benchmarks.stand.writing import Stand
from hub import writes

ITEMS, WAREHOUSES = 2_000, 3
AT_ONCE = 50_000
_MOVED = """
  SELECT n, CASE WHEN n % :hot = 0 THEN :item ELSE (cast(:items AS uuid[]))[1 + (n * 7 + n / 100) % :item_count] END
           AS item,
         CASE WHEN n % :hot = 0 THEN (cast(:warehouses AS uuid[]))[1]
           ELSE (cast(:warehouses AS uuid[]))[1 + (n / 3) % :warehouse_count] END AS warehouse,
         cast(:begins AS date) + cast((n - :first) * :days / :total AS int) AS day,
         CASE WHEN n / :hot % 2 = 0 THEN 10 ELSE -5 END AS quantity
    FROM generate_series(cast(:low AS bigint), cast(:high AS bigint)) AS n"""
_STOCK = text(
    "INSERT INTO hub.stock_entry (company_id, entry_at, item_id, warehouse_id, status, quantity, kind, document_type, "
    "document_number, line_position, recorded_by) "
    "SELECT :company, (day + time '12:00') AT TIME ZONE 'Asia/Shanghai', item, warehouse, 'available', quantity, "
    f"'adjustment', 'StockAdjustment', 'H' || n, 1, :actor FROM ({_MOVED}) moved"
)
_COST = text(
    "INSERT INTO hub.cost_entry (company_id, entry_date, item_id, quantity, value, basis, is_difference, "
    "document_type, document_number, recorded_by) "
    "SELECT :company, day, item, quantity, 10 * quantity, CASE WHEN quantity > 0 THEN 'given' ELSE 'average' END, "
    f"false, 'StockAdjustment', 'H' || n, :actor FROM ({_MOVED}) moved"
)
_OPENING = text(
    "INSERT INTO hub.stock_entry (company_id, entry_at, item_id, warehouse_id, status, quantity, kind, document_type, "
    "document_number, line_position, recorded_by) "
    "SELECT :company, (cast(:day AS date) + time '12:00') AT TIME ZONE 'Asia/Shanghai', item, warehouse, 'available', "
    "10000, 'opening', 'OpeningBalance', 'O' || item || warehouse, 1, :actor "
    "FROM unnest(cast(:items AS uuid[])) item, unnest(cast(:warehouses AS uuid[])) warehouse"
)
_OPENING_COST = text(
    "INSERT INTO hub.cost_entry (company_id, entry_date, item_id, quantity, value, basis, is_difference, "
    "document_type, document_number, recorded_by) "
    "SELECT :company, :day, item, 10000, 100000, 'given', false, 'OpeningBalance', 'O' || item || warehouse, :actor "
    "FROM unnest(cast(:items AS uuid[])) item, unnest(cast(:warehouses AS uuid[])) warehouse"
)


@dataclass(frozen=True)
class History:
    """What was before and after `turn`: so many movements since two years earlier, and so many in the year after."""

    turn: date
    before: int
    after: int
    hot: int
    """Every so-many-th movement is of the stand's own item in its own warehouse."""


def fill(stand: Stand, history: History) -> None:
    """Bring the history into the stand's company, and let PostgreSQL look at the tables once, as it does by night."""
    with writes.unit_of_work(stand.engine, stand.viewer, "bench") as ctx:
        items = [{"code": f"M{index}", "name": f"存货 {index}", "unit": "1"} for index in range(ITEMS)]
        writes.load(ctx, "Item", items)
        more = [{"code": f"W{index}", "name": f"仓库 {index}"} for index in range(WAREHOUSES - 1)]
        writes.load(ctx, "Warehouse", more)
    with stand.engine.begin() as connection:
        company = {"company": stand.ids["Company"]}
        ids = "SELECT id FROM hub.{} WHERE company_id = :company AND id <> :own"
        others = connection.execute(text(ids.format("item")), company | {"own": stand.ids["Item"]}).scalars().all()
        places = connection.execute(text(ids.format("warehouse")), company | {"own": stand.ids["Warehouse"]}).scalars()
        warehouses = [stand.ids["Warehouse"], *places]
    about = {**company, "actor": stand.viewer.user_id, "items": list(others), "warehouses": warehouses}
    with stand.engine.begin() as connection:
        day = history.turn - timedelta(days=730)
        for statement in (_OPENING, _OPENING_COST):
            connection.execute(statement, about | {"day": day, "items": [stand.ids["Item"], *others]})
    about |= {"item": stand.ids["Item"], "item_count": len(others), "warehouse_count": len(warehouses)}
    since = {"first": 0, "begins": history.turn - timedelta(days=729), "days": 728, "total": history.before}
    until = {"first": history.before, "begins": history.turn + timedelta(days=1), "days": 363, "total": history.after}
    for span in (since, until):
        _spread(stand, about | span | {"hot": history.hot})
    with stand.engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        connection.execute(text("VACUUM ANALYZE"))


def _spread(stand: Stand, about: dict[str, object]) -> None:
    first, total = int(str(about["first"])), int(str(about["total"]))
    for low in range(first, first + total, AT_ONCE):
        high = min(low + AT_ONCE, first + total) - 1
        with stand.engine.begin() as connection:
            for statement in (_STOCK, _COST):
                connection.execute(statement, about | {"low": low, "high": high})
