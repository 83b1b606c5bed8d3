"""Links by which somebody without an account takes one step of one document, once: customers answer, suppliers confirm.

A link is 32 random bytes shown once; only their SHA-256 is kept. It names its step, runs out, and is used up by the
step's success. Which steps can be taken so, and what is shown, the step says itself (`public=`).
"""

from __future__ import annotations

import hashlib
import secrets
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from uuid import UUID

from sqlalchemy import Column, DateTime, Table, Text, Uuid, func, insert, select, update

from hub.context import Ctx, Viewer, system_viewer
from hub.document import audit
from hub.document.holding import demand, locked
from hub.document.registry import metadata
from hub.document.registry import spec as spec_of
from hub.document.spec import DocSpec
from hub.document.steps import StepSpec
from hub.errors import Invalid, NotFound, Problem, problem

DAYS, MOST_DAYS = 30, 365
"""How long a link works unless its maker says otherwise, and at most."""

public_link = Table(
    "public_link",
    metadata,
    Column("token_hash", Text, primary_key=True),
    Column("company_id", Uuid, nullable=False),
    Column("document_type", Text, nullable=False),
    Column("document_id", Uuid, nullable=False, index=True),
    Column("step", Text, nullable=False),
    Column("created_by", Uuid, nullable=False),
    Column("created_at", DateTime(timezone=True), nullable=False, server_default=func.now()),
    Column("expires_at", DateTime(timezone=True), nullable=False),
    Column("used_at", DateTime(timezone=True)),
    Column("revoked_at", DateTime(timezone=True)),
    schema="audit",
    comment="公开链接 (Public links to one step of one document), as hashes",
)


@dataclass(frozen=True)
class Link:
    """A link that works: to which step of which document, and who acts when it is used."""

    spec: DocSpec
    document_id: UUID
    step: StepSpec
    viewer: Viewer


def issue(ctx: Ctx, document_type: str, document_id: UUID, step_name: str, days: int = DAYS) -> tuple[str, datetime]:
    """A new link to a public step of a document that the viewer may write, and when it runs out; earlier ones end.

    Raises:
        Forbidden, NotFound: the document is not the viewer's to write or see. Invalid: STEP_NOT_PUBLIC, DAYS_INVALID.
    """
    spec = spec_of(document_type)
    step = spec.steps.get(step_name)
    if step is None or step.public is None:
        raise Invalid(_not_public(spec, step_name))
    if not 1 <= days <= MOST_DAYS:
        text = (f"有效期应为 1 至 {MOST_DAYS} 天。", f"A link is valid for 1 to {MOST_DAYS} days.")
        raise Invalid(problem("DAYS_INVALID", *text, "days", hint=text))
    demand(ctx, spec, *spec.access.to_write(step.by))
    document = locked(ctx, spec, document_id, None)
    about = {"document_type": spec.name, "document_id": document.id, "step": step.name}
    older = update(public_link).where(*(public_link.c[name] == value for name, value in about.items()))
    ctx.session.execute(older.where(public_link.c.used_at.is_(None)).values(revoked_at=func.now()))
    token, until = secrets.token_urlsafe(32), datetime.now(UTC) + timedelta(days=days)
    made = {**about, "company_id": document.company_id, "created_by": ctx.viewer.user_id, "expires_at": until}
    ctx.session.execute(insert(public_link).values(token_hash=_digest(token), **made))
    told = {"step": [None, step.name], "expires_at": [None, until.isoformat()]}
    audit.record(ctx, spec.name, document.id, "issue_link", told, version=document.version)
    return token, until


def find(ctx: Ctx, token: str, *, lock: bool = False) -> Link:
    """The link behind a token; NotFound LINK_GONE when there is none that works. `lock` keeps others waiting."""
    works = select(public_link).where(
        public_link.c.token_hash == _digest(token),
        public_link.c.used_at.is_(None),
        public_link.c.revoked_at.is_(None),
        public_link.c.expires_at > func.now(),
    )
    row = ctx.session.execute(works.with_for_update() if lock else works).one_or_none()
    step = None if row is None else spec_of(row.document_type).steps.get(row.step)
    if row is None or step is None or step.public is None:
        raise gone()
    viewer = system_viewer("public", row.company_id)
    return Link(spec_of(row.document_type), row.document_id, step, viewer)


def use_up(ctx: Ctx, token: str) -> None:
    """The link has done what it was for."""
    ctx.session.execute(
        update(public_link).where(public_link.c.token_hash == _digest(token)).values(used_at=func.now())
    )


def gone() -> NotFound:
    """LINK_GONE: nothing tells whether there ever was such a link."""
    return NotFound(
        problem(
            "LINK_GONE",
            "链接无效、已过期或已使用。",
            "This link is not valid, has expired or has been used.",
            hint=("请向联系人索取新的链接。", "Ask your contact for a new one."),
        )
    )


def _not_public(spec: DocSpec, step_name: str) -> Problem:
    open_ = [one.name for one in spec.steps.values() if one.public is not None]
    return problem(
        "STEP_NOT_PUBLIC",
        f"{spec.label.chinese}的步骤 {step_name} 不能由链接办理。",
        f"The step {step_name} of {spec.label.english} cannot be taken by a link.",
        "step",
        hint=(f"可用：{'、'.join(open_) or '无'}。", f"There are: {', '.join(open_) or 'none'}."),
    )


def _digest(token: str) -> str:
    return hashlib.sha256(token.encode()).hexdigest()
