"""Sales and the yard, day by day: orders, deliveries, the lorries that bring them, and who signs."""

from __future__ import annotations

from collections import defaultdict
from datetime import date, datetime, time
from uuid import UUID

from hub.document.fields import CHINA
from hub.seed.records import Delivery, SalesOrder
from hub.seed.shipping import CARRIERS
from hub.seed.telling.teller import Row, Teller

CARRIER = {name: f"CY{at:02d}" for at, (name, _) in enumerate(CARRIERS, start=1)}


def order(teller: Teller, one: SalesOrder) -> None:
    """An order as it came, confirmed the same day; a few are taken back, the last days' still wait."""
    about: Row = {
        "customer_order_number": one.customer_number,
        "order_date": one.order_date,
        "promised_date": one.promised_date,
        "sales_rep": one.customer.sales_rep,
        "department": "XS",
        "ship_to": one.customer.address,
        "note": one.note or None,
    }
    offer = teller.book.offers.pop(id(one), None)
    if offer is None:
        whole = {**about, "customer": one.customer.code, "lines": order_lines(one)}
        document = teller.create("SalesOrder", whole)
    else:
        document = teller.convert("Quotation", offer, "SalesOrder", about)
    teller.keep(one, document.id)
    for line, row in zip(one.lines, document.lines, strict=True):
        teller.keep(line, row.id)
    if one.state == "cancelled":
        teller.step("SalesOrder", document.id, "cancel", reason="客户取消")
    elif one.state != "draft":
        teller.step("SalesOrder", document.id, "submit" if one.state == "submitted" else "confirm")


def order_lines(one: SalesOrder) -> list[Row]:
    """What is ordered, at which price."""
    return [
        {
            "item": line.part.code,
            "description": line.part.name,
            "quantity": line.quantity,
            "unit": "PCS",
            "unit_price": line.price,
            "discount": line.discount,
            "promised_date": line.promised_date,
        }
        for line in one.lines
    ]


def delivery(teller: Teller, one: Delivery) -> None:
    """What leaves for an order, lot by lot."""
    by_position = {line.position: line for line in one.lines}
    moves = teller.moves[one.number]
    lines: list[Row] = [
        {
            "order_line": teller.id_of(by_position[move.position].line),
            "item": move.item,
            "quantity": -move.quantity,
            "lot": teller.lot(move),
        }
        for move in moves
    ]
    document = teller.told(
        "Delivery",
        {
            "customer": one.order.customer.code,
            "sales_order": teller.id_of(one.order),
            "delivery_date": one.delivery_date,
            "warehouse": "CK03",
            "carrier": CARRIER[one.carrier],
            "carrier_name": one.carrier,
            "vehicle": one.vehicle,
            "ship_to": one.order.customer.address,
            "lines": lines,
        },
        "confirm",
    )
    teller.keep(one, document.id)
    for move, row in zip(moves, document.lines, strict=True):
        teller.book.delivered[id(by_position[move.position])].append(row.id)


def trips(teller: Teller, day: date, leaving: list[Delivery]) -> list[tuple[date, tuple[UUID, list[Delivery]]]]:
    """A lorry a carrier and day; returns the day on which each is back, with its trip and what it carried."""
    loads: dict[str, list[Delivery]] = defaultdict(list)
    for one in leaving:
        loads[one.carrier].append(one)
    back: list[tuple[date, tuple[UUID, list[Delivery]]]] = []
    for carrier, loaded in sorted(loads.items()):
        trip = teller.create(
            "Dispatch",
            {
                "dispatch_date": day,
                "carrier": CARRIER[carrier],
                "vehicle": loaded[0].vehicle,
                "freight": sum(one.freight for one in loaded),
                "distance": max(one.order.customer.distance for one in loaded),
                "deliveries": [
                    {"delivery": teller.id_of(one), "stop_number": stop} for stop, one in enumerate(loaded, start=1)
                ],
            },
        )
        teller.step("Dispatch", trip.id, "depart", departed_at=datetime.combine(day, time(15), CHINA))
        signed = [one.signed_date for one in loaded]
        if all(signed):
            back.append((max(one for one in signed if one), (trip.id, loaded)))
    return back


def sign(teller: Teller, trips: list[tuple[UUID, list[Delivery]]], day: date) -> None:
    """The lorries are back with all signatures."""
    teller.hold("Dispatch", [trip for trip, _ in trips])
    teller.hold("Delivery", [teller.id_of(one) for _, loaded in trips for one in loaded])
    for trip, _ in trips:
        _sign(teller, trip, day)


def _sign(teller: Teller, trip: UUID, day: date) -> None:
    teller.step("Dispatch", trip, "sign", signed_at=datetime.combine(day, time(16), CHINA), signed_by="仓库收货")


def close_delivered(teller: Teller, leaving: list[Delivery]) -> None:
    """Orders of which everything has left are closed."""
    orders = {id(one.order): one.order for one in leaving}.values()
    done = [teller.id_of(one) for one in orders if one.state == "closed" and not _later(teller, leaving[0], one)]
    teller.hold("SalesOrder", done)
    for order_id in done:
        teller.step("SalesOrder", order_id, "close")


def _later(teller: Teller, today: Delivery, order: SalesOrder) -> list[Delivery]:
    return [one for one in teller.year.deliveries if one.order is order and one.delivery_date > today.delivery_date]
