"""The write verbs: create, update, run_step, convert, amend, discard, and load for bulk. The one way in for changes.

A unit of work is one transaction with one commit, here and nowhere else. A verb checks rights first, then the
version, then the state, then the values; it reports every problem it finds at once; effects of other chapters run
with it; it writes the audit entry and the event in the same transaction.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import replace
from functools import partial
from typing import Any
from uuid import UUID

import psycopg
from sqlalchemy import Engine
from sqlalchemy.exc import IntegrityError

from hub.context import SYSTEM, Ctx, Viewer
from hub.document import audit, numbering, remembering
from hub.document.access import LOADS
from hub.document.answers import Answer, answered
from hub.document.approvals import ApprovalState
from hub.document.approvals.guard import APPROVAL, signatures, submitted
from hub.document.bulk import LoadResult, RowProblem, load_rows
from hub.document.changing import DocumentSession
from hub.document.companions import forget
from hub.document.converting import amendable, copied, drafted, refuse_wrong_state
from hub.document.deadlocks import deadlocks_told, persistently
from hub.document.edit import Draft, apply_update, stored_values, told_values
from hub.document.flow import conversion_of, effects_of
from hub.document.holding import (
    check_step,
    demand,
    difference,
    explained,
    flush,
    gather,
    locked,
    locked_for_step,
    touch,
)
from hub.document.inserting import insert
from hub.document.registry import spec as spec_of
from hub.document.series import DRY_RUN
from hub.document.spec import DocSpec
from hub.document.steps import StepSpec
from hub.errors import Forbidden, NotFound, Problem, Refused, problem
from hub.identity import viewer_of

__all__ = [
    "Answer",
    "LoadResult",
    "RowProblem",
    "amend",
    "answered",
    "convert",
    "create",
    "discard",
    "load",
    "once",
    "persistently",
    "run_step",
    "unit_of_work",
    "update",
]

_COMMIT = (b"COMMIT", ())


@contextmanager
def unit_of_work(
    engine: Engine, viewer: Viewer, channel: str, *, dry_run: bool = False, many: bool = False
) -> Iterator[Ctx]:
    """One transaction: committed when the block ends, rolled back when it raises or is a dry run.

    `channel` says over which way the change came: "graphql", "workbench", "pipeline", "seed", "edge". What does several
    postings in one unit of work runs it through `persistently`, for others may do them in another order. A unit of work
    of `many` documents remembers what it was told, and books its stock once at its end (`hub.document.remembering`).

    Raises:
        Deadlocked: another unit of work waited for this one and this one for it.
    """
    with DocumentSession(engine, expire_on_commit=False, info={DRY_RUN: dry_run}) as session:
        ctx = Ctx(session, viewer, channel)
        if many:
            remembering.begin(session)
        with deadlocks_told():
            yield ctx
            try:
                remembering.finish(session)
                session.flush()
                if dry_run:
                    session.rollback()
                elif session.in_transaction():
                    audit.publish(ctx, _COMMIT)
                    session.commit()  # for the session; the transaction is
            except (IntegrityError, psycopg.IntegrityError) as error:
                raise explained(error) from error


def create(ctx: Ctx, document_type: str, values: Mapping[str, Any]) -> Any:
    """Make a document in its first state; returns the flushed model instance, lines included.

    Raises:
        Forbidden, Invalid (with every problem found), Conflict (DUPLICATE).
    """
    spec = _by_hand(document_type)
    demand(ctx, spec)
    return _create(ctx, spec, Draft(ctx, spec).build(values))


def _create(ctx: Ctx, spec: DocSpec, document: Any) -> Any:
    """Number, write and tell of a document that is built."""
    numbering.give(ctx, spec, document)
    if spec.kind == "document":
        insert(ctx, spec, document)
    else:
        ctx.session.add(document)
        flush(ctx)
    remembering.keep(ctx.session, document)
    _after(ctx, spec, "create", document)
    audit.record(
        ctx,
        spec.name,
        document.id,
        "create",
        difference(spec, {}, stored_values(spec, document)),
        version=document.version,
        company_id=getattr(document, "company_id", None),
    )
    return document


def update(
    ctx: Ctx, document_type: str, document_id: UUID, values: Mapping[str, Any], *, expected_version: int | None = None
) -> Any:
    """Change fields and lines ({"add": […], "change": […with id], "remove": [ids]}); returns the model instance.

    Raises:
        NotFound, Forbidden, Conflict (VERSION_STALE), Refused (NOT_EDITABLE), Invalid.
    """
    spec = _by_hand(document_type)
    demand(ctx, spec)
    document = locked(ctx, spec, document_id, expected_version)
    before = stored_values(spec, document)
    apply_update(ctx, spec, document, values)
    changes = difference(spec, before, stored_values(spec, document))
    if changes:
        touched = touch(ctx, document)
        flush(ctx)
        _after(ctx, spec, "update", document, touched=touched)
        audit.record(ctx, spec.name, document.id, "update", changes, version=document.version)
    return document


def run_step(
    ctx: Ctx,
    document_type: str,
    document_id: UUID,
    step_name: str,
    arguments: Mapping[str, Any] | None = None,
    *,
    expected_version: int | None = None,
) -> Any:
    """Take a step: the state must be one of its sources, the effect runs, the target state is set.

    Raises:
        NotFound, Forbidden, Conflict (VERSION_STALE), Refused (STEP_NOT_ALLOWED and the step's own), Invalid.
    """
    spec = spec_of(document_type)
    step = spec.steps.get(step_name)
    if step is None:
        raise NotFound(
            problem(
                "STEP_UNKNOWN",
                f"没有步骤 {step_name}。",
                f"There is no step {step_name}.",
                hint=("hub describe 列出步骤。", "`hub describe` lists the steps."),
            )
        )
    demand(ctx, spec, *spec.access.to_write(step.by))
    document, guarded = locked_for_step(ctx, spec, document_id, expected_version)
    values = check_step(step, document.state, arguments or {})
    if guarded and submitted(ctx, spec, step, document, values) is not None:
        return document
    _take(ctx, spec, step, document, values)
    if spec.name == APPROVAL:
        _carry_out(ctx, document)
    return document


def _take(
    ctx: Ctx,
    spec: DocSpec,
    step: StepSpec,
    document: Any,
    values: Mapping[str, Any],
    told: Mapping[str, list[Any]] | None = None,
) -> None:
    """The step itself, its effects and its trace; `told` stands in the audit beside what has changed."""
    before, state = stored_values(spec, document), document.state
    found: list[Problem] = []
    gather(found, partial(step.method, document, ctx, **values))
    if spec.series is not None and spec.series.at == step.name:
        numbering.settle(ctx, document)
    if document.state == state:
        document.state = step.target
    _after(ctx, spec, step.name, document, found, touched=touch(ctx, document))
    changes = {**difference(spec, before, stored_values(spec, document)), **(told or {})}
    audit.record(ctx, spec.name, document.id, step.name, changes, version=document.version)


def _carry_out(ctx: Ctx, approval: Any) -> None:
    """With the last signature take the step that was submitted, in the submitter's name and by his rights of now."""
    if approval.state != ApprovalState.APPROVED:
        return
    spec = spec_of(approval.document_type)
    step = spec.steps[approval.step_name]
    acting = replace(ctx, viewer=submitter_of(ctx, approval))
    demand(acting, spec, *spec.access.to_write(step.by))
    document = locked(acting, spec, approval.document_id, None)
    values = check_step(step, document.state, approval.arguments)
    named = document.number
    _take(acting, spec, step, document, values, signatures(approval))
    if document.number != named:  # the step has numbered it
        approval.document_number = document.number
        approval.subject = approval.subject.replace(named, document.number)
        flush(ctx)


def submitter_of(ctx: Ctx, approval: Any) -> Viewer:
    """Who submitted, with the rights he has now; Refused SUBMITTER_GONE when he may sign in no more."""
    found = viewer_of(ctx.session, user_id=approval.submitter_id)
    if found is None:
        name = approval.submitter_name
        raise Refused(
            problem(
                "SUBMITTER_GONE",
                f"提交人{name}已停用，不能以其名义办理。",
                f"{name}, who submitted it, is no active user; it cannot be done in their name.",
                hint=("请驳回，由他人重新提交。", "Reject it and let somebody else submit it."),
            )
        )
    return found


def convert(
    ctx: Ctx,
    document_type: str,
    document_id: UUID,
    target_type: str,
    values: Mapping[str, Any] | None = None,
    *,
    expected_version: int | None = None,
) -> Any:
    """Make the draft of `target_type` that a document leads to, with what is open of its lines; returns the draft.

    `values` go before what the document proposes; their lines, each naming a source line, choose lines and quantities.
    The source stays locked to the commit, so that two conversions cannot take the same quantity.

    Raises:
        NotFound, Forbidden, Conflict (VERSION_STALE), Refused (CONVERSION_NOT_ALLOWED, CONVERTED_ALREADY), Invalid.
    """
    way = conversion_of(document_type, target_type)
    source, target = spec_of(document_type), spec_of(target_type)
    demand(ctx, target)
    demand(ctx, source, source.access.read)
    document = locked(ctx, source, document_id, expected_version)
    refuse_wrong_state(way, document.state)
    given, found = drafted(ctx, way, document, values or {})
    return _create(ctx, target, Draft(ctx, target, found).build(given))


def amend(ctx: Ctx, document_type: str, document_id: UUID, *, expected_version: int | None = None) -> Any:
    """Copy a cancelled document into a new draft that names it as its predecessor; returns the draft.

    Raises:
        NotFound, Forbidden, Conflict (VERSION_STALE), Refused (NOT_VOID, AMENDED_ALREADY), Invalid.
    """
    spec = _by_hand(document_type)
    demand(ctx, spec)
    document = locked(ctx, spec, document_id, expected_version)
    amendable(ctx, spec, document)
    draft = Draft(ctx.with_all_rights(), spec).build(copied(spec, document))
    draft.predecessor_id = document.id
    return _create(ctx, spec, draft)


def _after(
    ctx: Ctx,
    spec: DocSpec,
    verb: str,
    document: Any,
    found: Sequence[Problem] = (),
    touched: set[Any] | None = None,
) -> None:
    """Run the effects of a verb, tell every problem found, write what they changed."""
    problems = list(found)
    for effect in effects_of(spec.name, verb):
        gather(problems, partial(effect, document, ctx))
    Refused.raise_all(problems)
    if touched is not None:
        touch(ctx, document, touched)
    if verb != "create":  # what is new was not known before
        remembering.forget(ctx.session, spec.name)
    flush(ctx)


def discard(ctx: Ctx, document_type: str, document_id: UUID, *, expected_version: int | None = None) -> None:
    """Delete a document that is still in its first state, or a master that nothing refers to.

    Raises:
        NotFound, Forbidden, Conflict (VERSION_STALE), Refused (NOT_EDITABLE, IN_USE, NUMBER_TAKEN).
    """
    spec = _by_hand(document_type)
    demand(ctx, spec)
    document = locked(ctx, spec, document_id, expected_version)
    if spec.states and document.state != next(iter(spec.states)):
        raise Refused(
            problem(
                "NOT_EDITABLE",
                "只有草稿可以删除。",
                "Only a draft can be discarded.",
                "state",
                hint=("请改用取消。", "Cancel it instead."),
            )
        )
    Refused.raise_all(numbering.kept_for_good(ctx, spec, document))
    before = stored_values(spec, document)
    _after(ctx, spec, "discard", document)
    ctx.session.delete(document)
    flush(ctx)
    remembering.forget(ctx.session)
    forget(ctx, spec, document_id)
    changes = {name: [value, None] for name, value in told_values(spec, before).items()}
    audit.record(ctx, spec.name, document_id, "discard", changes)


def load(
    ctx: Ctx,
    document_type: str,
    rows: list[dict[str, Any]],
    *,
    source: str | None = None,
    run_key: str | None = None,
) -> LoadResult:
    """Bring many rows of a type into the hub, new or changed, by their natural key (see `hub.document.bulk`).

    Masters need the type's write permission; documents and ledgers, which come with state, `integration.write` too.
    """
    spec = _by_hand(document_type)
    demand(ctx, spec, spec.access.write, None if spec.kind == "master" else LOADS)
    if spec.checked and ctx.viewer.user_id != SYSTEM:
        chinese, english = spec.label
        text = (f"{chinese}须逐条建立，不能批量导入。", f"{english} is made one by one and cannot be loaded.")
        raise Refused(problem("NOT_LOADABLE", *text))
    remembering.forget(ctx.session, document_type)
    return load_rows(ctx, spec, rows, source=source, run_key=run_key)


def _by_hand(document_type: str) -> DocSpec:
    """A type that people write; Forbidden MADE_BY_HUB for what only the hub makes."""
    spec = spec_of(document_type)
    if spec.access.made_by_hub:
        chinese, english = spec.label
        sentence = (f"{chinese}由系统生成，不能手工建立或修改。", f"{english} is made by the hub, not by hand.")
        raise Forbidden(problem("MADE_BY_HUB", *sentence))
    return spec


def once(ctx: Ctx, key: str, body: Any, verb: Callable[[], UUID]) -> UUID:
    """Run `verb` unless the user has done so with this idempotency key; returns the document's id either way.

    Raises:
        Conflict: IDEMPOTENCY_KEY_REUSED, the key came with another body before.
    """
    return UUID(answered(ctx, key, body, lambda: {"id": str(verb())})["id"])
