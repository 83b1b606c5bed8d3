"""GraphQL documents that were registered, found by the SHA-256 of their text.

A client sends the hash instead of the text. With the setting `trusted_documents_only` nothing else runs, so a token
that was lost asks no more than the programs it was made for. Only `hub documents` registers, never a request.
"""

from __future__ import annotations

import hashlib
import time
from collections.abc import Sequence
from datetime import datetime
from typing import Any

from psycopg_pool import AsyncConnectionPool
from sqlalchemy import Column, DateTime, Row, Table, Text, delete, func, select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from hub.document.registry import metadata

trusted_document = Table(
    "trusted_document",
    metadata,
    Column("hash", Text, primary_key=True),
    Column("name", Text, nullable=False),
    Column("document", Text, nullable=False),
    Column("registered_at", DateTime(timezone=True), nullable=False, server_default=func.now()),
    schema="audit",
    comment="已登记的查询 (Trusted documents), by the SHA-256 of their text",
)
REMEMBERED_SECONDS = 10.0
_REMEMBERED_MOST = 5_000


def hash_of(document: str) -> str:
    """The SHA-256 of a document's text, in hexadecimal."""
    return hashlib.sha256(document.encode(errors="replace")).hexdigest()


def register(session: Session, name: str, document: str) -> str:
    """Keep a document under its hash, which is returned; the caller commits and has checked the document."""
    values = {"hash": hash_of(document), "name": name, "document": document}
    new = insert(trusted_document).values(values)
    session.execute(new.on_conflict_do_update(index_elements=["hash"], set_={"name": new.excluded.name}))
    return values["hash"]


def remove(session: Session, hash_: str) -> bool:
    """Forget a document; False when there was none. The caller commits."""
    removed = delete(trusted_document).where(trusted_document.c.hash == hash_).returning(trusted_document.c.hash)
    return session.execute(removed).scalar_one_or_none() is not None


def registered(session: Session) -> Sequence[Row[str, str, datetime]]:
    """Hash, name and moment of every document, by name."""
    found = trusted_document.c
    return session.execute(select(found.hash, found.name, found.registered_at).order_by(found.name, found.hash)).all()


class TrustedDocuments:
    """Finds registered documents; each answer of the database, also that there is none, holds for a few seconds."""

    def __init__(self, pool: AsyncConnectionPool[Any]) -> None:
        self._pool = pool
        self._known: dict[str, tuple[float, str | None]] = {}

    async def find(self, hash_: str) -> str | None:
        """The document's text, or None when no such document is registered."""
        until, found = self._known.get(hash_, (0.0, None))
        if until > time.monotonic():
            return found
        async with self._pool.connection() as connection:
            cursor = await connection.execute("SELECT document FROM audit.trusted_document WHERE hash = %s", [hash_])
            row = await cursor.fetchone()
        if len(self._known) >= _REMEMBERED_MOST:
            self._known.clear()
        self._known[hash_] = (time.monotonic() + REMEMBERED_SECONDS, row[0] if row else None)
        return row[0] if row else None
