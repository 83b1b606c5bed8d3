"""A small factory whose events are handed on, and a receiver of webhooks that really listens."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

import pytest
from sqlalchemy import Engine, text
from sqlalchemy.orm import Session

from graph_schema.push.duty import hand_on
from hub import writes
from hub.context import Viewer, system_viewer
from hub.identity import viewer_of
from hub.stories.other_system import listening
from tests.conftest import Database


@dataclass
class Receiver:
    """What arrived, in order; `refuse(body)` says with which status an event is refused."""

    url: str = ""
    arrived: list[tuple[Mapping[str, str], dict[str, Any]]] = field(default_factory=list)
    raw: list[str] = field(default_factory=list)
    refuse: Callable[[dict[str, Any]], int | None] = lambda _: None

    @property
    def ids(self) -> list[int]:
        """The ids of the events that arrived."""
        return [body["id"] for _, body in self.arrived]

    def take(self, headers: Mapping[str, str], content: str) -> int:
        """Keep what came."""
        self.raw.append(content)
        refused = self.refuse(json.loads(content))
        if refused is None:
            self.arrived.append((headers, json.loads(content)))
        return refused or 204


@pytest.fixture
def receiver() -> Iterator[Receiver]:
    """An HTTP server on a free port."""
    found = Receiver()
    with listening(found.take) as found.url:
        yield found


@dataclass
class Factory:
    """A company with two people in sales, a clerk of the warehouse and a boss."""

    engine: Engine

    def viewer(self, code: str) -> Viewer:
        """Somebody by his login."""
        with Session(self.engine) as session:
            found = viewer_of(session, code=code)
        assert found is not None
        return found

    def do(self, work: Callable[[Any], Any], as_: str = "boss") -> Any:
        """One unit of work as somebody."""
        with writes.unit_of_work(self.engine, self.viewer(as_), "test") as ctx:
            return work(ctx)

    def create(self, name: str, values: dict[str, Any], as_: str = "boss") -> UUID:
        """The id of a new document."""
        made: UUID = self.do(lambda ctx: writes.create(ctx, name, values), as_).id
        return made

    def order(self, as_: str = "zhang", customer: str = "K1", **more: Any) -> UUID:
        """A sales order of one line."""
        line = {"item": "I1", "quantity": "3", "unit_price": "2"}
        values = {"customer": customer, "promised_date": "2026-03-20", "department": "south", "lines": [line], **more}
        return self.create("SalesOrder", values, as_)

    def step(self, name: str, id_: UUID, step: str, as_: str = "boss", **arguments: Any) -> None:
        """A step of a document."""
        self.do(lambda ctx: writes.run_step(ctx, name, id_, step, arguments), as_)

    def webhook(self, url: str, **more: Any) -> UUID:
        """A webhook on sales orders that reads as the boss."""
        values = {
            "code": f"H{more.get('code', '1')}",
            "name": "客户门户",
            "url": url,
            "document_type": "SalesOrder",
            "selection": "number state note customer { name }",
            "user": "boss",
        }
        return self.create("Webhook", values | {key: value for key, value in more.items() if key != "code"})

    def hand_on(self) -> None:
        """Everything that is due, whenever it is due."""
        with self.engine.begin() as connection:
            connection.execute(text("UPDATE hub.webhook_delivery SET next_attempt_at = NULL WHERE state = 'waiting'"))
        hand_on(self.engine)

    def rows(self, query: str) -> list[Any]:
        """Rows of a SELECT."""
        with self.engine.connect() as connection:
            return list(connection.execute(text(query)))


@pytest.fixture
def factory(fresh_database: Database) -> Factory:
    """The factory, with everything so far handed on to nobody."""
    engine = fresh_database.engine
    with writes.unit_of_work(engine, system_viewer("test"), "test") as ctx:
        company = writes.create(ctx, "Company", {"code": "C1", "name": "测试公司"}).id
    with writes.unit_of_work(engine, system_viewer("test", company), "test") as ctx:
        for code in ("south", "north"):
            writes.create(ctx, "Department", {"code": code, "name": code})
        for code, roles, department in (
            ("boss", ["administrator"], None),
            ("zhang", ["sales"], "south"),
            ("li", ["sales"], "north"),
            ("store", ["warehouse"], None),
            ("steward", ["steward"], None),
        ):
            values = {"code": code, "name": f"用户{code}", "roles": roles, "department": department}
            writes.create(ctx, "User", values)
        writes.create(ctx, "UnitOfMeasure", {"code": "PCS", "name": "个"})
        writes.create(ctx, "Customer", {"code": "K1", "name": "海天客户"})
        writes.create(ctx, "Item", {"code": "I1", "name": "零件", "unit": "PCS"})
    made = Factory(engine)
    made.hand_on()
    return made
