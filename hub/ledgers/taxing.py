"""The tax rate of a line that names none: its item's, else the company's general one on the document's day.

Rates change seldom and lines are written all the time: what the company has is read again every ten seconds, and at
once in the process that changes it, so that writing asks nothing more of the database.
"""

from __future__ import annotations

import time
from collections import defaultdict
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from typing import Any
from uuid import UUID
from weakref import WeakKeyDictionary

from sqlalchemy import Engine, event, select
from sqlalchemy.orm import Session, object_session

from hub.context import Ctx
from hub.document.registry import spec
from hub.rules.taxes import DatedRate, Proposed, rate_on

KEPT_FOR = 10.0
"""Seconds after which another process's change of a rate is seen."""


@dataclass
class _Known:
    """The general rates of a company by kind, and the rates that items have of their own."""

    read_at: float
    general: dict[str, list[DatedRate]] = field(default_factory=lambda: defaultdict(list))
    own: dict[UUID, Decimal] = field(default_factory=dict)


_kept: WeakKeyDictionary[Engine, dict[UUID, _Known]] = WeakKeyDictionary()


def changed(record: Any) -> None:
    """A rate or an item's rate is being changed: when that is done, or taken back, this process reads them again."""
    session = object_session(record)
    assert session is not None
    for end in ("after_commit", "after_rollback"):
        event.listen(session, end, _forget, once=True)


def _forget(session: Session) -> None:
    _kept.pop(session.get_bind().engine, None)


def propose(ctx: Ctx, document: Any, day: date, *, bought: bool = False) -> None:
    """Give each line whose rate was left out its item's, else the general one of the day, else it keeps the default.

    For what is bought the rates of input tax go first.
    """
    lines = [line for line in document.lines if isinstance(line.tax_rate, Proposed)]
    if not lines:
        return
    known = _known(ctx.session, document.company_id)
    kinds = ("input", "output") if bought else ("output",)
    found = (rate_on(known.general[kind], day) for kind in kinds if kind in known.general)
    general = next((one for one in found if one is not None), None)
    for line in lines:
        better = known.own.get(line.item_id, general)
        line.tax_rate = Decimal(line.tax_rate) if better is None else better
    document.prepare()


def _known(session: Session, company_id: UUID) -> _Known:
    kept = _kept.setdefault(session.get_bind().engine, {})
    known = kept.get(company_id)
    if known is None or time.monotonic() - known.read_at > KEPT_FOR:
        known = kept[company_id] = _read(session, company_id)
    return known


def _read(session: Session, company_id: UUID) -> _Known:
    rate, item, known = spec("TaxRate").table, spec("Item").table, _Known(time.monotonic())
    dated = select(rate.c.kind, rate.c.rate, rate.c.valid_from_date, rate.c.valid_until_date)
    for row in session.execute(dated.where(rate.c.company_id == company_id, rate.c.active, rate.c.is_general)):
        known.general[row.kind].append(DatedRate(row.rate, row.valid_from_date, row.valid_until_date))
    own = select(item.c.id, item.c.tax_rate).where(item.c.company_id == company_id, item.c.tax_rate.is_not(None))
    known.own.update({row.id: row.tax_rate for row in session.execute(own)})
    return known
