"""Who might buy and who buys again: leads, talks, quotations of which some become orders, and the year's sales plan."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from functools import partial
from random import Random
from typing import Any
from uuid import UUID

from sqlalchemy import select

from hub.document.fields import CHINA
from hub.document.registry import spec
from hub.seed.records import SalesLine, SalesOrder, Year
from hub.seed.telling.selling import order_lines
from hub.seed.telling.teller import Part, Row, Teller
from hub.seed.workdays import workday_from, workdays_before

_QUOTED = 15
"""Of so many orders one begins with a quotation."""
_OFFERED_BEFORE = 4
_BEST_SELLERS, _PIECES_A_MONTH = 5, 2_000
_SOURCES = ("exhibition", "referral", "website", "call")
_PLACES = ("余姚", "慈溪", "苏州", "昆山", "东莞", "顺德", "黄岩", "常州")
_FIRST, _SECOND = "华锐鑫恒佳盛宏远", "达泰隆通源翔"
_TRADES = ("电器", "医疗器械", "汽车零部件", "灯具", "玩具", "卫浴", "家居", "仪表")
_CONTACTS = ("王工", "李经理", "陈采购", "周小姐")
_LOST = ("价格高于对手", "项目推迟", "选了本地供应商", "材料不符")
_SUBJECTS = ("季度回访", "下季用量", "新项目打样", "交期沟通", "包装改进")


def course(random: Random, year: Year) -> Iterator[tuple[date, Part]]:
    """What happens on which day."""
    customers = year.masters.customers
    parts = {one.code: one for one in year.masters.parts}
    for order in year.sales_orders[::_QUOTED]:
        offered = workdays_before(order.order_date, _OFFERED_BEFORE)
        if offered > year.span.first_day and order.state in ("confirmed", "closed"):
            yield offered, partial(_accepted, order)
    for day in year.span.workdays():
        if day.isoweekday() == 1:
            yield from _Lead.met(random, day).course(day)
        if day.isoweekday() == 3:
            yield day, partial(_interact, random.choice(_SUBJECTS), customer=random.choice(customers).code)
        if day.isoweekday() == 5:
            customer, reason = random.choice(customers), random.choice(_LOST)
            part = parts[random.choice(customer.parts)]
            line: Row = {"item": part.code, "quantity": part.carton_pieces * 10, "unit_price": part.price}
            about: Row = {"customer": customer.code, "sales_rep": customer.sales_rep, "lines": [line]}
            yield day, partial(_refused, about, reason)
    yield workday_from(date(year.span.first_day.year, 12, 15)), _planned


@dataclass
class _Lead:
    """A stranger, and what becomes of him: one in four a customer."""

    values: Row
    fate: float
    reason: str
    ids: list[UUID] = field(default_factory=list)

    @classmethod
    def met(cls, random: Random, day: date) -> _Lead:
        place, trade = random.choice(_PLACES), random.choice(_TRADES)
        values: Row = {
            "lead_date": day,
            "company_name": f"{place}{random.choice(_FIRST)}{random.choice(_SECOND)}{trade}有限公司",
            "contact_name": random.choice(_CONTACTS),
            "source": random.choice(_SOURCES),
            "region": place,
            "segment": trade,
            "expected_amount": Decimal(random.randint(4, 60)) * 10_000,
            "probability": random.choice((20, 30, 50)),
            "department": "XS",
        }
        return cls(values, random.random(), random.choice(_LOST))

    def course(self, day: date) -> Iterator[tuple[date, Part]]:
        yield day, self._come
        yield workday_from(day + timedelta(days=2)), self._speak
        yield workday_from(day + timedelta(days=9)), self._end

    def _come(self, teller: Teller, _day: date) -> None:
        self.ids.append(teller.create("Lead", self.values).id)

    def _speak(self, teller: Teller, day: date) -> None:
        _interact("首次沟通", teller, day, lead=self.ids[0])

    def _end(self, teller: Teller, _day: date) -> None:
        if self.fate > 0.6:
            teller.step("Lead", self.ids[0], "lose", reason=self.reason)
            return
        teller.step("Lead", self.ids[0], "qualify")
        if self.fate < 0.25:
            teller.step("Lead", self.ids[0], "convert")


def _interact(subject: str, teller: Teller, day: date, **whom: Any) -> None:
    about: Row = {"subject": subject, "kind": "call", "interaction_at": datetime.combine(day, time(10), CHINA), **whom}
    document = teller.create("Interaction", {**about, "department": "XS"})
    teller.step("Interaction", document.id, "finish", outcome="已记录，按计划跟进")


def _accepted(order: SalesOrder, teller: Teller, day: date) -> None:
    """What is ordered some days later is offered first."""
    lines = [{"wanted_date": line.pop("promised_date"), **line} for line in order_lines(order)]
    about: Row = {"customer": order.customer.code, "sales_rep": order.customer.sales_rep, "lines": lines}
    teller.keep_offer(order, _offer(teller, day, about, "accept").id)


def _refused(about: Row, reason: str, teller: Teller, day: date) -> None:
    """An offer that the customer does not take."""
    teller.step("Quotation", _offer(teller, day, about).id, "lose", reason=reason)


def _offer(teller: Teller, day: date, about: Row, *steps: str) -> Any:
    return teller.told("Quotation", {"quotation_date": day, "department": "XS", **about}, "submit", "send", *steps)


def _planned(teller: Teller, day: date) -> None:
    """What sales want to sell next year of the parts that sold best; approved, it is the forecast."""
    sold: dict[str, list[SalesLine]] = defaultdict(list)
    for order in teller.year.sales_orders:
        if order.order_date <= day:
            for line in order.lines:
                sold[line.part.code].append(line)
    best = sorted(sold, key=lambda code: -sum(line.amount for line in sold[code]))[:_BEST_SELLERS]
    lines: list[Row] = [
        {"month": month, "item": code, "quantity": _PIECES_A_MONTH, "amount": _PIECES_A_MONTH * sold[code][0].price}
        for month in range(1, 13)
        for code in best
    ]
    about: Row = {"plan_date": day, "year": day.year + 1, "department": "XS"}
    teller.told("SalesPlan", {**about, "lines": lines}, "submit", "approve")
    forecast = spec("MarketForecast").table
    drafts = select(forecast.c.id).where(forecast.c.state == "draft").order_by(forecast.c.number)
    for id_ in teller.ctx.session.execute(drafts).scalars().all():
        teller.step("MarketForecast", id_, "approve")
