"""What a quantity of an item costs a customer: price lists, quantity breaks, the last price, and other currencies.

Pure arithmetic on decimals, rounded the way invoices are: prices to four decimals, amounts to cents, half up.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date
from decimal import ROUND_HALF_UP, Decimal

from hub.errors import Problem, Refused, problem
from hub.rules.money import to_cents

PRICE = Decimal("0.0001")


def line_amount(quantity: Decimal, unit_price: Decimal, discount: Decimal = Decimal(0)) -> Decimal:
    """The net amount of a line, rounded half up to cents; `discount` in percent.

    >>> line_amount(Decimal(3), Decimal("0.335"), Decimal(0))
    Decimal('1.01')
    """
    return to_cents(quantity * unit_price * (100 - discount) / 100)


def net_price(unit_price: Decimal, discount: Decimal = Decimal(0)) -> Decimal:
    """What a unit costs after a discount in percent; not rounded."""
    return unit_price * (100 - discount) / 100


@dataclass(frozen=True)
class Rate:
    """One unit of `currency` is worth `rate` units of the currency of the books, from `day` on."""

    currency: str
    day: date
    rate: Decimal


class Rates:
    """The exchange rates of a company, whose books are in `books`; a day has the rate of the last day that has one."""

    def __init__(self, books: str, rates: Iterable[Rate] = ()) -> None:
        self.books = books
        self._rates = sorted(rates, key=lambda one: (one.currency, one.day, one.rate))

    def of(self, currency: str, day: date) -> Decimal:
        """What a unit is worth in the books on a day; Refused EXCHANGE_RATE_MISSING."""
        if currency == self.books:
            return Decimal(1)
        known = [one.rate for one in self._rates if one.currency == currency and one.day <= day and one.rate > 0]
        if not known:
            raise Refused(
                problem(
                    "EXCHANGE_RATE_MISSING",
                    f"没有 {currency} 在 {day} 或之前的汇率。",
                    f"There is no exchange rate of {currency} on or before {day}.",
                    "currency",
                    hint=("请先录入汇率。", "Enter the exchange rate first."),
                )
            )
        return known[-1]

    def convert(self, amount: Decimal, currency: str, into: str, day: date) -> Decimal:
        """An amount or price in another currency, by the books' one; not rounded, and left as it is in the same."""
        if currency == into:
            return amount
        return amount * self.of(currency, day) / self.of(into, day)


@dataclass(frozen=True)
class Offer:
    """A line of a price list: `unit_price` from `minimum_quantity` on, on its days (both included), for whom it names.

    Without a customer and a group it is for everybody; `by_category` when it names a category of items. `priority`
    decides between lists that are alike, higher first.
    """

    price_list: str
    unit_price: Decimal
    currency: str
    discount: Decimal = Decimal(0)
    minimum_quantity: Decimal = Decimal(0)
    first_day: date | None = None
    last_day: date | None = None
    customer: str | None = None
    customer_group: str | None = None
    priority: int = 0
    by_category: bool = False


@dataclass(frozen=True)
class Wish:
    """Who wants how much, when, and in which currency."""

    quantity: Decimal
    day: date
    currency: str
    customer: str | None = None
    customer_group: str | None = None


@dataclass(frozen=True)
class Priced:
    """A price and where it comes from: the code of a price list, "last" or "standard"; discount in percent."""

    unit_price: Decimal
    discount: Decimal
    source: str


LAST, STANDARD = "last", "standard"


def for_whom(offer: Offer, wish: Wish) -> int | None:
    """2 for the customer's own offer, 1 for his group's, 0 for everybody's; None for another's."""
    if offer.customer is not None:
        return 2 if offer.customer == wish.customer else None
    if offer.customer_group is not None:
        return 1 if offer.customer_group == wish.customer_group else None
    return 0


def applies(offer: Offer, wish: Wish) -> bool:
    """Whether an offer is in force on the day, for the customer and for the quantity."""
    within = (offer.first_day or date.min) <= wish.day <= (offer.last_day or date.max)
    return within and offer.minimum_quantity <= wish.quantity and for_whom(offer, wish) is not None


def best_offer(offers: Iterable[Offer], wish: Wish) -> Offer | None:
    """The offer that holds, whatever their order; None when none does.

    The customer's own goes before his group's and that before everybody's; then the higher priority, the item before
    its category, the currency asked for, the list that began last, the largest quantity break; what is still alike is
    decided for the customer.
    """

    def rank(offer: Offer) -> tuple[object, ...]:
        return (
            -(for_whom(offer, wish) or 0),
            -offer.priority,
            offer.by_category,
            offer.currency != wish.currency,
            -(offer.first_day or date.min).toordinal(),
            -offer.minimum_quantity,
            net_price(offer.unit_price, offer.discount),
            offer.currency,
            offer.price_list,
            offer.discount,
        )

    return min((one for one in offers if applies(one, wish)), key=rank, default=None)


@dataclass(frozen=True)
class Paid:
    """What a customer agreed to before: the price after discount, its currency, and the order's day."""

    unit_price: Decimal
    currency: str
    day: date


def price_of(
    wish: Wish,
    offers: Iterable[Offer],
    rates: Rates,
    *,
    last: Paid | None = None,
    standard: Decimal | None = None,
) -> Priced | None:
    """The price list's price, else what the customer paid last, else the standard price (in the books' currency).

    In the currency asked for, rounded to four decimals. None when nothing says a price.

    Raises:
        Refused: EXCHANGE_RATE_MISSING.
    """
    offer = best_offer(offers, wish)
    if offer is not None:
        found, discount, source, currency = offer.unit_price, offer.discount, offer.price_list, offer.currency
    elif last is not None:
        found, discount, source, currency = last.unit_price, Decimal(0), LAST, last.currency
    elif standard is not None:
        found, discount, source, currency = standard, Decimal(0), STANDARD, rates.books
    else:
        return None
    price = rates.convert(found, currency, wish.currency, wish.day).quantize(PRICE, ROUND_HALF_UP)
    return Priced(price, discount, source)


def below_price(index: int, agreed: Decimal, expected: Decimal, tolerance: Decimal) -> Iterator[Problem]:
    """PRICE_BELOW_LIST when a line's price after discount is more than `tolerance` percent below what it should be."""
    floor = (expected * (100 - tolerance) / 100).quantize(PRICE, ROUND_HALF_UP)
    if agreed < floor:
        shown, least = f"{agreed.quantize(PRICE, ROUND_HALF_UP).normalize():f}", f"{floor.normalize():f}"
        yield problem(
            "PRICE_BELOW_LIST",
            f"第 {index + 1} 行：折后单价 {shown} 低于允许的最低价 {least}。",
            f"Line {index + 1}: the price after discount, {shown}, is below the lowest allowed, {least}.",
            *("lines", str(index), "unitPrice"),
            hint=("请提高单价，或由有权限者放行。", "Raise the price, or have it released by somebody who may."),
            floor=least,
        )
