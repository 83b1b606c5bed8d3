"""The contract of every document type: a loop over the specs, so that a new type is tested by being declared."""

from __future__ import annotations

import re
from collections.abc import Iterator
from decimal import Decimal
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from sqlalchemy import text

from hub import writes
from hub.context import Viewer, system_viewer
from hub.document import audit
from hub.document.access import AREAS, ROLES
from hub.document.registry import specs
from hub.document.spec import DocSpec
from hub.errors import Forbidden, Refused
from tests.conftest import Database
from tests.samples import masters, values_for

ALL = list(specs().values())
OWN = [spec for spec in ALL if spec.by_hand]
STEPPING = [(spec, step) for spec in OWN for step in spec.steps.values()]
CHINA = ZoneInfo("Asia/Shanghai")
NOBODY = Viewer(system_viewer("x").user_id, "nobody", "nobody", frozenset(), None)


def named(value: Any) -> str | None:
    return value.name if hasattr(value, "name") else None


@pytest.mark.parametrize("spec", ALL, ids=named)
def test_everything_has_words_in_both_languages(spec: DocSpec) -> None:
    parts: list[Any] = [
        spec,
        *spec.fields.values(),
        *spec.links.values(),
        *spec.lines.values(),
        *spec.inverses.values(),
    ]
    parts += [
        *spec.derived.values(),
        *spec.steps.values(),
        *(a.field for s in spec.steps.values() for a in s.arguments),
    ]
    for part in parts:
        assert re.search(r"[一-鿿]", part.label.chinese), f"{spec.name}.{part.name} has no Chinese label"
        assert re.search(r"[A-Za-z]", part.label.english), f"{spec.name}.{part.name} has no English label"
    for field in spec.fields.values():
        for choice in field.choices or ():
            assert re.search(r"[一-鿿]", choice.label.chinese)
            assert choice.label.english
    assert spec.description, f"{spec.name} has no docstring"


@pytest.mark.parametrize("spec", ALL, ids=named)
def test_names_are_unique_and_full_words(spec: DocSpec) -> None:
    names = [*spec.fields, *spec.links, *spec.lines, *spec.inverses, *spec.derived]
    assert len(names) == len(set(names))
    assert not {"qty", "amt", "desc", "cust", "num", "no"} & {word for name in names for word in name.split("_")}


@pytest.mark.parametrize("spec", ALL, ids=named)
def test_rights_named_by_a_type_are_given_by_some_role(spec: DocSpec) -> None:
    given = {permission for role in ROLES.values() for permission in role.permissions}
    assert spec.access.read in given
    wanted = {field.restricted for field in spec.fields.values() if field.restricted}
    wanted |= {step.by for step in spec.steps.values() if step.by}
    assert wanted <= given
    assert spec.access.read.split(".")[0] in AREAS


@pytest.mark.parametrize("spec", [spec for spec in ALL if spec.states and spec.steps], ids=named)
def test_every_state_is_reached_and_the_first_is_left(spec: DocSpec) -> None:
    assert spec.states is not None
    first = next(iter(spec.states))
    before: set[Any] = set()
    reached = {first}
    while reached != before:
        before = set(reached)
        taken = [step for step in spec.steps.values() if reached & set(step.sources)]
        reached |= {state for step in taken for state in (step.target, *step.outcomes)}
    if not spec.access.made_by_hub:  # the hub itself moves those on
        assert reached == set(spec.states)
    assert any(first in step.sources for step in spec.steps.values())


@pytest.fixture(scope="module")
def filled(migrated_server: Any) -> Iterator[Database]:
    """A database with one record SAMPLE of every master."""
    from tests.conftest import copy_of_template

    with copy_of_template(migrated_server, "hub_contract") as database:
        with writes.unit_of_work(database.engine, system_viewer("test"), "test") as ctx:
            writes.create(ctx, "Company", {"code": "SAMPLE", "name": "公司"})
            masters(ctx)
        yield database


