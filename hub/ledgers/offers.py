"""What price lists, past orders and exchange rates say of a document's lines; the decision is hub.rules.prices.

A document here is an order or a quotation: customer, currency, perhaps a price list, and lines with item and quantity.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any
from uuid import UUID

from sqlalchemy import and_, or_, select
from sqlalchemy.dialects.postgresql import distinct_on

from hub.context import Ctx
from hub.document import remembering
from hub.document.registry import spec
from hub.errors import Problem
from hub.rules.prices import Offer, Paid, Priced, Rate, Rates, Wish, below_price, best_offer, net_price, price_of

_AGREED = ("confirmed", "closed")


@dataclass(frozen=True)
class _Known:
    """All that is known of the prices of some items for a customer."""

    listed: dict[UUID, list[Any]]
    group: str | None
    rates: Rates

    def offers(self, line: Any) -> list[Offer]:
        """The offers for a line; a list whose prices have the tax in them is read without the line's tax."""
        return [_offer(row, line.tax_rate) for row in self.listed.get(line.item_id, ())]


def find_prices(ctx: Ctx, document: Any, day: date) -> None:
    """Give each line its item's tax rate, and the price that lists say, else its last, else the item's standard one.

    A line for which nobody says a price is left alone.

    Raises:
        Refused: EXCHANGE_RATE_MISSING.
    """
    rates = _tax_rates(ctx, document)
    for line, found in zip(document.lines, priced(ctx, document, day), strict=True):
        line.tax_rate = rates.get(line.item_id, line.tax_rate)
        if found is not None:
            line.unit_price, line.discount = found.unit_price, found.discount
    document.prepare()


def _tax_rates(ctx: Ctx, document: Any) -> dict[UUID, Decimal]:
    """The tax rates of the items that name one."""
    item = spec("Item").table
    named = select(item.c.id, item.c.tax_rate).where(item.c.id.in_({line.item_id for line in document.lines}))
    return {row.id: row.tax_rate for row in ctx.session.execute(named.where(item.c.tax_rate.is_not(None)))}


def priced(ctx: Ctx, document: Any, day: date) -> Iterator[Priced | None]:
    """What each line of a document should cost; None where nobody says.

    Raises:
        Refused: EXCHANGE_RATE_MISSING.
    """
    known = _known(ctx, document, day)
    items = sorted({line.item_id for line in document.lines})
    last, item = _last(ctx, document, items, day), spec("Item").table
    usual = select(item.c.id, item.c.list_price).where(item.c.id.in_(items))  # in the currency of the books
    standard = {row.id: row.list_price for row in ctx.session.execute(usual)}
    for line in document.lines:
        wish, offered = _wish(document, line, day, known), known.offers(line)
        before, least = last.get(line.item_id), standard.get(line.item_id)
        yield price_of(wish, offered, known.rates, last=before, standard=least)


def exchange_rate(ctx: Ctx, document: Any, day: date) -> Decimal:
    """What a unit of the document's currency is worth in the books; Refused EXCHANGE_RATE_MISSING."""
    return _rates(ctx, document.company_id, day).of(document.currency, day)


def below_list(ctx: Ctx, document: Any, day: date) -> Iterator[Problem]:
    """PRICE_BELOW_LIST for each line that costs less than the best offer allows; no list, no guard."""
    known = _known(ctx, document, day)
    if not known.listed:
        return
    for index, line in enumerate(document.lines):
        wish, rows = _wish(document, line, day, known), known.listed.get(line.item_id, ())
        offer = best_offer(known.offers(line), wish)
        if offer is not None:
            expected = net_price(offer.unit_price, offer.discount)
            expected = known.rates.convert(expected, offer.currency, document.currency, day)
            tolerance = next(row.tolerance for row in rows if row.code == offer.price_list)
            yield from below_price(index, net_price(line.unit_price, line.discount), expected, tolerance)


def _wish(document: Any, line: Any, day: date, known: _Known) -> Wish:
    return Wish(line.quantity, day, document.currency, str(document.customer_id), known.group)


