"""What an import may do and does: like a clerk with the forms, all problems at once, all rows or none."""

from __future__ import annotations

import io
import json
import threading
from collections.abc import Callable
from typing import Any

import pytest
from openpyxl import load_workbook
from sqlalchemy import text

from hub import writes
from hub.document.registry import spec as spec_of
from hub.exchange.columns import plan_for
from hub.exchange.template import template
from tests.exchange.conftest import Desk, Office, book, importable

ORDERS = """客户 编码,订单日期,承诺日期,备注,明细 存货 编码,明细 数量,明细 单价
K1,2026-11-22,2026-12-01,第一张,I1,3,1.5
,,,,I2,"1,000",２
K1,2026年11月23日,2026-12-01,第二张,00123,1,0
"""


def csv(*lines: str) -> bytes:
    return "\n".join(lines).encode()


def stored(desk: Desk, sql: str, **values: Any) -> list[tuple[Any, ...]]:
    with desk.engine.connect() as connection:
        return [tuple(row) for row in connection.execute(text(sql), values)]


def test_rows_become_documents_with_lines(desk: Desk) -> None:
    before = desk.counts()
    tried = desk.answer("salesOrders", ORDERS.encode("gb18030"), dry_run="true")
    assert (tried["rows"], tried["documents"], tried["created"], tried["imported"]) == (3, 2, 2, False)
    assert desk.counts() == before
    assert desk.answer("salesOrders", ORDERS.encode("gb18030"))["created"] == 2
    found = stored(
        desk,
        "SELECT o.note, o.state, l.position, l.quantity::text FROM hub.sales_order o JOIN hub.sales_order_line l "
        "ON l.sales_order_id = o.id WHERE o.note IN ('第一张', '第二张') ORDER BY o.note DESC, l.position",
    )
    assert found == [
        ("第二张", "draft", 1, "1.0000"),
        ("第一张", "draft", 1, "3.0000"),
        ("第一张", "draft", 2, "1000.0000"),
    ]
    verbs = stored(desk, "SELECT verb, count(*) FROM audit.audit_entry WHERE channel = 'import' GROUP BY 1")
    assert {"create", "import"} <= {one[0] for one in verbs}


def test_headers_may_repeat_and_groups_may_be_marked(desk: Desk) -> None:
    repeated = csv("客户 编码,订单日期,明细 存货 编码,明细 数量", *["K1,2026-11-22,I1,1"] * 3, "K1,2026-11-23,I1,1")
    assert desk.answer("salesOrders", repeated, dry_run="true")["documents"] == 2
    marked = csv("分组,客户,存货,数量", "a,海天客户,I1,1", "b,海天客户,I1,1", "a,,I2,2")
    answer = desk.answer("salesOrders", marked, dry_run="true")
    assert (answer["documents"], answer["created"]) == (2, 2)
    differing = csv("分组,客户,存货,数量", "a,海天客户,I1,1", "a,K2,I2,2")
    assert [(one["code"], one["row"], one["column"]) for one in desk.problems("salesOrders", differing)] == [
        ("HEADER_DIFFERS", 3, "客户")
    ]


WRONG = """客户 编码,订单日期,明细 存货 编码,明细 数量,明细 税率
K1,2026-02-30,I1,abc,13%
,,I9,-1,
K9,2026-11-22,I1,,200%
K1,2026-11-23,I1,1,13
"""
EXPECTED = {
    (2, "订单日期", "VALUE_INVALID"),
    (2, "明细 数量", "VALUE_INVALID"),
    (3, "明细 存货 编码", "LINK_UNKNOWN"),
    (3, "明细 数量", "TOO_SMALL"),
    (4, "客户 编码", "LINK_UNKNOWN"),
    (4, "明细 数量", "FIELD_MISSING"),
    (4, "明细 税率", "TOO_LARGE"),
}


def test_every_row_says_all_its_problems_at_once_and_nothing_is_kept(desk: Desk) -> None:
    before = desk.counts()
    for _ in range(2):
        found = desk.problems("salesOrders", WRONG.encode())
        told = {(one["row"], one["column"], one["code"]) for one in found}
        assert told == EXPECTED
        assert all(one["hint"] is None or one["hint"]["zh"] for one in found)
    assert desk.counts() == before
    fixed = WRONG.replace("K9", "K1").replace("I9", "I2").replace("2026-02-30", "2026-02-28").replace("abc", "1")
    told = {(one["row"], one["column"], one["code"]) for one in desk.problems("salesOrders", fixed.encode())}
    assert told == {
        (3, "明细 数量", "TOO_SMALL"),
        (4, "明细 数量", "FIELD_MISSING"),
        (4, "明细 税率", "TOO_LARGE"),
    }


