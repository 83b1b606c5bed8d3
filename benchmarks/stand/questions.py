"""What is asked: the same facts, once in our GraphQL and once in PostGraphile's, with other values every time.

Both get the company in their conditions (ours by the viewer's rights), so that PostgreSQL can use the same indexes.
"""

from __future__ import annotations

import json
import random
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from benchmarks.stand import data

_SHOWN = "number orderDate state freight"
_OF_COMPANY = "companyId: {equalTo: $company}"
_SINCE = f"{_OF_COMPANY}, orderDate: {{greaterThanOrEqualTo: $from}}"


@dataclass(frozen=True)
class Question:
    """A document of ours, the peer's, the values that vary, and what the ratio must and should be."""

    name: str
    ours: str
    peer: str
    values: Callable[[random.Random, int], dict[str, Any]]
    rows: int | None
    """How many rows the answer has at its outer level; None when that varies."""
    must: float
    aim: float
    bare: bool = False
    """Whether the same statement is also run by pgbench."""

    def bodies(self, orders: int, company: str | None, count: int = 400) -> list[dict[str, Any]]:
        """Request bodies; the peer's when the company is given. The same values for both."""
        source = random.Random(7)  # noqa: S311  (the same values in every run)
        fixed = {} if company is None else {"company": company}
        document = self.ours if company is None else self.peer
        return [{"query": document, "variables": {**fixed, **self.values(source, orders)}} for _ in range(count)]


def write(bodies: list[dict[str, Any]], place: Path) -> Path:
    """A file with a body per line, as the loader reads it."""
    place.write_text("\n".join(json.dumps(body, ensure_ascii=False) for body in bodies), encoding="utf-8")
    return place


def rows_of(answer: dict[str, Any]) -> list[Any]:
    """The outer rows of an answer: a connection's nodes, its groups, or the one document."""
    (found,) = answer["data"].values()
    for name in ("nodes", "groups", "groupedAggregates"):
        if name in found:
            rows: list[Any] = found[name]
            return rows
    return [found]


def values_in(answer: Any) -> list[str]:
    """All values below, in order, as lower-case text: what an answer says, whatever its names."""
    if isinstance(answer, dict):
        return [value for part in answer.values() for value in values_in(part)]
    if isinstance(answer, list):
        return [value for part in answer for value in values_in(part)]
    return [str(answer).lower()]


def _number(source: random.Random, orders: int) -> dict[str, Any]:
    return {"number": data.number(source.randrange(orders))}


def _from(source: random.Random, _orders: int) -> dict[str, Any]:
    return {"from": data.day(source.randrange(data.DAYS // 2))}


def _last_days(source: random.Random, _orders: int) -> dict[str, Any]:
    return {"from": data.day(data.DAYS - 60 - source.randrange(40))}


def _city(source: random.Random, _orders: int) -> dict[str, Any]:
    return {"city": data.city(source.randrange(data.CITIES))}


QUESTIONS = (
    Question(
        "one document by number",
        f"query O($number: String!) {{ salesOrder(number: $number) {{ {_SHOWN} customer {{ code name }} }} }}",
        "query O($company: UUID!, $number: String!) { salesOrderByCompanyIdAndNumber(companyId: $company, "
        f"number: $number) {{ {_SHOWN} customerByCustomerId {{ code name }} }} }}",
        _number,
        rows=1,
        must=1.0,
        aim=1.5,
    ),
    Question(
        "1,000 flat rows",
        """query F($from: Date!) { salesOrders(where: {orderDate: {gte: $from}}, orderBy: [{number: DESC}], first: 1000)
        { nodes { id number orderDate state currency freight note } } }""",
        f"""query F($company: UUID!, $from: Date!) {{ allSalesOrders(filter: {{{_SINCE}}}, orderBy: NUMBER_DESC,
        first: 1000) {{ nodes {{ rowId number orderDate state currency freight note }} }} }}""",
        _from,
        rows=1000,
        must=4.0,
        aim=5.0,
        bare=True,
    ),
    Question(
        "50 orders × 5 lines × item + customer",
        """query N($from: Date!) { salesOrders(where: {orderDate: {gte: $from}}, orderBy: [{number: DESC}], first: 50)
        { nodes { number orderDate customer { code name }
        lines { position quantity unitPrice amount item { code name } } } } }""",
        f"""query N($company: UUID!, $from: Date!) {{ allSalesOrders(filter: {{{_SINCE}}}, orderBy: NUMBER_DESC,
        first: 50) {{ nodes {{ number orderDate customerByCustomerId {{ code name }}
        salesOrderLinesBySalesOrderIdList(orderBy: POSITION_ASC) {{ position quantity unitPrice amount
        itemByItemId {{ code name }} }} }} }} }}""",
        _from,
        rows=50,
        must=2.5,
        aim=3.5,
        bare=True,
    ),
    Question(
        "group by",
        """query G($from: Date!) { salesOrders(where: {orderDate: {gte: $from}})
        { groups(by: [{orderDate: DAY}], first: 1000)
        { key { orderDate } sum { freight } min { freight } max { freight } } } }""",
        f"""query G($company: UUID!, $from: Date!) {{ allSalesOrders(filter: {{{_SINCE}}})
        {{ groupedAggregates(groupBy: [ORDER_DATE]) {{ keys sum {{ freight }} min {{ freight }} max {{ freight }}
        }} }} }}""",
        _last_days,
        rows=None,
        must=1.2,
        aim=2.0,
    ),
    Question(
        "filter on links",
        """query L($city: String!) { salesOrders(where: {customer: {city: {eq: $city}}}, orderBy: [{number: DESC}],
        first: 50) { nodes { number orderDate customer { code name } } } }""",
        f"""query L($company: UUID!, $city: String!) {{ allSalesOrders(filter: {{{_OF_COMPANY},
        customerByCustomerId: {{city: {{equalTo: $city}}}}}}, orderBy: NUMBER_DESC, first: 50)
        {{ nodes {{ number orderDate customerByCustomerId {{ code name }} }} }} }}""",
        _city,
        rows=50,
        must=1.2,
        aim=2.0,
    ),
)