def _known(ctx: Ctx, document: Any, day: date) -> _Known:
    """One statement where there are no price lists for the items."""
    head, line, customer = spec("PriceList").table, spec("PriceListLine").table, spec("Customer").table
    item = spec("Item").table
    group = select(customer.c.price_group).where(customer.c.id == document.customer_id).scalar_subquery()
    wanted = [
        head.c.company_id == document.company_id,
        head.c.kind == "sale",
        head.c.active,
        or_(
            line.c.item_id == item.c.id,
            and_(line.c.item_id.is_(None), line.c.item_category_id == item.c.item_category_id),
        ),
        item.c.id.in_({one.item_id for one in document.lines}),
        or_(head.c.customer_id.is_(None), head.c.customer_id == document.customer_id),
        or_(head.c.customer_group.is_(None), head.c.customer_group == group, head.c.customer_id.is_not(None)),
    ]
    if document.price_list_id is not None:
        wanted.append(head.c.id == document.price_list_id)
    of_list = ("code", "currency", "customer_id", "customer_group", "priority", "tax_included", "tolerance")
    of_line = ("minimum_quantity", "unit_price", "discount")
    found = select(
        *(head.c[name] for name in (*of_list, "valid_from_date", "valid_until_date")),
        *(line.c[name] for name in of_line),
        item.c.id.label("item_id"),
        line.c.item_id.is_(None).label("by_category"),
        line.c.valid_from_date.label("line_from"),
        line.c.valid_until_date.label("line_until"),
        group.label("price_group"),
    )
    found = found.select_from(line.join(head, head.c.id == line.c.price_list_id), item).where(*wanted)
    rows = ctx.session.execute(found).all()
    listed: dict[UUID, list[Any]] = defaultdict(list)
    for row in rows:
        listed[row.item_id].append(row)
    named = rows[0].price_group if rows else None
    return _Known(listed, named, _rates(ctx, document.company_id, day))


def _offer(row: Any, tax_rate: Decimal) -> Offer:
    """A line of a list holds on the days that both it and its list hold."""
    starts = [one for one in (row.valid_from_date, row.line_from) if one is not None]
    ends = [one for one in (row.valid_until_date, row.line_until) if one is not None]
    return Offer(
        row.code,
        row.unit_price * 100 / (100 + tax_rate) if row.tax_included else row.unit_price,
        row.currency,
        row.discount,
        row.minimum_quantity,
        max(starts, default=None),
        min(ends, default=None),
        None if row.customer_id is None else str(row.customer_id),
        row.customer_group,
        row.priority,
        row.by_category,
    )


def _rates(ctx: Ctx, company_id: UUID, day: date) -> Rates:
    """The middle rates up to a day."""
    read_from = ("Company", "Currency", "ExchangeRate")
    return remembering.recall(ctx.session, read_from, (company_id, day), lambda: _read_rates(ctx, company_id, day))


def _read_rates(ctx: Ctx, company_id: UUID, day: date) -> Rates:
    company, rate, currency = spec("Company").table, spec("ExchangeRate").table, spec("Currency").table
    known = select(currency.c.code, rate.c.rate_date, rate.c.rate).join_from(
        rate, currency, currency.c.id == rate.c.currency_id
    )
    known = known.where(
        rate.c.company_id == company_id, rate.c.active, rate.c.kind == "middle", rate.c.rate_date <= day
    )
    books = ctx.session.execute(select(company.c.currency).where(company.c.id == company_id)).scalar_one()
    return Rates(books, (Rate(row.code, row.rate_date, row.rate) for row in ctx.session.execute(known)))


def _last(ctx: Ctx, document: Any, items: Sequence[UUID], day: date) -> dict[UUID, Paid]:
    """What the customer agreed to last for each item, up to the day."""
    line, order = spec("SalesOrderLine").table, spec("SalesOrder").table
    found = (
        select(line.c.item_id, line.c.unit_price, line.c.discount, order.c.currency, order.c.order_date)
        .ext(distinct_on(line.c.item_id))
        .join_from(line, order, order.c.id == line.c.sales_order_id)
        .where(
            order.c.customer_id == document.customer_id,
            order.c.state.in_(_AGREED),
            order.c.order_date <= day,
            line.c.item_id.in_(items),
        )
        .order_by(line.c.item_id, order.c.order_date.desc(), order.c.number.desc(), line.c.position)
    )
    return {
        row.item_id: Paid(net_price(row.unit_price, row.discount), row.currency, row.order_date)
        for row in ctx.session.execute(found)
    }
