"""What `hub why` and `hub roles` print: may this user do this, and which rule decides.

Every answer comes from what decides in the product itself: `Viewer.may`, `Access`, the company's wall and the ways of
a `RowRule`, each evaluated on the row in question by the very SQL that a read would carry.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, literal, select, true
from sqlalchemy.orm import Session

from hub.context import Viewer
from hub.document.access import ALL_ROWS, AREAS, ROLES, SPECIAL
from hub.document.registry import spec as spec_of
from hub.document.registry import specs
from hub.document.registry import table as fresh_table
from hub.document.rows import SAME_COMPANY, Me, company_wall, rule_for
from hub.document.spec import DocSpec
from hub.document.steps import StepSpec
from hub.identity import unknown_user, viewer_of
from hub.trouble import Trouble
from hub.words import Label, camel, snake

READ, WRITE = "read", "write"


@dataclass(frozen=True)
class Reason:
    """One rule that was asked: whether it lets through, and what it says."""

    holds: bool
    label: Label
    rule: str


def explained(session: Session, user: str, verb: str, what: Sequence[str], field: str | None = None) -> Iterator[str]:
    """The verdict, then each rule in the order in which they are asked; the deciding one is marked.

    Raises:
        Trouble: no such type, step or field. NotFound: USER_UNKNOWN.
    """
    viewer = viewer_of(session, code=user)
    if viewer is None:
        raise unknown_user(user)
    spec, document_id, shown = _found(session, what, viewer.company_id)
    reasons = list(decided(session, viewer, verb, spec, document_id, field))
    first = next((one for one in reasons if not one.holds), None)
    verdict = "✗ 否 No" if first else "✓ 是 Yes"
    yield f"{verdict}: {viewer.name} ({viewer.code}) {verb} {spec.label} {shown}" + (f" · {field}" if field else "")
    deciding = first or reasons[-1]
    for one in reasons:
        mark = "✓" if one.holds else "✗"
        yield f"  {mark} {one.label}: {one.rule}" + ("  ← 决定 decides" if one is deciding else "")


def decided(
    session: Session, viewer: Viewer, verb: str, spec: DocSpec, document_id: UUID | None, field: str | None = None
) -> Iterator[Reason]:
    """Every rule that is asked for this; without a document only those of the type. All must hold."""
    step = _step(spec, verb)
    wanted = (spec.access.read,) if verb == READ else spec.access.to_write(step.by if step else None)
    roles = ", ".join(f"{ROLES[one].label}" for one in sorted(viewer.roles) if one in ROLES) or "—"
    yield Reason(True, Label("角色", "Roles"), roles)
    for permission in wanted:
        yield _permission(viewer, permission)
    if document_id is not None:
        yield from _rows(session, viewer, spec, document_id)
    if field is not None:
        yield _column(viewer, spec, field)


def _permission(viewer: Viewer, permission: str) -> Reason:
    """Which of the viewer's roles gives a permission."""
    giving = [one for one in sorted(viewer.roles) if one in ROLES and {permission, "*"} & ROLES[one].permissions]
    told = f"{permission} ← {', '.join(str(ROLES[one].label) for one in giving) or '无 none'}"
    return Reason(viewer.may(permission), Label("权限", "Permission"), told)


def _rows(session: Session, viewer: Viewer, spec: DocSpec, document_id: UUID) -> Iterator[Reason]:
    """The company's wall and the ways of the row rule, asked of the row; of a line's document for a line."""
    table, me = spec.table, Me.of(viewer, viewer.company_id)
    if spec.parent is not None:
        parent_id = session.execute(select(table.c[f"{snake(spec.parent)}_id"]).where(table.c.id == document_id))
        yield from _rows(session, viewer, spec_of(spec.parent), parent_id.scalar_one())
        return
    rule = rule_for(spec, me)
    ways = rule.ways if rule else ()
    wall = company_wall(spec, table, me)
    asked: list[ColumnElement[Any]] = [literal(True) if wall is None else wall]
    asked += [way.sql(table, fresh_table, me) for way in ways]
    asked.append(true() if rule is None else rule.sql(table, fresh_table, me))
    answers = session.execute(
        select(*(one.label(f"answer_{index}") for index, one in enumerate(asked))).where(table.c.id == document_id)
    ).one()
    yield Reason(bool(answers[0]), Label("公司", "Company"), str(SAME_COMPANY))
    told = [f"{'✓' if met else '✗'} {way.label}" for way, met in zip(ways, answers[1:-1], strict=True)]
    if rule is not None:
        yield Reason(bool(answers[-1]), Label("行规则", "Row rule"), "; ".join(told) or "无 none")
    elif spec.access.rows is not None:
        yield Reason(True, Label("行规则", "Row rule"), f"由权限解除 lifted by {spec.access.rows.unless}")


