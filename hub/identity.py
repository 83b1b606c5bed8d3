"""Who somebody is: passwords, bearer tokens, and the viewer made from a user's row.

Passwords are argon2 hashes. A token is 32 random bytes shown once; only its SHA-256 is kept, so a stolen database
signs nobody in. Its scopes narrow what its user may.
"""

from __future__ import annotations

import hashlib
import secrets
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerifyMismatchError
from sqlalchemy import ARRAY, Column, DateTime, Table, Text, Uuid, func, insert, select, text, true, update
from sqlalchemy.orm import Session

from hub.context import Ctx, Viewer, is_time_zone, system_viewer
from hub.document import audit
from hub.document.access import check_scopes, limited, permissions_of
from hub.document.registry import metadata, spec
from hub.errors import Forbidden, Invalid, NotFound, problem
from hub.settings import settings

SHORTEST_PASSWORD = 10
TOUCHED_EVERY = timedelta(minutes=1)
"""How exactly it is known when a token was last used: a write per request would cost more than it tells."""

access_token = Table(
    "access_token",
    metadata,
    Column("token_hash", Text, primary_key=True),
    Column("id", Uuid, nullable=False, unique=True, server_default=text("uuidv7()")),
    Column("user_id", Uuid, nullable=False, index=True),
    Column("purpose", Text, nullable=False),
    Column("scopes", ARRAY(Text())),
    Column("created_at", DateTime(timezone=True), nullable=False, server_default=func.now()),
    Column("expires_at", DateTime(timezone=True)),
    Column("last_used_at", DateTime(timezone=True)),
    Column("revoked_at", DateTime(timezone=True)),
    schema="audit",
    comment="访问令牌 (Access tokens), as hashes",
)
_hasher = PasswordHasher()
_NOBODY = _hasher.hash(secrets.token_urlsafe(16))
"""Verified when the login is unknown, so that the answer takes as long as for a known one."""


def hash_password(password: str) -> str:
    """The argon2 hash to keep of a password."""
    return _hasher.hash(password)


def set_password(ctx: Ctx, code: str, password: str) -> None:
    """Give a user a password.

    Raises:
        NotFound: USER_UNKNOWN. Invalid: PASSWORD_SHORT.
    """
    if len(password) < SHORTEST_PASSWORD:
        raise Invalid(
            problem(
                "PASSWORD_SHORT",
                f"口令至少 {SHORTEST_PASSWORD} 个字符。",
                f"A password has at least {SHORTEST_PASSWORD} characters.",
                "password",
            )
        )
    user = spec("User").table
    written = {"updated_at": func.now(), "updated_by": ctx.viewer.user_id, "version": user.c.version + 1}
    changed = update(user).where(user.c.code == code).values(password_hash=hash_password(password), **written)
    found = ctx.session.execute(changed.returning(user.c.id, user.c.company_id, user.c.version)).one_or_none()
    if found is None:
        raise unknown_user(code)
    changes = {"password_hash": ["***", "***"]}
    audit.record(ctx, "User", found.id, "set_password", changes, version=found.version, company_id=found.company_id)


def unknown_user(code: str) -> NotFound:
    """USER_UNKNOWN."""
    return NotFound(problem("USER_UNKNOWN", f"没有用户 {code}。", f"There is no user {code}."))


def viewer_of(session: Session, *, code: str | None = None, user_id: UUID | None = None) -> Viewer | None:
    """The viewer for an active user by login or id, or None."""
    user, company = spec("User").table, spec("Company").table
    wanted = user.c.code == code if code is not None else user.c.id == user_id
    found = select(user, company.c.time_zone).select_from(user.outerjoin(company, company.c.id == user.c.company_id))
    row = session.execute(found.where(wanted, user.c.active)).mappings().one_or_none()
    if row is None:
        return None
    return Viewer(
        user_id=row["id"],
        code=row["code"],
        name=row["name"],
        permissions=permissions_of(row["roles"]),
        company_id=row["company_id"],
        roles=frozenset(row["roles"]),
        department_id=row["department_id"],
        department_ids=departments_below(session, row["department_id"]),
        customer_id=row["customer_id"],
        supplier_id=row["supplier_id"],
        employee_id=row["employee_id"],
        language=row["language"],
        time_zone=row["time_zone"] if is_time_zone(row["time_zone"] or "") else settings().time_zone,
    )


def authenticate(session: Session, code: str, password: str) -> Viewer | None:
    """The viewer whose login and password these are, or None; takes the same time either way."""
    user = spec("User").table
    kept = session.execute(select(user.c.password_hash).where(user.c.code == code, user.c.active)).scalar_one_or_none()
    try:
        _hasher.verify(kept or _NOBODY, password)
    except (VerifyMismatchError, InvalidHashError):
        return None
    return viewer_of(session, code=code) if kept else None


