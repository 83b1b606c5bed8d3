"""A company with departments and their heads, in which orders are submitted and signed."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any
from uuid import UUID

import pytest
from sqlalchemy import Engine, text

from hub import writes
from hub.context import Ctx, Viewer, system_viewer
from hub.errors import HubError
from hub.identity import viewer_of
from tests.conftest import Database

PEOPLE = {
    "boss": ("executive", "HQ"),
    "head": ("sales", "XS"),
    "clerk": ("sales", "XS1"),
    "other": ("sales", "XS1"),
    "money1": ("finance", "CW"),
    "money2": ("finance", "CW"),
    "store": ("people", "CW"),
    "root": ("administrator", "HQ"),
}
"""Login → role and department. The boss heads all, the head heads sales XS; XS1 below it has no head of its own."""


@dataclass
class House:
    """The company: `engine`, and everybody by login."""

    engine: Engine
    order: dict[str, Any]

    def viewer(self, login: str) -> Viewer:
        """Somebody with the rights of now; "hub" is the hub itself."""
        if login == "hub":
            return system_viewer("test")
        with writes.unit_of_work(self.engine, system_viewer("test"), "test") as ctx:
            found = viewer_of(ctx.session, code=login)
        assert found is not None
        return found

    @contextmanager
    def work(self, login: str = "hub") -> Iterator[Ctx]:
        """A unit of work as somebody."""
        with writes.unit_of_work(self.engine, self.viewer(login), "test") as ctx:
            yield ctx

    def flow(self, *steps: Mapping[str, Any], **more: Any) -> UUID:
        """A flow for confirming sales orders; "SalesOrder" and "confirm" unless told otherwise."""
        values = {"code": "F1", "name": "订单审批", "document_type": "SalesOrder", "step_name": "confirm"}
        with self.work("root") as ctx:
            made = writes.create(ctx, "ApprovalFlow", {**values, "lines": list(steps), **more})
        return UUID(str(made.id))

    def draft(self, login: str = "clerk", **more: Any) -> UUID:
        """A draft order of somebody's."""
        with self.work(login) as ctx:
            return UUID(str(writes.create(ctx, "SalesOrder", {**self.order, **more}).id))

    def step(self, login: str, type_name: str, id_: UUID, step: str, **arguments: Any) -> Any:
        """Take a step as somebody."""
        with self.work(login) as ctx:
            return writes.run_step(ctx, type_name, id_, step, arguments)

    def sign(self, login: str, order: UUID, step: str = "approve", **arguments: Any) -> Any:
        """Do something in the newest approval of an order."""
        return self.step(login, "Approval", self.approval(order)["id"], step, **arguments)

    def submit(self, order: UUID, login: str = "clerk") -> Any:
        """Ask for the confirmation of an order."""
        return self.step(login, "SalesOrder", order, "confirm")

    def rows(self, statement: str, **values: Any) -> list[dict[str, Any]]:
        """Rows of a query."""
        with self.engine.connect() as connection:
            return [dict(row) for row in connection.execute(text(statement), values).mappings()]

    def approval(self, order: UUID) -> dict[str, Any]:
        """The newest approval of an order."""
        asked = "SELECT * FROM hub.approval WHERE document_id = :id ORDER BY number DESC LIMIT 1"
        return self.rows(asked, id=order)[0]

    def tasks(self, order: UUID) -> dict[str, str]:
        """Signer → state of the tasks that count."""
        asked = (
            "SELECT u.code, t.state FROM hub.approval_task t JOIN hub.user u ON u.id = t.signer_id "
            "WHERE t.approval_id = :id AND NOT t.past ORDER BY t.position"
        )
        return {row["code"]: row["state"] for row in self.rows(asked, id=self.approval(order)["id"])}

    def state(self, order: UUID) -> str:
        """The state of an order."""
        return str(self.rows("SELECT state FROM hub.sales_order WHERE id = :id", id=order)[0]["state"])


@pytest.fixture
def house(fresh_database: Database) -> House:
    """The company with its people, an item and a customer."""
    engine = fresh_database.engine
    with writes.unit_of_work(engine, system_viewer("test"), "test") as ctx:
        writes.create(ctx, "Company", {"code": "C1", "name": "测试公司"})
        for code, parent in (("HQ", None), ("XS", "HQ"), ("XS1", "XS"), ("CW", "HQ")):
            writes.create(ctx, "Department", {"code": code, "name": f"部门{code}", "parent": parent})
        for code, (role, department) in PEOPLE.items():
            writes.create(ctx, "Employee", {"code": f"E-{code}", "name": f"{code}先生", "department": department})
            values = {"code": code, "name": f"{code}先生", "roles": [role], "department": department}
            writes.create(ctx, "User", {**values, "employee": f"E-{code}"})
        ids = {row.code: row.id for row in ctx.session.execute(text("SELECT code, id FROM hub.department"))}
        writes.update(ctx, "Department", ids["HQ"], {"manager": "E-boss"})
        writes.update(ctx, "Department", ids["XS"], {"manager": "E-head"})
        ctx.session.execute(text("UPDATE hub.user SET company_id = (SELECT id FROM hub.company)"))
        writes.create(ctx, "UnitOfMeasure", {"code": "PCS", "name": "个"})
        writes.create(ctx, "Customer", {"code": "K1", "name": "海天客户"})
        writes.create(ctx, "Item", {"code": "I1", "name": "零件", "unit": "PCS"})
    lines = [{"item": "I1", "quantity": "10", "unit_price": "20000"}]
    order = {"customer": "K1", "department": "XS1", "order_date": "2026-03-05", "promised_date": "2026-03-20"}
    return House(engine, {**order, "lines": lines})


def step_of(name: str, kind: str, *who: str, **more: Any) -> dict[str, Any]:
    """A step of a flow: `step_of("财务", "role", "finance", mode="all")`."""
    return {"name": name, "kind": kind, "who": list(who), **more}


def codes(call: Callable[[], object]) -> list[str]:
    """The codes of the problems that a call ends with; none when it succeeds."""
    try:
        call()
    except HubError as error:
        return [one.code for one in error.problems]
    return []
