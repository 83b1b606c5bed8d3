"""One company's books for all tests of selling; each test has customers and an item of its own in them.

Copying a database costs more than what these tests do in it. The hub over it is started once, too.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass
from decimal import Decimal
from typing import Any
from uuid import uuid4

import httpx
import pytest
from sqlalchemy import Engine, text
from sqlalchemy.orm import Session

from hub import identity, writes
from hub.db.embedded import EmbeddedServer
from hub.document.registry import spec
from hub.errors import HubError
from hub.identity import hash_password
from tests.books import Books
from tests.conftest import Database, copy_of_template
from tests.ledgers.test_story import Office
from tests.serving import serving

PASSWORD = "moulding-42"
PEOPLE = {
    "seller": "sales",
    "boss": "sales_manager",
    "storekeeper": "warehouse",
    "accountant": "finance",
    "inspector": "quality",
    "buyer": "purchasing",
    "engineer": "engineer",
}


class Selling(Books):
    """The books, with the codes of what a test has for itself."""

    def __init__(self, engine: Engine) -> None:
        super().__init__(engine)
        mark = uuid4().hex[:8]
        self.customer, self.other, self.item, self.second = (f"{kind}-{mark}" for kind in ("K", "L", "I", "J"))
        with self.work() as ctx:
            for code, name, days in ((self.customer, "海天客户", 30), (self.other, "宁波客户", None)):
                writes.create(ctx, "Customer", {"code": code, "name": name, "payment_terms_days": days})
            for code in (self.item, self.second):
                writes.create(ctx, "Item", {"code": code, "name": f"零件{code}", "unit": "PCS"})

    def of_customer(self, ctx: Any) -> dict[str, Decimal]:
        """Debit less credit by account of what was entered about the test's customer."""
        found = ctx.session.execute(
            text(
                "SELECT a.code, sum(e.debit - e.credit)"
                " FROM hub.money_entry e JOIN hub.account a ON a.id = e.account_id"
                " JOIN hub.customer c ON c.id = e.customer_id WHERE c.code = :customer"
                " GROUP BY a.code HAVING sum(e.debit - e.credit) <> 0"
            ),
            {"customer": self.customer},
        )
        return {row[0]: row[1] for row in found}

    def stocked(self, quantity: str, value: str) -> None:
        """Put the test's item into stock."""
        lines = [{"item": self.item, "quantity": quantity, "debit": value}]
        opening = {"kind": "stock", "warehouse": "W1", "entry_date": "2026-05-01", "lines": lines}
        made(self, "OpeningBalance", opening, "post")


@pytest.fixture(scope="session")
def selling_database(migrated_server: EmbeddedServer, opened_books: str) -> Iterator[Database]:
    """A copy of the opened books for all tests of selling."""
    with copy_of_template(migrated_server, "hub_selling", opened_books) as copy:
        yield copy


@pytest.fixture
def books(selling_database: Database) -> Selling:
    """The books with customers and items that no other test has."""
    return Selling(selling_database.engine)


class Shop(Office):
    """The running hub, its pages without an account, and steps with arguments."""

    def __init__(self, url: str, tokens: dict[str, str]) -> None:
        super().__init__(url, tokens)
        self.url, self.tokens = url, tokens

    def step(self, who: str, mutation: str, id_: str, **arguments: Any) -> list[str]:
        """A step whose arguments are written out; the codes of its problems."""
        given = "".join(f", {name}: {json.dumps(value, ensure_ascii=False)}" for name, value in arguments.items())
        document = f'mutation {{ {mutation}(id: "{id_}"{given}) {{ problems {{ code }} }} }}'
        return [one["code"] for one in self.ask(who, document)[mutation]["problems"]]

    def asked_link(self, who: str | None, document_type: str, id_: Any, step: str, **body: Any) -> httpx.Response:
        """What POST /links answers."""
        asked = {"documentType": document_type, "documentId": str(id_), "step": step, **body}
        headers = {"Authorization": f"Bearer {self.tokens[who]}"} if who else {}
        return httpx.post(f"{self.url}/links", json=asked, headers=headers, trust_env=False)

    def link(self, who: str, document_type: str, id_: Any, step: str) -> str:
        """The page of a new link."""
        made = self.asked_link(who, document_type, id_, step)
        assert made.status_code == 201, made.text
        return f"{self.url}/p/{made.json()['url'].rsplit('/', 1)[-1]}"


@dataclass(frozen=True)
class _Served:
    url: str
    tokens: dict[str, str]


@pytest.fixture(scope="session")
def served(selling_database: Database, tmp_path_factory: pytest.TempPathFactory) -> Iterator[_Served]:
    """The hub over the books, with a token for somebody of each role."""
    with Books(selling_database.engine).work() as ctx:
        hashed = hash_password(PASSWORD)
        rows = [{"code": who, "name": who, "roles": [role], "password_hash": hashed} for who, role in PEOPLE.items()]
        assert writes.load(ctx, "User", rows).problems == []
    with Session(selling_database.engine) as session, session.begin():
        tokens = {who: identity.issue_token(session, who, purpose="test") for who in PEOPLE}
    with serving(selling_database, tmp_path_factory.mktemp("selling") / "hub.log") as url:
        yield _Served(url, tokens)


@pytest.fixture
def shop(served: _Served) -> Shop:
    """What people ask of the running hub."""
    return Shop(served.url, served.tokens)


def refused(books: Books, document_type: str, id_: Any, step: str, **arguments: Any) -> set[str]:
    """The codes with which a step is refused; it must be."""
    try:
        with books.work() as ctx:
            writes.run_step(ctx, document_type, id_, step, arguments)
    except HubError as error:
        return {one.code for one in error.problems}
    raise AssertionError(f"{document_type}.{step} was not refused")


def stepped(books: Books, document_type: str, id_: Any, step: str, **arguments: Any) -> Any:
    """A step in a unit of work of its own."""
    with books.work() as ctx:
        return writes.run_step(ctx, document_type, id_, step, arguments)


def made(books: Books, document_type: str, values: dict[str, Any], *steps: str) -> Any:
    """A document taken through steps, in a unit of work of its own."""
    with books.work() as ctx:
        return books.make(ctx, document_type, values, *steps)


def converted(books: Books, source: Any, target: str, **values: Any) -> Any:
    """What a document leads to, in a unit of work of its own."""
    with books.work() as ctx:
        return writes.convert(ctx, type(source).__name__, source.id, target, values)


def change_customer(books: Books, code: str, **values: Any) -> None:
    """Change a customer's record."""
    with books.work() as ctx:
        known = spec("Customer").model
        customer = ctx.session.query(known).filter(known.code == code).one()
        writes.update(ctx, "Customer", customer.id, values)
