"""Orders: per type an input that names one field, or a field of a linked document, and a direction."""

from __future__ import annotations

import enum

import strawberry

from graph_schema.build.assembly import Assembly, optional
from graph_schema.naming import description, members, order_type
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
            elif isinstance(member, FieldSpec | DerivedSpec) and member.kind not in ("json", "list"):
                assembly.add(order, name, optional(SortDirection), description(member.label))
