"""What the export gives comes back without a change: every type, every format, both languages, odd texts."""

from __future__ import annotations

import contextlib
from datetime import datetime
from decimal import Decimal
from typing import Any
from uuid import uuid4
from zoneinfo import ZoneInfo

import pytest
from sqlalchemy import select, text

from hub import writes
from hub.context import Ctx
from hub.document.fields import FieldSpec
from hub.document.registry import spec as spec_of
from hub.document.registry import table as fresh_table
from hub.document.rows import Me, visible
from hub.document.spec import DocSpec
from hub.errors import HubError
from tests.exchange.conftest import Desk, Office, importable
from tests.samples import values_for

FORMATS = ("csv", "ndjson", "xlsx")
ODD = (
    '=cmd|"/c calc"!A1',
    "'=引号",
    "+1",
    "-1",
    "@x",
    "００１２３",
    "00123",
    '引"号,逗号;分号',
    "换\n行",
    "100%",
    "1,234",
    "_x000D_",
    "'",
    "''=x",
    "是",
    "2026-11-22",
    "1E5",
)
CHINA = ZoneInfo("Asia/Shanghai")


def odd_value(field: FieldSpec, turn: int) -> Any:
    """A value that fits a field and is easily lost on the way."""
    if field.choices:
        return list(field.choices)[turn % len(field.choices)].value
    most = field.maximum if field.maximum is not None else Decimal(10) ** 6
    values: dict[str, Any] = {
        "text": ODD[turn % len(ODD)],
        "integer": [0, 7, 12][turn % 3],
        "decimal": str(min(Decimal(["0", "0.0001", "1234.5", "99999.9999"][turn % 4]), most)),
        "boolean": turn % 2 == 0,
        "date": ["2026-02-28", "1999-12-31"][turn % 2],
        "moment": datetime(2026, 5, 1, 8, 30, 15, tzinfo=CHINA),
        "list": ["a,b", "c"],
        "json": {},
        "id": uuid4(),
    }
    return values[field.kind]


def fill(ctx: Ctx, spec: DocSpec, turn: int, *, whole: bool) -> dict[str, Any]:
    """A body with every field, or with the needed ones only; links go to what was made last."""
    body: dict[str, Any] = {}
    for name, field in spec.fields.items():
        open_ = not (field.system or field.computed or field.secret) and name not in ("state", "number", "position")
        if open_ and (whole or (field.required and not field.has_default)):
            body[name] = odd_value(field, turn)
    if spec.kind == "master":
        body |= {"code": f"{spec.name[:3]}-00{turn}", "name": ODD[turn % len(ODD)]}
    for name, link in spec.links.items():
        if link.target == spec.parent or link.system or not (whole or link.required):
            continue
        table = spec_of(link.target).table
        seen = visible(spec_of(link.target), table, fresh_table, Me.of(ctx.viewer, ctx.viewer.company_id))
        latest = select(table.c.id).where(*seen).order_by(table.c.id.desc()).limit(1)
        found = ctx.session.execute(latest).scalar_one_or_none()
        if found is not None:
            body[name] = found
    return body


@pytest.fixture(scope="module")
def told(desk: Desk, office: Office) -> Desk:
    """Records of every type with odd values, documents with lines, some of them past their first state."""
    waiting = [one for one in importable() if one.kind != "line" and one.name not in ("Company", "User")]
    for telling in (tell, tell, tell, tell_plainly, tell_plainly, tell_plainly):
        for spec in list(waiting):
            # one that fails needs what is told later, or its values mean something
            with contextlib.suppress(HubError), office.work() as ctx:
                telling(ctx, spec)
                waiting.remove(spec)
    return desk


def tell(ctx: Ctx, spec: DocSpec) -> None:
    """Some records of a type, with odd values."""
    for turn in range(4 if spec.kind == "document" else len(ODD)):
        body = fill(ctx, spec, turn, whole=turn != 1)
        for name, lines in spec.lines.items():
            body[name] = [fill(ctx, spec_of(lines.target), turn + at, whole=True) for at in range(2)]
        made = writes.create(ctx, spec.name, body)
        if spec.states is not None and turn == 3:
            made.state = list(spec.states)[-1]


def tell_plainly(ctx: Ctx, spec: DocSpec) -> None:
    """A record of a type whose rules refuse odd values, as the contract makes it."""
    linked = {name: value for name, value in fill(ctx, spec, 0, whole=False).items() if name in spec.links}
    plain = {name: value for name, value in values_for(spec, "NEW").items() if name not in spec.links}
    for name, lines in spec.lines.items():
        target = spec_of(lines.target)
        links = {key: one for key, one in fill(ctx, target, 0, whole=True).items() if key in target.links}
        given = plain.get(name) or [values_for(target, "NEW")]
        named = (*target.links, "position")
        plain[name] = [{key: value for key, value in one.items() if key not in named} | links for one in given]
    writes.create(ctx, spec.name, plain | linked)


def stamps(desk: Desk, spec: DocSpec) -> list[Any]:
    """Version and time of every row: what an update would move."""
    with desk.engine.connect() as connection:
        found = connection.execute(text(f"SELECT id, version, updated_at FROM hub.{spec.table.name} ORDER BY id"))
        return [tuple(row) for row in found]


@pytest.mark.parametrize("spec", importable(), ids=lambda spec: spec.name)
def test_an_export_comes_back_without_a_change(told: Desk, spec: DocSpec) -> None:
    before, counts = stamps(told, spec), told.counts()
    rows = len(told.export(spec.many, "ndjson").splitlines())
    for ending in FORMATS:
        content = told.export(spec.many, ending)
        answer = told.answer(spec.many, content, name=f"x.{ending}")
        assert (answer["created"], answer["updated"], answer["problems"]) == (0, 0, []), (ending, answer)
        assert answer["rows"] == rows
        assert answer["unchanged"] == answer["documents"]
        assert [one for one in answer["columns"] if one["state"] not in ("mapped", "closed")] == []
    assert stamps(told, spec) == before
    assert told.counts() == counts
    assert rows, f"no {spec.name} to try it on: the contract's values do not fit"
