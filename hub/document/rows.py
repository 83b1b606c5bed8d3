"""Which rows of a type somebody may see: declared in one line, one SQL for reads, verbs, links and `hub why`.

A viewer's permissions decide the shape of the SQL; whose department, customer or company it is comes as a bound
parameter. So everybody of the same permissions shares one statement.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import lru_cache
from typing import TYPE_CHECKING, Any
from uuid import UUID

from sqlalchemy import (
    ARRAY,
    ColumnElement,
    FromClause,
    Text,
    Uuid,
    and_,
    any_,
    bindparam,
    exists,
    false,
    func,
    or_,
    select,
    true,
)
from sqlalchemy.types import TypeEngine

from hub.context import Viewer, system_viewer
from hub.document.fields import Tables
from hub.document.registry import spec as spec_of
from hub.document.registry import specs
from hub.words import Label, snake

if TYPE_CHECKING:
    from hub.document.spec import DocSpec

_COMPANY = "Company"
_APPROVAL = "Approval"
SAME_COMPANY = Label("属于您的公司", "of your company")


@dataclass(frozen=True)
class Me:
    """The viewer inside a rule. `give(name, type)` is the SQL of one of the viewer's values, None for no wall."""

    viewer: Viewer
    give: Callable[[str, TypeEngine[Any]], ColumnElement[Any] | None]

    @classmethod
    def of(cls, viewer: Viewer, company_id: UUID | None) -> Me:
        """For a statement that is run once: the values go along. Without a company there is no wall of companies."""

        def give(name: str, type_: TypeEngine[Any]) -> ColumnElement[Any] | None:
            value = company_id if name == "company_id" else value_of(viewer, name)
            return None if name == "company_id" and value is None else bindparam(None, value, type_)

        return cls(viewer, give)

    @classmethod
    def whoever(cls, permissions: frozenset[str], *, walled: bool) -> Me:
        """For a statement that is kept: the values, but for the permissions, have names and come when it is run."""

        def give(name: str, type_: TypeEngine[Any]) -> ColumnElement[Any] | None:
            return bindparam(name, type_=type_) if walled or name != "company_id" else None

        return cls(replace(system_viewer("whoever"), permissions=permissions), give)

    def may(self, permission: str | None) -> bool:
        """Whether the viewer holds a permission."""
        return self.viewer.may(permission)

    def one(self, name: str) -> ColumnElement[UUID]:
        """A single id of the viewer's: employee_id, user_id, customer_id, supplier_id."""
        return self._value(name, Uuid())

    def many(self, name: str, type_: TypeEngine[Any] | None = None) -> ColumnElement[Any]:
        """A list of the viewer's, to compare with: department_ids, open_types."""
        return any_(self._value(name, ARRAY(type_ or Uuid())))

    def _value(self, name: str, type_: TypeEngine[Any]) -> ColumnElement[Any]:
        found = self.give(name, type_)
        assert found is not None
        return found


def value_of(viewer: Viewer, name: str) -> Any:
    """A value of the viewer that a rule may ask for."""
    if name == "open_types":
        return list(open_types(viewer.permissions))
    if name == "whole_types":
        return list(whole_types(viewer.permissions))
    value = getattr(viewer, name)
    return sorted(value) if isinstance(value, frozenset) else list(value) if isinstance(value, tuple) else value


@lru_cache(maxsize=500)
def open_types(permissions: frozenset[str]) -> tuple[str, ...]:
    """The types of which these permissions show every row and every column, whoever holds them."""

    def may(permission: str | None) -> bool:
        return permission is None or "*" in permissions or permission in permissions

    def whole(one: DocSpec) -> bool:
        lifted = one.access.rows is None or (one.access.rows.unless is not None and may(one.access.rows.unless))
        parts = [one, *(spec_of(lines.target) for lines in one.lines.values())]
        return may(one.access.read) and lifted and all(may(f.restricted) for p in parts for f in p.fields.values())

    return tuple(name for name, one in specs().items() if whole(one))


@lru_cache(maxsize=500)
def whole_types(permissions: frozenset[str]) -> tuple[str, ...]:
    """The masters and documents of which these permissions show every row of the company."""

    def may(permission: str | None) -> bool:
        return permission is None or "*" in permissions or permission in permissions

    def whole(one: DocSpec) -> bool:
        lifted = one.access.rows is None or (one.access.rows.unless is not None and may(one.access.rows.unless))
        return one.kind in ("master", "document") and may(one.access.read) and lifted

    return tuple(name for name, one in specs().items() if whole(one))


@dataclass(frozen=True)
class Way:
    """One way in which a row is the viewer's own: what to say of it, and its SQL."""

    label: Label
    sql: Callable[[FromClause, Tables, Me], ColumnElement[bool]]


