"""Row rules: who sees which orders, deliveries and masters; and the compiler against a second opinion."""

from __future__ import annotations

from dataclasses import replace
from typing import Any
from uuid import UUID

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import select

from hub.context import Viewer
from hub.document.registry import spec
from hub.settings import settings as hub_settings
from tests.reading.naive import Row, holds, ordered
from tests.rights.conftest import DEPARTMENTS, SELLERS, Plant

EXAMPLES = 600 if hub_settings().prove else 60
DATABASE = [HealthCheck.function_scoped_fixture, HealthCheck.too_slow, HealthCheck.filter_too_much]


def _keys(plant: Plant, nodes: list[dict[str, Any]], prefix: str) -> set[str]:
    known = {str(id_): key for key, id_ in plant.ids.items() if key.startswith(prefix)}
    return {known[node["id"]].removeprefix(prefix) for node in nodes if node["id"] in known}


@pytest.mark.parametrize(
    ("login", "expected"),
    [
        ("head", {f"{d} {s}" for d in DEPARTMENTS for s in (*SELLERS, None) if d.startswith("XS")} | {
            f"{d} head" for d in (*DEPARTMENTS, None)}),
        ("south", {f"XS1 {s}" for s in (*SELLERS, None)} | {f"{d} south" for d in (*DEPARTMENTS, None)}),
        ("sales", set()),
        ("k1", {f"{d} {s}" for d in ("XS", "XS2", None) for s in (*SELLERS, None)}),
        ("s1", set()),
        ("executive", {f"{d} {s}" for d in (*DEPARTMENTS, None) for s in (*SELLERS, None)}),
    ],
)  # fmt: skip
def test_orders_and_deliveries_of_each(plant: Plant, login: str, expected: set[str]) -> None:
    """Department with those below it, own charge, own customer; deliveries go with their orders."""
    document = """{ salesOrders(first: 100) { totalCount nodes { id } } deliveries(first: 100) { nodes { id } } }"""
    found = plant.data(plant.viewer(login), document)
    assert _keys(plant, found["salesOrders"]["nodes"], "SO ") == expected
    assert found["salesOrders"]["totalCount"] == len(expected)
    loose = {"loose"} if login in ("k1", "executive") else set()
    assert _keys(plant, found["deliveries"]["nodes"], "DN ") == expected | loose


def test_what_one_has_written_one_sees(plant: Plant) -> None:
    made = plant.data(
        plant.viewer("sales"),
        """mutation { createSalesOrder(input: {customer: "K2", lines: [{item: "I1", quantity: "1"}]}, dryRun: true) {
             salesOrder { state total } problems { code } } }""",
    )["createSalesOrder"]
    assert made == {"salesOrder": {"state": "DRAFT", "total": "0.0000"}, "problems": []}


@pytest.mark.parametrize(
    ("login", "items", "customers", "suppliers", "receipts"),
    [
        ("k1", {"I1", "I2"}, {"K1"}, set(), set()),
        ("s1", {"I1", "I3"}, set(), {"S1"}, {"PR S1"}),
        ("sales", {"I1", "I2", "I3", "I4"}, {"K1", "K2"}, {"S1", "S2"}, {"PR S1", "PR S2"}),
    ],
)
def test_a_partner_sees_what_concerns_it(
    plant: Plant, login: str, items: set[str], customers: set[str], suppliers: set[str], receipts: set[str]
) -> None:
    document = """{ items { nodes { code standardCost onHand } } customers { nodes { code } }
      suppliers { nodes { code bankAccount } } purchaseReceipts { nodes { id } } employees { totalCount }
      users { nodes { code } } departments { totalCount } stockEntries { totalCount } warehouses { totalCount } }"""
    found = plant.data(plant.viewer(login), document)
    assert {one["code"] for one in found["items"]["nodes"]} == items
    assert {one["standardCost"] for one in found["items"]["nodes"]} == {None}
    assert {one["code"] for one in found["customers"]["nodes"]} == customers
    assert {one["code"] for one in found["suppliers"]["nodes"]} == suppliers
    assert _keys(plant, found["purchaseReceipts"]["nodes"], "") == receipts
    assert [one["code"] for one in found["users"]["nodes"]] == [f"r-{login}"]
    if login != "sales":
        assert [found[name]["totalCount"] for name in ("employees", "departments", "stockEntries", "warehouses")] == [
            0
        ] * 4
        assert {one["onHand"] for one in found["items"]["nodes"]} == {None}


