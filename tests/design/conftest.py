"""A moulder's few items with their units, operations and people, made by the verbs themselves."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from decimal import Decimal
from typing import Any
from uuid import UUID

import pytest

from hub import writes
from hub.context import Ctx
from hub.db.embedded import EmbeddedServer
from hub.document.registry import spec
from hub.ledgers import structures
from hub.rules.bom import Structures
from tests.company import Company, told_once
from tests.conftest import copy_of_template

ITEMS = {"PP": "KG", "SM": "KG", "INK": "G", "BOX": "PCS", "BLANK": "PCS", "COVER": "PCS", "KIT": "PCS"}
PEOPLE = {"engineer": "engineer", "planner": "planner", "workshop": "workshop", "storekeeper": "warehouse"}
FIRST = date(2026, 5, 4)


class Designs(Company):
    """A company with items to design: short ways to make versions and orders."""

    def bom(self, item: str, version: str = "A", start: date = FIRST, **more: Any) -> UUID:
        """A draft of a bill; components by keyword `parts` as {item: quantity}, or `lines` in full."""
        parts = more.pop("parts", {})
        lines = [{"component": code, "quantity": quantity} for code, quantity in parts.items()]
        values = {"item": item, "bom_version": version, "start_date": start, "lines": lines, **more}
        return self.create("Bom", values)

    def released(self, item: str, version: str = "A", start: date = FIRST, **more: Any) -> UUID:
        """A released bill."""
        id_ = self.bom(item, version, start, **more)
        self.step("Bom", id_, "release")
        return id_

    def order(self, item: str, quantity: str = "1000", *steps: str, **more: Any) -> UUID:
        """A production order."""
        id_ = self.create("ProductionOrder", {"item": item, "quantity": quantity, **more})
        for step in steps:
            self.step("ProductionOrder", id_, step)
        return id_

    def row(self, document_type: str, id_: UUID) -> Any:
        """What is stored of a document."""
        table = spec(document_type).table
        with self.engine.connect() as connection:
            return connection.execute(table.select().where(table.c.id == id_)).one()

    def item(self, code: str) -> Any:
        """What is stored of an item."""
        return self.rows("SELECT * FROM hub.item WHERE code = :code", code=code)[0]

    def materials(self, order_id: UUID) -> dict[str, tuple[Decimal, Decimal]]:
        """Required and issued quantity of an order's materials by their code."""
        query = """SELECT i.code, m.required_quantity, m.issued_quantity FROM hub.production_order_material m
                   JOIN hub.item i ON i.id = m.item_id WHERE m.production_order_id = :id ORDER BY m.position"""
        return {row[0]: (row[1], row[2]) for row in self.rows(query, id=order_id)}

    def structures(self, day: date, *items: str) -> Structures[str]:
        """What the items are made of on a day."""
        with self.work(dry_run=True) as ctx:
            company = self.rows("SELECT id FROM hub.company")[0].id
            return structures.of_items(ctx, company, day, [self.item(code).id for code in items] or None)


def fill(ctx: Ctx) -> None:
    """Company, units, items, operations, people."""
    writes.create(ctx, "Company", {"code": "C1", "name": "测试注塑"})
    for code, dimension, factor in (("KG", "mass", "1"), ("G", "mass", "0.001"), ("PCS", "count", "1")):
        writes.create(ctx, "UnitOfMeasure", {"code": code, "name": code, "dimension": dimension, "factor": factor})
    for code, unit in ITEMS.items():
        writes.create(ctx, "Item", {"code": code, "name": f"存货{code}", "unit": unit})
    for code, name in (("MOLD", "注塑"), ("PRINT", "丝印"), ("PACK", "包装")):
        writes.create(ctx, "Operation", {"code": code, "name": name})
    writes.create(ctx, "Warehouse", {"code": "W1", "name": "原料仓", "negative_allowed": True})
    rows = [{"code": who, "name": who, "roles": [role]} for who, role in PEOPLE.items()]
    assert writes.load(ctx, "User", rows).problems == []


@pytest.fixture(scope="session")
def design_template(migrated_server: EmbeddedServer) -> Iterator[str]:
    """The name of a database with that company."""
    with told_once(migrated_server, fill) as name:
        yield name


@pytest.fixture
def designs(migrated_server: EmbeddedServer, design_template: str) -> Iterator[Designs]:
    """A copy of that company for one test."""
    with copy_of_template(migrated_server, template_name=design_template) as copy:
        yield Designs(copy.engine)