def _column(viewer: Viewer, spec: DocSpec, name: str) -> Reason:
    """The permission that a field asks for."""
    known: dict[str, Any] = {**spec.fields, **spec.derived, **spec.links, **spec.lines, **spec.inverses}
    found = next((member for one, member in known.items() if name in (one, camel(one))), None)
    if found is None:
        raise Trouble(f"{spec.label.chinese}没有字段 {name}。", f"{spec.label.english} has no field {name}.")
    label = Label("列", "Column")
    if getattr(found, "secret", False):
        return Reason(False, label, f"{found.label} 从不给出 never leaves the hub")
    target = getattr(found, "target", None)
    permission = spec_of(target).access.read if target else getattr(found, "restricted", None)
    told = f"{found.label}: " + (f"{permission}" if permission else "不受限 not restricted")
    return Reason(viewer.may(permission), label, told)


def _step(spec: DocSpec, verb: str) -> StepSpec | None:
    if verb in (READ, WRITE):
        return None
    if verb not in spec.steps:
        steps = ", ".join([READ, WRITE, *spec.steps])
        raise Trouble(f"{spec.label.chinese}没有操作 {verb}，有：{steps}。", f"No step {verb}; there are: {steps}.")
    return spec.steps[verb]


def _found(session: Session, what: Sequence[str], company_id: UUID | None) -> tuple[DocSpec, UUID | None, str]:
    """The type and the document that `[TYPE] DOCUMENT` means; a type alone has no document."""
    named = {key: one for one in specs().values() for key in (one.name.lower(), one.single.lower(), one.label.chinese)}
    first = named.get(what[0].lower())
    if first is not None and len(what) == 1:
        return first, None, ""
    if len(what) > 2 or (first is None and len(what) == 2):
        raise Trouble(f"没有单据类型 {what[0]}。", f"There is no document type {what[0]}.")
    key = what[-1]
    for spec in [first] if first is not None else specs().values():
        condition = _named(spec, key)
        found = None if condition is None else _first(session, spec, condition, company_id)
        if found is not None:
            return spec, found, key
    raise Trouble(
        f"没有单据 {' '.join(what)}；对任何人的回答都一样：找不到。",
        f"There is no document {' '.join(what)}; whoever asks is told the same: not found.",
    )


def _first(session: Session, spec: DocSpec, condition: ColumnElement[bool], company_id: UUID | None) -> UUID | None:
    """The document, that of the user's own company first where companies use one number twice."""
    query = select(spec.table.c.id).where(condition).limit(1)
    if "company_id" in spec.table.c:
        query = query.order_by((spec.table.c.company_id != company_id).asc())
    return session.execute(query).scalar()


def _named(spec: DocSpec, key: str) -> ColumnElement[bool] | None:
    """The document that people call so: by id, code or number."""
    try:
        return spec.table.c.id == UUID(key)
    except ValueError:
        return spec.table.c[spec.natural_key] == key if spec.natural_key in ("code", "number") else None


def roles_table() -> str:
    """Which role may what, area by area, as a table in Markdown: r read, w write, a all rows."""
    lines = [f"| 角色 Role | {' | '.join(AREAS)} | 其他 Others |", "|---" * (len(AREAS) + 2) + "|"]
    for name, role in ROLES.items():
        star = "*" in role.permissions
        cells = [
            "".join(
                letter
                for letter, right in (("r", ".read"), ("w", ".write"), ("a", ALL_ROWS))
                if star or area + right in role.permissions
            )
            for area in AREAS
        ]
        others = "*" if star else ", ".join(one for one in SPECIAL if one in role.permissions)
        lines.append(f"| `{name}` {role.label} | {' | '.join(cells)} | {others} |")
    return "\n".join(lines)
