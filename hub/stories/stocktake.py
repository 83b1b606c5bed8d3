"""Counting while business goes on: what is shipped between the count and its entry is not taken for a loss."""

from __future__ import annotations

from hub.stories.base_data import in_books, item
from hub.stories.office import Office, same

LINES = "query ($id: ID!) { stocktake(id: $id) { lines { id bookQuantity item { code } } } }"


def tell(office: Office) -> None:
    """A hundred are on the shelf by the book; 97 are counted while 30 leave."""
    item(office, "SC-BOX", "盘点用周转箱", "FINISHED")
    on_hand = '{ item(code: "SC-BOX") { onHand } }'
    office.tell("补录 100 个周转箱，每个 12 元。", "A hundred boxes are entered at 12 each.")
    lines = [{"item": "SC-BOX", "quantity": "100", "unitCost": "12"}]
    body = {"warehouse": "W2", "adjustmentDate": "2026-05-04", "reason": "补录", "lines": lines}
    entered = office.make("storekeeper", "StockAdjustment", **body)
    with office.effect("boss", on_hand, "0.0000", "100.0000"):
        office.steps("storekeeper", "StockAdjustment", entered, "post")

    office.tell(
        "盘点开始，取账面数 100；盘点期间照常发货 30 个。",
        "The count begins at a book of 100; 30 are shipped meanwhile.",
    )
    body = {"warehouse": "W2", "countDate": "2026-05-05", "lines": [{"item": "SC-BOX"}]}
    count = office.make("storekeeper", "Stocktake", **body)
    office.steps("storekeeper", "Stocktake", count, "takeBook")
    goods = {"customer": "K1", "warehouse": "W2", "deliveryDate": "2026-05-05"}
    shipped = office.make("storekeeper", "Delivery", **goods, lines=[{"item": "SC-BOX", "quantity": "30"}])
    with office.effect("boss", on_hand, "100.0000", "70.0000"):
        office.steps("storekeeper", "Delivery", shipped, "confirm")

    office.tell(
        "实盘 97：少 3 个。过账后现存 67 个，损失 36 元待处理。",
        "97 are counted: 3 missing. 67 are left, a loss of 36 is booked.",
    )
    (line,) = office.ask("storekeeper", LINES, id=count)["stocktake"]["lines"]
    same("book", line["bookQuantity"], "100.0000")
    office.change("storekeeper", "Stocktake", count, lines={"change": [{"id": line["id"], "countedQuantity": "97"}]})
    with office.effect("boss", on_hand, "70.0000", "67.0000"), office.moves("accountant", in_books("1901"), "36"):
        office.steps("storekeeper", "Stocktake", count, "post")
