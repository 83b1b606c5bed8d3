"""Who asks and on whose behalf: the viewer of a read, the context of a write.

Both are values handed on from the edge of the program inwards. Nothing here is global, so two requests in one
process cannot see each other's rights.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any
from uuid import UUID
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

if TYPE_CHECKING:
    from sqlalchemy.orm import Session

    from hub.document.custom import Declared

SYSTEM = UUID("00000000-0000-7000-8000-000000000001")
"""The id that stands for the hub itself in `created_by`: the pipeline, the collectors, the migration."""


@dataclass(frozen=True)
class Viewer:
    """A user with the rights of the moment; `company_id` is None only before the first company exists."""

    user_id: UUID
    code: str
    name: str
    permissions: frozenset[str]
    company_id: UUID | None
    roles: frozenset[str] = frozenset()
    department_id: UUID | None = None
    department_ids: tuple[UUID, ...] = ()
    """The own department and all below it."""
    employee_id: UUID | None = None
    customer_id: UUID | None = None
    """The customer or supplier that a partner's user stands for."""
    supplier_id: UUID | None = None
    language: str = "zh"
    time_zone: str = "Asia/Shanghai"
    """The company's, in which a moment has its day, month and year."""
    custom: Declared | None = field(default=None, compare=False, repr=False)
    """The custom fields of the company, as whoever answers knows them; None where there are none."""
    signed: frozenset[str] | None = field(default=None, compare=False, repr=False)
    """The types of which documents are ever under approval, as whoever answers knows them; None: any may be."""

    def may(self, permission: str | None) -> bool:
        """Whether the viewer holds `permission`; "*" holds all, None needs no permission."""
        return permission is None or "*" in self.permissions or permission in self.permissions


@dataclass
class Ctx:
    """One unit of work: the session, who acts, over which channel, and the events to be written with its commit."""

    session: Session
    viewer: Viewer
    channel: str
    notes: list[str] = field(default_factory=list)
    events: list[dict[str, Any]] = field(default_factory=list)
    answers: dict[str, Any] = field(default_factory=dict)
    """What is kept under the idempotency keys of this unit of work, to be written with its commit."""

    def with_all_rights(self) -> Ctx:
        """The same unit of work for what the hub does on the viewer's behalf: effects that write elsewhere."""
        return replace(self, viewer=replace(self.viewer, permissions=frozenset({"*"})))


def is_time_zone(name: str) -> bool:
    """Whether there is a time zone of this name: Asia/Shanghai."""
    try:
        ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        return False
    return True


def system_viewer(name: str, company_id: UUID | None = None) -> Viewer:
    """The hub itself acting, named for the audit: "pipeline", "seed", "edge"."""
    return Viewer(SYSTEM, name, name, frozenset({"*"}), company_id)