def test_the_rows_with_their_errors_come_back_as_a_workbook(desk: Desk) -> None:
    response = desk.send("salesOrders", WRONG.encode(), answer="xlsx", dry_run="true")
    sheet = load_workbook(io.BytesIO(response.content)).worksheets[0]
    assert sheet.cell(1, 6).value == "错误"
    assert "不存在" in str(sheet.cell(3, 6).value)
    assert sheet.cell(5, 6).value is None
    again = {(one["row"], one["code"]) for one in desk.problems("salesOrders", response.content)}
    assert {(row, code) for row, _, code in EXPECTED} <= again


def test_modes_are_kept(desk: Desk) -> None:
    rows = csv("编码,名称", "M1,一", "M2,二")
    assert desk.answer("departments", rows, mode="create")["created"] == 2
    assert [one["code"] for one in desk.problems("departments", rows, mode="create")] == ["DUPLICATE"] * 2
    more = csv("编码,名称", "M1,壹", "M3,三")
    assert [(one["code"], one["row"]) for one in desk.problems("departments", more, mode="update")] == [
        ("NOT_FOUND", 3)
    ]
    answer = desk.answer("departments", more, mode="both")
    assert (answer["created"], answer["updated"]) == (1, 1)
    assert [one["code"] for one in desk.problems("departments", csv("名称", "甲"), mode="update")] == ["KEY_MISSING"]
    assert [one["code"] for one in desk.problems("departments", more, mode="all")] == ["MODE_UNKNOWN"]
    twice = csv("编码,名称", "M9,一", "M9,二")
    assert ("ROW_TWICE", 3) in [(one["code"], one["row"]) for one in desk.problems("departments", twice)]


def test_what_differs_is_changed_and_nothing_else(desk: Desk, office: Office) -> None:
    with office.work() as ctx:
        body = {"customer": "K1", "lines": [{"item": "I1", "quantity": "1"}, {"item": "I2", "quantity": "2"}]}
        order = writes.create(ctx, "SalesOrder", body | {"promised_date": "2026-12-01"})
    number = order.number
    lines = csv("单据,行号,数量,存货 编码", f"{number},2,5,I2", f"{number},1,1,I1", f"{number},,7,I1")
    answer = desk.answer("salesOrderLines", lines)
    assert (answer["updated"], answer["documents"]) == (1, 1)
    found = stored(
        desk,
        "SELECT position, quantity::text, version FROM hub.sales_order_line WHERE sales_order_id = :id ORDER BY 1",
        id=order.id,
    )
    assert found == [(1, "1.0000", 1), (2, "5.0000", 2), (3, "7.0000", 1)]
    wrong = csv("单据,行号,数量", f"{number},1,1", f"{number},2,x", "SO-NONE,1,1")
    told = {(one["code"], one["row"], one["column"]) for one in desk.problems("salesOrderLines", wrong)}
    assert told == {("VALUE_INVALID", 3, "数量"), ("NOT_FOUND", 4, "单据")}


def test_a_document_past_its_first_state_keeps_its_fields(desk: Desk, office: Office) -> None:
    with office.work() as ctx:
        lines = [{"item": "I1", "quantity": "1"}]
        order = writes.create(ctx, "SalesOrder", {"customer": "K1", "promised_date": "2026-12-01", "lines": lines})
        writes.run_step(ctx, "SalesOrder", order.id, "confirm")
    rows = csv("单号,承诺日期,备注", f"{order.number},2026-12-02,改")
    assert [(one["code"], one["column"]) for one in desk.problems("salesOrders", rows)] == [
        ("NOT_EDITABLE", "承诺日期")
    ]
    assert desk.answer("salesOrders", csv("单号,承诺日期,备注", f"{order.number},2026-12-01,改"))["updated"] == 1


