"""The silos that are files: production's CSV folder, the warehouse's workbook, quality's workbook.

Each department keeps what it needs under its own headings; only the ERP knows customers by a code, the warehouse
writes their names.
"""

from __future__ import annotations

from decimal import Decimal

from hub.seed.people import with_title
from hub.seed.records import Inspection, ProductionOrder, StockMove, Year
from hub.seed.silo_erp import SITE, WAREHOUSE_KINDS, Cell, Rows

ORDERS, DEMANDS, MATERIALS, REPORTS = "生产订单.csv", "销售需求.csv", "用料.csv", "日报.csv"
WAREHOUSES, LOCATIONS, OPENING, INWARD, OUTWARD = "仓库", "库位", "期初", "入库", "出库"
INCOMING, FINAL = "来料检验", "成品检验"
SALE, ISSUE = "销售出库", "生产领料"

_PRODUCTION_STATES = {"planned": "已计划", "released": "生产中", "closed": "已完工"}
_DISPOSITIONS = {"accept": "接收", "rework": "返工", "return": "退货", "scrap": "报废"}


def workshop(year: Year) -> dict[str, Rows]:
    """The workshop's CSV files: orders, the order lines they serve, materials, daily reports."""
    planners = with_title(year.masters.employees, "生产计划员")
    units = {material.code: material.unit for material in year.masters.materials}
    names = {material.code: material.name for material in year.masters.materials}
    orders: Rows = []
    demands: Rows = []
    materials: Rows = []
    for order in year.production_orders:
        orders.append(_production_order(order, planners[int(order.part.mould[-3:]) % len(planners)].code))
        for position, (line, quantity) in enumerate(order.demands, start=1):
            demands.append(
                {
                    "生产单号": order.number,
                    "序号": position,
                    "销售订单号": line.order.number,
                    "订单行号": line.position,
                    "数量": quantity,
                }
            )
        for need in order.materials:
            materials.append(
                {
                    "生产单号": order.number,
                    "序号": need.position,
                    "物料编码": need.item,
                    "物料名称": names[need.item],
                    "单位": units[need.item],
                    "应领数量": need.required,
                    "实领数量": need.issued,
                }
            )
    reports: Rows = [
        {
            "报工单号": report.number,
            "日期": report.day,
            "生产单号": report.order.number,
            "机台": report.machine,
            "操作工": report.operator,
            "良品数": report.good,
            "报废数": report.scrap,
            "工时": report.hours,
        }
        for report in year.reports
    ]
    return {ORDERS: orders, DEMANDS: demands, MATERIALS: materials, REPORTS: reports}


def _production_order(order: ProductionOrder, planner: str) -> dict[str, Cell]:
    return {
        "生产单号": order.number,
        "下单日期": order.created_date,
        "产品编码": order.part.code,
        "产品名称": order.part.name,
        "计划数量": order.quantity,
        "完工数量": order.completed,
        "报废数量": order.scrap,
        "计划开工": order.planned_start,
        "计划完工": order.planned_finish,
        "实际完工": order.finished_date,
        "模具": order.part.mould,
        "机台": order.machine or None,
        "优先级": 2 if (order.due_date - order.created_date).days < 8 else 5,
        "计划员": planner,
        "状态": _PRODUCTION_STATES[order.state],
        "备注": order.note or None,
    }


def storehouse(year: Year) -> dict[str, Rows]:
    """The warehouse's workbook: places, opening stock, what came in, what went out."""
    base = year.masters
    keepers = {one.code: one.name for one in base.employees}
    return {
        WAREHOUSES: [
            {
                "仓库编码": one.code,
                "仓库名称": one.name,
                "类型": WAREHOUSE_KINDS[one.kind],
                "厂区": SITE,
                "仓管员": keepers[one.keeper],
            }
            for one in base.warehouses
        ],
        LOCATIONS: [{"库位编码": one.code, "库位名称": one.name, "仓库编码": one.warehouse} for one in base.locations],
        **_movements(year),
    }


