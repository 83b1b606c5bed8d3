"""What became of a record: its latest revisions with who, when and what changed, in the words of its page."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from itertools import groupby
from typing import Any

from hub.context import Viewer
from hub.document.registry import spec as spec_of
from hub.document.spec import DocSpec, LinesSpec
from hub.web.workbench import values
from hub.web.workbench.columns import Column, columns_of
from hub.web.workbench.language import say, spoken
from hub.words import Label, camel

REVISIONS_SHOWN = 20
_VERBS = {
    "submit": Label("提交", "Submitted"),
    "approval_submitted": Label("提交审批", "Submitted for approval"),
    "approval_rejected": Label("审批驳回", "Approval rejected"),
    "approval_withdrawn": Label("撤回审批", "Approval withdrawn"),
    "create": Label("新建", "Created"),
    "update": Label("修改", "Changed"),
    "load": Label("导入", "Loaded"),
}
_KINDS = {"ADDED": Label("新增", "added"), "REMOVED": Label("删除", "removed"), "CHANGED": Label("", "")}


@dataclass(frozen=True)
class Change:
    """One value before and after; of a line that came or went only what it held."""

    label: str
    before: str
    after: str


@dataclass(frozen=True)
class Part:
    """What changed of the record itself, or of one line: "明细 2 新增"."""

    title: str
    whole: bool
    """Whether the line came or went as a whole."""
    changes: list[Change]


@dataclass(frozen=True)
class Revision:
    """One revision: "确认 · 张伟 · 2026-11-22 08:30:00"."""

    version: int
    what: str
    who: str
    at: str
    parts: list[Part]


def selection(spec: DocSpec) -> str:
    """What to ask of a record for its history; ledgers have none."""
    if spec.kind == "ledger":
        return ""
    changes = "changes { kind field label list line position before after }"
    return f"history(first: {REVISIONS_SHOWN}) {{ version at byName verbs {changes} }}"


def revisions_of(spec: DocSpec, record: dict[str, Any], viewer: Viewer) -> list[Revision]:
    """The revisions that came with a record, the latest first."""
    return [
        Revision(
            one["version"],
            "、".join(dict.fromkeys(_verb(spec, verb) for verb in one["verbs"])) or say("修改", "Changed"),
            one["byName"] or "",
            values.moment(one["at"], seconds=True),
            list(_parts(spec, one["changes"], viewer)),
        )
        for one in record.get("history") or []
    ]


def _verb(spec: DocSpec, name: str) -> str:
    step = spec.steps.get(name)
    return spoken(step.label if step else _VERBS.get(name, Label(name, name)))


def _parts(spec: DocSpec, changes: Iterable[dict[str, Any]], viewer: Viewer) -> Iterator[Part]:
    """The changes by what they belong to: first the record, then line by line, as they come."""
    lists = {camel(one.name): one for one in spec.lines.values()}
    for (name, _, kind), found in groupby(changes, key=lambda one: (one["list"], one["line"], one["kind"])):
        of = lists.get(name)
        rows = list(found)
        columns = {one.name: one for one in columns_of(spec if of is None else spec_of(of.target), viewer)}
        shown = [_change(columns.get(one["field"]), one) for one in rows]
        yield Part(_title(of, rows[0]), kind != "CHANGED", shown)


def _title(lines: LinesSpec | None, change: dict[str, Any]) -> str:
    if lines is None:
        return ""
    return f"{spoken(lines.label)} {change['position']} {spoken(_KINDS[change['kind']])}".strip()


def _change(column: Column | None, change: dict[str, Any]) -> Change:
    label = change["label"] if column is None else spoken(column.label)
    return Change(label, _text(column, change["before"]), _text(column, change["after"]))


def _text(column: Column | None, value: Any) -> str:
    """A value as its column shows it; a link by the name, or else the key, of what it leads to."""
    if value is None or value == "":
        return "—"
    if isinstance(value, dict) and "key" in value:
        return str(value["name"] or value["key"])
    if column is None:
        return values.text("json", value)
    return column.plain(value)
