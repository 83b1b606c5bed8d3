"""The demo company's approval flow: large purchases wait for signatures, small ones and those of the hub do not."""

from __future__ import annotations

from uuid import UUID

import pytest
from sqlalchemy import func, select

from hub import writes
from hub.context import Viewer, system_viewer
from hub.document.approvals.looking import who_must_sign
from hub.document.registry import spec
from hub.identity import viewer_of
from hub.seed.people import ACCOUNTS
from hub.seed.signing import FLOWS, appoint
from tests.conftest import Database


@pytest.fixture(scope="module")
def boss(module_database: Database) -> Viewer:
    """The hub in a company with the demo's accounts and flows, told twice as a second start does."""
    engine = module_database.engine
    with writes.unit_of_work(engine, system_viewer("seed"), "seed") as ctx:
        company = writes.create(ctx, "Company", {"code": "C", "name": "公司"}).id
    found = system_viewer("seed", company)
    with writes.unit_of_work(engine, found, "seed") as ctx:
        rows = [{"code": login, "name": login, "roles": list(roles)} for login, roles in ACCOUNTS]
        assert not writes.load(ctx, "User", rows).problems
        writes.create(ctx, "Supplier", {"code": "S", "name": "供应商", "admission": "admitted"})
        writes.create(ctx, "UnitOfMeasure", {"code": "kg", "name": "千克"})
        writes.create(ctx, "Item", {"code": "I", "name": "原料", "kind": "raw", "unit": "kg"})
    for _ in range(2):
        with writes.unit_of_work(engine, found, "seed") as ctx:
            appoint(ctx)
    with engine.connect() as connection:
        assert connection.scalar(select(func.count()).select_from(spec("ApprovalFlow").table)) == len(FLOWS)
    return found


def _order(database: Database, viewer: Viewer, price: int) -> UUID:
    with writes.unit_of_work(database.engine, viewer, "test") as ctx:
        lines = [{"item": "I", "quantity": "1", "unit_price": price}]
        return UUID(str(writes.create(ctx, "PurchaseOrder", {"supplier": "S", "lines": lines}).id))


def _state(database: Database, id_: UUID) -> str:
    orders = spec("PurchaseOrder").table
    with database.engine.connect() as connection:
        return str(connection.execute(select(orders.c.state).where(orders.c.id == id_)).scalar_one().value)


@pytest.mark.parametrize(
    ("price", "signers"), [(100_000, []), (100_001, ["finance"]), (500_001, ["finance", "executive"])]
)
def test_a_purchase_is_confirmed_when_those_of_the_flow_have_signed(
    module_database: Database, boss: Viewer, price: int, signers: list[str]
) -> None:
    logins = {roles[0]: login for login, roles in ACCOUNTS}
    with writes.unit_of_work(module_database.engine, boss, "test") as ctx:
        people = {role: viewer_of(ctx.session, code=login) for role, login in logins.items()}
    buyer = people["purchasing"]
    assert buyer is not None
    order = _order(module_database, buyer, price)
    with writes.unit_of_work(module_database.engine, buyer, "test") as ctx:
        (found,) = who_must_sign(ctx, "PurchaseOrder", order, "confirm")
        assert [one.person.code for one in found.signatures] == [logins[role] for role in signers]
        writes.run_step(ctx, "PurchaseOrder", order, "confirm")
    approvals = spec("Approval").table
    for role in signers:
        assert _state(module_database, order) == "draft"
        signer = people[role]
        assert signer is not None
        with writes.unit_of_work(module_database.engine, signer, "test") as ctx:
            running = ctx.session.execute(select(approvals.c.id).where(approvals.c.document_id == order)).scalar_one()
            writes.run_step(ctx, "Approval", running, "approve")
    assert _state(module_database, order) == "confirmed"


def test_what_the_hub_does_is_not_held_up(module_database: Database, boss: Viewer) -> None:
    order = _order(module_database, boss, 900_000)
    with writes.unit_of_work(module_database.engine, boss, "seed") as ctx:
        writes.run_step(ctx, "PurchaseOrder", order, "confirm")
    assert _state(module_database, order) == "confirmed"
