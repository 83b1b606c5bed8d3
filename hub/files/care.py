"""Looking after the stored contents: removing what no attachment names, and finding what is missing or damaged."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from sqlalchemy import Engine, exists, func, select, text
from sqlalchemy.orm import Session

from hub.ciphers import ring
from hub.document.registry import spec as spec_of
from hub.errors import HubError, Problem
from hub.files import blob, store

SWEPT_EVERY_SECONDS = 3600.0
"""Not once a night: a hub that is switched off in the evening would never come to it."""


@dataclass(frozen=True)
class Fault:
    """A content that is not as it should be, and one of the attachments that need it."""

    name: str
    sha256: str
    problem: Problem


def sweep(engine: Engine) -> int:
    """Remove the contents that no attachment names; returns how many.

    While it runs nobody attaches: uploads stream in meanwhile and wait with their last step. What is being attached
    when it begins is let finish first.
    """
    kept, gone = spec_of("Attachment").table, 0
    with Session(engine) as session, session.begin():
        session.execute(text("SELECT pg_advisory_xact_lock(:key)"), {"key": store.LOCK})
        for company, sha256, path in store.stored():
            named = exists().where(kept.c.company_id == UUID(company), kept.c.sha256 == sha256)
            if not session.execute(select(named)).scalar_one():
                path.unlink(missing_ok=True)
                gone += 1
    return gone + store.remove_parts()


def reseal(engine: Engine) -> Iterator[Fault | None]:
    """Seal with the current key every content that is sealed with another; None for each, a Fault for what is damaged.

    A content is replaced as a whole, so who reads it meanwhile has the old one and a crash leaves either.
    """
    for row in _contents(engine):
        company = str(row.company_id)
        try:
            with store.opened(company, row.sha256, row.size) as file, store.incoming(company) as coming:
                if blob.sealed_with(file) == ring().current:
                    continue
                for piece in blob.read(file, company, row.sha256, row.size):
                    coming.add(piece, checked=True)
                store.replace(coming.finish(), row.sha256)
            yield None
        except HubError as error:
            yield Fault(row.name, row.sha256, error.problems[0])


def _contents(engine: Engine) -> Sequence[Any]:
    """Each content once, with the name of one of its attachments."""
    kept = spec_of("Attachment").table
    content = (kept.c.company_id, kept.c.sha256, kept.c.size)
    each = select(*content, func.min(kept.c.name).label("name")).group_by(*content).order_by(*content)
    with Session(engine) as session:
        return session.execute(each).all()


def verify(engine: Engine) -> Iterator[Fault | None]:
    """Read every content that an attachment names: a Fault for each that is missing or damaged, None for a good one."""
    for row in _contents(engine):
        try:
            _verify(str(row.company_id), row.sha256, row.size)
            yield None
        except HubError as error:
            yield Fault(row.name, row.sha256, error.problems[0])


def _verify(company: str, sha256: str, size: int) -> None:
    hashed = hashlib.sha256()
    with store.opened(company, sha256, size) as file:
        for piece in blob.read(file, company, sha256, size):
            hashed.update(piece)
    if hashed.hexdigest() != sha256:
        raise blob.damaged()
