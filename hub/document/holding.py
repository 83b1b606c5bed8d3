"""What every verb does around its own work: rights, the lock, the version, the flush, the difference for the audit.

Rights and row rules are part of the locking SELECT, so that a refusal tells nothing of what is hidden.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from typing import Any
from uuid import UUID

import psycopg
from psycopg.errors import ForeignKeyViolation, UniqueViolation
from sqlalchemy import false, func, select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import selectinload

from hub.context import SYSTEM, Ctx
from hub.document import remembering
from hub.document.approvals.guard import in_use, refuse_running
from hub.document.edit import told_values
from hub.document.registry import table
from hub.document.rows import Me, visible
from hub.document.spec import DocSpec
from hub.document.steps import StepSpec
from hub.document.values import Unfit, coerce, missing
from hub.errors import Conflict, Forbidden, HubError, Invalid, NotFound, Problem, Refused, problem
from hub.words import camel


def demand(ctx: Ctx, spec: DocSpec, *permissions: str | None) -> None:
    """Forbidden unless the viewer holds the permissions; without any, the type's write permission."""
    if not all(map(ctx.viewer.may, permissions or spec.access.to_write())):
        raise Forbidden(
            problem(
                "FORBIDDEN",
                f"您没有办理{spec.label.chinese}的权限。",
                f"You may not do this with {spec.label.english}.",
                hint=("请联系管理员授权。", "Ask an administrator for the right."),
            )
        )


def locked(ctx: Ctx, spec: DocSpec, document_id: UUID, expected_version: int | None) -> Any:
    """The document, locked, with its lines; see `locked_for_step`."""
    return locked_for_step(ctx, spec, document_id, expected_version)[0]


def locked_for_step(ctx: Ctx, spec: DocSpec, document_id: UUID, expected_version: int | None) -> tuple[Any, bool]:
    """The document, locked, with its lines; and whether its steps may be guarded by approvals.

    Raises:
        NotFound. Conflict: VERSION_STALE when it is another version. Refused: APPROVAL_RUNNING.
    """
    own = ctx.viewer.user_id == SYSTEM  # whom no rule hides anything from, and nobody signs for
    held = remembering.held_here(ctx.session, document_id) if own and expected_version is None else None
    if held is not None:
        return held, False
    model = spec.model
    guarded = in_use(spec) if spec.guardable else false()
    found = select(model, guarded).where(model.id == document_id).with_for_update(of=model, key_share=True)
    found = found.where(*visible(spec, spec.table, table, Me.of(ctx.viewer, ctx.viewer.company_id)))
    found = found.options(*(selectinload(getattr(model, name)) for name in spec.lines))
    row = ctx.session.execute(found.execution_options(populate_existing=True)).one_or_none()
    if row is None:
        raise NotFound(
            problem(
                "NOT_FOUND",
                f"找不到该{spec.label.chinese}。",
                f"There is no such {spec.label.english}.",
                "id",
                hint=("它可能已被删除，或您无权查看。", "It may have been deleted, or you may not see it."),
            )
        )
    document, is_guarded = row
    if expected_version is not None and document.version != expected_version:
        raise Conflict(
            problem(
                "VERSION_STALE",
                "单据已被他人修改，请刷新后重试。",
                "Somebody has changed this document; reload it and try again.",
                "expectedVersion",
                hint=(f"现在是第 {document.version} 版。", f"It is at version {document.version} now."),
                expected=expected_version,
                actual=document.version,
            )
        )
    if is_guarded:  # a statement of its own, for the lock may have been waited for
        refuse_running(ctx, spec, document.id)
    remembering.keep(ctx.session, document)
    return document, is_guarded


def hold(ctx: Ctx, spec: DocSpec, ids: Iterable[UUID]) -> None:
    """Lock many documents with their lines at once, for a unit of work that remembers: each step finds its own held."""
    wanted = {id_ for id_ in ids if remembering.held_here(ctx.session, id_) is None}
    if wanted:
        model = spec.model
        found = select(model).where(model.id.in_(wanted)).order_by(model.id)
        found = found.where(*visible(spec, spec.table, table, Me.of(ctx.viewer, ctx.viewer.company_id)))
        found = found.options(*(selectinload(getattr(model, name)) for name in spec.lines))
        locking = found.with_for_update(of=model, key_share=True).execution_options(populate_existing=True)
        for document in ctx.session.scalars(locking).all():
            remembering.keep(ctx.session, document)


