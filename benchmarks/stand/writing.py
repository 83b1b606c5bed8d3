"""What a measure of the write side is given and what it gives back: a company of its own, and figures.

Every measure writes into a company of its own, so that none meets what another left behind.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any
from uuid import UUID

from sqlalchemy import Engine

from hub import writes
from hub.context import Viewer, system_viewer


@dataclass(frozen=True)
class Figure:
    """One measured value. Of a duration ("s", "ms") `must` and `aim` are the most, of all else the least."""

    what: str
    value: float
    unit: str = "×"
    must: float | None = None
    aim: float | None = None
    note: str = ""

    def __str__(self) -> str:
        """Its line of the table."""
        bounds = f"{_told(self.must):>8}{_told(self.aim):>8}"
        mark = (
            "  MISSES ITS MUST"
            if not self._holds(self.must)
            else "  below its aim"
            if not self._holds(self.aim)
            else ""
        )
        return (
            f"  {self.what:<62}{self.value:>11.3f} {self.unit:<4}{bounds}{mark}{f'   {self.note}' if self.note else ''}"
        )

    def _holds(self, bound: float | None) -> bool:
        if bound is None:
            return True
        return self.value <= bound if self.unit in ("s", "ms") else self.value >= bound


def _told(bound: float | None) -> str:
    return "" if bound is None else f"{bound:g}"


@dataclass(frozen=True)
class Stand:
    """The scratch database, and a viewer in a company that has one unit, customer, supplier, warehouse and item.

    `ids` are their ids by type name; their code is "1", which `load` and `create` take as the link's value.
    """

    engine: Engine
    viewer: Viewer
    ids: dict[str, UUID]


def stand(engine: Engine, code: str) -> Stand:
    """A company `code` with what documents refer to."""
    with writes.unit_of_work(engine, system_viewer("bench"), "bench") as ctx:
        company = writes.create(ctx, "Company", {"code": code, "name": code}).id
    viewer = system_viewer("bench", company)
    masters: dict[str, dict[str, Any]] = {
        "UnitOfMeasure": {},
        "Customer": {},
        "Supplier": {},
        "Warehouse": {},
        "Item": {"unit": "1"},
    }
    with writes.unit_of_work(engine, viewer, "bench") as ctx:
        ids = {name: writes.create(ctx, name, {"code": "1", "name": name, **more}).id for name, more in masters.items()}
    return Stand(engine, viewer, {**ids, "Company": company})
