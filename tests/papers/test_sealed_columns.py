"""ID numbers and bank accounts: ciphertext wherever they are stored, the value for who may see it, and nothing else."""

from __future__ import annotations

import subprocess
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import Engine, text
from sqlalchemy.exc import IntegrityError

from hub import ciphers, keys, writes
from hub.context import system_viewer
from hub.db.cluster import binary
from hub.db.sealed_columns import seal_columns
from hub.document.registry import specs
from hub.document.sealing import sealed_places
from hub.errors import Unavailable
from tests.conftest import Database

TEXTS = st.text(st.characters(codec="utf-8", exclude_characters="\0"), min_size=1, max_size=300)
ACCOUNT, ID_NUMBER = "6222020200112233445", "330203199001011234"


@given(TEXTS)
def test_any_text_comes_back_and_looks_like_nothing(value: str) -> None:
    sealed = ciphers.seal("employee.id_number", value)
    assert ciphers.opened("employee.id_number", sealed) == value
    assert ciphers.is_sealed(sealed)
    again = ciphers.seal("employee.id_number", value)
    assert again != sealed
    assert again.split(":")[2] == sealed.split(":")[2]
    assert ciphers.digest("supplier.bank_account", value) != sealed.split(":")[2]


@given(TEXTS, st.integers(min_value=0), st.integers(min_value=1, max_value=63))
def test_no_changed_ciphertext_opens(value: str, at: int, by: int) -> None:
    letters = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_"
    sealed = ciphers.seal("employee.id_number", value)
    start = sealed.rindex(":") + 1
    place = start + at % (len(sealed) - start - 1)  # a last letter may hold bits that mean nothing
    changed = letters[(letters.index(sealed[place]) + by) % 64]
    with pytest.raises(Unavailable):
        ciphers.opened("employee.id_number", sealed[:place] + changed + sealed[place + 1 :])
    with pytest.raises(Unavailable):
        ciphers.opened("supplier.bank_account", sealed)


@pytest.fixture
def people(fresh_database: Database) -> Database:
    """An employee and a supplier, created, changed, discarded and loaded with their record at the source."""
    with writes.unit_of_work(fresh_database.engine, system_viewer("test"), "test") as ctx:
        writes.create(ctx, "Company", {"code": "C1", "name": "公司"})
        writes.create(ctx, "SourceSystem", {"code": "erp", "name": "旧系统", "kind": "sql"})
        writes.create(ctx, "Employee", {"code": "E1", "name": "李娜", "id_number": ID_NUMBER})
        writes.create(ctx, "Supplier", {"code": "S9", "name": "旧", "bank_account": ACCOUNT + "9"})
    with writes.unit_of_work(fresh_database.engine, system_viewer("test"), "test") as ctx:
        found = ctx.session.execute(text("SELECT id FROM hub.supplier")).scalar_one()
        writes.update(ctx, "Supplier", found, {"bank_account": ACCOUNT + "8"})
        writes.load(ctx, "Supplier", [_row()], source="erp", run_key="1")
    with writes.unit_of_work(fresh_database.engine, system_viewer("test"), "test") as ctx:
        writes.discard(ctx, "Supplier", found)
    return fresh_database


def _row() -> dict[str, Any]:
    origin = {"source_table": "t_Supplier", "source_key": "1", "payload": {"FName": "宁波", "FAccount": f" {ACCOUNT}"}}
    return {"code": "S1", "name": "宁波", "bank_account": ACCOUNT, **origin}


def test_a_dump_of_everything_holds_none_of_them(people: Database) -> None:
    url = people.url
    command = [str(binary("pg_dump")), "--host", str(url.query["host"]), "--username", str(url.username)]
    done = subprocess.run(
        [*command, url.database or ""], env={"PGPASSWORD": str(url.password)}, check=True, capture_output=True
    )
    dump = done.stdout.decode()
    assert "李娜" in dump
    assert dump.count("~1:") >= 4
    assert [secret for secret in (ID_NUMBER, ACCOUNT) if secret in dump] == []


def test_loading_the_same_again_changes_nothing_and_the_orm_reads_the_value(people: Database) -> None:
    with writes.unit_of_work(people.engine, system_viewer("test"), "test") as ctx:
        again = writes.load(ctx, "Supplier", [_row()], source="erp", run_key="2")
        assert (again.inserted, again.updated, again.unchanged) == (0, 0, 1)
        other = writes.load(ctx, "Supplier", [{**_row(), "bank_account": "1"}], source="erp", run_key="3")
        assert other.updated == 1
        id_ = ctx.session.execute(text("SELECT id FROM hub.supplier WHERE code = 'S1'")).scalar_one()
        assert writes.update(ctx, "Supplier", id_, {"name": "新名"}).bank_account == "1"
        records = ctx.session.execute(text("SELECT count(*) FROM hub.source_record")).scalar_one()
        assert records == 2  # the changed account is a further version of the record, though it shows only hashes


def test_postgresql_itself_refuses_plain_text(people: Database) -> None:
    with pytest.raises(IntegrityError, match="sealed"), people.engine.begin() as connection:
        connection.execute(text("UPDATE hub.supplier SET bank_account = :plain"), {"plain": ACCOUNT})


def test_plain_values_from_before_are_sealed_with_their_history(people: Database) -> None:
    """As an upgrade meets them: plain in the table and among its former rows."""
    with people.engine.begin() as connection:
        connection.execute(text("ALTER TABLE hub.employee DROP CONSTRAINT ck_employee_id_number_sealed"))
        connection.execute(text("UPDATE hub.employee SET id_number = 'PLAIN-OLD', name = '一'"))
    with people.engine.begin() as connection:
        connection.execute(text("UPDATE hub.employee SET id_number = 'PLAIN-NEW'"))
    with people.engine.begin() as connection:
        before = connection.execute(text("SELECT count(*) FROM history.employee")).scalar_one()
        assert seal_columns(connection.connection.cursor()) == 2  # type: ignore[arg-type]
        assert connection.execute(text("SELECT count(*) FROM history.employee")).scalar_one() == before
        stored = connection.execute(
            text("SELECT id_number FROM hub.employee UNION ALL SELECT id_number FROM history.employee")
        )
        values = {ciphers.opened("employee.id_number", one) for one in stored.scalars()}
    assert values == {"PLAIN-NEW", "PLAIN-OLD", ID_NUMBER}


def test_after_a_rotation_old_and_new_values_are_read_and_all_can_be_sealed_anew(people: Database) -> None:
    old = keys.ring().current
    new = keys.rotate()
    assert keys.ring().current == new != old
    assert _account(people.engine) == ACCOUNT
    with people.engine.begin() as connection:
        assert seal_columns(connection.connection.cursor(), anew=True) >= 4  # type: ignore[arg-type]
        ids = connection.execute(text("SELECT DISTINCT split_part(bank_account, ':', 2) FROM hub.supplier")).scalars()
        assert list(ids) == [new]
    assert _account(people.engine) == ACCOUNT


def _account(engine: Engine) -> str:
    with engine.connect() as connection:
        stored = connection.execute(text("SELECT bank_account FROM hub.supplier WHERE code = 'S1'")).scalar_one()
    return ciphers.opened("supplier.bank_account", stored)


def test_every_sealed_column_is_a_restricted_text() -> None:
    found = {(spec.name, name) for spec in specs().values() for name in sealed_places(spec)}
    assert {("Employee", "id_number"), ("Supplier", "bank_account")} <= found
    for type_name, name in found:
        field = specs()[type_name].fields[name]
        assert (field.kind, field.searched) == ("text", False)
        assert field.restricted
