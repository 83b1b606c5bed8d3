"""How something is made, from the released order to the shelf, step by step; the stories make their products by it."""

from __future__ import annotations

from typing import Any

from hub.stories.office import Office

Materials = dict[str, list[tuple[str, str | None]]]
"""What is issued by item: quantity and lot, the lot None where the item has none."""


def order(office: Office, item: str, quantity: str, start: str, finish: str, **more: Any) -> str:
    """A released production order; returns its id."""
    days = {"plannedStartDate": start, "plannedFinishDate": finish}
    made = office.make("planner", "ProductionOrder", item=item, quantity=quantity, **days, **more)
    office.steps("planner", "ProductionOrder", made, "release")
    return made


def issued(office: Office, order_id: str, day: str, materials: Materials, *, before: str = "0.0000") -> str:
    """Materials leave the raw store for the order, whose share of what it needs is all there then; the paper's id."""
    lines = [
        {"item": item, "quantity": quantity, **({"lot": lot} if lot else {})}
        for item, rows in materials.items()
        for quantity, lot in rows
    ]
    body = {"productionOrder": order_id, "warehouse": "W1", "issueDate": day, "lines": lines}
    paper = office.make("storekeeper", "MaterialIssue", **body)
    question = f'{{ productionOrder(id: "{order_id}") {{ issued }} }}'
    with office.effect("planner", question, before, "100.0000"):
        office.steps("storekeeper", "MaterialIssue", paper, "post")
    return paper


def reported(office: Office, order_id: str, day: str, sequence: int, **line: Any) -> str:
    """Work at one operation, entered at the machine: the operation knows what is done of it; the report's id."""
    operations = f'{{ productionOrder(id: "{order_id}") {{ operations {{ id sequence }} }} }}'
    (step,) = (one["id"] for one in office.see("worker", operations) if one["sequence"] == sequence)
    body = {"productionOrder": order_id, "workDate": day, "lines": [{"orderOperation": step, **line}]}
    report = office.make("worker", "OperationReport", **body)
    done = f'{{ productionOrderOperation(id: "{step}") {{ goodQuantity }} }}'
    with office.moves("planner", done, line["goodQuantity"]):
        office.steps("worker", "OperationReport", report, "post")
    return report


def number_of(office: Office, order_id: str) -> str:
    """What people call a production order."""
    return str(office.see("planner", f'{{ productionOrder(id: "{order_id}") {{ number }} }}'))


def stored(
    office: Office, order_id: str, day: str, item: str, quantity: str, lot: str | None = None, **more: Any
) -> str:
    """What was made goes to the finished store, and the order has made so much more; the paper's id."""
    line = {"item": item, "quantity": quantity, **({"lot": lot} if lot else {})}
    body = {"productionOrder": order_id, "warehouse": "W2", "receiptDate": day, "lines": [line], **more}
    paper = office.make("storekeeper", "ProductReceipt", **body)
    with office.moves("planner", f'{{ productionOrder(id: "{order_id}") {{ completedQuantity }} }}', quantity):
        office.steps("storekeeper", "ProductReceipt", paper, "post")
    return paper
