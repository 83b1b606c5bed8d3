"""The write verbs: create, update, run_step, discard, and load for bulk. One way in for every change of the hub.

A unit of work is one transaction with one commit, here and nowhere else. A verb checks rights first, then the
version, then the state, then the values; it reports every problem it finds at once; it writes the audit entry and
the event in the same transaction.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from typing import Any
from uuid import UUID

from psycopg.errors import ForeignKeyViolation, UniqueViolation
from sqlalchemy import Engine, func, select
from sqlalchemy import update as sql_update
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session, selectinload

from hub.context import Ctx, Viewer
from hub.document import audit
from hub.document.bulk import LoadResult, RowProblem, load_rows
from hub.document.edit import Draft, apply_update, stored_values, told_values
from hub.document.fields import today
from hub.document.registry import spec as spec_of
from hub.document.registry import table
from hub.document.rows import Me, visible
from hub.document.spec import DocSpec
from hub.document.steps import StepSpec
from hub.document.values import Unfit, coerce, missing
from hub.errors import Conflict, Forbidden, HubError, Invalid, NotFound, Problem, Refused, problem
from hub.words import camel

__all__ = ["LoadResult", "RowProblem", "create", "discard", "load", "once", "run_step", "unit_of_work", "update"]


@contextmanager
def unit_of_work(engine: Engine, viewer: Viewer, channel: str, *, dry_run: bool = False) -> Iterator[Ctx]:
    """One transaction: committed when the block ends, rolled back when it raises or is a dry run.

    `channel` says over which way the change came: "graphql", "workbench", "pipeline", "seed", "edge".
    """
    with Session(engine, expire_on_commit=False) as session:
        ctx = Ctx(session, viewer, channel)
        yield ctx
        try:
            session.flush()
            if dry_run:
                session.rollback()
            else:
                audit.publish(ctx)
                session.commit()
        except IntegrityError as error:
            raise _explained(error) from error


def create(ctx: Ctx, document_type: str, values: Mapping[str, Any]) -> Any:
    """Make a document in its first state; returns the flushed model instance, lines included.

    Raises:
        Forbidden, Invalid (with every problem found), Conflict (DUPLICATE).
    """
    spec = spec_of(document_type)
    _demand(ctx, spec)
    draft = Draft(ctx, spec)
    document = draft.build(values)
    if spec.series is not None and document.number is None:
        document.number = spec.series.take(ctx.session, document.company_id, _day(spec, document))
    ctx.session.add(document)
    _flush(ctx)
    audit.record(
        ctx,
        spec.name,
        document.id,
        "create",
        _difference(spec, {}, stored_values(spec, document)),
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
    spec = spec_of(document_type)
    _demand(ctx, spec)
    document = _locked(ctx, spec, document_id, expected_version)
    before = stored_values(spec, document)
    apply_update(ctx, spec, document, values)
    changes = _difference(spec, before, stored_values(spec, document))
    if changes:
        _touch(ctx, document)
        _flush(ctx)
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
        raise NotFound(problem("STEP_UNKNOWN", f"没有步骤 {step_name}。", f"There is no step {step_name}."))
    _demand(ctx, spec, step)
    document = _locked(ctx, spec, document_id, expected_version)
    if document.state not in step.sources:
        raise Refused(_wrong_state(step, document.state))
    before = stored_values(spec, document)
    step.method(document, ctx, **_arguments(step, arguments or {}))
    document.state = step.target
    _touch(ctx, document)
    _flush(ctx)
    changes = _difference(spec, before, stored_values(spec, document))
    audit.record(ctx, spec.name, document.id, step.name, changes, version=document.version)
    return document


def discard(ctx: Ctx, document_type: str, document_id: UUID, *, expected_version: int | None = None) -> None:
    """Delete a document that is still in its first state, or a master that nothing refers to.

    Raises:
        NotFound, Forbidden, Conflict (VERSION_STALE), Refused (NOT_EDITABLE, IN_USE).
    """
    spec = spec_of(document_type)
    _demand(ctx, spec)
    document = _locked(ctx, spec, document_id, expected_version)
    if spec.states and document.state != next(iter(spec.states)):
        raise Refused(
            problem(
                "NOT_EDITABLE", "只有草稿可以删除，请改用取消。", "Only a draft can be discarded; cancel it instead."
            )
        )
    before = stored_values(spec, document)
    ctx.session.delete(document)
    _flush(ctx)
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
    """Bring many rows of a type into the hub, new or changed, by their natural key (see `hub.document.bulk`)."""
    spec = spec_of(document_type)
    _demand(ctx, spec)
    return load_rows(ctx, spec, rows, source=source, run_key=run_key)


def once(ctx: Ctx, key: str, body: Any, verb: Callable[[], UUID]) -> UUID:
    """Run `verb` unless the user has done so with this idempotency key; returns the document's id either way.

    Raises:
        Conflict: IDEMPOTENCY_KEY_REUSED, the key came with another body before.
    """
    digest = hashlib.sha256(json.dumps(body, sort_keys=True, default=str).encode()).hexdigest()
    kept = audit.idempotency
    mine = (kept.c.user_id == ctx.viewer.user_id) & (kept.c.key == key)
    taken = ctx.session.execute(
        insert(kept)
        .values(user_id=ctx.viewer.user_id, key=key, body_hash=digest)
        .on_conflict_do_nothing()
        .returning(kept.c.key)
    ).scalar_one_or_none()
    if taken is None:
        earlier = ctx.session.execute(select(kept.c.body_hash, kept.c.document_id).where(mine)).one()
        if earlier.body_hash != digest or earlier.document_id is None:
            raise Conflict(
                problem(
                    "IDEMPOTENCY_KEY_REUSED",
                    "该幂等键已用于另一个请求。",
                    "This idempotency key was used for another request.",
                    "idempotencyKey",
                )
            )
        return UUID(str(earlier.document_id))
    document_id = verb()
    ctx.session.execute(sql_update(kept).where(mine).values(document_id=document_id))
    return document_id


def _demand(ctx: Ctx, spec: DocSpec, step: StepSpec | None = None) -> None:
    """The viewer must hold the type's write permission and the step's own."""
    if not all(map(ctx.viewer.may, spec.access.to_write(step.by if step else None))):
        raise Forbidden(
            problem(
                "FORBIDDEN",
                f"您没有办理{spec.label.chinese}的权限。",
                f"You may not do this with {spec.label.english}.",
            )
        )


def _locked(ctx: Ctx, spec: DocSpec, document_id: UUID, expected_version: int | None) -> Any:
    """The document, locked, with its lines; rights are part of the SELECT, so a refusal tells nothing."""
    model = spec.model
    found = select(model).where(model.id == document_id).with_for_update(of=model)
    found = found.where(*visible(spec, spec.table, table, Me.of(ctx.viewer, ctx.viewer.company_id)))
    found = found.options(*(selectinload(getattr(model, name)) for name in spec.lines))
    document = ctx.session.execute(found.execution_options(populate_existing=True)).scalar_one_or_none()
    if document is None:
        raise NotFound(
            problem("NOT_FOUND", f"找不到该{spec.label.chinese}。", f"There is no such {spec.label.english}.", "id")
        )
    if expected_version is not None and document.version != expected_version:
        raise Conflict(
            problem(
                "VERSION_STALE",
                "单据已被他人修改，请刷新后重试。",
                "Somebody has changed this document; reload it and try again.",
                "expectedVersion",
                expected=expected_version,
                actual=document.version,
            )
        )
    return document


def _touch(ctx: Ctx, document: Any) -> None:
    """A new version of the document and of every row that its change has changed, lines and others."""
    for row in {document, *(row for row in ctx.session.dirty if ctx.session.is_modified(row))}:
        row.version += 1
        row.updated_at = func.now()
        row.updated_by = ctx.viewer.user_id


def _flush(ctx: Ctx) -> None:
    try:
        ctx.session.flush()
    except IntegrityError as error:
        raise _explained(error) from error


def _explained(error: IntegrityError) -> HubError:
    """What the last wall, PostgreSQL's constraints, has to say."""
    if isinstance(error.orig, UniqueViolation):
        return Conflict(problem("DUPLICATE", "该编码或单号已存在。", "This code or number exists already.", "code"))
    if isinstance(error.orig, ForeignKeyViolation):
        return Refused(
            problem("IN_USE", "其他单据引用了它，不能删除。", "Other documents refer to it; it cannot be deleted.")
        )
    return Invalid(problem("CONSTRAINT", "数据库约束不允许该值。", "A constraint of the database forbids this value."))


