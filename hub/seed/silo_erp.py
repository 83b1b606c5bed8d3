"""Sales', purchasing's and finance's silo: a legacy ERP database with the table and column names such systems have.

Names like `t_ICItem`, `SEOrderEntry`, `FInterID` and the codes of `FStatus` are facts of the ERPs found in Chinese
factories; the content is ours. States: `FCancellation` 1 cancelled, `FClosed` 1 closed, otherwise `FStatus` 0 draft,
4 submitted, 1 confirmed.
"""

from __future__ import annotations

from datetime import date
from decimal import ROUND_HALF_UP, Decimal

from hub.seed.records import Delivery, PurchaseOrder, SalesOrder, Year

Cell = str | int | Decimal | date | None
Rows = list[dict[str, Cell]]

TAX_PERCENT = Decimal(13)
_STATUS = {"draft": 0, "submitted": 4}
_ADMISSION = {"pending": "待准入", "admitted": "合格", "suspended": "暂停"}
SITE = "一厂"
WAREHOUSE_KINDS = {"raw": "原料", "consumable": "辅料", "finished": "成品", "quarantine": "隔离"}
_DOMAIN = {"raw": 1, "consumable": 5, "finished": 2}
_CENT = Decimal("0.01")


def tables(year: Year) -> dict[str, Rows]:
    """Every table of the ERP, by name."""
    base = year.masters
    unit_ids = {unit.code: 100 + index for index, unit in enumerate(base.units)}
    ids = _Ids(year)
    result: dict[str, Rows] = {
        "t_Department": [
            {
                "FItemID": ids.department[one.code],
                "FNumber": one.code,
                "FName": one.name,
                "FParentID": ids.department["GM"] if one.code != "GM" else None,
                "FManager": ids.employee[one.manager],
            }
            for one in base.departments
        ],
        "t_MeasureUnit": [
            {
                "FMeasureUnitID": unit_ids[unit.code],
                "FNumber": unit.code,
                "FName": unit.name,
                "FUnitGroup": unit.dimension,
                "FCoefficient": unit.factor,
            }
            for unit in base.units
        ],
        "t_Stock": [
            {
                "FItemID": 301 + index,
                "FNumber": one.code,
                "FName": one.name,
                "FTypeName": WAREHOUSE_KINDS[one.kind],
                "FAddress": SITE,
            }
            for index, one in enumerate(base.warehouses)
        ],
        "t_Emp": _employees(year, ids),
        "t_Organization": _customers(year, ids),
        "t_Supplier": _suppliers(year, ids),
        "t_ICItem": _items(year, ids, unit_ids),
    }
    result |= _sales(year, ids, unit_ids)
    result |= _deliveries(year, ids)
    result |= _purchases(year, ids, unit_ids)
    return result


class _Ids:
    """The ERP's own integer keys, which mean nothing outside it."""

    def __init__(self, year: Year) -> None:
        base = year.masters
        self.department = {one.code: 10 + index for index, one in enumerate(base.departments)}
        self.employee = {one.code: 201 + index for index, one in enumerate(base.employees)}
        self.customer = {one.code: 1001 + index for index, one in enumerate(base.customers)}
        self.supplier = {one.code: 2001 + index for index, one in enumerate(base.suppliers)}
        codes = [part.code for part in base.parts] + [material.code for material in base.materials]
        self.item = {code: 3001 + index for index, code in enumerate(codes)}
        self.sales = {order.number: 50_001 + index for index, order in enumerate(year.sales_orders)}
        self.delivery = {delivery.number: 70_001 + index for index, delivery in enumerate(year.deliveries)}
        self.purchase = {order.number: 90_001 + index for index, order in enumerate(year.purchase_orders)}


