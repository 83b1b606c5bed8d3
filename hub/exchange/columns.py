"""What a file of a document type may hold: a column for each field, links by code, name or number, lines beside.

Columns are called as the export calls them, so that what was taken away comes back. Those that people do not fill in
are known as well: a file may hold them, and they are passed over with a reason.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Any

from hub.context import Viewer
from hub.document.custom import CustomSpec, has_extra, shown
from hub.document.fields import FieldSpec
from hub.document.registry import spec as spec_of
from hub.document.registry import specs
from hub.document.spec import DocSpec, LinkSpec
from hub.errors import Forbidden, NotFound, Refused, problem
from hub.words import Label, camel

GROUP = "_group"
"""The path of the mark by which rows say that they are one document."""
_BY_HUB = Label("由系统填写", "filled in by the hub")
_BY_STEP = Label("由单据操作改变", "changed by steps")
_COMPUTED = Label("由系统计算", "computed by the hub")
_NO_RIGHT = Label("您无权填写", "you may not fill it in")
_SHOWN_ONLY = Label("仅供查看", "shown only")
_COMPANY = Label("公司", "Company")


@dataclass(frozen=True)
class Column:
    """A column that a file may have.

    `path` is its name in the export (customer.code, lines.quantity), `lines` the list of lines it belongs to, `name`
    the field or link it fills, `part` of a link what it is called by: key, name, or a line's number and position.
    `closed` says why it is passed over.
    """

    path: str
    label: Label
    name: str
    field: FieldSpec | None = None
    link: LinkSpec | None = None
    part: str = ""
    lines: str | None = None
    short: Label | None = None
    """The heading without the name of the list of lines."""
    required: bool = False
    closed: Label | None = None


@dataclass(frozen=True)
class Plan:
    """How files of a list are read: the document type that is written, its columns, the field that names a record.

    A list of lines (salesOrderLines) is written through its documents: `of_lines` names their list.
    """

    spec: DocSpec
    columns: tuple[Column, ...]
    key: str
    of_lines: str | None = None

    @property
    def open(self) -> list[Column]:
        """The columns that people fill in."""
        return [one for one in self.columns if one.closed is None]

    def column(self, path: str) -> Column | None:
        """The column of that path."""
        return next((one for one in self.columns if one.path == path), None)


def plan_for(many: str, viewer: Viewer) -> Plan:
    """The plan of a list by its GraphQL name (salesOrders) or its type's name (SalesOrder).

    Raises:
        NotFound: LIST_UNKNOWN. Refused: LEDGER_NOT_IMPORTED, MADE_BY_HUB. Forbidden: FORBIDDEN.
    """
    spec = next((one for one in specs().values() if many in (one.many, one.name)), None)
    if spec is None:
        shown = many[:60]
        raise NotFound(problem("LIST_UNKNOWN", f"没有名为 {shown} 的列表。", f"There is no list {shown}."))
    if spec.kind == "ledger":
        raise Refused(_ledger(spec))
    if not (spec_of(spec.parent) if spec.parent else spec).by_hand:
        raise Refused(_made_by_hub(spec))
    if not viewer.may(spec.access.read) or not viewer.may(spec.access.write):
        chinese, english = spec.label
        raise Forbidden(problem("FORBIDDEN", f"您没有导入{chinese}的权限。", f"You may not import: {english}."))
    if spec.parent is not None:
        return _plan_of_lines(spec, spec_of(spec.parent), viewer)
    header = tuple(_columns(spec, viewer, None, Label("", ""), ""))
    beside = [
        column
        for name, lines in spec.lines.items()
        for column in _columns(spec_of(lines.target), viewer, name, lines.label, f"{camel(name)}.")
    ]
    group = [_group_column()] if beside else []
    return Plan(spec, (*header, *group, *beside), spec.natural_key)


def _plan_of_lines(spec: DocSpec, parent: DocSpec, viewer: Viewer) -> Plan:
    """Lines by themselves: the document's number, the position, and what may change."""
    name = next(name for name, lines in parent.lines.items() if lines.target == spec.name)
    key = parent.fields[parent.natural_key]
    link = next(one for one in spec.links.values() if one.target == parent.name)
    path, label = f"{camel(link.name)}.{camel(key.name)}", link.label
    header = [Column(path, label, key.name, key, required=True)]
    if parent.kind == "master":
        header = [Column(path, _joined(label, key.label), key.name, key, required=True)]
        header.append(Column(f"{camel(link.name)}.name", label, "name", closed=_SHOWN_ONLY))
    return Plan(parent, (*header, *_columns(spec, viewer, name, Label("", ""), "")), parent.natural_key, name)


