"""From the stores to the books: whatever changes what stock is worth is booked by the same step."""

from __future__ import annotations

from functools import partial
from typing import Any

from hub.context import Ctx
from hub.document import remembering
from hub.document.flow import on
from hub.ledgers import inventory

STEPS = {
    "PurchaseReceipt": ("confirm", "cancel"),
    "Delivery": ("confirm", "cancel"),
    "MaterialIssue": ("post", "cancel"),
    "ProductReceipt": ("post", "cancel"),
    "StockAdjustment": ("post", "cancel"),
    "Stocktake": ("post", "cancel"),
    "OpeningBalance": ("post", "cancel"),
    "PurchaseReturn": ("post", "cancel"),
    "MaterialReturn": ("post", "cancel"),
    "SalesReturn": ("post", "cancel"),
    "NonConformance": ("decide",),
}
"""The steps that move stock, by document."""


def _book(document: Any, ctx: Ctx) -> None:
    """What stock has become worth more or less is booked; of many documents at the end of their unit of work."""
    company_id = document.company_id
    remembering.at_the_end(ctx.session, ("stock booked", company_id), partial(inventory.book, ctx, company_id))


for _type, _steps in STEPS.items():
    for _step in _steps:
        on(_type, _step)(_book)
