"""`importRows`: rows and text of any type come in through GraphQL as a file does on its page."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any
from uuid import uuid4

import pytest

from tests.exchange.conftest import Desk

IMPORT = """mutation I($type: String!, $rows: [JSON!], $csv: String, $mode: String, $step: String, $columns: JSON,
                       $key: String, $dry: Boolean) {
  importRows(documentType: $type, rows: $rows, csv: $csv, mode: $mode, step: $step, columns: $columns,
             idempotencyKey: $key, dryRun: $dry) {
    rows documents created updated unchanged stepped problems { code path message hint } } }"""
NOTHING = {"rows": 0, "documents": 0, "created": 0, "updated": 0, "unchanged": 0, "stepped": 0}


def bring(desk: Desk, document_type: str, **variables: Any) -> dict[str, Any]:
    body = {"query": IMPORT, "variables": {"type": document_type, **variables}}
    answer = desk.client.post("/graphql", json=body, headers=desk.headers).json()
    assert "errors" not in answer, answer
    found: dict[str, Any] = answer["data"]["importRows"]
    return found


def order(**more: Any) -> dict[str, Any]:
    lines = [{"item": {"code": "I1"}, "quantity": "3"}, {"item": {"code": "I2"}, "quantity": "4.5"}]
    return {"customer": {"code": "K1"}, "orderDate": "2026-11-22", "promisedDate": "2026-12-01", "lines": lines, **more}


@pytest.fixture
def code() -> str:
    return f"GQ{uuid4().hex[:8]}"


def test_rows_as_an_export_gives_them_come_in_with_their_lines(desk: Desk) -> None:
    before = desk.counts()
    rows = [order(note="甲"), order(note="乙")]
    tried = bring(desk, "SalesOrder", rows=rows, dry=True)
    assert tried == {**NOTHING, "rows": 4, "documents": 2, "created": 2, "problems": []}
    assert desk.counts() == before
    assert bring(desk, "SalesOrder", rows=rows, step="confirm") == {**tried, "stepped": 2}
    after = desk.counts()
    assert after["hub.sales_order"] == before["hub.sales_order"] + 2
    assert after["hub.sales_order_line"] == before["hub.sales_order_line"] + 4


def test_text_with_headings_in_either_language_comes_in_and_modes_are_kept(desk: Desk, code: str) -> None:
    text = f"编码,Name,闲话\n{code},甲,x\n{code}B,乙,y\n"
    assert bring(desk, "Customer", csv=text)["created"] == 2
    assert bring(desk, "Customer", csv=text)["unchanged"] == 2
    changed = bring(desk, "Customer", csv=f"{code}\t丙\n".join(["Code\tWie\n", ""]), columns={"Wie": "name"})
    assert (changed["updated"], changed["problems"]) == (1, [])
    refused = bring(desk, "Customer", csv=text, mode="create")
    assert [(one["code"], one["path"]) for one in refused["problems"]] == [
        ("DUPLICATE", ["csv", "2", "编码"]),
        ("DUPLICATE", ["csv", "3", "编码"]),
    ]


@pytest.mark.parametrize("columns", [1, [], "Wie", {"Wie": 1}, {"Wie": ["name"]}, False])
def test_what_is_no_map_of_columns_is_told(desk: Desk, code: str, columns: Any) -> None:
    refused = bring(desk, "Customer", csv=f"Code,Wie\n{code},x\n", columns=columns)
    assert [(one["code"], one["path"]) for one in refused["problems"]] == [("COLUMNS_UNREADABLE", ["columns"])]


def test_every_rows_problems_are_told_at_once_and_nothing_is_kept(desk: Desk, code: str) -> None:
    before = desk.counts()
    rows = [
        {"code": code, "name": "好"},
        {"code": f"{code}B", "name": "", "paymentTermsDays": "many", "salesRep": {"code": "nobody"}},
        {"code": f"{code}C", "name": "好"},
        {"code": f"{code}D", "creditLimit": "-"},
    ]
    refused = bring(desk, "Customer", rows=rows)
    assert {name: refused[name] for name in NOTHING} == NOTHING
    places = {tuple(one["path"][:2]) for one in refused["problems"]}
    assert places == {("rows", "2"), ("rows", "4")}
    assert {one["path"][2] for one in refused["problems"] if one["path"][1] == "2"} >= {"paymentTermsDays"}
    assert len([one for one in refused["problems"] if one["path"][1] == "2"]) == 3
    assert all(one["message"] for one in refused["problems"])
    assert desk.counts() == before


def test_a_key_carries_an_import_out_once(desk: Desk, code: str) -> None:
    key, rows = str(uuid4()), [{"code": code, "name": "一次"}]
    first = bring(desk, "Customer", rows=rows, key=key)
    assert first["created"] == 1
    before = desk.counts()
    assert bring(desk, "Customer", rows=rows, key=key) == first, "the first answer again"
    other = bring(desk, "Customer", rows=[{**rows[0], "name": "两次"}], key=key)
    assert [one["code"] for one in other["problems"]] == ["IDEMPOTENCY_KEY_REUSED"]
    assert desk.counts() == before
    failed = str(uuid4())
    assert bring(desk, "Customer", rows=[{"code": f"{code}X", "name": ""}], key=failed)["problems"]
    assert bring(desk, "Customer", rows=[{"code": f"{code}X", "name": "改好"}], key=failed)["created"] == 1


def test_nobody_imports_what_he_may_not_write(desk_of: Callable[[str], Desk], code: str) -> None:
    rows = [{"code": code, "name": "无权"}]
    refused = {"Supplier": "FORBIDDEN", "StockEntry": "LEDGER_NOT_IMPORTED", "Nothing": "LIST_UNKNOWN"}
    for document_type, expected in refused.items():
        found = bring(desk_of("sales"), document_type, rows=rows)
        assert [one["code"] for one in found["problems"]] == [expected]
    assert bring(desk_of("sales"), "Customer", rows=rows)["created"] == 1


def test_what_is_no_import_is_refused_with_a_sentence(desk: Desk) -> None:
    for given, expected in (
        ({}, "ROWS_MISSING"),
        ({"rows": [{"code": "A"}], "csv": "code\nA"}, "ROWS_MISSING"),
        ({"rows": []}, "FILE_EMPTY"),
        ({"rows": [{"code": "A"}, "no object"]}, "ROW_MALFORMED"),
        ({"csv": "colour\nred"}, "COLUMNS_UNKNOWN"),
        ({"csv": "code\nA", "mode": "never"}, "MODE_UNKNOWN"),
        ({"csv": 'code\n"A'}, "FILE_DAMAGED"),
    ):
        assert [one["code"] for one in bring(desk, "Customer", **given)["problems"]] == [expected], given
