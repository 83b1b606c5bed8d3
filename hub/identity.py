"""Who somebody is: passwords, bearer tokens, and the viewer made from a user's row.

Passwords are argon2 hashes. A token is 32 random bytes shown once; only its SHA-256 is kept, so a stolen database
signs nobody in.
"""

from __future__ import annotations

import hashlib
import secrets
from datetime import UTC, datetime, timedelta
from uuid import UUID

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerifyMismatchError
from sqlalchemy import Column, DateTime, Table, Text, Uuid, func, insert, select, update
from sqlalchemy.orm import Session

from hub.context import Viewer, is_time_zone
from hub.document.access import permissions_of
from hub.document.registry import metadata, spec
from hub.errors import Forbidden, NotFound, problem
from hub.settings import settings

access_token = Table(
    "access_token",
    metadata,
    Column("token_hash", Text, primary_key=True),
    Column("user_id", Uuid, nullable=False),
    Column("purpose", Text, nullable=False),
    Column("created_at", DateTime(timezone=True), nullable=False, server_default=func.now()),
    Column("expires_at", DateTime(timezone=True)),
    Column("last_used_at", DateTime(timezone=True)),
    schema="audit",
    comment="访问令牌 (Access tokens), as hashes",
)
_hasher = PasswordHasher()
_NOBODY = _hasher.hash(secrets.token_urlsafe(16))
"""Verified when the login is unknown, so that the answer takes as long as for a known one."""


def hash_password(password: str) -> str:
    """The argon2 hash to keep of a password."""
    return _hasher.hash(password)


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


def issue_token(session: Session, code: str, *, purpose: str, days: int | None = 90) -> str:
    """A new bearer token for the user `code`, shown this once; `days` None never expires. The caller commits.

    Raises:
        NotFound: USER_UNKNOWN.
    """
    viewer = viewer_of(session, code=code)
    if viewer is None:
        raise NotFound(problem("USER_UNKNOWN", f"没有用户 {code}。", f"There is no user {code}."))
    token = secrets.token_urlsafe(32)
    expires_at = datetime.now(UTC) + timedelta(days=days) if days else None
    session.execute(
        insert(access_token).values(
            token_hash=_digest(token), user_id=viewer.user_id, purpose=purpose, expires_at=expires_at
        )
    )
    return token


def viewer_of_token(session: Session, token: str) -> Viewer:
    """The viewer a bearer token stands for.

    Raises:
        Forbidden: TOKEN_INVALID for an unknown, expired or blocked one; the answer does not say which.
    """
    touched = (
        update(access_token)
        .where(
            access_token.c.token_hash == _digest(token),
            func.coalesce(access_token.c.expires_at, func.now()) >= func.now(),
        )
        .values(last_used_at=func.now())
        .returning(access_token.c.user_id)
    )
    user_id = session.execute(touched).scalar_one_or_none()
    viewer = viewer_of(session, user_id=user_id) if user_id else None
    if viewer is None:
        raise Forbidden(problem("TOKEN_INVALID", "令牌无效或已过期。", "The token is invalid or has expired."))
    return viewer


def _digest(token: str) -> str:
    return hashlib.sha256(token.encode()).hexdigest()
