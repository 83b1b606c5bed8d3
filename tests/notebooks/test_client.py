"""The client over HTTP: exact values, all pages, and one sentence in two languages for whatever goes wrong."""

from __future__ import annotations

from decimal import Decimal
from pathlib import Path

import pandas as pd
import pytest

from notebooks.hub_client import Hub
from notebooks.problems import HubProblem
from tests.notebooks import orders
from tests.notebooks.conftest import RunningHub
from tests.serving import free_port

PAGED = """query ($after: String, $first: Int = 7) {
  salesOrders(orderBy: [{number: DESC}], first: $first, after: $after) {
    nodes { number state orderDate promisedDate createdAt total version customer { code name }
            salesRep { name } lines { position quantity amount } }
    pageInfo { hasNextPage endCursor }
  }
}"""


def test_all_pages_arrive_in_order_and_once(hub: Hub, running_hub: RunningHub) -> None:
    pages = list(hub.pages(PAGED))
    expected = [
        row[0] for row in orders.rows(running_hub.database.engine, "SELECT number FROM hub.sales_order ORDER BY 1 DESC")
    ]
    assert len(pages) > 5
    assert [row["number"] for page in pages for row in page] == expected


def test_a_frame_has_the_types_of_the_schema(hub: Hub) -> None:
    frame = hub.frame(PAGED)
    assert list(frame.columns) == [
        *("number", "state", "orderDate", "promisedDate", "createdAt", "total", "version"),
        *("customer.code", "customer.name", "salesRep.name", "lines"),
    ]
    assert isinstance(frame["total"][0], Decimal)
    assert frame["orderDate"].dtype.kind == "M"
    assert str(frame["createdAt"].dt.tz) == "Asia/Shanghai"
    assert str(frame["version"].dtype) == "Int64"
    assert frame["promisedDate"].isna().any()
    assert frame["salesRep.name"].isna().all()
    assert frame["lines"][0][0]["position"] == 1


def test_amounts_are_exact_to_the_last_digit(hub: Hub, running_hub: RunningHub) -> None:
    frame = hub.frame(PAGED, path="salesOrders.lines", first=500)
    query = "SELECT count(*), sum(amount), sum(quantity), max(amount) FROM hub.sales_order_line"
    count, amount, quantity, largest = orders.rows(running_hub.database.engine, query)[0]
    assert len(frame) == count
    assert frame["lines.amount"].sum() == amount
    assert frame["lines.quantity"].sum() == quantity
    assert frame["lines.amount"].max() == largest
    parents = frame.groupby("number")["customer.name"].nunique()
    assert (parents == 1).all()


def test_a_code_that_looks_like_a_number_stays_text(hub: Hub) -> None:
    codes = hub.frame("{ customers { nodes { code } pageInfo { hasNextPage } } }")["code"]
    assert "0012.5000" in set(codes)


def test_aliases_and_fragments_keep_their_types(hub: Hub) -> None:
    frame = hub.frame(
        """query ($after: String) { found: salesOrders(after: $after) { nodes { ...Head who: customer { title: name } }
             pageInfo { hasNextPage endCursor } } }
           fragment Head on SalesOrder { number value: total ... on SalesOrder { day: orderDate } }"""
    )
    assert list(frame.columns) == ["number", "value", "day", "who.title"]
    assert isinstance(frame["value"][0], Decimal)
    assert frame["day"].dtype.kind == "M"


def test_one_document_is_one_row(hub: Hub) -> None:
    frame = hub.frame(
        '{ salesOrder(number: "SO-00000") { number lines { position amount } } }', path="salesOrder.lines"
    )
    assert set(frame["number"]) == {"SO-00000"}
    assert list(frame["lines.position"]) == list(range(1, len(frame) + 1))
    assert hub.frame('{ salesOrder(number: "nobody") { number total } }').empty


def test_no_rows_still_have_their_columns(hub: Hub) -> None:
    frame = hub.frame(
        PAGED.replace("first: $first", 'first: $first, where: {number: {eq: "none"}}'), path="salesOrders.lines"
    )
    assert frame.empty
    assert frame["lines.amount"].sum() == 0
    assert frame["orderDate"].dtype.kind == "M"
    assert "customer.name" in frame.columns


def test_a_part_of_a_list_is_never_taken_for_the_whole(hub: Hub) -> None:
    with pytest.raises(HubProblem, match="pageInfo"):
        hub.frame("{ salesOrders(first: 3) { nodes { number } } }")
    with pytest.raises(HubProblem, match=r"\$after"):
        hub.frame("{ salesOrders(first: 3) { nodes { number } pageInfo { hasNextPage endCursor } } }")
    orders_of = "salesOrders(first: 1) { nodes { number } pageInfo { hasNextPage } }"
    with pytest.raises(HubProblem, match="salesOrders"):
        hub.frame(
            f"{{ customers {{ nodes {{ code {orders_of} }} pageInfo {{ hasNextPage }} }} }}",
            path="customers.salesOrders",
        )


def test_a_wrong_path_names_the_right_ones(hub: Hub) -> None:
    with pytest.raises(HubProblem, match="number, state"):
        hub.frame(PAGED, path="salesOrders.rows")
    with pytest.raises(HubProblem, match="salesOrders"):
        hub.frame(PAGED, path="orders")


@pytest.mark.parametrize(
    ("document", "said"),
    [
        ("{ salesOrders { nodes { colour } } }", "colour"),
        ("{ salesOrders(", "Syntax"),
        ("{ salesOrders(first: 9999) { nodes { id } } }", "1,000"),
    ],
)
def test_the_hubs_own_sentence_comes_through(hub: Hub, document: str, said: str) -> None:
    with pytest.raises(HubProblem) as problem:
        hub.query(document)
    assert said in problem.value.chinese
    assert said in problem.value.english
    assert problem.value.chinese.startswith("枢纽没有回答")


def test_every_way_not_to_reach_the_hub_has_its_sentence(
    running_hub: RunningHub, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    wrong, empty = tmp_path / "wrong", tmp_path / "empty"
    wrong.write_text("no-such-token")
    empty.write_text("\n")
    monkeypatch.delenv("HUB_TOKEN_FILE", raising=False)
    url, token = running_hub.url, running_hub.token_file
    cases: list[tuple[str, Path | None, str]] = [
        (url, wrong, "不接受这个令牌"),
        (url, empty, "没有令牌"),
        (url, tmp_path / "absent", "读不到令牌文件"),
        (url, None, "HUB_TOKEN_FILE"),
        (f"http://127.0.0.1:{free_port()}", token, "连接不到"),
        ("nonsense", token, "连接不到"),
        (f"{url}/healthz", token, "看不懂"),
    ]
    for address, file, said in cases:
        with pytest.raises(HubProblem, match=said) as problem:
            Hub.connect(address, file)
        assert problem.value.english
        assert token.read_text().strip() not in str(problem.value)


def test_the_token_is_never_shown(hub: Hub, running_hub: RunningHub) -> None:
    assert running_hub.token_file.read_text().strip() not in repr(hub) + str(vars(hub))


def test_decimals_survive_a_group_and_become_floats_only_to_draw(hub: Hub) -> None:
    sums = hub.frame(PAGED, first=500).groupby("customer.code")["total"].sum()
    assert all(isinstance(one, Decimal) for one in sums)
    assert isinstance(sums.astype(float), pd.Series)
    assert sums.astype(float).dtype == float