def _wrong_state(step: StepSpec, state: Any) -> Problem:
    allowed = "、".join(source.label.chinese for source in step.sources)
    english = ", ".join(source.label.english for source in step.sources)
    return problem(
        "STEP_NOT_ALLOWED",
        f"“{state.label.chinese}”状态不能{step.label.chinese}，只能从：{allowed}。",
        f"{step.label.english} is not possible from {state.label.english}, only from: {english}.",
        "state",
    )


def _arguments(step: StepSpec, given: Mapping[str, Any]) -> dict[str, Any]:
    """The step's arguments as its method takes them; all problems at once."""
    values, problems = {}, []
    for argument in step.arguments:
        try:
            value = coerce(argument.field, given.get(argument.name))
        except Unfit as unfit:
            problems.append(unfit.problem.under(camel(argument.name)))
            continue
        if value is not None:
            values[argument.name] = value
        elif argument.required:
            problems.append(missing(*argument.field.label, camel(argument.name)))
    if problems:
        raise Invalid(problems)
    return values


def _difference(spec: DocSpec, before: dict[str, Any], after: dict[str, Any]) -> dict[str, list[Any]]:
    """{field: [before, after]} of what changed, as the audit tells it."""
    changed = [name for name in {**before, **after} if before.get(name) != after.get(name)]
    was, is_ = told_values(spec, before), told_values(spec, after)
    return {name: [was.get(name), is_.get(name)] for name in changed}


def _day(spec: DocSpec, document: Any) -> Any:
    """The day a number belongs to: the document's own first date, or today."""
    for name, field in spec.fields.items():
        if field.kind == "date" and field.required and getattr(document, name) is not None:
            return getattr(document, name)
    return today()
