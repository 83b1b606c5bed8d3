"""What a process knows of its database that shapes statements: declared custom fields, and what is ever signed.

Read at most every few seconds. What a process changes itself counts for it at once, for others within those seconds.
"""

from __future__ import annotations

import threading
import time
from dataclasses import replace
from math import inf
from uuid import UUID
from weakref import WeakKeyDictionary

from sqlalchemy import ARRAY, Connection, Engine, Text, bindparam, event, exists, func, select
from sqlalchemy.orm import Session

from hub.context import Viewer
from hub.document.custom import Declared, read
from hub.document.registry import spec as spec_of
from hub.document.registry import specs

FRESH_SECONDS = 2.0
"""How old what a process knows may be."""
_DECLARING = "declaring"


class Catalogue:
    """What a process knows of one database."""

    def __init__(self) -> None:
        self._companies: dict[UUID, Declared] = {}
        self._signed: frozenset[str] = frozenset()
        self._read_at = self._forgotten_at = -inf
        self._lock = threading.Lock()

    @property
    def stale(self) -> bool:
        """Whether it is time to look again."""
        return self._forgotten_at >= self._read_at or time.monotonic() - self._read_at > FRESH_SECONDS

    @property
    def signed(self) -> frozenset[str]:
        """The types of which some document is or was under approval: only of these may a signer's right show a row."""
        return self._signed

    def of(self, company_id: UUID | None) -> Declared | None:
        """A company's declarations; None when it has none."""
        return None if company_id is None else self._companies.get(company_id)

    def inform(self, viewer: Viewer) -> Viewer:
        """The viewer with what is known; the same one where he knows it already."""
        custom = self.of(viewer.company_id)
        if custom is viewer.custom and self._signed is viewer.signed:
            return viewer
        return replace(viewer, custom=custom, signed=self._signed)

    def forget(self) -> None:
        """Look again before the next use."""
        self._forgotten_at = time.monotonic()

    def refresh(self, connection: Connection) -> None:
        """Read anew; a company whose declarations are the same keeps its object."""
        began = time.monotonic()
        found, signed = read(connection), _signed(connection)
        with self._lock:
            self._signed = self._signed if self._signed == signed else signed
            known = self._companies
            self._companies = {
                company: known[company] if company in known and known[company].types() == types else Declared(types)
                for company, types in found.items()
            }
            self._read_at = began

    def refresh_from(self, engine: Engine) -> None:
        """The same on a connection of its own, unless it was just done."""
        if self.stale:
            with engine.connect() as connection:
                self.refresh(connection)


_catalogues: WeakKeyDictionary[Engine, Catalogue] = WeakKeyDictionary()


def catalogue(engine: Engine) -> Catalogue:
    """The catalogue of an engine's database."""
    found = _catalogues.get(engine)
    return _catalogues.setdefault(engine, Catalogue()) if found is None else found


def informed(engine: Engine, viewer: Viewer) -> Viewer:
    """The viewer with what is known of a database at the moment."""
    known = catalogue(engine)
    known.refresh_from(engine)
    return known.inform(viewer)


def declared_in(session: Session, company_id: UUID | None) -> Declared | None:
    """What holds for a unit of work: a declaration that it has changed itself counts at once, for it alone."""
    if session.info.get(_DECLARING):
        session.flush()
        types = read(session.connection()).get(company_id) if company_id else None
        return None if types is None else Declared(types)
    known = catalogue(session.get_bind().engine)
    if known.stale:
        known.refresh(session.connection())
    return known.of(company_id)


def declaring(session: Session) -> bool:
    """Note that a unit of work changes declarations; whether that is news."""
    first = not session.info.get(_DECLARING)
    session.info[_DECLARING] = True
    return first


def submitting(session: Session, document_type: str) -> None:
    """Note that a unit of work submits a document: its process sees signers' rights to the type from the commit on."""
    engine = session.get_bind().engine
    if document_type not in catalogue(engine).signed:
        event.listen(session, "after_commit", lambda _: catalogue(engine).forget(), once=True)


def _signed(connection: Connection) -> frozenset[str]:
    approval = spec_of("Approval").table
    asked = func.unnest(bindparam("types", [name for name, one in specs().items() if one.guardable], ARRAY(Text())))
    type_ = asked.column_valued("type")
    return frozenset(connection.scalars(select(type_).where(exists().where(approval.c.document_type == type_))))
