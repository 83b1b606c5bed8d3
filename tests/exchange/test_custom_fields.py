"""Custom fields are columns like the others: in the template, in both directions, with their errors at the row."""

from __future__ import annotations

import io
from typing import Any

import pytest
from openpyxl import load_workbook

from hub import writes
from hub.document.catalogue import catalogue
from tests.exchange.conftest import Desk, Office

RED = {"value": "red", "name": "红色", "english_name": "Red"}
KINDS: dict[str, dict[str, Any]] = {
    "shade": {"kind": "choice", "options": [RED], "name": "颜色"},
    "colours": {"kind": "multiple", "options": [RED], "name": "可选颜色"},
    "weight": {"kind": "decimal", "scale": 3, "name": "净重"},
    "mark": {"kind": "text", "name": "标识"},
    "since": {"kind": "date", "name": "投产日"},
    "seen_at": {"kind": "moment", "name": "点检时间"},
    "sound": {"kind": "boolean", "name": "完好"},
    "keeper": {"kind": "link", "target_type": "Employee", "name": "保管人"},
}
GIVEN = {
    "颜色": "红色",
    "可选颜色": "红色",
    "净重": "1,234.5",
    "标识": "=00123",
    "投产日": "2026年11月22日",
    "点检时间": "2026-11-22 08:30",
    "完好": "是",
    "保管人": "李娜",
}


@pytest.fixture(scope="module")
def declared(desk: Desk, office: Office) -> Desk:
    """Every kind of custom field, declared for energy meters."""
    with office.work() as ctx:
        for key, more in KINDS.items():
            words = {"code": f"CF-{key}", "english_name": key, "document_type": "EnergyMeter", "key": key}
            writes.create(ctx, "CustomField", {**words, **more})
    catalogue(desk.engine).forget()
    catalogue(desk.client.app.state.engine).forget()  # type: ignore[attr-defined]  # starlette's application
    return desk


def test_custom_values_come_in_and_go_round(declared: Desk) -> None:
    headings, cells = "\t".join(GIVEN), "\t".join(GIVEN.values()).replace("=00123", "'=00123")
    made = declared.answer("energyMeters", f"编码\t名称\t{headings}\nCM-1\t电表\t{cells}\n")
    assert [one["state"] for one in made["columns"]] == ["mapped"] * len(made["columns"])
    assert made["created"] == 1
    exported = declared.export("energyMeters", "ndjson").decode()
    assert '"shade"' in exported
    assert "=00123" in exported
    for ending in ("csv", "xlsx", "ndjson"):
        answer = declared.answer("energyMeters", declared.export("energyMeters", ending))
        assert (answer["updated"], answer["created"]) == (0, 0), (ending, answer)
    changed = declared.answer("energyMeters", "编码,颜色,净重\nCM-1,,2\n".encode())
    assert changed["updated"] == 1
    wrong = declared.problems("energyMeters", "编码,颜色,净重,保管人\nCM-1,蓝,x,无名\n".encode())
    assert {(one["code"], one["column"], one["row"]) for one in wrong} == {
        ("CHOICE_UNKNOWN", "颜色", 2),
        ("VALUE_INVALID", "净重", 2),
        ("LINK_UNKNOWN", "保管人", 2),
    }


def test_custom_fields_stand_in_the_template(declared: Desk) -> None:
    content = declared.client.get("/import/energyMeters/template.xlsx", headers=declared.headers).content
    headings = {str(cell.value) for cell in load_workbook(io.BytesIO(content)).worksheets[0][1]}
    assert set(GIVEN) <= headings