def issue_token(
    session: Session,
    code: str,
    *,
    purpose: str,
    days: int | None = 90,
    scopes: Sequence[str] | None = None,
    by: Viewer | None = None,
) -> str:
    """A new bearer token for the user `code`, shown this once, audited as given by `by`. The caller commits.

    `purpose` is the name people know it by; `days` None never expires; `scopes` are permissions of the user's, None
    all of them.

    Raises:
        NotFound: USER_UNKNOWN. Invalid: SCOPE_UNKNOWN. Refused: SCOPE_NOT_HELD.
    """
    viewer = viewer_of(session, code=code)
    if viewer is None:
        raise unknown_user(code)
    if scopes is not None:
        check_scopes(viewer.permissions, scopes)
    token = secrets.token_urlsafe(32)
    kept: dict[str, Any] = {
        "purpose": purpose,
        "scopes": None if scopes is None else sorted(set(scopes)),
        "expires_at": datetime.now(UTC) + timedelta(days=days) if days else None,
    }
    made = insert(access_token).values(token_hash=_digest(token), user_id=viewer.user_id, **kept)
    token_id = session.execute(made.returning(access_token.c.id)).scalar_one()
    expires = kept["expires_at"]
    told = {**kept, "token": str(token_id), "expires_at": None if expires is None else expires.isoformat()}
    changes = {name: [None, value] for name, value in told.items() if value is not None}
    _record(session, viewer.user_id, "issue_token", changes, by)
    return token


def viewer_of_token(session: Session, token: str) -> Viewer:
    """The viewer a bearer token stands for: its user, within its scopes.

    Raises:
        Forbidden: TOKEN_INVALID for an unknown, expired, revoked or blocked one; the answer does not say which.
    """
    kept = access_token.c
    unworn = func.coalesce(kept.last_used_at < func.now() - TOUCHED_EVERY, true())
    found = session.execute(
        select(kept.user_id, kept.scopes, unworn.label("unworn")).where(
            kept.token_hash == _digest(token),
            kept.revoked_at.is_(None),
            func.coalesce(kept.expires_at, func.now()) >= func.now(),
        )
    ).one_or_none()
    viewer = viewer_of(session, user_id=found.user_id) if found else None
    if found is None or viewer is None:
        raise Forbidden(problem("TOKEN_INVALID", "令牌无效或已过期。", "The token is invalid or has expired."))
    if found.unworn:
        touched = update(access_token).where(kept.token_hash == _digest(token), unworn)
        session.execute(touched.values(last_used_at=func.now()))
    return replace(viewer, permissions=limited(viewer.permissions, found.scopes))


@dataclass(frozen=True)
class KnownToken:
    """A token as it can be listed; the token itself is known to nobody but its holder."""

    id: UUID
    user: str
    purpose: str
    scopes: list[str] | None
    created_at: datetime
    expires_at: datetime | None
    last_used_at: datetime | None


def tokens(session: Session, code: str | None = None) -> list[KnownToken]:
    """The tokens that are neither expired nor revoked, of one user or of all, newest first."""
    kept, user = access_token.c, spec("User").table
    query = (
        select(kept.id, user.c.code, kept.purpose, kept.scopes, kept.created_at, kept.expires_at, kept.last_used_at)
        .join_from(access_token, user, user.c.id == kept.user_id)
        .where(kept.revoked_at.is_(None), func.coalesce(kept.expires_at, func.now()) >= func.now())
        .order_by(kept.id.desc())
    )
    rows = session.execute(query if code is None else query.where(user.c.code == code))
    return [KnownToken(*row) for row in rows]


def revoke_token(session: Session, token_id: UUID, *, by: Viewer | None = None) -> None:
    """Make a token worth nothing; the caller commits. Every process has forgotten it ten seconds later.

    Raises:
        NotFound: TOKEN_UNKNOWN.
    """
    kept = access_token.c
    ended = update(access_token).where(kept.id == token_id, kept.revoked_at.is_(None)).values(revoked_at=func.now())
    found = session.execute(ended.returning(kept.user_id, kept.purpose)).one_or_none()
    if found is None:
        raise NotFound(problem("TOKEN_UNKNOWN", "没有这个令牌。", "There is no such token."))
    told = {"token": str(token_id), "purpose": found.purpose}
    _record(session, found.user_id, "revoke_token", {name: [value, None] for name, value in told.items()}, by)


def _record(session: Session, user_id: UUID, verb: str, changes: dict[str, Any], by: Viewer | None) -> None:
    """What happened to a user's tokens, in the audit of the user; by the hub itself when nobody is named."""
    user = spec("User").table.c
    locked = select(user.company_id).where(user.id == user_id).with_for_update()
    company_id = session.execute(locked).scalar_one_or_none()
    ctx = Ctx(session, by or system_viewer("hub"), "command line" if by is None else "graphql")
    audit.record(ctx, "User", user_id, verb, changes, company_id=company_id)
    audit.publish(ctx)


def names_of(session: Session, user_ids: Iterable[UUID]) -> dict[UUID, str]:
    """The names of users: whoever sees a document may know who wrote it, without seeing anybody's account."""
    user = spec("User").table
    rows = session.execute(select(user.c.id, user.c.name).where(user.c.id.in_(list(user_ids))))
    return {row.id: row.name for row in rows}


def departments_below(session: Session, department_id: UUID | None) -> tuple[UUID, ...]:
    """A department and all its sub-departments; a circle in the tree ends where it began."""
    if department_id is None:
        return ()
    department = spec("Department").table
    tree = select(department.c.id).where(department.c.id == department_id).cte("tree", recursive=True)
    tree = tree.union(select(department.c.id).where(department.c.parent_id == tree.c.id))
    return tuple(session.execute(select(tree.c.id)).scalars())


def _digest(token: str) -> str:
    return hashlib.sha256(token.encode()).hexdigest()
