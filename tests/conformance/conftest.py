"""A real hub over a database of two companies; every text of the other company carries a mark that must not leak."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import httpx
import pytest
from sqlalchemy.orm import Session

from hub import identity, writes
from hub.context import Ctx, system_viewer
from hub.db.embedded import EmbeddedServer
from tests.conftest import Database, copy_of_template
from tests.serving import serving

MARK = "nobody-else-may-read-this"
USERS = {"admin": "administrator", "sally": "sales", "outside": "partner", "blind": "collector"}


@dataclass(frozen=True)
class Target:
    """The running hub: address, database, tokens by user, what it printed."""

    url: str
    database: Database
    tokens: dict[str, str]
    log: Path

    def client(self, user: str | None = "admin") -> httpx.Client:
        """An HTTP client, with a user's token."""
        headers = {"Authorization": f"Bearer {self.tokens[user]}"} if user else {}
        return httpx.Client(base_url=self.url, headers=headers, timeout=60, trust_env=False)


@pytest.fixture(scope="session")
def target(migrated_server: EmbeddedServer, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Target]:
    """The hub as its own process, over a database of its own."""
    log = tmp_path_factory.mktemp("conformance") / "hub.log"
    with copy_of_template(migrated_server, "hub_conformance") as database:
        tokens = tell(database)
        with serving(database, log) as url:
            yield Target(url, database, tokens, log)


def tell(database: Database) -> dict[str, str]:
    """Two companies with a few documents each; tokens of the users of the first."""
    for company in ("OURS", "THEIRS"):
        with writes.unit_of_work(database.engine, system_viewer("tests"), "tests") as ctx:
            company_id = writes.create(ctx, "Company", {"code": company, "name": _named(company, "公司")}).id
        with writes.unit_of_work(database.engine, system_viewer("tests", company_id), "tests") as ctx:
            _fill(ctx, company)
    with Session(database.engine) as session, session.begin():
        return {code: identity.issue_token(session, code, purpose="tests") for code in USERS}


def _named(company: str, text: str) -> str:
    return text if company == "OURS" else f"{text} {MARK}"


def _fill(ctx: Ctx, company: str) -> None:
    def make(type_: str, **values: object) -> None:
        writes.create(ctx, type_, values)

    make("UnitOfMeasure", code="pcs", name=_named(company, "个"))
    make("Department", code="D1", name=_named(company, "销售部"))
    make("Employee", code="E1", name=_named(company, "张伟"), department="D1", id_number="320106199001011234")
    make("Supplier", code="S1", name=_named(company, "宁波塑料"), bank_account="6222 0000 1111")
    make("Customer", code="K1", name=_named(company, "海天塑机"), city="宁波", sales_rep="E1")
    make("Item", code="I1", name=_named(company, "外壳"), unit="pcs", list_price="2.50", supplier="S1")
    for number in range(1, 4):
        line = {"item": "I1", "quantity": str(number), "unit_price": "1.25"}
        make(
            "SalesOrder",
            number=f"SO-{number}",
            customer="K1",
            order_date="2026-01-15",
            promised_date="2026-02-15",
            note=_named(company, "备注"),
            lines=[line] * number,
        )
    if company == "OURS":
        for code, role in USERS.items():
            make("User", code=code, name=code, roles=[role])