def test_a_step_may_follow_and_its_refusals_are_told(desk: Desk, office: Office) -> None:
    receipts = csv(
        "供应商,仓库,入库日期,明细 存货,明细 实收数量,明细 入库数量",
        *[f"塑料供应商,成品仓,2026-11-{day:02},零件I1,{day},{day}" for day in range(1, 4)],
    )
    answer = desk.answer("purchaseReceipts", receipts, step="confirm")
    assert (answer["created"], answer["stepped"]) == (3, 3)
    in_stock = "SELECT sum(quantity)::text FROM hub.stock_entry WHERE kind = 'receipt' AND company_id = :company"
    ours = {"company": office.viewer.company_id}
    assert stored(desk, in_stock, **ours) == [("6.0000",)]
    deliveries = csv("客户,仓库,明细 存货,明细 数量", "K1,W1,I1,2", "K1,W1,I1,5000")
    split = deliveries.replace(b"K1,W1,I1,5000", b"K2,W1,I1,5000")
    told = [(one["code"], one["row"], one["column"]) for one in desk.problems("deliveries", split, step="confirm")]
    assert told == [("STOCK_SHORT", 3, "明细 数量")]
    assert stored(desk, in_stock, **ours) == [("6.0000",)]
    assert desk.problems("deliveries", split, step="sign")[0]["code"] == "STEP_UNKNOWN"


def test_nobody_imports_what_he_may_not_write(desk_of: Callable[[str], Desk]) -> None:
    rows = csv("编码,名称", "X1,一")
    for role, many in (("sales", "departments"), ("executive", "customers"), ("warehouse", "salesOrders")):
        assert [one["code"] for one in desk_of(role).problems(many, rows)] == ["FORBIDDEN"], role
        refused = desk_of(role).client.get(f"/import/{many}/template.xlsx", headers=desk_of(role).headers)
        assert refused.status_code == 403
    assert desk_of("administrator").problems("stockEntries", rows)[0]["code"] == "LEDGER_NOT_IMPORTED"
    assert desk_of("administrator").problems("nothing", rows)[0]["code"] == "LIST_UNKNOWN"


def test_columns_are_known_in_both_languages_told_and_mapped(desk: Desk, desk_of: Callable[[str], Desk]) -> None:
    for heading in ("编码,名称,城市", "Code,Name,City", "code,name,city", "编 码*,名称（必填）,CITY"):
        columns = desk.answer("customers", csv(heading, "C-9,九,宁波"), dry_run="true")["columns"]
        assert [one["path"] for one in columns] == ["code", "name", "city"], heading
    rows = csv("代号,全称,城市,备用,版本", "C-10,十,宁波,?,7")
    columns = {"代号": "code", "全称": "name", "城市": ""}
    answer = desk.answer("customers", rows, columns=json.dumps(columns))
    states = {one["heading"]: one["state"] for one in answer["columns"]}
    assert states == {"代号": "mapped", "全称": "mapped", "城市": "ignored", "备用": "unknown", "版本": "closed"}
    assert stored(desk, "SELECT city FROM hub.customer WHERE code = 'C-10'") == [(None,)]
    again = desk.answer("customers", rows.replace("十".encode(), "拾".encode()))
    assert (again["updated"], again["columns"][0]["path"]) == (1, "code")
    wrong = {"代号": "nowhere", "全称": "version", "城市": "name"}
    assert {one["code"] for one in desk.problems("customers", rows, columns=json.dumps(wrong))} == {
        "COLUMN_UNKNOWN",
        "COLUMN_CLOSED",
    }
    two = csv("编码,名称,全称", "C-11,a,b")
    assert desk.problems("customers", two, columns='{"全称": "name", "名称": "name"}')[0]["code"] == "COLUMN_TWICE"
    assert desk.problems("departments", csv("甲,乙", "1,2"))[0]["code"] == "COLUMNS_UNKNOWN"


def test_names_that_are_not_unique_are_refused(desk: Desk) -> None:
    found = desk.problems("salesOrders", csv("客户,存货,数量", "同名客户,I1,1", "没有的,I1,1"))
    assert [(one["code"], one["row"]) for one in found] == [("LINK_AMBIGUOUS", 2), ("LINK_UNKNOWN", 3)]


