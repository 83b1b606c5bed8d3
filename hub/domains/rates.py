"""Rates that change with time: currencies and what they are worth, and taxes."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

from sqlalchemy import event
from sqlalchemy.orm import Mapped

from hub.document import Access, Choice, Master, Percent, Value, field, link, today
from hub.errors import Invalid
from hub.ledgers import taxing
from hub.rules.validity import crossed


class RateKind(Choice):
    """Which of a day's rates it is."""

    MIDDLE = "middle", "中间价", "Middle"
    BUYING = "buying", "买入价", "Buying"
    SELLING = "selling", "卖出价", "Selling"


class TaxKind(Choice):
    """Which tax it is a rate of."""

    OUTPUT = "output", "销项", "Output"
    INPUT = "input", "进项", "Input"
    EXEMPT = "exempt", "免税", "Exempt"


class Currency(Master, label=("币种", "Currency"), access=Access(read="base.read", write="base.write")):
    """A currency; the code is its letters in ISO 4217: CNY, USD."""

    symbol: Mapped[str | None] = field("符号", "Symbol")
    decimals: Mapped[int] = field("小数位数", "Decimals", default=2, minimum=0, maximum=4)


class ExchangeRate(Master, label=("汇率", "Exchange rate"), access=Access(read="base.read", write="finance.write")):
    """What one unit of a currency is worth in the currency of the books, from a day on."""

    currency: Mapped[Currency] = link("币种", "Currency", inverse=("exchange_rates", "汇率", "Exchange rates"))
    rate_date: Mapped[date] = field("日期", "Date", default=today, index=True)
    rate: Mapped[Value] = field("汇率", "Rate", minimum=Decimal("0.000001"))
    kind: Mapped[RateKind] = field("类型", "Kind", default=RateKind.MIDDLE)


class TaxRate(Master, label=("税率", "Tax rate"), access=Access(read="base.read", write="base.write")):
    """A rate of value added tax and the days on which it is in force.

    The general one of a day is what a line gets that names no rate, and whose item has none of its own.
    """

    rate: Mapped[Percent] = field("税率", "Rate", unit="%", minimum=0, maximum=100)
    kind: Mapped[TaxKind] = field("类别", "Kind", default=TaxKind.OUTPUT)
    is_general: Mapped[bool] = field("默认税率", "General rate", default=False)
    valid_from_date: Mapped[date | None] = field("生效日期", "Valid from")
    valid_until_date: Mapped[date | None] = field("失效日期", "Valid until")

    def prepare(self) -> None:
        """The days must be in order."""
        Invalid.raise_all(crossed(self.valid_from_date, self.valid_until_date))


for _change in ("after_insert", "after_update", "after_delete"):
    event.listen(TaxRate, _change, lambda _mapper, _connection, rate: taxing.changed(rate))
