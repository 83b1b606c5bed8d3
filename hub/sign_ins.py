"""What other pages are signed in on whose behalf: the codes and tokens of OpenID Connect, kept as hashes.

One row is one sign-in at one page. It begins as a code for a minute, becomes a token that says who it is and nothing
else, and ends with the browser's session at the hub.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from uuid import UUID

from sqlalchemy import Column, DateTime, Row, Table, Text, Uuid, delete, func, insert, select, update
from sqlalchemy.orm import Session

from hub.document.registry import metadata

CODE_SECONDS = 60
TOKEN_HOURS = 12

page_sign_in = Table(
    "page_sign_in",
    metadata,
    Column("code_hash", Text, primary_key=True),
    Column("token_hash", Text, unique=True),
    Column("session_hash", Text, nullable=False, index=True),
    Column("client", Text, nullable=False),
    Column("user_id", Uuid, nullable=False),
    Column("redirect_uri", Text, nullable=False),
    Column("scope", Text, nullable=False),
    Column("nonce", Text),
    Column("code_challenge", Text, nullable=False),
    Column("signed_in_at", DateTime(timezone=True), nullable=False),
    Column("expires_at", DateTime(timezone=True), nullable=False),
    schema="audit",
    comment="其他页面的登录 (Sign-ins of the other pages), as hashes",
)


@dataclass(frozen=True)
class Code:
    """What an authorization code was given for; in the shape that Authlib asks for."""

    user_id: UUID
    client: str
    redirect_uri: str
    scope: str
    nonce: str | None
    code_challenge: str
    signed_in_at: datetime
    code_challenge_method: str = "S256"

    def get_redirect_uri(self) -> str:
        """Where the code was sent."""
        return self.redirect_uri

    def get_scope(self) -> str:
        """What it was asked for."""
        return self.scope

    def get_nonce(self) -> str | None:
        """The client's own mark, given back in the ID token."""
        return self.nonce

    def get_auth_time(self) -> int:
        """When the password was typed, in seconds since 1970."""
        return int(self.signed_in_at.timestamp())

    def get_acr(self) -> None:
        """No classes of sign-in are told apart."""

    def get_amr(self) -> list[str]:
        """By password."""
        return ["pwd"]


def keep_code(session: Session, code: str, given: Code, session_id: str) -> None:
    """Keep a fresh code of the browser session `session_id`, and forget what has expired. The caller commits."""
    session.execute(delete(page_sign_in).where(page_sign_in.c.expires_at < func.now()))
    session.execute(
        insert(page_sign_in).values(
            code_hash=digest(code),
            session_hash=digest(session_id),
            expires_at=datetime.now(UTC) + timedelta(seconds=CODE_SECONDS),
            **{name: getattr(given, name) for name in _KEPT},
        )
    )


_KEPT = ("user_id", "client", "redirect_uri", "scope", "nonce", "code_challenge", "signed_in_at")


def exchange(session: Session, code: str, client: str, token: str) -> Code | None:
    """The code's content, once: from now on `token` stands for the sign-in. None for any other code.

    A code that comes a second time was stolen by one of the two: its sign-in ends.
    """
    this = (page_sign_in.c.code_hash == digest(code)) & (page_sign_in.c.client == client)
    fresh = update(page_sign_in).where(
        this, page_sign_in.c.token_hash.is_(None), page_sign_in.c.expires_at >= func.now()
    )
    lasting = fresh.values(token_hash=digest(token), expires_at=datetime.now(UTC) + timedelta(hours=TOKEN_HOURS))
    row = session.execute(lasting.returning(*(page_sign_in.c[name] for name in _KEPT))).one_or_none()
    if row is None:
        session.execute(delete(page_sign_in).where(this))
        return None
    return _code(row)


def sign_in_of(session: Session, token: str) -> Code | None:
    """What a token stands for, None when its sign-in has ended."""
    wanted = select(*(page_sign_in.c[name] for name in _KEPT)).where(
        page_sign_in.c.token_hash == digest(token), page_sign_in.c.expires_at >= func.now()
    )
    row = session.execute(wanted).one_or_none()
    return _code(row) if row else None


def end_all(session: Session, session_id: str) -> None:
    """End every sign-in that hangs from a browser's session. The caller commits."""
    session.execute(delete(page_sign_in).where(page_sign_in.c.session_hash == digest(session_id)))


def digest(secret: str) -> str:
    """How a code, token or session id is kept."""
    return hashlib.sha256(secret.encode()).hexdigest()


def _code(row: Row[tuple[object, ...]]) -> Code:
    return Code(**row._mapping)