def test_a_repetition_does_nothing(desk: Desk) -> None:
    rows = csv("客户,存货,数量", *[f"海天客户,I1,{one}" for one in range(1, 4)])
    answers: list[dict[str, Any]] = []
    before = stored(desk, "SELECT count(*) FROM hub.sales_order")

    def send() -> None:
        answers.append(desk.answer("salesOrders", rows, key="k-1"))

    threads = [threading.Thread(target=send) for _ in range(3)]
    for one in threads:
        one.start()
    for one in threads:
        one.join()
    assert sorted(one["repeated"] for one in answers) == [False, True, True]
    assert {(one["created"], one["imported"]) for one in answers} == {(1, True)}
    assert stored(desk, "SELECT count(*) FROM hub.sales_order")[0][0] == before[0][0] + 1
    assert desk.problems("salesOrders", rows + b"\nK1,I1,9", key="k-1")[0]["code"] == "IDEMPOTENCY_KEY_REUSED"


@pytest.mark.parametrize("spec", importable(), ids=lambda spec: spec.name)
@pytest.mark.parametrize("language", ["zh", "en"])
def test_a_template_asks_for_what_is_understood(desk: Desk, office: Office, spec: Any, language: str) -> None:
    with desk.engine.begin() as connection:
        connection.execute(text("DELETE FROM hub.import_mapping"))
    plan = plan_for(spec.many, office.viewer)
    made = load_workbook(io.BytesIO(template(plan, language)))
    data, explained, options = made.worksheets
    assert (data.sheet_state, explained.sheet_state, options.sheet_state) == ("visible", "visible", "hidden")
    headings = [cell.value for cell in data[1]]
    paths = {row[5].value for row in explained.iter_rows(min_row=2) if row[5].value}
    assert len(paths) == len(headings) == len(set(headings))
    needed = [one.path for one in plan.open if one.required]
    for heading, path in zip(headings, [row[5].value for row in explained.iter_rows(min_row=2)], strict=False):
        assert str(heading).endswith("*") == (path in needed)
    choosing = [one for one in plan.open if one.field and one.field.kind in ("choice", "boolean")]
    assert len(data.data_validations.dataValidation) == len(choosing)
    sheet_rows: list[list[Any]] = [headings, ["x"] * len(headings)]
    response = desk.send(spec.many, book(sheet_rows), dry_run="true", name="t.xlsx")
    columns = response.json().get("columns", [])
    assert [one["state"] for one in columns] == ["mapped"] * len(headings), columns
    assert {one["path"] for one in columns} == paths


def test_a_filled_template_comes_in(desk: Desk) -> None:
    content = desk.client.get("/import/items/template.xlsx?language=zh", headers=desk.headers).content
    made = load_workbook(io.BytesIO(content))
    data: Any = made.worksheets[0]
    row = {cell.value.removesuffix(" *"): cell.column for cell in data[1]}
    for heading, value in {
        "编码": "00777",
        "名称": "模板件",
        "性质": "原材料",
        "批次管理": "是",
        "计量单位 编码": "PCS",
    }.items():
        data.cell(2, row[heading], value)
    written = io.BytesIO()
    made.save(written)
    assert desk.answer("items", written.getvalue())["created"] == 1
    assert stored(desk, "SELECT kind, lot_tracked FROM hub.item WHERE code = '00777'") == [("raw", True)]
    assert spec_of("Item").fields["kind"].choices is not None


def test_requests_that_are_none_are_refused(desk: Desk) -> None:
    post = desk.client.post
    assert post("/import/items", headers=desk.headers, json={}).json()["problems"][0]["code"] == "REQUEST_UNREADABLE"
    broken = {**desk.headers, "content-type": "multipart/form-data"}
    assert post("/import/items", headers=broken, content=b"x").json()["problems"][0]["code"] == "REQUEST_UNREADABLE"
    assert desk.problems("items", b"", name="")[0]["code"] in ("FILE_MISSING", "FILE_EMPTY")
    assert desk.problems("items", b"a\n1", columns="[1]")[0]["code"] == "COLUMNS_UNREADABLE"
    assert desk.problems("items", b"x" * (21 * 1024 * 1024))[0]["code"] == "FILE_TOO_LARGE"
    assert post("/import/items", files={"text": (None, "编码\nA")}).status_code == 401
    foreign = {"origin": "https://elsewhere.example"}
    assert post("/import/items", files={"text": (None, "编码\nA")}, headers=foreign).status_code in (401, 403)
