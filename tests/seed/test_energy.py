"""The meters' past: hourly counters that never fall, tell the same on every machine, and join the simulator's."""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal
from uuid import UUID

from sqlalchemy import text

from edge_collectors.load import METERS, counter_kwh
from hub import writes
from hub.context import system_viewer
from hub.document.edit import company_of
from hub.seed import energy
from tests.conftest import Database


def test_the_past_is_told_once_and_joins_the_simulator(fresh_database: Database) -> None:
    until = energy.BEGINNING + timedelta(days=365)
    with writes.unit_of_work(fresh_database.engine, system_viewer("seed"), "seed") as ctx:
        writes.create(ctx, "Company", {"code": "C1", "name": "公司"})
        for meter in METERS:
            writes.create(ctx, "EnergyMeter", {"code": meter, "name": f"电表{meter}"})
        company_id = company_of(ctx)
        assert isinstance(company_id, UUID)
        assert energy.tell(ctx, company_id, until) == 3 * (365 * 24 + 1)
        assert energy.tell(ctx, company_id, until) == 0
    with fresh_database.engine.connect() as connection:
        falling = connection.execute(
            text(
                "SELECT count(*) FROM (SELECT value - lag(value) OVER (PARTITION BY meter_id ORDER BY read_at) AS step "
                "FROM hub.reading) AS steps WHERE step < 0"
            )
        ).scalar_one()
        rows = connection.execute(
            text(
                "SELECT m.code, max(r.value) AS value FROM hub.reading r "
                "JOIN hub.energy_meter m ON m.id = r.meter_id GROUP BY 1"
            )
        )
        last: dict[str, Decimal] = {row.code: row.value for row in rows}
    assert falling == 0
    for meter, value in last.items():
        assert 0 <= counter_kwh(meter, until.timestamp()) - float(value) < 1
    assert last["EM-02"] + last["EM-03"] < last["EM-01"]