def _columns(spec: DocSpec, viewer: Viewer, lines: str | None, list_label: Label, prefix: str) -> Iterator[Column]:
    """The columns of a type in the order of its table."""
    links = {link.column: link for link in spec.links.values()}
    for stored in spec.table.columns:
        link = links.get(stored.name)
        if link is not None and link.target == spec.parent:
            continue
        if link is not None:
            found = _of_link(link, viewer)
        elif stored.name == "company_id":
            found = _of_company()
        elif spec.fields[stored.name].secret:
            continue
        elif has_extra(spec.fields[stored.name]):
            found = [_of_custom(one, viewer) for one in shown(viewer, spec.name).values()]
        else:
            found = [_of_field(spec, spec.fields[stored.name], viewer)]
        for one in found:
            yield _in_list(one, lines, list_label, prefix)
    for derived in spec.derived.values():
        column = Column(camel(derived.name), derived.label, derived.name, closed=_COMPUTED)
        yield _in_list(column, lines, list_label, prefix)


def _in_list(one: Column, lines: str | None, list_label: Label, prefix: str) -> Column:
    if lines is None:
        return one
    label = Label(*(" ".join(filter(None, words)) for words in zip(list_label, one.label, strict=True)))
    return replace(one, path=f"{prefix}{one.path}", label=label, lines=lines, short=one.label)


def _of_field(spec: DocSpec, field: FieldSpec, viewer: Viewer) -> Column:
    closed = None
    if field.system or field.kind == "id":
        closed = _BY_HUB
    elif field.computed:
        closed = _COMPUTED
    elif field.name == "state" and spec.states is not None:
        closed = _BY_STEP
    elif not viewer.may(field.restricted):
        closed = _NO_RIGHT
    numbered = field.name == "number" and spec.series is not None
    required = field.required and not field.has_default and not numbered and field.name != "position"
    return Column(camel(field.name), field.label, field.name, field, required=required, closed=closed)


def _of_custom(field: CustomSpec, viewer: Viewer) -> Column:
    """A field that the company has declared; its values stand together in `extra`."""
    closed = None if field.target is None or viewer.may(spec_of(field.target).access.read) else _NO_RIGHT
    required = field.needed and field.default is None
    return Column(field.path, field.label, field.path, field, required=required, closed=closed)


def _of_link(link: LinkSpec, viewer: Viewer) -> list[Column]:
    """The columns by which the export names what a link leads to."""
    target, path = spec_of(link.target), camel(link.name)
    closed = _BY_HUB if link.system else None if viewer.may(target.access.read) else _NO_RIGHT

    def column(end: str, label: Label, part: str, *, required: bool = False) -> Column:
        return Column(f"{path}.{end}", label, link.name, link=link, part=part, required=required, closed=closed)

    if target.kind == "master":
        code = target.fields["code"].label
        keyed = column("code", _joined(link.label, code), "key", required=link.required)
        return [keyed, column("name", link.label, "name")]
    if target.kind == "document":
        return [column("number", link.label, "key", required=link.required)]
    if target.parent is not None:
        parent = spec_of(target.parent)
        towards = next(one for one in target.links.values() if one.target == target.parent)
        number = column(
            f"{camel(towards.name)}.{camel(parent.natural_key)}",
            _joined(link.label, towards.label),
            "number",
            required=link.required,
        )
        place = _joined(link.label, target.fields["position"].label)
        return [number, column("position", place, "position", required=link.required)]
    return [column("id", _joined(link.label, Label("标识", "Id")), "key", required=link.required)]


def _of_company() -> list[Column]:
    code = Column("company.code", _joined(_COMPANY, Label("编码", "Code")), "company", closed=_BY_HUB)
    return [code, Column("company.name", _COMPANY, "company", closed=_SHOWN_ONLY)]


def _group_column() -> Column:
    return Column(GROUP, Label("分组", "Group"), GROUP)


def _joined(first: Label, second: Label) -> Label:
    return Label(f"{first.chinese} {second.chinese}", f"{first.english} {second.english}")


def _made_by_hub(spec: DocSpec) -> Any:
    return problem(
        "MADE_BY_HUB",
        f"{spec.label.chinese}由系统生成，不能导入。",
        f"{spec.label.english}: made by the hub, files cannot bring any.",
    )


def _ledger(spec: DocSpec) -> Any:
    return problem(
        "LEDGER_NOT_IMPORTED",
        f"{spec.label.chinese}是账本，由单据记账产生，不能导入。",
        f"{spec.label.english} is a ledger: documents post it, files cannot.",
        hint=("请导入相应的单据。", "Import the documents that post it."),
    )