def _employees(year: Year, ids: _Ids) -> Rows:
    return [
        {
            "FItemID": ids.employee[one.code],
            "FNumber": one.code,
            "FName": one.name,
            "FDepartmentID": ids.department[one.department],
            "FDuty": one.job_title,
            "FGender": "男" if one.is_male else "女",
            "FBirthday": one.birth_date,
            "FIDCard": one.identity_number,
            "FHireDate": one.hire_date,
            "FLeaveDate": None,
            "FMobilePhone": one.phone,
            "FEmail": one.email,
        }
        for one in year.masters.employees
    ]


def _customers(year: Year, ids: _Ids) -> Rows:
    return [
        {
            "FItemID": ids.customer[one.code],
            "FNumber": one.code,
            "FName": one.name,
            "FShortName": one.short_name,
            "FTaxNum": one.uscc,
            "FContact": one.contact,
            "FPhone": one.phone,
            "FEmail": one.email,
            "FCity": one.city,
            "FAddress": one.address,
            "FCreditLimit": one.credit_limit,
            "FPayDays": one.payment_days,
            "Femployee": ids.employee[one.sales_rep],
            "FDeleted": 0,
        }
        for one in year.masters.customers
    ]


def _suppliers(year: Year, ids: _Ids) -> Rows:
    return [
        {
            "FItemID": ids.supplier[one.code],
            "FNumber": one.code,
            "FName": one.name,
            "FShortName": one.short_name,
            "FTaxNum": one.uscc,
            "FClass": one.category,
            "FContact": one.contact,
            "FPhone": one.phone,
            "FEmail": one.email,
            "FCity": one.city,
            "FAddress": one.address,
            "FPayDays": one.payment_days,
            "FAdmission": _ADMISSION[one.admission],
            "FAccount": one.bank_account,
            "FDeleted": 0,
        }
        for one in year.masters.suppliers
    ]


def _items(year: Year, ids: _Ids, unit_ids: dict[str, int]) -> Rows:
    rows: Rows = []
    for part in year.masters.parts:
        rows.append(
            {
                "FItemID": ids.item[part.code],
                "FNumber": part.code,
                "FName": part.name,
                "FModel": part.specification,
                "FMouldNo": part.mould,
                "FTypeName": part.category,
                "FErpClsID": _DOMAIN["finished"],
                "FUnitID": unit_ids["PCS"],
                "FBatchManager": 1,
                "FFixLeadTime": 7,
                "FStdCost": part.cost,
                "FSalePrice": part.price,
                "FDefaultLoc": "CK03",
            }
        )
    for material in year.masters.materials:
        reorder_point = year.reorder_points[material.code]
        rows.append(
            {
                "FItemID": ids.item[material.code],
                "FNumber": material.code,
                "FName": material.name,
                "FModel": material.specification,
                "FTypeName": material.category,
                "FErpClsID": _DOMAIN[material.kind],
                "FUnitID": unit_ids[material.unit],
                "FBatchManager": 1,
                "FKFPeriod": material.shelf_life_days,
                "FSecInv": (reorder_point / 4).quantize(Decimal(1), ROUND_HALF_UP),
                "FOrderPoint": reorder_point,
                "FFixLeadTime": material.lead_days,
                "FStdCost": material.price,
                "FSource": ids.supplier[material.supplier],
                "FDefaultLoc": material.warehouse,
            }
        )
    return rows


def _sales(year: Year, ids: _Ids, unit_ids: dict[str, int]) -> dict[str, Rows]:
    headers: Rows = []
    entries: Rows = []
    for order in year.sales_orders:
        headers.append(_sales_header(order, ids))
        for line in order.lines:
            entries.append(
                {
                    "FDetailID": len(entries) + 1,
                    "FInterID": ids.sales[order.number],
                    "FEntryID": line.position,
                    "FItemID": ids.item[line.part.code],
                    "FUnitID": unit_ids["PCS"],
                    "FQty": line.quantity,
                    "FPrice": line.price,
                    "FDiscountRate": line.discount,
                    "FCess": TAX_PERCENT,
                    "FAmount": line.amount,
                    "FDate": line.promised_date,
                }
            )
    return {"SEOrder": headers, "SEOrderEntry": entries}


