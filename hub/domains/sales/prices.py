"""At what prices we sell (and buy): lists by customer or group, quantity and days."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from decimal import Decimal
from typing import TYPE_CHECKING

from sqlalchemy.orm import Mapped

from hub.document import (
    ANY_STATE,
    Access,
    Choice,
    Code,
    Line,
    Master,
    Percent,
    Price,
    Quantity,
    field,
    lines,
    link,
    only,
    our_customer,
    our_supplier,
)
from hub.errors import Invalid, Problem, problem
from hub.rules.validity import crossed

if TYPE_CHECKING:
    from hub.domains.items import Item, ItemCategory
    from hub.domains.parties import Customer, Supplier


class PriceListKind(Choice):
    """On which side of a trade the prices stand."""

    SALE = "sale", "销售价", "Selling"
    PURCHASE = "purchase", "采购价", "Buying"


class PriceListLine(Line, label=("价格表明细", "Price list line"), of="PriceList"):
    """What an item, or whatever is of a category, costs from a quantity on."""

    item: Mapped[Item | None] = link("存货", "Item", inverse=("price_list_lines", "价格", "Prices"))
    item_category: Mapped[ItemCategory | None] = link("存货分类", "Item category")
    minimum_quantity: Mapped[Quantity] = field("起订数量", "From quantity", default=Decimal(0), minimum=0)
    unit_price: Mapped[Price] = field("单价", "Unit price", unit="currency", minimum=0)
    discount: Mapped[Percent] = field("折扣", "Discount", default=Decimal(0), unit="%", minimum=0, maximum=100)
    valid_from_date: Mapped[date | None] = field("生效日期", "Valid from")
    valid_until_date: Mapped[date | None] = field("失效日期", "Valid until")


class PriceList(
    Master,
    label=("价格表", "Price list"),
    access=Access(
        read="base.read",
        write="sales.write",
        rows=only(our_customer("customer"), our_supplier("supplier"), unless="base.all"),
    ),
):
    """Prices in a currency on certain days: for one customer or supplier, for a group of customers, or for everybody.

    Of several that hold, the customer's own goes before his group's; then the higher priority goes first.
    """

    kind: Mapped[PriceListKind] = field("类型", "Kind", default=PriceListKind.SALE)
    currency: Mapped[Code] = field("币种", "Currency", default="CNY")
    customer: Mapped[Customer | None] = link("客户", "Customer", inverse=("price_lists", "价格表", "Price lists"))
    customer_group: Mapped[Code | None] = field("价格组", "Price group")
    supplier: Mapped[Supplier | None] = link("供应商", "Supplier", inverse=("price_lists", "价格表", "Price lists"))
    valid_from_date: Mapped[date | None] = field("生效日期", "Valid from")
    valid_until_date: Mapped[date | None] = field("失效日期", "Valid until")
    tax_included: Mapped[bool] = field("含税", "Tax included", default=False)
    priority: Mapped[int] = field("优先级", "Priority", default=0)
    tolerance: Mapped[Percent] = field(
        "允许低于", "May be below by", default=Decimal(0), unit="%", minimum=0, maximum=100
    )
    note: Mapped[str | None] = field("备注", "Note", editable_in=ANY_STATE)
    lines: Mapped[list[PriceListLine]] = lines("明细", "Lines")

    def prepare(self) -> None:
        """Each line prices something, and the days of the list and of its lines are in order."""
        Invalid.raise_all(self._unfit())

    def _unfit(self) -> Iterator[Problem]:
        yield from crossed(self.valid_from_date, self.valid_until_date)
        for index, line in enumerate(self.lines):
            if line.item_id is None and line.item_category_id is None:  # type: ignore[attr-defined]  # links' columns
                yield problem(
                    "PRICED_NOTHING",
                    f"第 {index + 1} 行：请填写存货或存货分类。",
                    f"Line {index + 1}: name an item or a category of items.",
                    *("lines", str(index), "item"),
                    hint=("填写其中一项。", "One of the two is enough."),
                )
            path = ("lines", str(index), "validUntilDate")
            yield from crossed(line.valid_from_date, line.valid_until_date, *path)
