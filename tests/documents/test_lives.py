"""The life of every document, played from its declared steps: only declared transitions succeed, a refusal changes
nothing, versions rise by one, and every verb leaves one audit entry.
"""

from __future__ import annotations

from collections.abc import Callable
from itertools import count
from typing import Any
from uuid import UUID

import pytest
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule, run_state_machine_as_test
from sqlalchemy import text

from hub import writes
from hub.context import system_viewer
from hub.document.fields import ANY_STATE
from hub.document.registry import spec as spec_of
from hub.document.spec import DocSpec
from hub.errors import Conflict, HubError
from tests.conftest import Database
from tests.documents.test_contract import OWN, filled, named
from tests.samples import sample, values_for

__all__ = ["filled"]  # the fixture

LIVING = [spec for spec in OWN if spec.kind == "document"]
_serials = count(1)


def editable(spec: DocSpec) -> str:
    """A text of the type that a person may change, in any state when there is such a one."""
    texts = [
        name
        for name, field in spec.fields.items()
        if field.kind == "text" and not (field.system or field.computed or field.secret) and field.meaning != "code"
    ]
    return next((name for name in texts if spec.fields[name].editable_in == ANY_STATE), texts[-1])


class Life(RuleBasedStateMachine):
    """One document and what it should be: `spec` and `database` are set by the test."""

    spec: DocSpec
    database: Database

    @initialize()
    def begin(self) -> None:
        self.serial = f"LIFE{next(_serials)}"
        with self._work() as ctx:
            made = writes.create(ctx, self.spec.name, values_for(self.spec, self.serial))
        self.id = UUID(str(made.id))
        self.state, self.version, self.verbs = made.state, 1, ["create"]
        self.editable: str = editable(self.spec)

    def _work(self, *, dry_run: bool = False) -> Any:
        return writes.unit_of_work(self.database.engine, system_viewer("test"), "test", dry_run=dry_run)

    def _attempt(self, verb: Callable[[Any], Any], *, dry_run: bool = False) -> HubError | None:
        """Do it; a refusal comes back and must have left everything as it was."""
        before = self._stored()
        try:
            with self._work(dry_run=dry_run) as ctx:
                verb(ctx)
        except HubError as error:
            refused: HubError | None = error
        else:
            refused = None
        if refused is not None:
            assert all(one.code and one.message.chinese and one.message.english for one in refused.problems)
        if refused is not None or dry_run:
            assert self._stored() == before, "a refusal or a dry run has changed something"
        return refused

    def _stored(self) -> Any:
        """Everything of the document, and how much there is of audit, events and ledgers."""
        tables = [self.spec.table, *(spec_of(lines.target).table for lines in self.spec.lines.values())]
        columns = ["id", *(lines.column for lines in self.spec.lines.values())]
        with self.database.engine.connect() as connection:
            rows = [
                connection.execute(table.select().where(table.c[column] == self.id).order_by(table.c.id)).all()
                for table, column in zip(tables, columns, strict=True)
            ]
            counts = connection.execute(
                text(
                    "SELECT (SELECT count(*) FROM audit.audit_entry), (SELECT count(*) FROM audit.outbox), "
                    "(SELECT count(*) FROM hub.stock_entry)"
                )
            ).one()
            return rows, counts

    @rule(data=st.data(), dry_run=st.booleans())
    def take_a_step(self, data: st.DataObject, dry_run: bool) -> None:
        step = data.draw(st.sampled_from(list(self.spec.steps.values())))
        given = {one.name: sample(one.field) for one in step.arguments}

        def verb(ctx: Any) -> None:
            done = writes.run_step(ctx, self.spec.name, self.id, step.name, given, expected_version=self.version)
            assert (done.state, done.version) == (step.target, self.version + 1)

        refused = self._attempt(verb, dry_run=dry_run)
        if self.state not in step.sources:
            assert refused is not None
            assert refused.problems[0].code == "STEP_NOT_ALLOWED"
        elif refused is None and not dry_run:
            self.state, self.version = step.target, self.version + 1
            self.verbs.append(step.name)

    @rule(data=st.data())
    def leave_out_an_argument(self, data: st.DataObject) -> None:
        asking = [one for one in self.spec.steps.values() if any(argument.required for argument in one.arguments)]
        if asking:
            step = data.draw(st.sampled_from(asking))
            refused = self._attempt(lambda ctx: writes.run_step(ctx, self.spec.name, self.id, step.name))
            assert refused is not None
            assert "FIELD_MISSING" in {one.code for one in refused.problems}

    @rule()
    def change_it(self) -> None:
        values = {self.editable: f"改 {next(_serials)}"}
        refused = self._attempt(lambda ctx: writes.update(ctx, self.spec.name, self.id, values))
        first = self.state == next(iter(self.spec.states or ()))
        assert (refused is None) == (first or self.spec.fields[self.editable].editable_in == ANY_STATE)
        if refused is None:
            self.version += 1
            self.verbs.append("update")

    @rule(by=st.sampled_from([-1, 1, 1_000]))
    def know_another_version(self, by: int) -> None:
        values = {self.editable: "nobody reads this"}
        refused = self._attempt(
            lambda ctx: writes.update(ctx, self.spec.name, self.id, values, expected_version=self.version + by)
        )
        assert isinstance(refused, Conflict)
        assert refused.problems[0].code == "VERSION_STALE"

    @rule()
    def try_to_throw_it_away(self) -> None:
        refused = self._attempt(lambda ctx: writes.discard(ctx, self.spec.name, self.id), dry_run=True)
        if self.state != next(iter(self.spec.states or ())):
            assert refused is not None
            assert refused.problems[0].code == "NOT_EDITABLE"

    def teardown(self) -> None:
        """Wherever a life has led, no step leads on from there but those declared."""
        for step in self.spec.steps.values():
            if hasattr(self, "verbs") and self.state not in step.sources:
                given = {one.name: sample(one.field) for one in step.arguments}
                refused = self._attempt(
                    lambda ctx, step=step, given=given: writes.run_step(ctx, self.spec.name, self.id, step.name, given)  # type: ignore[misc]
                )
                assert refused is not None
                assert refused.problems[0].code == "STEP_NOT_ALLOWED"

    @invariant()
    def what_is_stored_is_what_was_done(self) -> None:
        table = self.spec.table
        with self.database.engine.connect() as connection:
            row = connection.execute(table.select().where(table.c.id == self.id)).one()
            verbs = connection.execute(
                text("SELECT verb, version FROM audit.audit_entry WHERE document_id = :id ORDER BY id"), {"id": self.id}
            ).all()
        assert (row.state, row.version) == (self.state, self.version)
        assert [one.verb for one in verbs] == self.verbs
        assert [one.version for one in verbs] == list(range(1, self.version + 1))


@pytest.mark.parametrize("spec", LIVING, ids=named)
def test_the_life_of_a_document(filled: Database, spec: DocSpec, proof_count: Callable[[int, int], int]) -> None:
    machine = type(f"{spec.name}Life", (Life,), {"spec": spec, "database": filled})
    run_state_machine_as_test(
        machine,
        settings=settings(
            max_examples=proof_count(3, 60),
            stateful_step_count=proof_count(8, 20),
            deadline=None,
            suppress_health_check=list(HealthCheck),
        ),
    )
