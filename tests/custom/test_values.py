"""What custom fields take, what they refuse, and how it is read back."""

from __future__ import annotations

from typing import Any
from uuid import UUID

import pytest

from hub import writes
from hub.errors import HubError, Invalid
from tests.custom.conftest import Workshop

ITEM = "query I($code: String!) { item(code: $code) { extra } }"
GOOD: dict[str, Any] = {
    "remark": ' 老"客户"\\ ', "thickness": "1.5", "cavities": 8, "coated": True, "checked": "2026-02-28",
    "seen_at": "2026-01-31T08:00:00+08:00", "colour": "深蓝", "markets": ["red", "绿", "red"], "painter": "S1",
    "margin": "12.34",
}  # fmt: skip
SHOWN: dict[str, Any] = {
    **GOOD, "remark": '老"客户"\\', "thickness": "1.500", "seen_at": "2026-01-31T08:00:00+08:00",
    "colour": "deep_blue", "markets": ["red", "G-1"],
}  # fmt: skip
BAD: dict[str, tuple[Any, str]] = {
    "remark": ("x" * 501, "TOO_LONG"),
    "thickness": ("1.23456", "TOO_MANY_DECIMALS"),
    "cavities": ("2.5", "VALUE_INVALID"),
    "coated": ("maybe", "VALUE_INVALID"),
    "checked": ("2026-02-30", "VALUE_INVALID"),
    "seen_at": ("soon", "VALUE_INVALID"),
    "colour": ("pink", "CHOICE_UNKNOWN"),
    "markets": (["red", "pink"], "CHOICE_UNKNOWN"),
    "painter": ("S9", "LINK_UNKNOWN"),
    "margin": ({"a": 1}, "VALUE_INVALID"),
    "unknown": (1, "CUSTOM_FIELD_UNKNOWN"),
}
TOLD: dict[tuple[str, ...], str] = {("extra", key): code for key, (_, code) in BAD.items()}


def _item(workshop: Workshop, code: str, **more: Any) -> UUID:
    return workshop.create("Item", code=code, name=code, unit="u", **more)


def test_every_kind_is_read_back_typed_and_in_declared_order(workshop: Workshop) -> None:
    _item(workshop, "V1", extra=GOOD)
    found = workshop.data(ITEM, {"code": "V1"})["item"]["extra"]
    assert found == SHOWN
    assert list(found) == list(GOOD)


def test_all_problems_are_told_at_once(workshop: Workshop) -> None:
    given = {key: value for key, (value, _) in BAD.items()}
    document = "mutation C($input: CreateItemInput!) { createItem(input: $input) { problems { code path } } }"
    answer = workshop.data(document, {"input": {"code": "V2", "extra": given}})["createItem"]
    told = {tuple(one["path"]): one["code"] for one in answer["problems"]}
    assert told == {**TOLD, ("name",): "FIELD_MISSING", ("unit",): "FIELD_MISSING"}
    made = _item(workshop, "V3", extra=GOOD)
    with pytest.raises(Invalid) as raised:
        workshop.update("Item", made, extra=given)
    assert {one.path: one.code for one in raised.value.problems} == TOLD
    with writes.unit_of_work(workshop.database.engine, workshop.boss, "tests") as ctx:
        loaded = writes.load(ctx, "Item", [{"code": "V4", "name": "x", "unit": "u", "extra": given}])
    assert {tuple(one.path.split(".")): one.code for one in loaded.problems} == TOLD


def test_a_change_names_what_it_changes(workshop: Workshop) -> None:
    made = _item(workshop, "V5", extra={"remark": "a", "cavities": 1})
    workshop.update("Item", made, extra={"cavities": None, "coated": False})
    assert workshop.data(ITEM, {"code": "V5"})["item"]["extra"] == {"remark": "a", "coated": False}
    with writes.unit_of_work(workshop.database.engine, workshop.boss, "tests") as ctx:
        row = {"code": "V5", "name": "V5", "unit": "u", "extra": {"remark": "b", "coated": None}}
        assert (writes.load(ctx, "Item", [row]).updated, writes.load(ctx, "Item", [row]).unchanged) == (1, 1)
        assert writes.load(ctx, "Item", [{"code": "V5", "name": "V5", "unit": "u"}]).unchanged == 1
    assert workshop.data(ITEM, {"code": "V5"})["item"]["extra"] == {"remark": "b"}


def test_required_fields_and_defaults(workshop: Workshop) -> None:
    workshop.declare("Warehouse", "grade", kind="choice", default_value="b", options=[
        {"value": one, "name": f"级{one}", "english_name": one} for one in "ab"])  # fmt: skip
    workshop.declare("Warehouse", "keeper", required=True)
    workshop.declare("Warehouse", "secret_keeper", required=True, read_permission="base.cost")
    with pytest.raises(Invalid) as raised:
        workshop.create("Warehouse", code="W1", name="仓")
    assert [one.path for one in raised.value.problems] == [("extra", "keeper"), ("extra", "secret_keeper")]
    clerk = workshop.clerk
    clerk = type(clerk)(**{**vars(clerk), "permissions": clerk.permissions | {"warehouse.write", "warehouse.read"}})
    with pytest.raises(Invalid) as raised:
        workshop.create("Warehouse", clerk, code="W1", name="仓")
    assert [one.path for one in raised.value.problems] == [("extra", "keeper")]
    made = workshop.create("Warehouse", clerk, code="W1", name="仓", extra={"keeper": "张"})
    shown = workshop.data("{ warehouses { nodes { extra } } }")["warehouses"]["nodes"]
    assert shown == [{"extra": {"grade": "b", "keeper": "张"}}]
    with pytest.raises(Invalid):
        workshop.update("Warehouse", made, extra={"keeper": ""})


def test_the_body_may_be_nothing_like_an_object(workshop: Workshop) -> None:
    for body in ([1], "x", 3, True):
        with pytest.raises(HubError) as raised:
            _item(workshop, "V6", extra=body)
        assert [one.code for one in raised.value.problems] == ["VALUE_INVALID"]