@pytest.mark.parametrize("missing", ["sales.read", "purchasing.read", "base.read"])
def test_a_rule_that_leads_through_a_closed_type_leads_nowhere(plant: Plant, missing: str) -> None:
    """Items are found through orders; without the right to read orders that way is shut, not broken."""
    viewer = plant.viewer("k1")
    viewer = replace(viewer, permissions=viewer.permissions - {missing})
    answer = plant.ask(viewer, "{ items { nodes { code } } deliveries { totalCount } }")
    codes = {error["extensions"]["code"] for error in answer.get("errors", [])}
    assert codes <= {"FORBIDDEN"}
    items = answer["data"]["items"] and {one["code"] for one in answer["data"]["items"]["nodes"]}
    assert items == {"sales.read": set(), "purchasing.read": {"I1", "I2"}, "base.read": None}[missing]


def test_plans_are_shared_by_users_of_the_same_rights(plant: Plant) -> None:
    """The statement is one; the department, the person and the company come as parameters."""
    document = "{ salesOrders { totalCount } deliveries { totalCount } }"
    counts = {login: plant.data(plant.viewer(login), document) for login in (*SELLERS, "sales")}
    assert len({str(one) for one in counts.values()}) == 3  # south and north see as many, head more, the last none
    known = plant.answerer.known(document, None)
    assert len(known.plans) == 1


class Naive:
    """Orders with links and lists cut down to what a viewer may see, by rules written down anew."""

    def __init__(self, plant: Plant) -> None:
        self._tables: dict[str, list[dict[str, Any]]] = {}
        with plant.engine.connect() as connection:
            for name in ("SalesOrder", "SalesOrderLine", "Delivery", "Customer", "Employee", "Department"):
                rows = connection.execute(select(spec(name).table)).mappings()
                self._tables[name] = [dict(row) for row in rows]

    def _mine(self, name: str, viewer: Viewer) -> list[dict[str, Any]]:
        return [row for row in self._tables[name] if row["company_id"] == viewer.company_id]

    def _order_seen(self, row: dict[str, Any], viewer: Viewer) -> bool:
        return (
            "sales.all" in viewer.permissions
            or row["department_id"] in viewer.department_ids
            or row["created_by"] == viewer.user_id
            or (viewer.employee_id is not None and row["sales_rep_id"] == viewer.employee_id)
            or row["customer_id"] == viewer.customer_id
        )

    def orders(self, viewer: Viewer) -> list[Row]:
        """The orders, each with customer, sales representative, lines and deliveries as far as they are seen."""
        inside = "base.all" in viewer.permissions
        customers = {
            row["id"]: Row(row["id"], {"code": row["code"]})
            for row in self._mine("Customer", viewer)
            if inside or row["id"] == viewer.customer_id
        }
        people = {
            row["id"]: Row(row["id"], {"code": row["code"]})
            for row in self._mine("Employee", viewer)
            if inside or row["id"] == viewer.employee_id
        }
        seen = {row["id"]: row for row in self._mine("SalesOrder", viewer) if self._order_seen(row, viewer)}
        found = []
        for id_, row in seen.items():
            lines = [line for line in self._tables["SalesOrderLine"] if line["sales_order_id"] == id_]
            followed = [one for one in self._mine("Delivery", viewer) if one["sales_order_id"] == id_]
            found.append(
                Row(
                    id_,
                    {"number": row["number"], "orderDate": row["order_date"]},
                    {"customer": customers.get(row["customer_id"]), "salesRep": people.get(row["sales_rep_id"])},
                    {
                        "lines": [Row(one["id"], {"quantity": one["quantity"]}) for one in lines],
                        "deliveries": [Row(one["id"], {"number": one["number"]}) for one in followed],
                    },
                )
            )
        return found


@pytest.fixture(scope="module")
def naive(plant: Plant) -> Naive:
    return Naive(plant)


