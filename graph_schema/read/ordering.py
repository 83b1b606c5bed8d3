"""`orderBy`, understood: a list of keys that orders every row of a type in one way only.

Rows without a value come last in both directions. When the keys do not already name a row, its id is the last
key, so that pages neither repeat nor lose a row.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from graph_schema.naming import members
from graph_schema.read.conditions import Rights, custom_field, demand_column, demand_plain
from hub.document.custom import EXTRA, CustomSpec, has_extra
from hub.document.registry import spec as spec_of
from hub.document.spec import DerivedSpec, DocSpec, FieldSpec, LinkSpec
from hub.errors import Invalid, problem

DEFAULTS: dict[str, tuple[tuple[str, bool], ...]] = {
    "document": (("number", True),),
    "master": (("name_pinyin", False),),
    "line": (("id", True),),
    "ledger": (("id", True),),
    "companion": (("id", False),),
}
"""Field and descending, by kind of type: newest documents first, masters by the sound of their names."""


@dataclass(frozen=True)
class Key:
    """One key: the links to follow, the field there, and the direction."""

    links: tuple[LinkSpec, ...]
    member: FieldSpec | DerivedSpec
    descending: bool

    @property
    def nullable(self) -> bool:
        """Whether a row may have no value: an optional field, a linked or derived one."""
        return bool(self.links) or isinstance(self.member, DerivedSpec) or not self.member.required

    @property
    def name(self) -> str:
        """customer.name desc."""
        name = self.member.path if isinstance(self.member, CustomSpec) else self.member.name
        path = ".".join([*(link.name for link in self.links), name])
        return f"{path} {'desc' if self.descending else 'asc'}"


def ordering(
    spec: DocSpec, order_by: Any, rights: Rights, *, default: tuple[tuple[str, bool], ...] | None = None
) -> tuple[Key, ...]:
    """The keys of an `orderBy` argument, completed to a total order; a `default` given here is one already."""
    keys = [_key(spec, entry, (), rights) for entry in order_by or ()]
    if not keys and default:
        return tuple(Key((), spec.fields[name], down) for name, down in default)
    if not keys:
        keys = [Key((), spec.fields[name], down) for name, down in DEFAULTS[spec.kind]]
    if not any(_names_a_row(spec, key) for key in keys):
        keys.append(Key((), spec.fields["id"], keys[-1].descending))
    return tuple(keys)


def _key(spec: DocSpec, entry: Any, links: tuple[LinkSpec, ...], rights: Rights) -> Key:
    """{customer: {name: ASC}} → a key; each object holds exactly one."""
    given = {name: value for name, value in entry.items() if value is not None}
    if len(given) != 1:
        raise Invalid(
            problem(
                "ORDER_AMBIGUOUS",
                "orderBy 的每一项只能写一个字段，多个字段请分成多项。",
                "Each entry of orderBy names exactly one field; write several entries for several fields.",
                "orderBy",
            )
        )
    ((name, value),) = given.items()
    member = members(spec)[name]
    if isinstance(member, FieldSpec) and has_extra(member):
        return _custom_key(spec, value, links, rights)
    if isinstance(member, LinkSpec):
        target = spec_of(member.target)
        rights.demand(target)
        return _key(target, value, (*links, member), rights)
    assert isinstance(member, FieldSpec | DerivedSpec)
    demand_column(member, rights)
    demand_plain(member)
    return Key(links, member, str(getattr(value, "value", value)) == "DESC")


def _custom_key(spec: DocSpec, value: Any, links: tuple[LinkSpec, ...], rights: Rights) -> Key:
    """{field: "colour", direction: ASC} → a key."""
    member = custom_field(spec, value["field"], rights)
    if member.kind == "list":
        chinese, english = member.label
        sentences = f"{chinese}可有多个值，不能排序。", f"{english} has several values and gives no order."
        raise Invalid(problem("NOT_SORTABLE", *sentences, EXTRA, member.name))
    return Key(links, member, str(getattr(value["direction"], "value", value["direction"])) == "DESC")


def _names_a_row(spec: DocSpec, key: Key) -> bool:
    """The id always; a document's number and a master's code within the viewer's company."""
    unique = {"id"} | ({spec.natural_key} if spec.kind in ("document", "master") else set())
    return not key.links and not isinstance(key.member, CustomSpec) and key.member.name in unique