@pytest.mark.parametrize("spec", OWN, ids=named)
def test_create_update_and_discard(filled: Database, spec: DocSpec) -> None:
    body = values_for(spec, "NEW")
    with writes.unit_of_work(filled.engine, system_viewer("test"), "test", dry_run=True) as ctx:
        made = writes.create(ctx, spec.name, body)
        for name, given in body.items():
            if name in spec.fields and spec.fields[name].kind == "decimal":
                assert getattr(made, name) == Decimal(str(given))
        editable = next(name for name in ("note", "name", "mould", "defect", "reason") if name in spec.fields)
        changed = writes.update(ctx, spec.name, made.id, {editable: "改过的值"}, expected_version=1)
        assert (getattr(changed, editable), changed.version) == ("改过的值", 2)
        writes.discard(ctx, spec.name, made.id)
        audit.publish(ctx)
        verbs = ctx.session.execute(
            text("SELECT verb FROM audit.audit_entry WHERE document_id = :id ORDER BY id"), {"id": made.id}
        ).scalars()
        assert list(verbs) == ["create", "update", "discard"]


@pytest.mark.parametrize("spec", OWN, ids=named)
def test_nobody_without_the_right_writes(filled: Database, spec: DocSpec) -> None:
    with (
        pytest.raises(Forbidden),
        writes.unit_of_work(filled.engine, NOBODY, "test", dry_run=True) as ctx,
    ):
        writes.create(ctx, spec.name, values_for(spec, "NEW"))


@pytest.mark.parametrize(("spec", "step"), STEPPING, ids=named)
def test_a_step_is_refused_from_every_other_state(filled: Database, spec: DocSpec, step: Any) -> None:
    assert spec.states is not None
    with writes.unit_of_work(filled.engine, system_viewer("test"), "test", dry_run=True) as ctx:
        made = writes.create(ctx, spec.name, values_for(spec, "NEW"))
        for state in spec.states:
            if state in step.sources:
                continue
            made.state = state
            ctx.session.flush()
            with pytest.raises(Refused) as raised:
                writes.run_step(ctx, spec.name, made.id, step.name)
            assert raised.value.problems[0].code == "STEP_NOT_ALLOWED"


@pytest.mark.parametrize("spec", [spec for spec in OWN if spec.kind == "document"], ids=named)
def test_loading_twice_changes_nothing(filled: Database, spec: DocSpec) -> None:
    row = {**values_for(spec, "L"), "number": "LOADED-1"}
    with writes.unit_of_work(filled.engine, system_viewer("test"), "test", dry_run=True) as ctx:
        first = writes.load(ctx, spec.name, [row])
        assert (first.inserted, first.problems) == (1, [])
        again = writes.load(ctx, spec.name, [row])
        assert (again.inserted, again.updated, again.unchanged) == (0, 0, 1)


@pytest.mark.parametrize("spec", [spec for spec in ALL if spec.kind == "ledger"], ids=named)
def test_ledgers_are_append_only_in_postgresql(filled: Database, spec: DocSpec) -> None:
    with filled.engine.connect() as connection:
        triggers = connection.execute(
            text("SELECT tgname FROM pg_trigger WHERE tgrelid = cast(:name AS regclass) AND NOT tgisinternal"),
            {"name": f"hub.{spec.table.name}"},
        ).scalars()
        assert {"refuse_change", "refuse_empty"} <= set(triggers)


@pytest.mark.filterwarnings("ignore:Cannot correctly sort tables")  # foreign keys come last, see migrations/env.py
def test_models_and_migrations_agree(filled: Database) -> None:
    """What Alembic would still have to do to a migrated database: nothing."""
    from alembic.autogenerate import compare_metadata
    from alembic.migration import MigrationContext

    import hub.exchange.mapping
    import hub.identity
    import hub.ledgers.readings
    import hub.public_links  # noqa: F401  (declares its table)
    from hub.db.migrate import is_compared
    from hub.document.registry import metadata

    with filled.engine.connect() as connection:
        connection.dialect.default_schema_name = "public"  # as in hub/db/migrations/env.py
        context = MigrationContext.configure(
            connection,
            opts={
                "include_schemas": True,
                "include_name": is_compared,
                "version_table": "migration",
                "version_table_schema": "audit",
            },
        )
        left = [
            one
            for one in compare_metadata(context, metadata)
            if not (isinstance(one, tuple) and one[0] == "remove_table" and one[1].name == "migration")
        ]
    assert left == []
