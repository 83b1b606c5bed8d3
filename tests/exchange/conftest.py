"""A small company behind the whole application, and hands to send files to it."""

from __future__ import annotations

import io
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

import httpx
import pytest
from openpyxl import Workbook
from sqlalchemy import Engine, text
from sqlalchemy.orm import Session
from starlette.testclient import TestClient

from hub import writes
from hub.context import Viewer, system_viewer
from hub.document.registry import spec as spec_of
from hub.document.registry import specs
from hub.document.spec import DocSpec
from hub.identity import issue_token
from hub.web.app import create_app
from tests.conftest import Database

Rows = list[list[Any]]


@dataclass(frozen=True)
class Desk:
    """Somebody at a desk with files: posts them, looks at what came of it."""

    client: TestClient
    engine: Engine
    headers: dict[str, str]

    def send(self, many: str, content: bytes | str, name: str = "file.csv", **more: str) -> httpx.Response:
        """POST a file; text is pasted text. `more` are the form's other fields."""
        part = {"text": (None, content)} if isinstance(content, str) else {"file": (name, content)}
        found: httpx.Response = self.client.post(f"/import/{many}", files=part, data=more, headers=self.headers)
        return found

    def answer(self, many: str, content: bytes | str, **more: str) -> dict[str, Any]:
        """The answer of a file that comes in without a problem."""
        response = self.send(many, content, **more)
        assert response.status_code == 200, response.text
        found: dict[str, Any] = response.json()
        return found

    def problems(self, many: str, content: bytes | str, **more: str) -> list[dict[str, Any]]:
        """The problems of a file that is refused; each says itself in both languages."""
        response = self.send(many, content, **more)
        assert response.status_code in (403, 404, 422), response.text
        found: list[dict[str, Any]] = response.json()["problems"]
        assert found
        assert all(one["code"] and one["message"]["zh"] and one["message"]["en"] for one in found)
        return found

    def export(self, many: str, ending: str, query: str = "") -> bytes:
        """A list as a file."""
        response = self.client.get(f"/export/{many}.{ending}{query}", headers=self.headers)
        assert response.status_code == 200, response.text
        content: bytes = response.content
        return content

    def counts(self) -> dict[str, int]:
        """Rows of every table, audit and outbox included: what must not move when nothing is imported.

        What a webhook is sent follows from the outbox in its own time, so a delivery of earlier news may come at any.
        """
        tables = [f"hub.{one.table.name}" for one in specs().values() if one.name != "WebhookDelivery"]
        tables += ["audit.audit_entry", "audit.outbox"]
        with self.engine.connect() as connection:
            return {one: connection.execute(text(f"SELECT count(*) FROM {one}")).scalar_one() for one in tables}


@dataclass(frozen=True)
class Office:
    """The company of these tests in the session's database, and somebody who may do everything in it."""

    database: Database
    viewer: Viewer

    def work(self) -> Any:
        """`with office.work() as ctx`: a unit of work in the company."""
        return writes.unit_of_work(self.database.engine, self.viewer, "test")


@pytest.fixture(scope="session")
def office(database: Database) -> Office:
    """One company with what orders need, and users of four roles."""
    with writes.unit_of_work(database.engine, system_viewer("test"), "test") as ctx:
        company = writes.create(ctx, "Company", {"code": "C-FILES", "name": "导入测试公司"})
    office = Office(database, system_viewer("test", company.id))
    with office.work() as ctx:
        writes.create(ctx, "UnitOfMeasure", {"code": "PCS", "name": "个"})
        writes.create(ctx, "Department", {"code": "D1", "name": "销售部"})
        writes.create(ctx, "Employee", {"code": "E1", "name": "李娜", "department": "D1"})
        writes.create(ctx, "Customer", {"code": "K1", "name": "海天客户"})
        for code in ("K2", "K3"):
            writes.create(ctx, "Customer", {"code": code, "name": "同名客户"})
        writes.create(ctx, "Supplier", {"code": "S1", "name": "塑料供应商"})
        writes.create(ctx, "Warehouse", {"code": "W1", "name": "成品仓"})
        for code in ("I1", "I2", "00123"):
            writes.create(ctx, "Item", {"code": code, "name": f"零件{code}", "unit": "PCS"})
        for code in ("SAMPLE", "SECOND"):  # as the contract's values name them
            writes.create(ctx, "User", {"code": code, "name": code})
        for role in ("administrator", "sales", "warehouse", "executive"):
            writes.create(ctx, "User", {"code": f"import-{role}", "name": role, "roles": [role], "employee": "E1"})
    return office


@pytest.fixture(scope="session")
def desk_of(office: Office) -> Iterator[Callable[[str], Desk]]:
    """`desk_of(role)`."""
    with TestClient(create_app(), follow_redirects=False) as client:

        def of(role: str) -> Desk:
            with Session(office.database.engine) as session, session.begin():
                token = issue_token(session, f"import-{role}", purpose="tests")
            return Desk(client, office.database.engine, {"Authorization": f"Bearer {token}"})

        yield of


@pytest.fixture(scope="session")
def desk(desk_of: Callable[[str], Desk]) -> Desk:
    """The administrator's."""
    return desk_of("administrator")


def importable() -> list[DocSpec]:
    """Every type of which files come in."""
    return [one for one in specs().values() if (spec_of(one.parent) if one.parent else one).by_hand]


def book(rows: Rows, **formats: str) -> bytes:
    """A workbook of these rows; `formats` are number formats by column letter."""
    made = Workbook()
    sheet: Any = made.active
    for row in rows:
        sheet.append(row)
    for letter, number_format in formats.items():
        for cell in sheet[letter][1:]:
            cell.number_format = number_format
    return saved(made)


def saved(made: Workbook) -> bytes:
    """A workbook as bytes."""
    written = io.BytesIO()
    made.save(written)
    return written.getvalue()