@dataclass(frozen=True)
class RowRule:
    """A row is seen when any of the ways leads to it; whoever holds the permission `unless` sees all."""

    ways: tuple[Way, ...]
    unless: str | None = None

    def sql(self, row: FromClause, tables: Tables, me: Me) -> ColumnElement[bool]:
        """The condition on a row; with no way at all nothing is seen."""
        return or_(false(), *(way.sql(row, tables, me) for way in self.ways))


def only(*ways: Way, unless: str | None = None) -> RowRule:
    """The rule of a type: `only(own_department("department"), mine("sales_rep"), unless="sales.all")`."""
    return RowRule(ways, unless)


def own_department(link: str) -> Way:
    """Of the viewer's department or one below it."""
    label = Label("本部门或下级部门的", "of the own department or one below it")
    return Way(label, lambda row, _, me: row.c[_column(link)] == me.many("department_ids"))


def mine(link: str) -> Way:
    """Names the viewer as the employee in charge."""
    label = Label("由本人负责的", "in the viewer's own charge")
    return Way(label, lambda row, _, me: row.c[_column(link)] == me.one("employee_id"))


def written_by_me() -> Way:
    """Made in the hub by the viewer."""
    label = Label("由本人创建的", "made by the viewer")
    return Way(label, lambda row, _, me: row.c.created_by == me.one("user_id"))


def myself() -> Way:
    """The user is the viewer."""
    return Way(Label("用户本人", "the viewer"), lambda row, _, me: row.c.id == me.one("user_id"))


def addressed_to_me(link: str) -> Way:
    """The user whom it names is the viewer."""
    label = Label("发给本人的", "addressed to the viewer")
    return Way(label, lambda row, _, me: row.c[_column(link)] == me.one("user_id"))


def our_customer(link: str) -> Way:
    """Of the customer that the viewer stands for."""
    label = Label("属于用户所代表客户的", "of the customer whom the user stands for")
    return Way(label, lambda row, _, me: row.c[_column(link)] == me.one("customer_id"))


def our_supplier(link: str) -> Way:
    """Of the supplier that the viewer stands for."""
    label = Label("属于用户所代表供应商的", "of the supplier whom the user stands for")
    return Way(label, lambda row, _, me: row.c[_column(link)] == me.one("supplier_id"))


def of_open_types(column: str) -> Way:
    """About a document of a type that is wholly open to the viewer."""
    label = Label("所涉单据类型的全部行与列均可见", "about a type of which the viewer sees every row and column")
    return Way(label, lambda row, _, me: row.c[column] == me.many("open_types", Text()))


def permitted(column: str, *, open_without: bool) -> Way:
    """The row names a permission in `column` and the viewer holds it; `open_without`: or it names none."""

    def sql(row: FromClause, _: Tables, me: Me) -> ColumnElement[bool]:
        held = row.c[column] == me.many("permissions", Text())
        return or_(row.c[column].is_(None), held) if open_without else held

    return Way(Label("用户持有该行所要求的权限", "asks for a permission that the viewer holds"), sql)


def permitted_by(target: str, link: str, column: str) -> Way:
    """The linked row names a permission in `column` and the viewer holds it."""

    def sql(row: FromClause, tables: Tables, me: Me) -> ColumnElement[bool]:
        asking = tables(target)
        held = asking.c[column] == me.many("permissions", Text())
        return exists().where(asking.c.id == row.c[_column(link)], held).correlate(row)

    return Way(Label("用户持有其定义所要求的权限", "its definition asks for a permission that the viewer holds"), sql)


def follows(target: str, link: str) -> Way:
    """Links to a document that the viewer may see: a delivery goes with its order."""

    def sql(row: FromClause, tables: Tables, me: Me) -> ColumnElement[bool]:
        followed = tables(target)
        return _seen(spec_of(target), followed, followed.c.id == row.c[_column(link)], tables, me, row)

    return Way(Label("所依据的单据可见", "follows a document that the viewer sees"), sql)


def named_by(source: str, link: str) -> Way:
    """Named by a document or line of type `source` that the viewer may see: the items of a partner's orders."""

    def sql(row: FromClause, tables: Tables, me: Me) -> ColumnElement[bool]:
        naming = tables(source)
        return _seen(spec_of(source), naming, naming.c[_column(link)] == row.c.id, tables, me, row)

    return Way(Label("出现在可见单据中的", "named in a document that the viewer sees"), sql)


def asked_to_sign(what: str = "document") -> Way:
    """About what the viewer has been asked to sign, himself or for whom he stands in, or has been copied to.

    `what` is whose id a row has: the document's, or the approval's.
    """

    def sql(row: FromClause, tables: Tables, me: Me) -> ColumnElement[bool]:
        approval, task = tables("Approval"), tables("ApprovalTask")
        asked = or_(task.c.opened_at.is_not(None), task.c.state == "copied")
        found = select(approval.c.document_id if what == "document" else approval.c.id)
        found = found.join_from(task, approval, approval.c.id == task.c.approval_id)
        return row.c.id.in_(found.where(asked, mine_to_sign(task, approval, tables, me)))

    return Way(Label("请本人审批或抄送本人的", "that the viewer is asked to sign or copied to"), sql)


