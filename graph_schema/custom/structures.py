"""`billOfMaterials`: what an item is made of, over all levels; `whereUsed`: everything that it goes into.

Both reckon exactly (`hub.rules.bom`) with the versions of a day; they are for whoever reads designs and items.
"""

from __future__ import annotations

from collections.abc import Iterable
from decimal import Decimal as Number
from itertools import islice
from typing import Annotated
from uuid import UUID

import strawberry

from graph_schema.custom.asking import ask
from graph_schema.limits import MAX_FIRST
from graph_schema.plain import Asked
from graph_schema.scalars import Date, Decimal
from hub.context import Ctx, Viewer
from hub.document import today
from hub.document.edit import company_of
from hub.document.registry import spec
from hub.document.rows import whole_types
from hub.errors import Forbidden, Invalid, NotFound, problem
from hub.ledgers import structures

_MOST = Number(10) ** 12


@strawberry.type(name="BomNode", description="物料清单的一个节点 · A place in an exploded bill of material")
class BomNode:
    """A place."""

    level: int = strawberry.field(description="层级，顶层为 0 · How deep it lies; the top is 0")
    path: list[str] = strawberry.field(description="从顶层到此的存货编码 · Codes of the items from the top to this one")
    item: str = strawberry.field(description="存货编码 · Code of the item")
    name: str = strawberry.field(description="存货 · The item")
    quantity: Decimal = strawberry.field(description="需用量，含损耗 · How much is needed, loss included")
    unit: str = strawberry.field(description="单位编码 · Code of the unit")
    version: str | None = strawberry.field(
        description="清单版本，外购件为空 · Version of its bill; none for what is bought"
    )
    operation: int | None = strawberry.field(description="投料工序号 · Operation of the parent's routing it is used at")


@strawberry.type(name="BomUse", description="物料的去向 · An item that another goes into")
class BomUse:
    """A use."""

    item: str = strawberry.field(description="存货编码 · Code of the item")
    name: str = strawberry.field(description="存货 · The item")
    quantity: Decimal = strawberry.field(description="单件含量，含损耗 · How much goes into one, loss included")
    level: int = strawberry.field(description="最多隔几层 · How many levels up at most")
    direct: bool = strawberry.field(description="直接使用 · Whether its own bill names it")


Item = Annotated[str, strawberry.argument(description="存货编码 · Code of the item")]
Amount = Annotated[Decimal | None, strawberry.argument(description="数量，默认 1 · How much of it, one when left out")]
OnDay = Annotated[Date | None, strawberry.argument(description="日期，默认今天 · The day, today when left out")]
Levels = Annotated[
    int | None, strawberry.argument(description="展开几层，默认全部 · Levels below it; all when left out")
]
First = Annotated[int, strawberry.argument(description=f"最多几行，不超过 {MAX_FIRST:,} · How many rows at most")]


async def bill_of_materials(
    info: strawberry.Info[Asked, None],
    item: Item,
    quantity: Amount = None,
    day: OnDay = None,
    levels: Levels = None,
    first: First = MAX_FIRST,
) -> list[BomNode]:
    """The tree of an item, each place below what it goes into; cut off after `first` places."""
    viewer = _allowed(info.context.viewer, "billOfMaterials", first)
    wanted = _amount(quantity)

    def read(ctx: Ctx) -> list[BomNode]:
        company_id, item_id = _item(ctx, item)
        known = structures.of_items(ctx, company_id, day or today(), [item_id])
        nodes = list(islice(known.explode(item, wanted, levels), first))
        called = _called(ctx, company_id, {node.item for node in nodes})
        return [
            BomNode(
                level=node.level,
                path=list(node.path),
                item=node.item,
                name=called[node.item][0],
                quantity=Decimal(node.quantity),
                unit=called[node.item][1],
                version=node.version,
                operation=node.operation,
            )
            for node in nodes
        ]

    return await ask(viewer, read)


async def where_used(
    info: strawberry.Info[Asked, None], item: Item, day: OnDay = None, first: First = MAX_FIRST
) -> list[BomUse]:
    """Everything an item goes into, nearest first."""
    viewer = _allowed(info.context.viewer, "whereUsed", first)

    def read(ctx: Ctx) -> list[BomUse]:
        company_id, item_id = _item(ctx, item)
        uses = structures.around(ctx, company_id, day or today(), item_id).where_used(item)[:first]
        called = _called(ctx, company_id, {use.parent for use in uses})
        return [
            BomUse(
                item=use.parent,
                name=called[use.parent][0],
                quantity=Decimal(use.quantity),
                level=use.level,
                direct=use.direct,
            )
            for use in uses
        ]

    return await ask(viewer, read)


def _amount(given: Decimal | None) -> Number:
    """How much is asked for; Invalid when it is nothing, or more than any factory has."""
    wanted = Number(1) if given is None else Number(given)
    if not 0 < wanted < _MOST:
        words = "数量须大于零，小于一万亿。", "The quantity must be above zero and below a million million."
        raise Invalid(problem("VALUE_INVALID", *words, "quantity"))
    return wanted


def _allowed(viewer: Viewer, asked: str, first: int) -> Viewer:
    """Who reads all designs and all items; Forbidden for others."""
    if not viewer.may(spec("Bom").access.read) or "Item" not in whole_types(viewer.permissions):
        raise Forbidden(
            problem("FORBIDDEN", "您没有查看物料清单的权限。", "You may not read bills of material.", asked)
        )
    if not 0 <= first <= MAX_FIRST:
        text = (f"first 应为 0 到 {MAX_FIRST}。", f"first must be between 0 and {MAX_FIRST}.")
        raise Invalid(problem("PAGE_SIZE", *text, "first"))
    return viewer


def _item(ctx: Ctx, code: str) -> tuple[UUID, UUID]:
    """The company and the item; NotFound ITEM_UNKNOWN."""
    company_id, item = company_of(ctx), spec("Item").table
    found = ctx.session.execute(item.select().where(item.c.code == code, item.c.company_id == company_id)).first()
    if found is None or company_id is None:
        raise NotFound(problem("ITEM_UNKNOWN", f"没有存货 {code}。", f"There is no item {code}.", "item"))
    return company_id, found.id


def _called(ctx: Ctx, company_id: UUID, codes: Iterable[str]) -> dict[str, tuple[str, str]]:
    """Name and unit of items by their codes."""
    item, unit = spec("Item").table, spec("UnitOfMeasure").table
    found = (
        item.join(unit, unit.c.id == item.c.unit_id).select().with_only_columns(item.c.code, item.c.name, unit.c.code)
    )
    rows = ctx.session.execute(found.where(item.c.code.in_(codes), item.c.company_id == company_id))
    return {code: (name, unit_code) for code, name, unit_code in rows}
