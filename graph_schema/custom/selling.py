"""`priceOf`, `orderMargin`, `leadConversion`: what a sale should cost, what an order left over, how leads turn out.

Each sees what its viewer may see: the customer whose price is asked for, the order, the leads.
"""

from __future__ import annotations

import decimal
from types import SimpleNamespace
from typing import Annotated
from uuid import UUID

import strawberry
from sqlalchemy import select

from graph_schema.custom.asking import ask
from graph_schema.plain import Asked
from graph_schema.scalars import Date, Decimal
from hub.context import Ctx
from hub.document import today
from hub.document.edit import company_of
from hub.document.links import Links, key_of
from hub.document.registry import spec, table
from hub.document.rows import Me, visible
from hub.errors import Forbidden, NotFound, problem
from hub.ledgers import margins, offers
from hub.rules import leads, margin
from hub.rules.prices import Priced


@strawberry.type(name="PriceFound", description="取价结果 · A price and where it comes from")
class PriceFound:
    """A price."""

    unit_price: Decimal = strawberry.field(description="单价 · Unit price, in the currency asked for")
    discount: Decimal = strawberry.field(description="折扣 % · Discount in percent")
    source: str = strawberry.field(
        description="来源：价格表编码、last 或 standard · A price list's code, last or standard"
    )


@strawberry.type(
    name="MarginFound", description="毛利 · Revenue, what goes off it, and what is left, in the books' currency"
)
class MarginFound:
    """A margin."""

    revenue: Decimal = strawberry.field(description="收入 · Net revenue of what was shipped")
    cost: Decimal = strawberry.field(description="成本 · Cost of what was shipped")
    expenses: Decimal = strawberry.field(description="费用 · Freight, and what was given back")
    amount: Decimal = strawberry.field(description="毛利 · What is left")
    rate: Decimal | None = strawberry.field(description="毛利率 % · In percent of the revenue")


@strawberry.type(name="LineMarginFound", description="订单行毛利 · The margin of an order line")
class LineMarginFound:
    """A line's margin."""

    position: int = strawberry.field(description="行号 · Position")
    shipped: Decimal = strawberry.field(description="已发数量 · Shipped quantity")
    margin: MarginFound = strawberry.field(description="毛利 · Margin")


@strawberry.type(name="OrderMargin", description="订单毛利 · The margin of an order so far")
class OrderMargin:
    """An order's margin."""

    total: MarginFound = strawberry.field(description="合计 · The whole order")
    lines: list[LineMarginFound] = strawberry.field(description="各行 · By line")


@strawberry.type(name="LeadStageRate", description="阶段转化 · How many leads reached a stage")
class LeadStageRate:
    """A stage."""

    stage: str = strawberry.field(description="阶段 · Stage")
    reached: int = strawberry.field(description="到达数 · Leads that reached it")
    onward: Decimal | None = strawberry.field(description="进入下一阶段 % · Share that reached the next, in percent")


@strawberry.type(name="LeadConversion", description="线索转化 · How leads turned out")
class LeadConversion:
    """A group of leads."""

    source: str = strawberry.field(description="来源，空为合计 · Source; empty for all of them")
    leads: int = strawberry.field(description="线索数 · Leads")
    won: int = strawberry.field(description="成交 · Won")
    lost: int = strawberry.field(description="流失 · Lost")
    rate: Decimal | None = strawberry.field(description="转化率 % · Won of all, in percent")
    win_rate: Decimal | None = strawberry.field(description="赢单率 % · Won of those decided, in percent")
    stages: list[LeadStageRate] = strawberry.field(description="各阶段 · Stage by stage")


Customer = Annotated[str, strawberry.argument(description="客户编码或标识 · The customer's code or id")]
Item = Annotated[str, strawberry.argument(description="存货编码或标识 · The item's code or id")]
Quantity = Annotated[Decimal, strawberry.argument(description="数量 · Quantity")]
Currency = Annotated[str, strawberry.argument(description="币种 · Currency")]
Day = Annotated[Date | None, strawberry.argument(description="日期，默认今天 · The day; today when left out")]
Order = Annotated[str, strawberry.argument(description="客户订单号或标识 · The order's number or id")]
From = Annotated[Date | None, strawberry.argument(description="登记日期起 · Leads since this day")]
Until = Annotated[Date | None, strawberry.argument(description="登记日期止 · Leads until this day")]

_ONE = Decimal(decimal.Decimal(1))


