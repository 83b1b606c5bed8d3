"""The outbox read on: every event once, in the order of commit, by a transaction that also keeps the place."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import Engine, func, select, update
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from hub.context import Viewer
from hub.document.audit import outbox
from hub.document.audit import outbox_reader as reader
from hub.document.catalogue import informed
from hub.identity import viewer_of

PAGE = 200


@dataclass(frozen=True)
class Event:
    """A row of the outbox; `document_id` is None for a batch."""

    id: int
    at: datetime
    type: str
    document_id: UUID | None
    event: str
    company_id: UUID | None
    payload: dict[str, Any]

    @property
    def verb(self) -> str:
        """What was done: create, confirm."""
        return self.event.rpartition(".")[2]


@dataclass
class Told:
    """One page's transaction; viewers are looked up once in it."""

    session: Session
    viewers: dict[UUID, Viewer | None] = field(default_factory=dict)

    def viewer(self, user_id: UUID) -> Viewer | None:
        """The rights of a user now, custom fields among what he sees; None when he is no longer active."""
        if user_id not in self.viewers:
            found = viewer_of(self.session, user_id=user_id)
            self.viewers[user_id] = found and informed(self.session.get_bind().engine, found)
        return self.viewers[user_id]


def read_on(engine: Engine, name: str, tell: Callable[[Told, Sequence[Event]], None]) -> None:
    """Hand on what came since the last time, page by page. Who reads for the first time begins with what comes next."""
    full = True
    while full:
        with Session(engine) as session, session.begin():
            place = session.scalar(select(reader.c.place).where(reader.c.name == name).with_for_update())
            if place is None:
                last = select(func.coalesce(func.max(outbox.c.id), 0)).scalar_subquery()
                session.execute(insert(reader).values(name=name, place=last).on_conflict_do_nothing())
                return
            page = select(outbox).where(outbox.c.id > place).order_by(outbox.c.id).limit(PAGE)
            events = [_event(row) for row in session.execute(page)]
            if events:
                tell(Told(session), events)
                session.execute(update(reader).where(reader.c.name == name).values(place=events[-1].id))
            full = len(events) == PAGE


def _event(row: Any) -> Event:
    return Event(row.id, row.at, row.document_type, row.document_id, row.event, row.company_id, row.payload)