def touch(ctx: Ctx, document: Any, touched: Iterable[Any] = ()) -> set[Any]:
    """A new version of the document and of every row that has changed, but those touched; returns all touched."""
    done = set(touched)
    for row in {document, *(row for row in ctx.session.dirty if ctx.session.is_modified(row))} - done:
        new_version(ctx, row)
        done.add(row)
    return done


def new_version(ctx: Ctx, row: Any) -> None:
    """Count a change of a row, and note when it was made and by whom."""
    row.version += 1
    row.updated_at, row.updated_by = func.now(), ctx.viewer.user_id


def flush(ctx: Ctx) -> None:
    """Write what is pending; a constraint that forbids it is told as one of our errors."""
    try:
        ctx.session.flush()
    except (IntegrityError, psycopg.IntegrityError) as error:
        raise explained(error) from error


def explained(error: IntegrityError | psycopg.IntegrityError) -> HubError:
    """What the last wall, PostgreSQL's constraints, has to say."""
    original = error.orig if isinstance(error, IntegrityError) else error
    if isinstance(original, UniqueViolation):
        return Conflict(
            problem(
                "DUPLICATE",
                "该编码或单号已存在。",
                "This code or number exists already.",
                "code",
                hint=("请换一个编码，或修改已有的记录。", "Choose another one, or change the record that has it."),
            )
        )
    if isinstance(original, ForeignKeyViolation):
        return Refused(
            problem(
                "IN_USE",
                "其他单据引用了它，不能删除。",
                "Other documents refer to it; it cannot be deleted.",
                hint=("可以停用它。", "It can be made inactive instead."),
            )
        )
    return Invalid(
        problem(
            "CONSTRAINT",
            "数据库约束不允许该值。",
            "A constraint of the database forbids this value.",
            hint=("请检查填写的内容。", "Check what was filled in."),
        )
    )


def gather(found: list[Problem], work: Callable[[], Iterable[Problem] | None]) -> None:
    """Do a part of a step: what it yields is added to `found`; what it raises leaves with all found so far."""
    try:
        found += work() or ()
    except HubError as error:
        error.problems = [*found, *error.problems]
        raise


def check_step(step: StepSpec, state: Any, given: Mapping[str, Any]) -> dict[str, Any]:
    """The step's arguments as its method takes them; Refused or Invalid with all that is wrong with state and them."""
    values, problems = _arguments(step, given)
    if state not in step.sources:
        raise Refused([_wrong_state(step, state), *problems])
    Invalid.raise_all(problems)
    return values


def _wrong_state(step: StepSpec, state: Any) -> Problem:
    allowed = "、".join(source.label.chinese for source in step.sources)
    english = ", ".join(source.label.english for source in step.sources)
    return problem(
        "STEP_NOT_ALLOWED",
        f"“{state.label.chinese}”状态不能{step.label.chinese}，只能从：{allowed}。",
        f"{step.label.english} is not possible from {state.label.english}, only from: {english}.",
        "state",
        hint=("请刷新，办理当前可执行的操作。", "Reload it and take one of the steps that are available."),
    )


def _arguments(step: StepSpec, given: Mapping[str, Any]) -> tuple[dict[str, Any], list[Problem]]:
    values: dict[str, Any] = {}
    label, known = step.label, {argument.name for argument in step.arguments}
    problems = [
        problem("FIELD_UNKNOWN", f"{label.chinese}没有参数 {name}。", f"{label.english} takes no {name}.", camel(name))
        for name in given
        if name not in known
    ]
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
    return values, problems


def difference(spec: DocSpec, before: dict[str, Any], after: dict[str, Any]) -> dict[str, list[Any]]:
    """{field: [before, after]} of what changed, as the audit tells it."""
    changed = [name for name in {**before, **after} if before.get(name) != after.get(name)]
    was, is_ = told_values(spec, before), told_values(spec, after)
    return {name: [was.get(name), is_.get(name)] for name in changed}