async def price_of(
    info: strawberry.Info[Asked, None],
    customer: Customer,
    item: Item,
    quantity: Quantity = _ONE,
    currency: Currency = "CNY",
    day: Day = None,
) -> PriceFound | None:
    """The price list's price for a customer, else what he paid last, else the standard one; none when nobody says."""

    def read(ctx: Ctx) -> Priced | None:
        company_id = company_of(ctx)
        if company_id is None:
            return None
        line = SimpleNamespace(item_id=_led(ctx, "Item", item), quantity=quantity, tax_rate=decimal.Decimal(13))
        about = {"customer_id": _led(ctx, "Customer", customer), "company_id": company_id, "price_list_id": None}
        wanted = SimpleNamespace(**about, currency=currency, lines=[line])
        return next(iter(offers.priced(ctx, wanted, day or today())))

    _demand(info, "SalesOrder", "priceOf")
    found = await ask(info.context.viewer, read)
    if found is None:
        return None
    return PriceFound(unit_price=Decimal(found.unit_price), discount=Decimal(found.discount), source=found.source)


async def order_margin(info: strawberry.Info[Asked, None], order: Order) -> OrderMargin:
    """Of an order what was shipped, what that cost, and what is left of it; for whoever may see costs."""
    _demand(info, "CostEntry", "orderMargin")
    found = await ask(info.context.viewer, lambda ctx: margins.of_order(ctx, _led(ctx, "SalesOrder", order)))
    lines = [
        LineMarginFound(position=one.position, shipped=Decimal(one.shipped), margin=_margin(one.margin))
        for one in found
    ]
    return OrderMargin(total=_margin(margin.total([one.margin for one in found])), lines=lines)


def _margin(found: margin.Margin) -> MarginFound:
    return MarginFound(
        revenue=Decimal(found.revenue),
        cost=Decimal(found.cost),
        expenses=Decimal(found.expenses),
        amount=Decimal(found.amount),
        rate=None if found.rate is None else Decimal(found.rate),
    )


async def lead_conversion(
    info: strawberry.Info[Asked, None], since: From = None, until: Until = None
) -> list[LeadConversion]:
    """All leads that the viewer sees, then those of each source; cancelled ones count nowhere."""
    _demand(info, "Lead", "leadConversion")
    declared, viewer = spec("Lead"), info.context.viewer
    stages = [one.value for one in declared.fields["stage"].choices or ()]

    def read(ctx: Ctx) -> list[leads.Pursuit]:
        row = declared.table
        found = select(row.c.stage, row.c.state, row.c.source).where(
            *visible(declared, row, table, Me.of(viewer, viewer.company_id)), row.c.state != "cancelled"
        )
        found = found if since is None else found.where(row.c.lead_date >= since)
        found = found if until is None else found.where(row.c.lead_date <= until)
        return [
            leads.Pursuit(one.stage.value, one.state.value == "lost", one.source.value)
            for one in ctx.session.execute(found)
        ]

    pursued = await ask(viewer, read)
    groups = sorted(leads.by(pursued, stages).items(), key=lambda one: str(one[0]))
    return [_turned_out("", leads.conversion(pursued, stages)), *(_turned_out(str(name), one) for name, one in groups)]


def _turned_out(source: str, found: leads.Conversion) -> LeadConversion:
    return LeadConversion(
        source=source,
        leads=found.leads,
        won=found.won,
        lost=found.lost,
        rate=None if found.rate is None else Decimal(found.rate),
        win_rate=None if found.win_rate is None else Decimal(found.win_rate),
        stages=[
            LeadStageRate(
                stage=one.stage, reached=one.reached, onward=None if one.onward is None else Decimal(one.onward)
            )
            for one in found.stages
        ],
    )


def _demand(info: strawberry.Info[Asked, None], type_name: str, field: str) -> None:
    if not info.context.viewer.may(spec(type_name).access.read):
        label = spec(type_name).label
        raise Forbidden(
            problem("FORBIDDEN", f"您没有查看{label.chinese}的权限。", f"You may not read {label.english}.", field)
        )


def _led(ctx: Ctx, type_name: str, given: str) -> UUID:
    """The id of what the viewer names and may see; NotFound NOT_FOUND."""
    links, key = Links(ctx.session, ctx.viewer, company_of(ctx)), key_of(given)
    links.want_key(type_name, key)
    links.resolve()
    found = links.led(type_name, key)
    if found is None:
        label = spec(type_name).label
        raise NotFound(problem("NOT_FOUND", f"找不到该{label.chinese}。", f"There is no such {label.english}."))
    return found
