"""A small factory to read: two companies, customers, items, orders with lines, deliveries, awkward texts."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, replace
from typing import Any, TypeVar
from uuid import UUID

import pytest
from psycopg_pool import AsyncConnectionPool

from graph_schema.answer import Answerer
from hub.context import SYSTEM, Viewer
from hub.db.engine import make_async_pool
from hub.document.access import ROLES
from hub.writes import create, run_step, unit_of_work
from tests.conftest import Database

Result = TypeVar("Result")


@dataclass(frozen=True)
class Factory:
    """The database, the ids of what was made in it, and two viewers of different companies."""

    database: Database
    ids: dict[str, UUID]
    viewer: Viewer
    stranger: Viewer
    reader: Viewer
    """Of a third company, whose documents no test changes."""

    def with_role(self, *roles: str) -> Viewer:
        """Somebody of the first company with these roles only."""
        permissions = frozenset().union(*(ROLES[role].permissions for role in roles))
        return replace(self.viewer, permissions=permissions, roles=frozenset(roles))


def boss(company_id: UUID | None) -> Viewer:
    """Somebody who may do everything in a company."""
    return Viewer(SYSTEM, "boss", "老板", frozenset({"*"}), company_id)


@pytest.fixture(scope="session")
def factory(database: Database) -> Factory:
    """The data of the reading tests, written once through the verbs."""
    ids: dict[str, UUID] = {}
    for code, name in (("C-A", "枢纽注塑"), ("C-B", "别家公司"), ("C-C", "不变公司")):
        with unit_of_work(database.engine, boss(None), "tests") as ctx:
            ids[code] = create(ctx, "Company", {"code": code, "name": name}).id
    for code in ("C-A", "C-B", "C-C"):
        with unit_of_work(database.engine, boss(ids[code]), "tests") as ctx:
            _fill(ctx, ids, code)
    return Factory(database, ids, boss(ids["C-A"]), boss(ids["C-B"]), boss(ids["C-C"]))


def _fill(ctx: Any, ids: dict[str, UUID], company: str) -> None:
    """The same few documents for each company, under keys `<company> <code>`."""

    def make(type_: str, key: str, **values: Any) -> UUID:
        made = create(ctx, type_, values)
        ids[f"{company} {key}"] = made.id
        return UUID(str(made.id))

    make("UnitOfMeasure", "pcs", code="pcs", name="个")
    make("Department", "D1", code="D1", name="销售部")
    make(
        "Employee",
        "E1",
        code="E1",
        name="张伟",
        department="D1",
        id_number="320106199001011234",
        birth_date="1990-01-01",
    )
    make("Supplier", "S1", code="S1", name="宁波塑料", bank_account="6222 0000 1111")
    make("Warehouse", "W1", code="W1", name="成品仓")
    for code, name in (("K1", "海天塑机"), ("K2", 'Müller "GmbH" \\ 100%'), ("K3", "阿里_电器"), ("K4", "李宁")):
        make("Customer", code, code=code, name=name, city=None if code == "K4" else f"城{code}", sales_rep="E1")
    for index in range(1, 4):
        make(
            "Item",
            f"I{index}",
            code=f"I{index}",
            name=f"外壳{index}",
            unit="pcs",
            list_price=f"{index}.50",
            supplier="S1",
        )
    for index in range(1, 13):
        lines = [
            {"item": f"I{1 + (index + line) % 3}", "quantity": str(10 * index + line), "unit_price": "1.25"}
            for line in range(1 + index % 3)
        ]
        make(
            "SalesOrder",
            f"SO{index}",
            customer=f"K{1 + index % 4}",
            order_date=f"2026-0{1 + index % 6}-15",
            lines=lines,
            promised_date="2026-09-01",
            note=None if index % 2 else f"备注 {index}",
            number=f"SO-{index:04}",
        )
    run_step(ctx, "SalesOrder", ids[f"{company} SO3"], "confirm")


@pytest.fixture
def ask(factory: Factory) -> Callable[..., dict[str, Any]]:
    """`ask(document, variables, viewer)`: the answer as a client sees it."""

    def asking(document: str, variables: dict[str, Any] | None = None, viewer: Viewer | None = None) -> dict[str, Any]:
        async def body(answerer: Answerer) -> dict[str, Any]:
            found: dict[str, Any] = json.loads(await answerer.answer(document, variables, viewer or factory.viewer))
            return found

        return with_answerer(factory, body)

    return asking


class Asking:
    """A viewer's questions to an answerer on an event loop of its own."""

    def __init__(self, runner: asyncio.Runner, answerer: Answerer, viewer: Viewer) -> None:
        self._runner, self._answerer, self._viewer = runner, answerer, viewer

    def ask(self, document: str, variables: dict[str, Any], zone: str = "Asia/Shanghai") -> dict[str, Any]:
        """The answer's data, for a company in a time zone; an error fails the test."""
        viewer = replace(self._viewer, time_zone=zone)
        answer = json.loads(self._runner.run(self._answerer.answer(document, variables, viewer)))
        assert "errors" not in answer, answer
        data: dict[str, Any] = answer["data"]
        return data


def with_answerer(
    factory: Factory,
    body: Callable[[Answerer], Awaitable[Result]],
    prepare: Callable[[AsyncConnectionPool[Any]], None] = lambda pool: None,
) -> Result:
    """Run `body` with an answerer on a pool of its own; `prepare` sees the pool before it opens."""

    async def main() -> Result:
        pool = make_async_pool(factory.database.url, size=2)
        prepare(pool)
        async with pool:
            return await body(Answerer(pool, factory.database.engine))

    return asyncio.run(main())