_ASKED = asked_to_sign()


def mine_to_sign(task: FromClause, approval: FromClause, tables: Tables, me: Me) -> ColumnElement[bool]:
    """A task is the viewer's, or was signed by him, or belongs to somebody for whom he stands in now."""
    user_id, given, anybody = me.one("user_id"), tables("Delegation"), tables("Delegation")
    stands_in = exists().where(
        given.c.principal_id == task.c.signer_id,
        *_given_now(given, user_id),
        func.coalesce(given.c.approval_id == approval.c.id, true()),
        func.coalesce(given.c.document_type == approval.c.document_type, true()),
    )
    # Said twice, so that all three ways find tasks by an index, however many there are.
    principals = func.array(select(anybody.c.principal_id).where(*_given_now(anybody, user_id)).scalar_subquery())
    for_others = and_(task.c.signer_id == any_(principals), stands_in.correlate(task, approval))
    return or_(task.c.signer_id == user_id, task.c.decided_by_id == user_id, for_others)


def _given_now(delegation: FromClause, user_id: ColumnElement[UUID]) -> list[ColumnElement[bool]]:
    """Somebody has the user stand in for him at the moment."""
    return [
        delegation.c.delegate_id == user_id,
        delegation.c.state == "active",
        delegation.c.starts_at <= func.now(),
        func.coalesce(delegation.c.ends_at > func.now(), true()),
    ]


def visible(
    spec: DocSpec, row: FromClause, tables: Tables, me: Me, *, parent_known: bool = False
) -> list[ColumnElement[bool]]:
    """The conditions under which the viewer may see a row of a type; a line or companion is as visible as its document.

    `parent_known` says that the document is seen already.
    """
    if spec.parent is not None:
        return [] if parent_known else [_parent_visible(spec, row, tables, me)]
    if spec.kind == "companion":
        return [] if parent_known else _document_visible(spec, row, tables, me)
    found = [company_wall(spec, row, me)]
    rule = rule_for(spec, me)
    if rule is not None:
        found.append(rule.sql(row, tables, me))
    return [condition for condition in found if condition is not None]


def _seen(
    spec: DocSpec, other: FromClause, joins: ColumnElement[bool], tables: Tables, me: Me, row: FromClause
) -> ColumnElement[bool]:
    """There is another row that the viewer may read. A type that is closed is no subquery: PostgreSQL wants a table."""
    if not me.may(spec.access.read):
        return false()
    return exists().where(and_(joins, *visible(spec, other, tables, me))).correlate(row)


def company_wall(spec: DocSpec, row: FromClause, me: Me) -> ColumnElement[bool] | None:
    """The row is of the viewer's company; None for what belongs to none."""
    column = row.c.id if spec.name == _COMPANY else row.c.get("company_id")
    company = me.give("company_id", Uuid())
    return None if column is None or company is None else column == company


def rule_for(spec: DocSpec, me: Me) -> RowRule | None:
    """The type's rule, unless a permission of the viewer lifts it; whoever may sign sees what he is asked to sign."""
    rule = spec.access.rows
    if rule is None or (rule.unless is not None and me.may(rule.unless)):
        return None
    signed = me.viewer.signed is None or spec.name in me.viewer.signed
    signs = signed and spec.guardable and me.may(spec_of(_APPROVAL).access.write)
    return RowRule((*rule.ways, _ASKED), rule.unless) if signs else rule


def sees_all(spec: DocSpec, viewer: Viewer) -> bool:
    """Whether no rule hides any row of the company's from the viewer; a line is as visible as its document."""
    return rule_for(spec_of(spec.parent) if spec.parent else spec, Me.of(viewer, None)) is None


def _parent_visible(spec: DocSpec, row: FromClause, tables: Tables, me: Me) -> ColumnElement[bool]:
    assert spec.parent is not None
    parent_spec, parent = spec_of(spec.parent), tables(spec.parent)
    joins = parent.c.id == row.c[f"{snake(spec.parent)}_id"]
    return exists().where(and_(joins, *visible(parent_spec, parent, tables, me))).correlate(row)


def _document_visible(spec: DocSpec, row: FromClause, tables: Tables, me: Me) -> list[ColumnElement[bool]]:
    """About a document of a type that is seen whole, or, where a rule hides some rows, about one that is seen."""
    wall = company_wall(spec, row, me)
    seen = [row.c.document_type == me.many("whole_types", Text())]
    for one in specs().values():
        if one.kind in ("master", "document") and me.may(one.access.read) and rule_for(one, me) is not None:
            document = tables(one.name)
            about = and_(row.c.document_type == one.name, document.c.id == row.c.document_id)
            seen.append(_seen(one, document, about, tables, me, row))
    return [or_(*seen)] if wall is None else [wall, or_(*seen)]


def _column(link: str) -> str:
    """The column of a link; `id` is the row itself."""
    return link if link == "id" else f"{link}_id"
