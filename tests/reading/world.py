"""A company under change: random verbs, what was seen between them, and the questions that are asked of it."""

from __future__ import annotations

import asyncio
import itertools
import json
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from uuid import UUID

from hypothesis import strategies as st
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from graph_schema.answer import Answerer
from hub.context import Ctx, Viewer
from hub.document.registry import spec
from hub.writes import create, discard, load, run_step, unit_of_work, update
from tests.reading.conftest import Factory

EVERYTHING = """query Everything($asOf: DateTime, $number: String) {
  salesOrders(asOf: $asOf, orderBy: [{customer: {name: DESC}}, {number: ASC}]) {
    totalCount
    nodes {
      id number version state note freight updatedAt total delivered
      customer { code name city salesOrders(first: 2) { totalCount nodes { number } } }
      lines { position quantity unitPrice delivered item { code name onHand } }
      linesByAmount: lines(orderBy: [{amount: DESC}, {position: ASC}], first: 1) { amount }
      deliveries { totalCount nodes { number state } }
    }
  }
  some: salesOrders(asOf: $asOf, where: {lines: {some: {quantity: {gte: "5"}}}}) { totalCount nodes { number } }
  every: salesOrders(asOf: $asOf, where: {lines: {every: {quantity: {gte: "5"}}}}) { nodes { number } }
  of: salesOrders(asOf: $asOf, where: {customer: {city: {eq: "B"}}, state: {ne: DRAFT}}, last: 2) {
    nodes { number } pageInfo { hasPreviousPage }
  }
  customers(asOf: $asOf, where: {name: {contains: "B"}}, first: 2) {
    totalCount pageInfo { hasNextPage endCursor } nodes { code name }
  }
  without: customers(asOf: $asOf, where: {salesOrders: {none: {}}}) { nodes { code } }
  customer(asOf: $asOf, code: "K1") { name version salesOrders { nodes { number } } }
  salesOrder(asOf: $asOf, number: $number) { number note lines { quantity } }
  salesOrderLines(asOf: $asOf, orderBy: [{quantity: ASC}]) { totalCount nodes { quantity salesOrder { number } } }
  items(asOf: $asOf, orderBy: [{onHand: DESC}, {code: ASC}]) { nodes { code onHand } }
  stockEntries(asOf: $asOf) { totalCount nodes { quantity } aggregate { sum { quantity } } }
  sums: salesOrders(asOf: $asOf) {
    aggregate { count sum { freight } max { updatedAt } }
    groups(by: [{customer: {city: true}}, {state: true}], orderBy: [{count: DESC}]) {
      key { customer { city } state } count sum { freight }
    }
    nodes { linesConnection { aggregate { count sum { amount quantity } } } }
  }
}"""


@dataclass
class World:
    """One company under change: what exists, and what was seen when."""

    factory: Factory
    runner: asyncio.Runner
    answerer: Answerer
    viewer: Viewer
    orders: list[UUID] = field(default_factory=list)
    remembered: list[tuple[datetime, dict[str, Any]]] = field(default_factory=list)
    numbers: Iterator[int] = field(default_factory=lambda: itertools.count(1))

    def ask(self, document: str, **variables: Any) -> dict[str, Any]:
        """Data and errors."""
        answer = json.loads(self.runner.run(self.answerer.answer(document, variables, self.viewer)))
        return {name: answer[name] for name in ("data", "errors") if name in answer}

    def remember(self) -> None:
        """Look at everything now."""
        answer = self.ask(EVERYTHING, number="O-1")
        assert "errors" not in answer, answer
        self.remembered.append((self.now(), answer["data"]))

    def now(self) -> datetime:
        """The server's clock."""
        with self.factory.database.engine.connect() as connection:
            moment: datetime = connection.execute(select(func.clock_timestamp())).scalar_one()
        return moment

    def write(self, *actions: Callable[[Ctx], object]) -> None:
        """Several verbs in one transaction."""
        with unit_of_work(self.factory.database.engine, self.viewer, "tests") as ctx:
            for action in actions:
                action(ctx)

    def order(self, chosen: int) -> UUID | None:
        """One of the orders, if there is any."""
        return self.orders[chosen % len(self.orders)] if self.orders else None


def furnish(ctx: Ctx) -> None:
    create(ctx, "UnitOfMeasure", {"code": "u", "name": "u"})
    create(ctx, "Warehouse", {"code": "W", "name": "W"})
    for code in ("I1", "I2"):
        create(ctx, "Item", {"code": code, "name": code, "unit": "u", "default_warehouse": "W"})
    for code, city in (("K1", "A"), ("K2", "B")):
        create(ctx, "Customer", {"code": code, "name": code, "city": city})


Action = Callable[[World], None]
ORDER = {"order_date": "2026-01-01", "promised_date": "2026-02-01"}
REASON = {"cancel": {"reason": "x"}}
QUANTITY = st.integers(1, 9).map(str)
LINE = st.builds(lambda item, quantity: {"item": item, "quantity": quantity}, st.sampled_from(["I1", "I2"]), QUANTITY)


