"""What the company works with, told before the first day: units, partners, items, places, people, standards.

Codes and values are those of the silos, so that the pipeline finds them and changes nothing that matters.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, timedelta
from decimal import Decimal

from hub.seed.cast import Masters
from hub.seed.records import Year
from hub.seed.shipping import CARRIERS
from hub.seed.silo_erp import SITE
from hub.seed.telling.opening import BANK
from hub.seed.telling.teller import Row, Teller

_RESIDUAL = 5
_CATEGORIES = (
    {"code": "MACH", "name": "机器设备", "method": "straight_line", "life_months": 120, "residual_rate": _RESIDUAL},
    {"code": "MOULD", "name": "模具", "method": "straight_line", "life_months": 60, "residual_rate": _RESIDUAL},
)
BANK_ACCOUNT: Row = {
    "code": "NBCB-01",
    "name": "宁波银行基本户",
    "bank_name": "宁波银行北仑支行",
    "account_number": "5201 0122 0000 8866",
    "account": BANK,
}
STANDARD_ITEMS = "YL-"
"""Resins are inspected when they come, all parts before they go into the store."""


def tell(teller: Teller) -> None:
    """Every master that is not there yet."""
    for document_type, rows in _rows(teller.year):
        teller.load(document_type, teller.missing(document_type, rows))


def _rows(year: Year) -> Iterator[tuple[str, list[Row]]]:
    """Each after what it refers to."""
    base = year.masters
    yield (
        "Employee",
        [
            {
                "code": one.code,
                "name": one.name,
                "department": one.department,
                "job_title": one.job_title,
                "gender": "male" if one.is_male else "female",
                "birth_date": one.birth_date,
                "id_number": one.identity_number,
                "hire_date": one.hire_date,
                "phone": one.phone,
                "email": one.email,
            }
            for one in base.employees
        ],
    )
    yield (
        "UnitOfMeasure",
        [{"code": one.code, "name": one.name, "dimension": one.dimension, "factor": one.factor} for one in base.units],
    )
    yield (
        "Warehouse",
        [
            {"code": one.code, "name": one.name, "kind": one.kind, "site": SITE, "keeper": one.keeper}
            for one in base.warehouses
        ],
    )
    yield "Location", [{"code": one.code, "name": one.name, "warehouse": one.warehouse} for one in base.locations]
    yield "Supplier", list(_suppliers(base))
    yield "Customer", list(_customers(base))
    yield "Item", [*_materials(year), *_parts(base)]
    yield (
        "Carrier",
        [
            {"code": f"CY{at:02d}", "name": name, "settlement_days": 30}
            for at, (name, _) in enumerate(CARRIERS, start=1)
        ],
    )
    yield "InspectionStandard", list(_standards(base))
    yield "BankAccount", [BANK_ACCOUNT]
    yield "AssetCategory", list(_CATEGORIES)
    yield "Asset", list(_assets(year))


def _assets(year: Year) -> Iterator[Row]:
    """Presses of four years and moulds of two, with what they have lost so far."""
    base, first = year.masters, year.span.first_day
    for press in base.machines:
        bought: Row = {"name": f"注塑机 {press.tonnage}T", "asset_category": "MACH", "work_centre": press.code}
        yield _asset(press.code, bought, first, Decimal(press.tonnage) * 1_500, 48, 120)
    for mould, part in sorted({part.mould: part for part in base.parts}.items()):
        about: Row = {
            "name": f"{part.name}模具",
            "asset_category": "MOULD",
            "is_mould": True,
            "cavities": part.cavities,
        }
        yield _asset(mould, about, first, Decimal(80_000), 24, 60)


def _asset(code: str, about: Row, first: date, cost: Decimal, months: int, life: int) -> Row:
    lost = (cost * (100 - _RESIDUAL) / 100 * months / life).quantize(Decimal("0.01"))
    began = date(first.year - months // 12, first.month, 1) - timedelta(days=1)
    before: Row = {"opening_depreciation": lost, "opening_months": months, "in_service_date": began}
    return {"code": code, **about, **before, "cost": cost, "department": "SC"}


def _suppliers(base: Masters) -> Iterator[Row]:
    for one in base.suppliers:
        yield {
            "code": one.code,
            "name": one.name,
            "short_name": one.short_name,
            "uscc": one.uscc,
            "category": one.category,
            "contact_name": one.contact,
            "phone": one.phone,
            "email": one.email,
            "address": one.address,
            "city": one.city,
            "country": "中国",
            "payment_terms_days": one.payment_days,
            "admission": one.admission,
            "bank_account": one.bank_account,
        }


def _customers(base: Masters) -> Iterator[Row]:
    for one in base.customers:
        yield {
            "code": one.code,
            "name": one.name,
            "short_name": one.short_name,
            "uscc": one.uscc,
            "contact_name": one.contact,
            "phone": one.phone,
            "email": one.email,
            "address": one.address,
            "city": one.city,
            "country": "中国",
            "payment_terms_days": one.payment_days,
            "sales_rep": one.sales_rep,
        }


def _materials(year: Year) -> Iterator[Row]:
    for one in year.masters.materials:
        yield {
            "code": one.code,
            "name": one.name,
            "specification": one.specification,
            "category": one.category,
            "kind": one.kind,
            "unit": one.unit,
            "lot_tracked": True,
            "shelf_life_days": one.shelf_life_days,
            "reorder_point": year.reorder_points[one.code],
            "lead_time_days": one.lead_days,
            "standard_cost": one.price,
            "default_warehouse": one.warehouse,
            "supplier": one.supplier,
        }


def _parts(base: Masters) -> Iterator[Row]:
    for one in base.parts:
        yield {
            "code": one.code,
            "name": one.name,
            "specification": one.specification,
            "model": one.mould,
            "category": one.category,
            "kind": "finished",
            "unit": "PCS",
            "lot_tracked": True,
            "lead_time_days": 7,
            "standard_cost": one.cost,
            "list_price": one.price,
            "default_warehouse": "CK03",
        }


def _standards(base: Masters) -> Iterator[Row]:
    for material in base.materials:
        if material.code.startswith(STANDARD_ITEMS):
            yield {
                "code": f"IQC-{material.code}",
                "name": f"{material.name}来料检验",
                "item": material.code,
                "kind": "incoming",
                "sampling": "full",
                "instructions": "核对批号与材质证明，测含水率",
            }
    for part in base.parts:
        yield {
            "code": f"FQC-{part.code}",
            "name": f"{part.name}成品检验",
            "item": part.code,
            "kind": "final",
            "sampling": "full",
            "instructions": "外观全检，首末件测尺寸",
        }
