"""How goods go out: a delivery, a vehicle of a carrier with its freight, the customer's signature."""

from __future__ import annotations

from hub.stories.office import ANYTHING, Office

RATE = {"region": "宁波", "basis": "PIECE", "rate": "0.5", "minimum": "0"}


def shipped(office: Office, order: str) -> str:
    """All of an order's goods go to the customer, who signs; returns the delivery's id."""
    office.tell(
        "顺达物流装车，运费 50 元；发货 100 个，海蓝签收。", "A carrier takes the hundred for 50; Hailan signs."
    )
    vehicles = [{"plate": "浙B12345"}]
    office.make("storekeeper", "Carrier", code="C-OC", name="顺达物流", vehicles=vehicles, rates=[RATE])
    goods = {"warehouse": "W2", "deliveryDate": "2025-12-18"}
    delivery = office.convert("storekeeper", "SalesOrder", order, "Delivery", **goods)
    gone = f'{{ salesOrder(id: "{order}") {{ lines {{ delivered }} }} }}'
    with office.effect("seller", gone, ["0.0000"], ["100.0000"]):
        office.steps("storekeeper", "Delivery", delivery, "confirm")
    stops = [{"delivery": delivery, "stopNumber": 1}]
    trip = {"carrier": "C-OC", "vehicle": "浙B12345", "dispatchDate": "2025-12-18", "deliveries": stops}
    dispatch = office.make("storekeeper", "Dispatch", **trip)
    office.steps("storekeeper", "Dispatch", dispatch, "quote", region="宁波")
    freight = f'{{ delivery(id: "{delivery}") {{ freight vehicle }} }}'
    with office.effect("seller", freight, ANYTHING, {"freight": "50.0000", "vehicle": "浙B12345"}):
        office.steps("storekeeper", "Dispatch", dispatch, "depart", departedAt="2025-12-18T08:00:00+08:00")
    signed = f'{{ delivery(id: "{delivery}") {{ state signedBy }} }}'
    after = {"state": "SIGNED", "signedBy": "王先生"}
    with office.effect("seller", signed, {"state": "CONFIRMED", "signedBy": None}, after):
        office.steps(
            "storekeeper", "Dispatch", dispatch, "sign", signedAt="2025-12-18T15:00:00+08:00", signedBy="王先生"
        )
    return delivery
