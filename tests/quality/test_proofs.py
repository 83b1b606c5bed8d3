"""The proofs that programs make every night find what was planted, keep it as rows and close it when it is mended."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import dagster as dg
import pytest
import sqlalchemy as sa

from assets.definitions import build_defs
from hub import papers, writes
from hub.audit_seals import seal
from hub.context import system_viewer
from hub.files import store
from hub.settings import settings
from quality_checks.database import HubDatabase
from quality_checks.proofs import PROOFS, Proof, prove
from quality_checks.shown_rows import HEADINGS
from tests.conftest import Database

AUDIT, FILES = PROOFS


@pytest.fixture
def kept(fresh_database: Database) -> Iterator[tuple[Database, Any]]:
    """A company with a sealed history and one attachment."""
    with writes.unit_of_work(fresh_database.engine, system_viewer("test"), "test") as ctx:
        company = writes.create(ctx, "Company", {"code": "C1", "name": "测试公司"}).id
        with store.incoming(str(company)) as coming:
            coming.add("内容 %s {curly} 'quoted'".encode() * 9)
            made = papers.attach(ctx, "Company", company, "图纸.txt", coming.finish())
    assert seal(fresh_database.engine)
    yield fresh_database, made
    store.place(str(company), made.sha256).unlink(missing_ok=True)


def found(proof: Proof, database: Database) -> list[str]:
    return [one["problem_code"] for one in prove(proof, database.engine)[1]]


def tamper(database: Database, statement: str) -> None:
    with database.engine.begin() as connection:
        connection.execute(sa.text("ALTER TABLE audit.audit_entry DISABLE TRIGGER USER"))
        connection.execute(sa.text(statement))
        connection.execute(sa.text("ALTER TABLE audit.audit_entry ENABLE TRIGGER USER"))


def test_nothing_is_suspected_where_nothing_was_done(kept: tuple[Database, Any]) -> None:
    assert [found(one, kept[0]) for one in PROOFS] == [[], []]


def test_a_changed_and_a_deleted_entry_are_found(kept: tuple[Database, Any]) -> None:
    database, _ = kept
    tamper(database, "UPDATE audit.audit_entry SET actor = '别人 ''{x}'' %s' WHERE verb = 'create'")
    assert "ENTRY_CHANGED" in found(AUDIT, database)
    tamper(database, "DELETE FROM audit.audit_entry WHERE verb = 'attach'")
    assert "ENTRY_DELETED" in found(AUDIT, database)


def test_a_damaged_and_a_missing_content_are_found(kept: tuple[Database, Any]) -> None:
    database, made = kept
    place = store.place(str(made.company_id), made.sha256)
    raw = place.read_bytes()
    place.write_bytes(raw[:60] + bytes([raw[60] ^ 1]) + raw[61:])
    assert found(FILES, database) == ["FILE_DAMAGED"]
    place.unlink()
    assert found(FILES, database) == ["FILE_MISSING"]
    place.write_bytes(raw)
    assert found(FILES, database) == []


def test_the_night_keeps_what_it_finds_until_it_is_mended(kept: tuple[Database, Any]) -> None:
    database, made = kept
    hub = HubDatabase(database.url, None, settings().time_zone)
    codes = [one.rule.code for one in PROOFS]
    selected = dg.AssetSelection.checks(*(dg.AssetCheckKey(dg.AssetKey(one.asset), one.rule.code) for one in PROOFS))
    location = build_defs(settings(), [], values={}, database=hub)
    night = location.resolve_job_def("nightly").asset_layer.asset_graph.asset_check_keys
    assert set(codes) <= {one.name for one in night}

    def look() -> dict[str, Any]:
        job = dg.define_asset_job("proofs", selected)
        chosen = dg.Definitions.merge(location, dg.Definitions(jobs=[job])).resolve_job_def("proofs")
        with dg.DagsterInstance.ephemeral() as instance:
            result = chosen.execute_in_process(instance=instance)
        return {one.check_name: one for one in result.get_asset_check_evaluations()}

    assert {code: one.passed for code, one in look().items()} == dict.fromkeys(codes, True)
    place = store.place(str(made.company_id), made.sha256)
    raw = place.read_bytes()
    place.unlink()
    told = look()[FILES.rule.code]
    assert (told.passed, told.severity) == (False, dg.AssetCheckSeverity.ERROR)
    shown = str(told.metadata["failing rows"].value)
    assert "图纸.txt" in shown
    assert HEADINGS["file_name"] in shown
    rows = sa.text("SELECT code, row ->> 'problem_code' AS found, is_open FROM dq.failing_row")
    with database.engine.connect() as connection:
        assert [tuple(one) for one in connection.execute(rows)] == [(FILES.rule.code, "FILE_MISSING", True)]
    place.write_bytes(raw)
    assert look()[FILES.rule.code].passed
    with database.engine.connect() as connection:
        assert [tuple(one) for one in connection.execute(rows)] == [(FILES.rule.code, "FILE_MISSING", False)]
