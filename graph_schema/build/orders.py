"""Orders: per type an input that names one field, or a field of a linked document, and a direction."""

from __future__ import annotations

import enum

import strawberry

from graph_schema.build.assembly import Assembly, optional
from graph_schema.naming import CUSTOM_ORDER, description, members, order_type
from graph_schema.scalars import CustomKey
from hub.document.custom import has_extra
from hub.document.registry import specs
from hub.document.spec import DerivedSpec, FieldSpec, LinkSpec


@strawberry.enum(description="排序方向；没有值的行总在最后 · Direction; rows without a value always come last")
class SortDirection(enum.Enum):
    """ASC or DESC."""

    ASC = "ASC"
    DESC = "DESC"


def orders(assembly: Assembly) -> None:
    """`SalesOrderOrderBy` for every type."""
    for spec in specs().values():
        order = assembly.input(order_type(spec.name), description(spec.label, "排序，只写一个字段 · exactly one field"))
        for name, member in members(spec).items():
            if isinstance(member, LinkSpec):
                assembly.add(
                    order, name, optional(assembly.input(order_type(member.target))), description(member.label)
                )
            elif isinstance(member, FieldSpec) and has_extra(member):
                assembly.add(order, name, optional(_custom_order(assembly)), description(member.label))
            elif isinstance(member, FieldSpec | DerivedSpec) and member.kind not in ("json", "list"):
                assembly.add(order, name, optional(SortDirection), description(member.label))


def _custom_order(assembly: Assembly) -> object:
    """The order by a custom field: its key and the direction."""
    known = CUSTOM_ORDER in assembly.types
    made = assembly.input(CUSTOM_ORDER, "按自定义字段排序 · By a custom field")
    if not known:
        assembly.add(made, "field", CustomKey, "键 · The key of the field: colour")
        assembly.add(made, "direction", SortDirection, "方向 · Direction")
    return made
