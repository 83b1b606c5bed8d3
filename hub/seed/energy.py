"""What the demo company's meters showed before the collector came: a counter reading each hour of its year and since.

The figures are the simulator's own, so the readings that the collector brings join them without a step.
"""

from __future__ import annotations

from datetime import datetime, timedelta, timezone
from uuid import UUID

from sqlalchemy import select

from edge_collectors.load import METERS, counter_kwh
from hub.context import SYSTEM, Ctx
from hub.document.registry import spec
from hub.ledgers import readings

BEGINNING = datetime(2025, 11, 1, tzinfo=timezone(timedelta(hours=8)))
METRIC = "energy.active.import"
_BATCH = 5_000


def tell(ctx: Ctx, company_id: UUID, until: datetime) -> int:
    """Record the hourly counters up to `until`, unless the ledger holds readings already.

    Counters are whole kWh, cut off: the collector's first reading is never below them. Returns the number of readings.
    """
    ledger = spec("Reading").table
    if ctx.session.execute(select(ledger.c.id).limit(1)).first():
        return 0
    hours = int((until - BEGINNING) / timedelta(hours=1))
    moments = [BEGINNING + timedelta(hours=hour) for hour in range(hours + 1)]
    batch = [
        {"device": meter, "metric": METRIC, "at": at.isoformat(), "value": str(int(counter_kwh(meter, at.timestamp())))}
        for at in moments
        for meter in METERS
    ]
    for start in range(0, len(batch), _BATCH):
        part = batch[start : start + _BATCH]
        done = readings.record(ctx.session, company_id=company_id, actor_id=SYSTEM, edge="edge-1", batch=part)
        assert not done.rejected, "the demo company's own meters are known"
    return len(batch)