def _sales_header(order: SalesOrder, ids: _Ids) -> dict[str, Cell]:
    return {
        "FInterID": ids.sales[order.number],
        "FBillNo": order.number,
        "FDate": order.order_date,
        "FCustID": ids.customer[order.customer.code],
        "FPOOrdBillNo": order.customer_number,
        "FSettleDate": order.promised_date,
        "FDeptID": ids.department["XS"],
        "FEmpID": ids.employee[order.customer.sales_rep],
        "FCurrency": "CNY",
        "FFetchAdd": order.customer.address,
        "FFreight": order.freight,
        "FTotalAmount": sum((line.amount for line in order.lines), Decimal(0)),
        "FStatus": _STATUS.get(order.state, 1),
        "FClosed": int(order.state == "closed"),
        "FCancellation": int(order.state == "cancelled"),
        "FExplanation": order.note or None,
    }


def _deliveries(year: Year, ids: _Ids) -> dict[str, Rows]:
    headers: Rows = []
    entries: Rows = []
    for delivery in year.deliveries:
        headers.append(_delivery_header(delivery, ids))
        for line in delivery.lines:
            entries.append(
                {
                    "FDetailID": len(entries) + 1,
                    "FInterID": ids.delivery[delivery.number],
                    "FEntryID": line.position,
                    "FItemID": ids.item[line.line.part.code],
                    "FQty": line.quantity,
                    "FOrderInterID": ids.sales[delivery.order.number],
                    "FOrderEntryID": line.line.position,
                }
            )
    return {"SEOutStock": headers, "SEOutStockEntry": entries}


def _delivery_header(delivery: Delivery, ids: _Ids) -> dict[str, Cell]:
    return {
        "FInterID": ids.delivery[delivery.number],
        "FBillNo": delivery.number,
        "FDate": delivery.delivery_date,
        "FCustID": ids.customer[delivery.order.customer.code],
        "FOrderInterID": ids.sales[delivery.order.number],
        "FDCStockID": "CK03",
        "FCarrier": delivery.carrier,
        "FVehicle": delivery.vehicle,
        "FFreight": delivery.freight,
        "FSignDate": delivery.signed_date,
        "FStatus": 1,
    }


def _purchases(year: Year, ids: _Ids, unit_ids: dict[str, int]) -> dict[str, Rows]:
    headers: Rows = []
    entries: Rows = []
    for order in year.purchase_orders:
        headers.append(_purchase_header(order, ids, buyer=("E010", "E011")[len(headers) % 2]))
        for line in order.lines:
            entries.append(
                {
                    "FDetailID": len(entries) + 1,
                    "FInterID": ids.purchase[order.number],
                    "FEntryID": line.position,
                    "FItemID": ids.item[line.material.code],
                    "FUnitID": unit_ids[line.material.unit],
                    "FQty": line.quantity,
                    "FPrice": line.price,
                    "FAmount": line.amount,
                    "FDate": order.promised_date,
                }
            )
    return {"POOrder": headers, "POOrderEntry": entries}


def _purchase_header(order: PurchaseOrder, ids: _Ids, buyer: str) -> dict[str, Cell]:
    total = sum((line.amount for line in order.lines), Decimal(0))
    return {
        "FInterID": ids.purchase[order.number],
        "FBillNo": order.number,
        "FDate": order.order_date,
        "FSupplyID": ids.supplier[order.supplier.code],
        "FSettleDate": order.promised_date,
        "FDeptID": ids.department["CG"],
        "FEmpID": ids.employee[buyer],
        "FCurrency": "CNY",
        "FTotalAmount": total,
        "FTaxAmount": (total * TAX_PERCENT / 100).quantize(_CENT, ROUND_HALF_UP),
        "FStatus": _STATUS.get(order.state, 1),
        "FClosed": int(order.state == "closed"),
        "FCancellation": 0,
    }