class _Places:
    """Name, unit and place of every item, as the store's shelf labels show them."""

    def __init__(self, year: Year) -> None:
        self._items: dict[str, dict[str, Cell]] = {}
        for part in year.masters.parts:
            self._items[part.code] = {"物料名称": part.name, "单位": "PCS", "仓库": "CK03", "库位": part.location}
        for material in year.masters.materials:
            self._items[material.code] = {
                "物料名称": material.name,
                "单位": material.unit,
                "仓库": material.warehouse,
                "库位": material.location,
            }

    def of(self, item: str) -> dict[str, Cell]:
        """The columns that follow from the item."""
        return {"物料编码": item, **self._items[item]}


def _movements(year: Year) -> dict[str, Rows]:
    places = _Places(year)
    partners = {one.code: one.name for one in year.masters.customers} | {
        one.code: one.name for one in year.masters.suppliers
    }
    moves = {kind: [move for move in year.moves if move.kind == kind] for kind in ("opening", "issue", "delivery")}
    opening: Rows = [
        {"日期": move.day, **places.of(move.item), "批号": move.lot, "数量": move.quantity} for move in moves["opening"]
    ]
    outward: Rows = []
    for move in sorted(moves["issue"] + moves["delivery"], key=lambda one: one.day):
        is_sale = move.kind == "delivery"
        outward.append(
            {
                "序号": f"CK{len(outward) + 1:06d}",
                "日期": move.day,
                "类型": SALE if is_sale else ISSUE,
                "来源单号": move.document,
                "行号": move.position,
                "往来单位": partners.get(move.partner, move.partner),
                **places.of(move.item),
                "批号": move.lot,
                "数量": -move.quantity,
            }
        )
    return {OPENING: opening, INWARD: _inward(year, places), OUTWARD: outward}


def _inward(year: Year, places: _Places) -> Rows:
    """Purchase receipts (also what was turned back whole) and finished goods, by day."""
    rows: Rows = [
        {
            "日期": receipt.receipt_date,
            "类型": "采购入库",
            "单号": receipt.number,
            "行号": line.position,
            "来源单号": receipt.order.number,
            "来源行号": line.line.position,
            "往来单位": receipt.order.supplier.name,
            **places.of(line.line.material.code),
            "批号": receipt.number.replace("RK", "L"),
            "到货数量": line.received,
            "拒收数量": line.rejected,
            "入库数量": line.stocked,
        }
        for receipt in year.receipts
        for line in receipt.lines
    ]
    rows += [_finished(move, places) for move in year.moves if move.kind == "production"]
    rows.sort(key=lambda row: str(row["日期"]))
    return [{"序号": f"RK{serial:06d}", **row} for serial, row in enumerate(rows, start=1)]


def _finished(move: StockMove, places: _Places) -> dict[str, Cell]:
    return {
        "日期": move.day,
        "类型": "完工入库",
        "单号": None,
        "行号": None,
        "来源单号": move.document,
        "来源行号": None,
        "往来单位": move.partner,
        **places.of(move.item),
        "批号": move.lot,
        "到货数量": None,
        "拒收数量": None,
        "入库数量": move.quantity,
    }


def quality(year: Year) -> dict[str, Rows]:
    """Quality's workbook: incoming inspections by receipt, final inspections by production order."""
    base = year.masters
    names = {one.code: one.name for one in base.parts} | {one.code: one.name for one in base.materials}
    suppliers = {one.code: one.name for one in base.suppliers}
    sheets: dict[str, Rows] = {INCOMING: [], FINAL: []}
    for one in year.inspections:
        if one.kind == "incoming":
            source: dict[str, Cell] = {"入库单号": one.receipt, "供应商": suppliers[one.supplier]}
            sheets[INCOMING].append(_inspection(one, source, names))
        else:
            sheets[FINAL].append(_inspection(one, {"生产单号": one.production_order}, names))
    return sheets


def _inspection(one: Inspection, source: dict[str, Cell], names: dict[str, str]) -> dict[str, Cell]:
    return {
        "检验单号": one.number,
        "检验日期": one.day,
        **source,
        "物料编码": one.item,
        "物料名称": names[one.item],
        "检验数量": one.inspected,
        "合格数量": Decimal(one.inspected - one.defective),
        "不合格数量": one.defective,
        "不良现象": one.defect or None,
        "处置": _DISPOSITIONS[one.disposition],
        "检验员": one.inspector,
    }
