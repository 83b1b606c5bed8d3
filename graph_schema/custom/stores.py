"""`stockOfDay`: what lay where at the end of a day and what it was worth, item by item.

Any day costs the same: see `hub.ledgers.stock_levels`. It is for whoever reads the whole stock ledger; the value, for
whoever reads costs.
"""

from __future__ import annotations

from typing import Annotated

import strawberry

from graph_schema.custom.asking import ask
from graph_schema.limits import MAX_FIRST
from graph_schema.plain import Asked
from graph_schema.scalars import Date, Decimal
from hub.context import Ctx
from hub.document.edit import company_of
from hub.document.registry import spec
from hub.document.rows import open_types, whole_types
from hub.errors import Forbidden, Invalid, problem
from hub.ledgers import stock_levels


@strawberry.type(name="StockPlaceOfDay", description="某日在某处的库存 · What lay in a place at the end of a day")
class StockPlaceOfDay:
    """A balance."""

    warehouse: str = strawberry.field(description="仓库编码 · Code of the warehouse")
    location: str | None = strawberry.field(description="库位编码 · Code of the location")
    lot: str | None = strawberry.field(description="批次 · Lot")
    serial: str | None = strawberry.field(description="序列号 · Serial number")
    status: str = strawberry.field(description="库存状态 · available, quarantine or frozen")
    quantity: Decimal = strawberry.field(description="数量 · Quantity")


@strawberry.type(name="StockOfDay", description="某日的存货 · An item's stock at the end of a day")
class StockOfDay:
    """An item."""

    item_id: strawberry.ID
    item: str = strawberry.field(description="存货编码 · Code of the item")
    name: str = strawberry.field(description="存货 · The item")
    quantity: Decimal = strawberry.field(description="数量 · Quantity in all places")
    value: Decimal | None = strawberry.field(
        description="金额，无成本权限时为空 · Value in the company; none for whom costs are closed"
    )
    places: list[StockPlaceOfDay] = strawberry.field(description="所在 · Where it lay")


Day = Annotated[Date, strawberry.argument(description="日期 · The day, to its end")]
Items = Annotated[list[str] | None, strawberry.argument(description="存货编码 · Codes of items; all when left out")]
First = Annotated[int, strawberry.argument(description=f"存货数，最多 {MAX_FIRST:,} · How many items")]
After = Annotated[str | None, strawberry.argument(description="从此编码之后 · Items after this code")]


async def stock_of_day(
    info: strawberry.Info[Asked, None], day: Day, items: Items = None, first: First = 50, after: After = None
) -> list[StockOfDay]:
    """The items that had moved by then, in order of their codes; the next page begins `after` the last one's."""
    viewer = info.context.viewer
    if not (viewer.may(spec("StockEntry").access.read) and viewer.may(spec("Item").access.read)):
        raise Forbidden(problem("FORBIDDEN", "您没有查看库存的权限。", "You may not read stock.", "stockOfDay"))
    if not 0 <= first <= MAX_FIRST:
        text = (f"first 应为 0 到 {MAX_FIRST}。", f"first must be between 0 and {MAX_FIRST}.")
        raise Invalid(problem("PAGE_SIZE", *text, "first"))
    open_ = open_types(viewer.permissions)
    if "StockEntry" not in open_ or "Item" not in whole_types(viewer.permissions):
        return []

    def read(ctx: Ctx) -> list[stock_levels.ItemOfDay]:
        company_id = company_of(ctx)
        page = stock_levels.Page(items, first, after or "")
        return [] if company_id is None else stock_levels.of_day(ctx, company_id, day, page)

    return [_told(one, valued="CostEntry" in open_) for one in await ask(viewer, read)]


def _told(one: stock_levels.ItemOfDay, *, valued: bool) -> StockOfDay:
    places = [
        StockPlaceOfDay(
            warehouse=place.warehouse,
            location=place.location,
            lot=place.lot,
            serial=place.serial,
            status=place.status,
            quantity=Decimal(place.quantity),
        )
        for place in one.places
    ]
    return StockOfDay(
        item_id=strawberry.ID(str(one.id)),
        item=one.code,
        name=one.name,
        quantity=Decimal(sum((place.quantity for place in one.places), 0)),
        value=Decimal(one.value) if valued else None,
        places=places,
    )