@st.composite
def rights(draw: st.DrawFn) -> dict[str, Any]:
    """Permissions and values of a viewer, by the keys of the plant's ids."""
    return {
        "permissions": draw(st.sets(st.sampled_from(["sales.all", "base.all", "sales.write"]))),
        "departments": draw(st.lists(st.sampled_from(list(DEPARTMENTS)), unique=True)),
        "employee": draw(st.sampled_from([None, *SELLERS])),
        "customer": draw(st.sampled_from([None, "K1", "K2"])),
        "user": draw(st.sampled_from(["user south", "stranger"])),
    }


CODES = st.sampled_from(["K1", "K2", "head", "south", "zzz"]).map(lambda code: {"code": {"eq": code}})
LINK = st.one_of(st.none(), st.just({}), CODES, st.builds(lambda part: {"not": part}, CODES))
LISTED = st.tuples(
    st.sampled_from(["some", "every", "none"]),
    st.sampled_from([{}, {"quantity": {"gt": "4"}}, {"quantity": {"eq": "0"}}]),
).map(lambda one: {one[0]: one[1]})
DELIVERED = st.sampled_from([{"some": {}}, {"none": {}}, {"every": {"number": {"eq": "x"}}}])
PART = st.one_of(
    st.builds(lambda part: {"customer": part}, LINK),
    st.builds(lambda part: {"salesRep": part}, LINK),
    st.builds(lambda part: {"lines": part}, LISTED),
    st.builds(lambda part: {"deliveries": part}, DELIVERED),
)
WHERE = st.one_of(
    PART,
    st.just({}),
    st.builds(lambda parts: {"or": parts}, st.lists(PART, min_size=1, max_size=3)),
    st.builds(lambda parts: {"not": {"and": parts}}, st.lists(PART, min_size=1, max_size=2)),
)
ORDER = st.sampled_from([
    [{"number": "ASC"}],
    [{"customer": {"code": "DESC"}}, {"number": "ASC"}],
    [{"salesRep": {"code": "ASC"}}, {"orderDate": "DESC"}],
])  # fmt: skip
LIST = """query L($where: SalesOrderWhere, $orderBy: [SalesOrderOrderBy!]) {
  salesOrders(where: $where, orderBy: $orderBy, first: 200) { totalCount
    nodes { id customer { code } salesRep { code } deliveries(first: 50) { totalCount nodes { number } } } } }"""


def _viewer(plant: Plant, drawn: dict[str, Any]) -> Viewer:
    ids: dict[str, UUID] = plant.ids
    return replace(
        plant.viewer("sales"),
        user_id=ids[drawn["user"]] if drawn["user"] in ids else ids["R-B stranger"],
        permissions=frozenset({"sales.read", "base.read", *drawn["permissions"]}),
        department_ids=tuple(ids[code] for code in drawn["departments"]),
        employee_id=drawn["employee"] and ids[drawn["employee"]],
        customer_id=drawn["customer"] and ids[drawn["customer"]],
    )


@given(drawn=rights(), where=WHERE, order_by=ORDER)
@settings(max_examples=EXAMPLES, deadline=None, suppress_health_check=DATABASE)
def test_random_rights_agree(
    plant: Plant, naive: Naive, drawn: dict[str, Any], where: dict[str, Any], order_by: list[dict[str, Any]]
) -> None:
    """Filters, orders, links and counts never look past what the viewer may see."""
    viewer = _viewer(plant, drawn)
    answer = plant.data(viewer, LIST, {"where": where, "orderBy": order_by})["salesOrders"]
    expected = ordered([row for row in naive.orders(viewer) if holds(row, where)], order_by)
    assert [node["id"] for node in answer["nodes"]] == [str(row.id) for row in expected]
    assert answer["totalCount"] == len(expected)
    for node, row in zip(answer["nodes"], expected, strict=True):
        for name, linked in row.links.items():
            assert node[name] == (None if linked is None else {"code": linked.values["code"]})
        numbers = sorted(one.values["number"] for one in row.lists["deliveries"])
        assert sorted(one["number"] for one in node["deliveries"]["nodes"]) == numbers
        assert node["deliveries"]["totalCount"] == len(numbers)
