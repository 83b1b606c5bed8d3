"""`productCosts`: what each production order cost in a month, by its elements, and what a piece of it costs."""

from __future__ import annotations

import strawberry

from graph_schema.custom.asking import ask
from graph_schema.custom.books import Period, readable, spans
from graph_schema.plain import Asked
from graph_schema.scalars import Decimal
from hub.context import Ctx
from hub.document.edit import company_of
from hub.ledgers import product_cost


@strawberry.type(name="ProductCost", description="产品成本 · What a production order cost in a month")
class ProductCost:
    """An order."""

    production_order: str = strawberry.field(description="生产订单号 · Number of the production order")
    item: str = strawberry.field(description="产品编码 · Code of the product")
    name: str = strawberry.field(description="产品 · The product")
    material: Decimal = strawberry.field(description="直接材料 · Material issued")
    labour: Decimal = strawberry.field(description="直接人工 · Labour, by hours")
    machine: Decimal = strawberry.field(description="机器 · Machines, by hours")
    overhead: Decimal = strawberry.field(description="制造费用 · Overhead, by hours")
    energy: Decimal = strawberry.field(description="能源 · Energy")
    total: Decimal = strawberry.field(description="合计 · All together")
    quantity: Decimal = strawberry.field(description="完工数量 · Finished in the month")
    unit_cost: Decimal = strawberry.field(description="单位成本 · Cost of a piece; 0 when nothing was finished")


async def product_costs(info: strawberry.Info[Asked, None], period: Period) -> list[ProductCost]:
    """Of the orders that something was issued to or worked on."""
    readable(info, "productCosts")
    readable(info, "productCosts", "CostEntry")
    spans(period=period)

    def read(ctx: Ctx) -> list[product_cost.OrderCost]:
        company_id = company_of(ctx)
        return [] if company_id is None else product_cost.of_month(ctx, company_id, period)

    return [
        ProductCost(
            production_order=one.number,
            item=one.item,
            name=one.name,
            material=Decimal(one.cost.material),
            labour=Decimal(one.cost.labour),
            machine=Decimal(one.cost.machine),
            overhead=Decimal(one.cost.overhead),
            energy=Decimal(one.cost.energy),
            total=Decimal(one.cost.total),
            quantity=Decimal(one.quantity),
            unit_cost=Decimal(one.unit),
        )
        for one in await ask(info.context.viewer, read)
    ]