def creating(customer: str, lines: list[dict[str, Any]], *, confirmed: bool) -> Action:
    def act(world: World) -> None:
        def make(ctx: Ctx) -> None:
            number = f"O-{next(world.numbers)}"
            made = create(ctx, "SalesOrder", {**ORDER, "number": number, "customer": customer, "lines": lines})
            world.orders.append(made.id)
            if confirmed:
                run_step(ctx, "SalesOrder", made.id, "confirm")

        world.write(make)

    return act


def _changing(chosen: int, note: str, change: dict[str, Any]) -> Action:
    """Note, and where it is still a draft, a line added, changed or removed; twice in one transaction."""

    def act(world: World) -> None:
        if (order := world.order(chosen)) is None:
            return

        def work(ctx: Ctx) -> None:
            model = spec("SalesOrder").model
            found = ctx.session.get_one(model, order)
            update(ctx, "SalesOrder", order, {"note": note})
            if found.state.value != "draft":
                return
            line = spec("SalesOrderLine").table
            mine = select(line.c.id).where(line.c.sales_order_id == order).order_by(line.c.position)
            ids = list(ctx.session.execute(mine).scalars())
            given = dict(change)
            if "change" in given:
                given["change"] = [{"id": str(ids[0]), **given["change"]}]
            if "remove" in given:
                given["remove"] = [str(ids[-1])] if len(ids) > 1 else []
            update(ctx, "SalesOrder", order, {"lines": given})

        world.write(work)

    return act


def _stepping(chosen: int, name: str) -> Action:
    def act(world: World) -> None:
        if (order := world.order(chosen)) is None:
            return
        with Session(world.factory.database.engine) as session:
            state = session.get_one(spec("SalesOrder").model, order).state
        if state in spec("SalesOrder").steps[name].sources:
            world.write(lambda ctx: run_step(ctx, "SalesOrder", order, name, REASON.get(name)))

    return act


def discarding(chosen: int) -> Action:
    def act(world: World) -> None:
        if (order := world.order(chosen)) is None:
            return
        with Session(world.factory.database.engine) as session:
            draft = session.get_one(spec("SalesOrder").model, order).state.value == "draft"
        if draft:
            world.orders.remove(order)
            world.write(lambda ctx: discard(ctx, "SalesOrder", order))

    return act


def _renaming(code: str, name: str, city: str | None) -> Action:
    return lambda world: world.write(
        lambda ctx: update(ctx, "Customer", id_of(ctx, code), {"name": name, "city": city})
    )


def id_of(ctx: Ctx, code: str) -> UUID:
    table = spec("Customer").table
    where = (table.c.code == code, table.c.company_id == ctx.viewer.company_id)
    return UUID(str(ctx.session.execute(select(table.c.id).where(*where)).scalar_one()))


def _loading(names: list[str], lines: list[dict[str, Any]]) -> Action:
    """A batch: customers and an order that comes again with other lines."""

    def work(ctx: Ctx) -> None:
        load(ctx, "Customer", [{"code": f"L{n}", "name": name} for n, name in enumerate(names)])
        load(ctx, "SalesOrder", [{"number": "L-1", "customer": "K1", **ORDER, "lines": lines}])

    return lambda world: world.write(work)


def _receiving(item: str, quantity: str) -> Action:
    """Stock comes in: a ledger row."""
    row = {
        "item": item,
        "warehouse": "W",
        "quantity": quantity,
        "kind": "adjustment",
        "entry_at": "2026-01-01T00:00:00",
    }
    return lambda world: world.write(lambda ctx: load(ctx, "StockEntry", [row]))


CHANGES = st.one_of(
    st.builds(lambda line: {"add": [line]}, LINE),
    st.builds(lambda quantity: {"change": {"quantity": quantity}}, QUANTITY),
    st.just({"remove": True}),
)
WHICH = st.integers(0, 9)
ACTIONS = st.one_of(
    st.builds(
        lambda customer, lines, confirmed: creating(customer, lines, confirmed=confirmed),
        st.sampled_from(["K1", "K2"]),
        st.lists(LINE, min_size=1, max_size=3),
        st.booleans(),
    ),
    st.builds(_changing, WHICH, st.sampled_from(["x", "y", "z"]), CHANGES),
    st.builds(_stepping, WHICH, st.sampled_from(["confirm", "cancel", "close"])),
    st.builds(discarding, WHICH),
    st.builds(
        _renaming, st.sampled_from(["K1", "K2"]), st.sampled_from(["A", "B", "BB"]), st.sampled_from(["A", "B", None])
    ),
    st.builds(_loading, st.lists(st.sampled_from(["A", "B"]), max_size=3), st.lists(LINE, min_size=1, max_size=3)),
    st.builds(_receiving, st.sampled_from(["I1", "I2"]), QUANTITY),
)
