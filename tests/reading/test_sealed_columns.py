"""What GraphQL tells of encrypted columns: the value to who may, equality, history and the past; nothing in the SQL."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from sqlalchemy import text

from tests.reading.conftest import Factory

Ask = Callable[..., dict[str, Any]]

ID_NUMBER = "320106199001011234"


@pytest.mark.parametrize(
    ("where", "found"),
    [
        ({"eq": ID_NUMBER}, 1),
        ({"eq": ID_NUMBER[:-1]}, 0),
        ({"in": ["x", ID_NUMBER]}, 1),
        ({"notIn": [ID_NUMBER]}, 0),
        ({"ne": "x"}, 1),
        ({"isNull": False}, 1),
        ({"eq": None}, 0),
    ],
)
def test_equality_finds_it(ask: Ask, where: dict[str, Any], found: int) -> None:
    document = "query F($where: EmployeeWhere) { employees(where: $where) { nodes { idNumber } totalCount } }"
    answer = ask(document, {"where": {"idNumber": where}})["data"]["employees"]
    assert answer == {"nodes": [{"idNumber": ID_NUMBER}] * found, "totalCount": found}


def test_nested_aliased_by_node_and_beside_what_looks_like_a_ciphertext(ask: Ask) -> None:
    """A text in which somebody writes our marks comes back as it is."""
    strange = "\x01supplier.bank_account=~1:x\x02"
    made = ask(
        """mutation M($input: CreateSupplierInput!) { createSupplier(input: $input, dryRun: true) {
             supplier { name bankAccount } } }""",
        {"input": {"code": "ODD", "name": strange, "bankAccount": strange}},
    )["data"]["createSupplier"]["supplier"]
    assert made == {"name": strange, "bankAccount": strange}
    document = """query N($id: ID!) { one: employees { nodes { a: idNumber name department { employees { nodes {
      idNumber } } } } } node(id: $id) { ... on Employee { idNumber } } }"""
    id_ = ask("{ employees { nodes { id } } }")["data"]["employees"]["nodes"][0]["id"]
    data = ask(document, {"id": id_})["data"]
    assert data["node"] == {"idNumber": ID_NUMBER}
    assert data["one"]["nodes"][0]["a"] == ID_NUMBER
    assert data["one"]["nodes"][0]["department"]["employees"]["nodes"] == [{"idNumber": ID_NUMBER}]


def test_a_damaged_value_is_one_clear_error(ask: Ask, factory: Factory) -> None:
    with factory.database.engine.begin() as connection:
        kept = connection.execute(
            text("SELECT id, bank_account FROM hub.supplier WHERE bank_account IS NOT NULL")
        ).all()
        for id_, value in kept:
            broken = value[:-6] + ("A" if value[-6] != "A" else "B") + value[-5:]
            change = text("UPDATE hub.supplier SET bank_account = :to WHERE id = :id")
            connection.execute(change, {"to": broken, "id": id_})
    try:
        answer = ask("{ suppliers { nodes { code bankAccount } } }")
        assert answer["errors"][0]["extensions"]["code"] == "SEAL_BROKEN"
        assert "6222" not in str(answer)
        assert ask("{ suppliers { nodes { code } } }")["data"]["suppliers"]["nodes"]
    finally:
        with factory.database.engine.begin() as connection:
            for id_, value in kept:
                change = text("UPDATE hub.supplier SET bank_account = :to WHERE id = :id")
                connection.execute(change, {"to": value, "id": id_})
