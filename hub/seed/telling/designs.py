"""How every part is made, released before the first day: its design, its bill of material and its routing."""

from __future__ import annotations

from datetime import timedelta
from decimal import ROUND_HALF_UP, Decimal

from hub.seed.cast import Part
from hub.seed.telling.teller import Row, Teller

_VERSION = "A"


def tell(teller: Teller) -> None:
    """Design, bill and routing of every part, released a month before the hub's first day."""
    start = teller.year.span.first_day - timedelta(days=31)
    common: Row = {"start_date": start, "department": "SC"}
    for part in teller.year.masters.parts:
        design = teller.told("ProductDesign", {**common, **_design(part), "design_date": start}, "release")
        about = {**common, "item": part.code, "product_design": design.id}
        teller.told("Bom", {**about, "bom_version": _VERSION, "quantity": 1000, "lines": _components(part)}, "release")
        operations = {"operations": _operations(part), "parameters": _parameters(part)}
        teller.told("Routing", {**about, "routing_version": _VERSION, **operations}, "release")


def _design(part: Part) -> Row:
    grams = sum((share for item, share in part.per_piece if item.startswith(("YL-", "SM-"))), Decimal(0)) * 1000
    return {
        "item": part.code,
        "design_version": _VERSION,
        "drawing_number": f"TZ-{part.code[3:]}",
        "material": part.per_piece[0][0].removeprefix("YL-"),
        "weight": grams.quantize(Decimal("0.01")),
    }


def _components(part: Part) -> list[Row]:
    """For a thousand pieces: what each takes, and its share of a carton's packing."""
    lines: list[Row] = [
        {"component": item, "quantity": share * 1000, "operation": "MOLD"} for item, share in part.per_piece
    ]
    cartons = (Decimal(1000) / part.carton_pieces).quantize(Decimal("0.0001"), ROUND_HALF_UP)
    lines += [{"component": item, "quantity": cartons, "operation": "PACK"} for item in part.per_carton]
    return lines


def _operations(part: Part) -> list[Row]:
    minutes = (Decimal(part.cycle_seconds) / 60 / part.cavities).quantize(Decimal("0.0001"), ROUND_HALF_UP)
    return [
        {"sequence": 10, "operation": "MOLD", "mould": part.mould, "setup_minutes": 144, "run_minutes": minutes},
        {"sequence": 20, "operation": "PACK", "work_centre": "BZ-01", "run_minutes": "0.1"},
    ]


def _parameters(part: Part) -> list[Row]:
    heat = {"PC": 290, "PA66": 275, "PA6": 250, "POM": 200, "PP": 215}.get(part.per_piece[0][0][3:], 225)
    return [
        {
            "sequence": 10,
            "name": "料温",
            "unit": "℃",
            "target": heat,
            "lower_limit": heat - 10,
            "upper_limit": heat + 10,
        },
        {"sequence": 10, "name": "周期", "unit": "s", "target": part.cycle_seconds},
    ]
