"""What a condition's names mean for a document type, and the values they have for one document, in one SELECT."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, date, datetime
from enum import Enum
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

from sqlalchemy import FromClause, select
from sqlalchemy.orm import Session

from hub.document.approvals.conditions import (
    Constant,
    Operation,
    Part,
    Path,
    holds,
    kind_of,
    moment_of,
    parse,
    paths,
    refuse,
)
from hub.document.registry import spec as spec_of
from hub.document.registry import table
from hub.document.spec import DerivedSpec, DocSpec, FieldSpec, LinkSpec
from hub.words import snake

_KINDS = {
    "decimal": "number",
    "integer": "number",
    "text": "text",
    "choice": "text",
    "boolean": "truth",
    "date": "day",
    "moment": "moment",
}
_LINK = "link"
_LIKE = {"day": date(2000, 1, 1), "moment": datetime(2000, 1, 1, tzinfo=UTC)}


@dataclass(frozen=True)
class _Target:
    """Where a path leads: over which links, to which member."""

    links: tuple[LinkSpec, ...]
    member: FieldSpec | DerivedSpec | LinkSpec


def checked(spec: DocSpec, text: str) -> Part:
    """The tree of a condition that makes sense for a type: names exist, kinds fit.

    Raises:
        Invalid: CONDITION_INVALID, with the position.
    """
    part = parse(text)
    if _kind(spec, part) != "truth":
        refuse("条件的结果必须是“是”或“否”", "a condition must come to true or false", 0)
    return part


def met(session: Session, spec: DocSpec, document_id: UUID, text: str | None, zone: str) -> bool:
    """Whether a stored document fulfils a condition; none is always fulfilled."""
    if not text or not text.strip():
        return True
    part = checked(spec, text)
    return holds(part, values(session, spec, document_id, paths(part), zone))


def values(
    session: Session, spec: DocSpec, document_id: UUID, wanted: Iterable[Path], zone: str
) -> dict[tuple[str, ...], Any]:
    """The values of these paths for one document; links are followed by outer joins."""
    row = table(spec.name)
    source = row
    joined: dict[tuple[str, ...], FromClause] = {(): row}
    targets = {path.names: _target(spec, path) for path in wanted}
    columns: list[Any] = []
    for target in targets.values():
        at: tuple[str, ...] = ()
        for link in target.links:
            before, at = at, (*at, link.name)
            if at not in joined:
                joined[at] = table(link.target)
                source = source.outerjoin(joined[at], joined[at].c.id == joined[before].c[link.column])
        columns.append(_column(joined[at], target.member).label(f"v{len(columns)}"))
    if not columns:
        return {}
    found = session.execute(select(*columns).select_from(source).where(row.c.id == document_id)).one()
    return {names: _plain(value, zone) for names, value in zip(targets, found, strict=True)}


def _column(row: Any, member: FieldSpec | DerivedSpec | LinkSpec) -> Any:
    if isinstance(member, DerivedSpec):
        return member.sql(row, table)
    return row.c[member.column if isinstance(member, LinkSpec) else member.name]


def _plain(value: Any, zone: str) -> Any:
    if isinstance(value, Enum):
        return str(value.value)
    if isinstance(value, datetime):
        return value.astimezone(ZoneInfo(zone))
    return str(value) if isinstance(value, UUID) else value


def _target(spec: DocSpec, path: Path) -> _Target:
    """Refuses names that lead nowhere, and what is secret or restricted: a rule must not tell of it."""
    links: list[LinkSpec] = []
    here = spec
    for index, name in enumerate(map(snake, path.names)):
        last = index == len(path.names) - 1
        member = here.fields.get(name) or here.derived.get(name) or here.links.get(name)
        shown = isinstance(member, FieldSpec) and (member.secret or _KINDS.get(member.kind) is None)
        if member is None or shown or getattr(member, "restricted", None) or (not last and name not in here.links):
            chinese, english = here.label
            refuse(f"{chinese}没有可用字段“{name}”", f"{english} has no field {name} to use here", path.at)
        if last:
            return _Target(tuple(links), member)
        links.append(here.links[name])
        here = spec_of(here.links[name].target)
    raise AssertionError(path)


def _kind(spec: DocSpec, part: Part) -> str:
    """number, text, truth, day, moment or link; refuses what does not fit together."""
    if isinstance(part, Constant):
        return kind_of(part.value)
    if isinstance(part, Path):
        member = _target(spec, part).member
        return _LINK if isinstance(member, LinkSpec) else _KINDS[member.kind]
    kinds = [_kind(spec, one) for one in part.parts]
    if part.name == "empty":
        if not isinstance(part.parts[0], Path):
            refuse("只有字段可以用 is empty 判断", "only a field can be empty", part.at)
        return "truth"
    if part.name in ("and", "or", "not"):
        _all_are("truth", kinds, part, "此处应为“是”或“否”的判断", "something true or false is expected here")
        return "truth"
    if part.name in ("+", "-", "*", "/", "negative"):
        _all_are("number", kinds, part, "只有数字可以计算", "only numbers can be reckoned with")
        return "number"
    for other, kind in zip(part.parts[1:], kinds[1:], strict=True):
        _comparable(spec, part, (part.parts[0], kinds[0]), (other, kind))
    return "truth"


def _all_are(kind: str, kinds: list[str], part: Operation, chinese: str, english: str) -> None:
    for one, found in zip(part.parts, kinds, strict=True):
        if found != kind:
            refuse(chinese, english, one.at)


def _comparable(spec: DocSpec, part: Operation, left: tuple[Part, str], right: tuple[Part, str]) -> None:
    for (one, kind), (other, other_kind) in ((left, right), (right, left)):
        if kind in _LIKE and isinstance(other, Constant) and other_kind == "text":
            moment_of(other.value, _LIKE[kind], other.at)
            return
        if isinstance(one, Path) and isinstance(other, Constant) and other_kind == "text":
            _one_of(spec, one, other)
    ordered = part.name not in ("=", "!=", "in")
    if left[1] != right[1] or left[1] == _LINK or (ordered and left[1] == "truth"):
        refuse("两边的类型不同，不能比较", "the two sides cannot be compared", part.at)


def _one_of(spec: DocSpec, path: Path, constant: Constant) -> None:
    """A text beside a choice must be one of its values."""
    member = _target(spec, path).member
    choices = member.choices if isinstance(member, FieldSpec) else None
    if choices and constant.value not in [one.value for one in choices]:
        known = ", ".join(one.value for one in choices)
        refuse(f"“{constant.value}”不是可选值（{known}）", f"“{constant.value}” is none of {known}", constant.at)
