"""The first failing rows of a rule as a steward reads them on the check's page: a table with headings in Chinese.

All rows stand in dq.failing_row; the SELECT that finds them stands under the table for whoever wants to go on.
"""

from collections.abc import Mapping, Sequence
from datetime import datetime
from decimal import Decimal
from typing import Any

import psycopg
import sqlalchemy as sa
from psycopg import sql
from psycopg.rows import dict_row

SHOWN = 20
"""Rows in the table."""
Row = Mapping[str, Any]

HEADINGS = {
    "code": "编码",
    "completed_quantity": "完工数量",
    "customer_name": "客户",
    "day": "日期",
    "delivered_item": "送货存货",
    "delivered_to": "送货客户",
    "delivery_date": "送货日期",
    "delivery_number": "送货单号",
    "difference": "差异",
    "document_id": "单据标识",
    "document_number": "单据号",
    "document_type": "单据类型",
    "entered_quantity": "流水数量",
    "entered_value": "流水金额",
    "entries": "流水笔数",
    "entry": "审计记录",
    "file_name": "文件名",
    "finished_date": "完工日期",
    "first_entry_at": "首次出库时间",
    "id": "标识",
    "inspected_item": "检验存货",
    "inspected_quantity": "检验数量",
    "inspection_number": "检验单号",
    "inspections": "检验单数",
    "item_code": "存货编码",
    "item_name": "存货",
    "kept": "项目",
    "kept_quantity": "结存数量",
    "kept_value": "结存金额",
    "location": "库位",
    "location_is_in": "库位所在仓库",
    "meter_code": "计量表",
    "message": "说明",
    "metric": "测点",
    "number": "单号",
    "order_number": "订单号",
    "order_of_delivery": "送货单的订单",
    "order_of_line": "明细的订单",
    "ordered_by": "下单客户",
    "ordered_from": "订货供应商",
    "ordered_item": "订购存货",
    "position": "行号",
    "previous_value": "上次读数",
    "problem_code": "错误码",
    "produced_item": "生产存货",
    "production_order": "生产订单",
    "quantity": "数量",
    "read_at": "读数时间",
    "receipt_number": "入库单号",
    "received_from": "到货供应商",
    "received_item": "到货存货",
    "rejected_quantity": "拒收数量",
    "sales_quantity": "销售数量",
    "stocked_quantity": "入库数量",
    "value": "读数",
    "warehouse": "仓库",
    "warehouse_quantity": "仓库数量",
}
"""What the columns of the rules' queries are called; a column without a word keeps its name."""


def first_rows(connection: sa.Connection, query: str) -> list[Row]:
    """The first failing rows, with their columns in the order of the query."""
    driver = connection.connection.driver_connection
    assert isinstance(driver, psycopg.Connection)
    with driver.cursor(row_factory=dict_row) as cursor:
        cursor.execute(sql.SQL("select * from ({query}) q limit {shown}").format(query=sql.SQL(query), shown=SHOWN))
        return list(cursor.fetchall())


def table_of(rows: Sequence[Row], failing: int) -> str:
    """The rows as a Markdown table; the key of the database stands there only where it is all there is."""
    names = [name for name in rows[0] if name != "id" or len(rows[0]) == 1]
    heads = [HEADINGS.get(name, name) for name in names]
    lines = [heads, ["---"] * len(names), *([_cell(row[name]) for name in names] for row in rows)]
    table = "\n".join(f"| {' | '.join(cells)} |" for cells in lines)
    more = f"\n\n共 {failing} 行，以上为前 {len(rows)} 行。 / The first {len(rows)} of {failing} rows."
    return table + (more if failing > len(rows) else "")


def _cell(value: Any) -> str:
    if value is None:
        return "—"
    if isinstance(value, Decimal):
        return f"{value.normalize():f}"
    if isinstance(value, datetime):
        return f"{value:%Y-%m-%d %H:%M:%S}"
    return str(value).replace("|", "\\|").replace("\n", " ")
