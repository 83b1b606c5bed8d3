"""Deliveries on vehicles: which may leave, on which trip each one is, and its part of the freight."""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal
from typing import Any
from uuid import UUID

from sqlalchemy import func, select, update

from hub.context import Ctx
from hub.document import remembering
from hub.document.registry import spec
from hub.errors import Problem, Refused, problem
from hub.rules.freight import Rate, freight
from hub.rules.money import shared_out


def not_ready(ctx: Ctx, trip: Any) -> Iterator[Problem]:
    """What keeps a trip from leaving: no delivery, one not shipped yet, signed for, or on another vehicle."""
    if not trip.deliveries:
        yield problem("LINES_MISSING", "运输调度没有送货单。", "The trip has no deliveries.", "deliveries")
    table = spec("Delivery").table
    ids = sorted({line.delivery_id for line in trip.deliveries})
    held = select(table.c.id, table.c.number, table.c.state, table.c.dispatch_id).where(table.c.id.in_(ids))
    rows = {row.id: row for row in ctx.session.execute(held.order_by(table.c.id).with_for_update())}
    for index, line in enumerate(trip.deliveries):
        row, path = rows[line.delivery_id], ("deliveries", str(index), "delivery")
        if row.state != "confirmed":
            yield problem(
                "DELIVERY_NOT_SHIPPED",
                f"第 {index + 1} 行：送货单 {row.number} 不是已发货状态。",
                f"Line {index + 1}: delivery {row.number} is not shipped, or signed for already.",
                *path,
            )
        elif row.dispatch_id not in (None, trip.id):
            yield problem(
                "DELIVERY_DISPATCHED",
                f"第 {index + 1} 行：送货单 {row.number} 已在另一运输调度上。",
                f"Line {index + 1}: delivery {row.number} is on another vehicle.",
                *path,
            )


def asked(ctx: Ctx, trip: Any, region: str | None) -> Decimal:
    """What the carrier's rates ask for a trip.

    Raises:
        Refused: RATE_MISSING when the trip has no carrier or none of his rates fits.
    """
    rate = spec("CarrierRate").table
    rows = ctx.session.execute(select(rate).where(rate.c.carrier_id == trip.carrier_id).order_by(rate.c.position))
    rates = [
        Rate(row.region, row.basis.value, row.rate, row.minimum, row.valid_from_date, row.valid_until_date)
        for row in rows
    ]
    amounts = {"trip": Decimal(1), "piece": sum(_pieces(ctx, trip).values(), Decimal(0))}
    if trip.distance is not None:
        amounts["kilometre"] = trip.distance
    found = freight(rates, region, trip.dispatch_date, amounts)
    if found is None:
        raise Refused(
            problem("RATE_MISSING", "承运公司没有适用的运价。", "The carrier has no rate that fits.", "carrier")
        )
    return found


def _pieces(ctx: Ctx, trip: Any) -> dict[UUID, Decimal]:
    """What each delivery of a trip brings, in pieces."""
    line = spec("DeliveryLine").table
    ids = sorted({one.delivery_id for one in trip.deliveries})
    found = select(line.c.delivery_id, func.sum(line.c.quantity)).where(line.c.delivery_id.in_(ids))
    return {row[0]: row[1] for row in ctx.session.execute(found.group_by(line.c.delivery_id))}


def load(ctx: Ctx, trip: Any) -> None:
    """Note on each delivery that it is on this trip, with its carrier, vehicle and part of the freight by pieces."""
    table, pieces = spec("Delivery").table, _pieces(ctx, trip)
    ids = sorted(pieces)
    carried = {"dispatch_id": trip.id}
    if trip.carrier_id is not None:
        carried["carrier_id"] = trip.carrier_id
    if trip.vehicle is not None:
        carried["vehicle"] = trip.vehicle
    parts = shared_out(trip.freight, [pieces[id_] for id_ in ids])
    for id_, part in zip(ids, parts, strict=True):
        own = {"freight": part} if trip.freight else {}
        ctx.session.execute(update(table).where(table.c.id == id_).values(carried | own))
    remembering.let_go(ctx.session, ids)


def unload(ctx: Ctx, trip: Any) -> None:
    """The deliveries of a trip are on none any more."""
    table = spec("Delivery").table
    ids = sorted({line.delivery_id for line in trip.deliveries})
    off = update(table).where(table.c.id.in_(ids), table.c.dispatch_id == trip.id)
    ctx.session.execute(off.values({"dispatch_id": None}))
    remembering.let_go(ctx.session, ids)
