"""What all verbs promise, of every document type: keys, dry runs, versions, many at once, conversions, amendments."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from typing import Any
from uuid import uuid4

import pytest
from sqlalchemy import text
from sqlalchemy.orm import selectinload

from hub import writes
from hub.batches import amend_many, create_many, discard_many, run_step_many, update_many
from hub.context import Ctx, system_viewer
from hub.document.batch import BatchPolicy, BatchRefused
from hub.document.flow import amendable_type, conversions
from hub.document.registry import spec as spec_of
from hub.document.spec import DocSpec
from hub.errors import Conflict, Forbidden, HubError, Invalid, NotFound, Refused
from tests.conftest import Database
from tests.documents.test_contract import NOBODY, OWN, filled, named
from tests.documents.test_lives import editable
from tests.samples import sample, values_for

__all__ = ["filled"]  # the fixture

DOCUMENTS = [spec for spec in OWN if spec.kind == "document"]
AMENDED = [spec for spec in OWN if amendable_type(spec)]


@pytest.fixture
def ctx(filled: Database) -> Iterator[Ctx]:
    """A unit of work of which nothing stays."""
    with writes.unit_of_work(filled.engine, system_viewer("test"), "test", dry_run=True) as opened:
        yield opened


def _rows(ctx: Ctx, spec: DocSpec) -> int:
    ctx.session.flush()
    count: int = ctx.session.execute(text("SELECT count(*) FROM hub." + f'"{spec.table.name}"')).scalar_one()
    return count


@pytest.mark.parametrize("spec", DOCUMENTS, ids=named)
def test_a_key_is_carried_out_once_and_refused_with_another_body(ctx: Ctx, spec: DocSpec) -> None:
    body, key = values_for(spec, "KEY"), str(uuid4())
    asked: list[int] = []

    def make() -> writes.Answer:
        asked.append(1)
        return {"id": str(writes.create(ctx, spec.name, body).id)}

    first = writes.answered(ctx, key, [spec.name, "a"], make)
    before = _rows(ctx, spec)
    assert writes.answered(ctx, key, [spec.name, "a"], make) == first
    with pytest.raises(Conflict, match="IDEMPOTENCY_KEY_REUSED"):
        writes.answered(ctx, key, [spec.name, "b"], make)
    assert (len(asked), _rows(ctx, spec)) == (1, before)
    stranger = replace(ctx, viewer=replace(ctx.viewer, user_id=uuid4()))
    assert writes.answered(stranger, key, [spec.name, "b"], make) != first, "a key is its user's own"


@pytest.mark.parametrize("spec", OWN, ids=named)
def test_every_verb_refuses_nobody_what_is_not_there_and_what_has_changed(ctx: Ctx, spec: DocSpec) -> None:
    made = writes.create(ctx, spec.name, values_for(spec, "NEW"))
    ctx.session.flush()
    values = {editable(spec): "改"}
    verbs: dict[str, Any] = {
        "update": lambda ctx, id_, version: writes.update(ctx, spec.name, id_, values, expected_version=version),
        "discard": lambda ctx, id_, version: writes.discard(ctx, spec.name, id_, expected_version=version),
    }
    for step in spec.steps:
        verbs[step] = lambda ctx, id_, version, step=step: writes.run_step(
            ctx, spec.name, id_, step, expected_version=version
        )
    if amendable_type(spec):
        verbs["amend"] = lambda ctx, id_, version: writes.amend(ctx, spec.name, id_, expected_version=version)
    for source, target in conversions():
        if source == spec.name:
            verbs[target] = lambda ctx, id_, version, target=target: writes.convert(
                ctx, spec.name, id_, target, expected_version=version
            )
    for verb in verbs.values():
        with pytest.raises(Forbidden):
            verb(replace(ctx, viewer=NOBODY), made.id, None)
        with pytest.raises(NotFound):
            verb(ctx, uuid4(), None)
        with pytest.raises(Conflict, match="VERSION_STALE"):
            verb(ctx, made.id, made.version + 1)


@pytest.mark.parametrize("spec", DOCUMENTS, ids=named)
def test_many_are_all_or_none_or_each_by_itself(ctx: Ctx, spec: DocSpec) -> None:
    good, bad = values_for(spec, "MANY"), {"colour": "red"}
    before = _rows(ctx, spec)
    with pytest.raises(BatchRefused) as raised:
        create_many(ctx, spec.name, [good, bad, good])
    assert all(one.path[:2] == ("inputs", "1") for one in raised.value.problems)
    assert [bool(problems) for problems in raised.value.rows] == [False, True, False]
    outcomes = create_many(ctx, spec.name, [good, bad, good], BatchPolicy.EACH)
    assert [one.id is None for one in outcomes] == [False, True, False]
    ids = [one.id for one in outcomes if one.id is not None]
    changed = update_many(ctx, spec.name, [(id_, {editable(spec): "改"}, 1) for id_ in ids])
    assert [one.id for one in changed] == ids
    with pytest.raises(BatchRefused, match="VERSION_STALE"):
        update_many(ctx, spec.name, [(id_, {editable(spec): "二"}, 1) for id_ in ids])
    with pytest.raises(Invalid, match="TOO_MANY_ROWS"):
        discard_many(ctx, spec.name, [uuid4()] * 1_001)
    with pytest.raises(Invalid, match="VERSIONS_MISMATCH"):
        discard_many(ctx, spec.name, ids, versions=[2])
    now = ctx.session.get_one(spec.model, ids[0]).version
    with pytest.raises(BatchRefused, match="VERSION_STALE") as stale:
        discard_many(ctx, spec.name, ids, versions=[now + 1, 1])
    assert [bool(problems) for problems in stale.value.rows] == [True, True]
    gone = discard_many(ctx, spec.name, [*ids, uuid4()], BatchPolicy.EACH, versions=[now, None, None])
    assert [one.id is None for one in gone] == [False, False, True]
    assert _rows(ctx, spec) >= before


@pytest.mark.parametrize("spec", DOCUMENTS, ids=named)
def test_steps_of_many_are_those_of_one(ctx: Ctx, spec: DocSpec) -> None:
    made = [writes.create(ctx, spec.name, values_for(spec, f"S{index}")).id for index in range(2)]
    first = next(iter(spec.states or ()))
    for step in spec.steps.values():
        given = {one.name: sample(one.field) for one in step.arguments}
        late = run_step_many(ctx, spec.name, made, step.name, given, BatchPolicy.EACH, versions=[99, 99])
        assert {one.problems[0].code for one in late} == {"VERSION_STALE"}
        outcomes = run_step_many(ctx, spec.name, made, step.name, given, BatchPolicy.EACH)
        assert len(outcomes) == 2
        if first not in step.sources:
            assert {one.problems[0].code for one in outcomes} == {"STEP_NOT_ALLOWED"}
            continue
        if outcomes[0].id is not None:
            return
    pytest.fail("no step can be taken from the first state")


@pytest.mark.parametrize("spec", AMENDED, ids=named)
def test_what_is_cancelled_can_be_amended_and_nothing_else(ctx: Ctx, spec: DocSpec) -> None:
    made = writes.create(ctx, spec.name, values_for(spec, "AMEND"))
    with pytest.raises(Refused, match="NOT_VOID"):
        writes.amend(ctx, spec.name, made.id)
    made.state = next(state for state in spec.states or () if state.value == "cancelled")
    ctx.session.flush()
    with pytest.raises(BatchRefused, match="VERSION_STALE"):
        amend_many(ctx, spec.name, [made.id], versions=[made.version + 1])
    (outcome,) = amend_many(ctx, spec.name, [made.id], versions=[made.version])
    lines_too = [selectinload(getattr(spec.model, name)) for name in spec.lines]
    draft = ctx.session.get_one(spec.model, outcome.id, options=lines_too)  # it may have been let go of
    assert draft.state == next(iter(spec.states or ()))
    assert draft.predecessor_id == made.id
    for name, lines in spec.lines.items():
        assert len(getattr(draft, name)) == len(getattr(made, name))
        line_spec = spec_of(lines.target)
        for old, new in zip(getattr(made, name), getattr(draft, name), strict=True):
            assert all(getattr(old, one) == getattr(new, one) for one in line_spec.fields if one in ("quantity",))
    with pytest.raises(Refused, match="AMENDED_ALREADY"):
        writes.amend(ctx, spec.name, made.id)


@pytest.mark.parametrize("spec", DOCUMENTS, ids=named)
def test_every_refusal_of_empty_and_wrong_values_names_its_field(ctx: Ctx, spec: DocSpec) -> None:
    with pytest.raises(HubError) as raised:
        writes.create(ctx, spec.name, {name: object() for name in (*spec.fields, *spec.links, "colour")})
    for one in raised.value.problems:
        assert one.path, one
        assert one.hint is not None, f"{one.code} has no hint"
