"""A small moulder with two sites, three machines, a shared mould, bills, routings and customers, made by the verbs."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from typing import Any
from uuid import UUID

import pytest

from hub import writes
from hub.context import Ctx
from hub.db.embedded import EmbeddedServer
from tests.company import Company, told_once
from tests.conftest import copy_of_template

MONDAY = date(2026, 5, 4)
ITEMS: dict[str, dict[str, Any]] = {
    "PP": {"unit": "KG", "kind": "raw", "supplier": "S1", "lead_time_days": 5},
    "LID": {"unit": "PCS", "kind": "semi_finished", "lead_time_days": 1},
    "CUP": {"unit": "PCS", "kind": "finished", "lead_time_days": 2},
    "MUG": {"unit": "PCS", "kind": "finished", "lead_time_days": 2},
}
PARTS = {"CUP": {"PP": "0.05", "LID": "1"}, "LID": {"PP": "0.02"}, "MUG": {"PP": "0.08"}}
MINUTES = {"CUP": "0.48", "LID": "0.1", "MUG": "0.48"}
PEOPLE = {"planner": "planner", "workshop": "workshop", "storekeeper": "warehouse"}


class Factory(Company):
    """That company: short ways to make orders, plans and schedules."""

    def sold(self, item: str, quantity: str, promised: date) -> UUID:
        """A confirmed order of one line; the id of the line."""
        lines = [{"item": item, "quantity": quantity, "unit_price": "1", "promised_date": promised}]
        order = self.create("SalesOrder", {"customer": "K1", "order_date": MONDAY, "lines": lines}, "confirm")
        found: UUID = self.rows("SELECT id FROM hub.sales_order_line WHERE sales_order_id = :id", id=order)[0].id
        return found

    def order(self, item: str, quantity: str, finish: date, *steps: str, **more: Any) -> UUID:
        """A production order."""
        values = {"item": item, "quantity": quantity, "planned_start_date": MONDAY, "planned_finish_date": finish}
        return self.create("ProductionOrder", values | more, *steps)

    def scheduled(self, **values: Any) -> UUID:
        """A calculated schedule from Monday on."""
        return self.create("Schedule", {"from_date": MONDAY, "until_date": date(2026, 5, 31), **values}, "calculate")

    def runs(self, schedule: UUID) -> dict[str, Any]:
        """The runs of a schedule by the number of their order; times are told as those of China."""
        found = self.rows(
            """SELECT o.number, r.*, c.code AS centre, to_char(r.starts_at AT TIME ZONE 'Asia/Shanghai', 'DD HH24:MI')
                   AS starts, to_char(r.finishes_at AT TIME ZONE 'Asia/Shanghai', 'DD HH24:MI') AS finishes
               FROM hub.schedule_run r JOIN hub.production_order o ON o.id = r.production_order_id
               JOIN hub.work_centre c ON c.id = r.work_centre_id WHERE r.schedule_id = :id""",
            id=schedule,
        )
        return {row.number: row for row in found}


def fill(ctx: Ctx) -> None:
    """Company, calendar, sites, machines, items with bills and routings, partners, people."""
    writes.create(ctx, "Company", {"code": "C1", "name": "测试注塑"})
    for code, dimension in (("KG", "mass"), ("PCS", "count")):
        writes.create(ctx, "UnitOfMeasure", {"code": code, "name": code, "dimension": dimension})
    writes.create(ctx, "Supplier", {"code": "S1", "name": "塑料供应商", "admission": "admitted"})
    writes.create(ctx, "Customer", {"code": "K1", "name": "海天客户"})
    writes.create(ctx, "Warehouse", {"code": "W1", "name": "仓库", "negative_allowed": True})
    writes.create(ctx, "Shift", {"code": "DAY", "name": "白班", "starts_at": "08:00", "ends_at": "17:00"})
    calendar = {"code": "CAL", "name": "日历", "weekdays": list("123456"), "shifts": [{"shift": "DAY"}]}
    writes.create(ctx, "WorkCalendar", calendar)
    for code in ("NORTH", "SOUTH"):
        writes.create(ctx, "Site", {"code": code, "name": code})
    writes.create(ctx, "WorkCentre", {"code": "M3", "name": "三号机", "site": "SOUTH", "calendar": "CAL"})
    shop = {"code": "SHOP", "name": "注塑车间", "site": "NORTH", "calendar": "CAL", "alternative": "M3"}
    writes.create(ctx, "WorkCentre", shop)
    for code in ("M1", "M2"):
        machine = {"code": code, "name": code, "site": "NORTH", "calendar": "CAL", "parent": "SHOP"}
        writes.create(ctx, "WorkCentre", machine)
    writes.create(ctx, "WorkCentre", {"code": "BENCH", "name": "包装台", "site": "NORTH", "calendar": "CAL"})
    writes.create(ctx, "Operation", {"code": "MOLD", "name": "注塑", "work_centre": "SHOP", "piece_rate": "0.02"})
    writes.create(ctx, "Operation", {"code": "PACK", "name": "包装", "work_centre": "BENCH"})
    for code, values in ITEMS.items():
        writes.create(ctx, "Item", {"code": code, "name": f"存货{code}", **values})
    for code, parts in PARTS.items():
        lines = [{"component": one, "quantity": quantity} for one, quantity in parts.items()]
        released(ctx, "Bom", {"item": code, "bom_version": "A", "lines": lines})
        operations = [{"sequence": 10, "operation": "MOLD", "setup_minutes": "60", "run_minutes": MINUTES[code]}]
        if code == "CUP":
            operations.append({"sequence": 20, "operation": "PACK", "run_minutes": "0.12"})
        released(ctx, "Routing", {"item": code, "routing_version": "1", "operations": operations})
    for code in ("E1", "E2"):
        writes.create(ctx, "Employee", {"code": code, "name": f"工人{code}"})
    rows = [{"code": who, "name": who, "roles": [role]} for who, role in PEOPLE.items()]
    assert writes.load(ctx, "User", rows).problems == []


def released(ctx: Ctx, document_type: str, values: dict[str, Any]) -> None:
    """A version in use since the beginning of the year."""
    made = writes.create(ctx, document_type, {"start_date": date(2026, 1, 1), **values})
    writes.run_step(ctx, document_type, made.id, "release")


@pytest.fixture(scope="session")
def factory_template(migrated_server: EmbeddedServer) -> Iterator[str]:
    """The name of a database with that company."""
    with told_once(migrated_server, fill) as name:
        yield name


@pytest.fixture
def factory(migrated_server: EmbeddedServer, factory_template: str) -> Iterator[Factory]:
    """A copy of that company for one test."""
    with copy_of_template(migrated_server, template_name=factory_template) as copy:
        yield Factory(copy.engine)
