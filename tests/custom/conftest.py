"""A company with custom fields of every kind, and who may see which of them."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Iterator
from dataclasses import replace
from typing import Any
from uuid import UUID, uuid4

import pytest

from graph_schema.answer import Answerer
from hub import writes
from hub.context import Viewer
from hub.db.engine import make_async_pool
from tests.conftest import Database, copy_of_template
from tests.reading.conftest import boss

CLERK = frozenset({"base.read", "base.write", "base.all", "office.read", "office.write", "sales.read"})
"""Somebody who may not see what asks for base.cost or people.private."""
OPTIONS = [
    {"value": "red", "name": "红", "english_name": "Red"},
    {"value": "deep_blue", "name": "深蓝", "english_name": "Deep blue"},
    {"value": "G-1", "name": "绿", "english_name": "Green"},
]
FIELDS: list[dict[str, Any]] = [
    {"key": "remark", "kind": "text"},
    {"key": "thickness", "kind": "decimal", "scale": 3, "unit": "mm"},
    {"key": "cavities", "kind": "integer"},
    {"key": "coated", "kind": "boolean"},
    {"key": "checked", "kind": "date"},
    {"key": "seen_at", "kind": "moment"},
    {"key": "colour", "kind": "choice", "options": OPTIONS},
    {"key": "markets", "kind": "multiple", "options": OPTIONS},
    {"key": "painter", "kind": "link", "target_type": "Supplier"},
    {"key": "margin", "kind": "decimal", "read_permission": "base.cost"},
]


class Workshop:
    """The database, its answerer, and verbs in one line."""

    def __init__(self, database: Database, runner: asyncio.Runner, answerer: Answerer, company: UUID) -> None:
        self.database, self.runner, self.answerer = database, runner, answerer
        self.boss = boss(company)
        self.clerk = replace(self.boss, user_id=uuid4(), code="clerk", permissions=CLERK)

    def ask(self, document: str, variables: dict[str, Any] | None = None, viewer: Viewer | None = None) -> Any:
        """The answer as a client sees it."""
        return json.loads(self.runner.run(self.answerer.answer(document, variables, viewer or self.boss)))

    def data(self, document: str, variables: dict[str, Any] | None = None, viewer: Viewer | None = None) -> Any:
        """Its data; an error fails the test."""
        answer = self.ask(document, variables, viewer)
        assert "errors" not in answer, answer
        return answer["data"]

    def create(self, type_: str, viewer: Viewer | None = None, **values: Any) -> UUID:
        """One document in a transaction of its own."""
        with writes.unit_of_work(self.database.engine, viewer or self.boss, "tests") as ctx:
            return UUID(str(writes.create(ctx, type_, values).id))

    def update(self, type_: str, id_: UUID, viewer: Viewer | None = None, **values: Any) -> None:
        """One change in a transaction of its own."""
        with writes.unit_of_work(self.database.engine, viewer or self.boss, "tests") as ctx:
            writes.update(ctx, type_, id_, values)

    def declare(self, document_type: str, key: str, **more: Any) -> UUID:
        """A custom field."""
        code = f"{document_type}.{key}"
        words = {"code": code, "name": f"字段{key}", "english_name": f"Field {key}"}
        return self.create("CustomField", **{**words, "document_type": document_type, "key": key, **more})


@pytest.fixture(scope="module")
def workshop(migrated_server: Any) -> Iterator[Workshop]:
    """A database of its own, with every kind of field declared for items."""
    with copy_of_template(migrated_server) as database, asyncio.Runner() as runner:
        with writes.unit_of_work(database.engine, boss(None), "tests") as ctx:
            company = writes.create(ctx, "Company", {"code": "C", "name": "公司"}).id
        pool = make_async_pool(database.url, size=2)
        runner.run(pool.open())
        try:
            made = Workshop(database, runner, Answerer(pool, database.engine), company)
            made.create("UnitOfMeasure", code="u", name="个")
            for code in ("S1", "S2"):
                made.create("Supplier", code=code, name=f"喷涂{code}")
            for place, field in enumerate(FIELDS):
                made.declare("Item", place=place, **field)
            yield made
        finally:
            runner.run(made.answerer.close())
            runner.run(pool.close())
