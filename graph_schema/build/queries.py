"""The root of queries: one and many of every type, and any document by its id."""

from __future__ import annotations

import strawberry
from strawberry.types.arguments import StrawberryArgument

from graph_schema.build.assembly import Assembly, argument, optional
from graph_schema.build.connections import list_arguments
from graph_schema.build.objects import NODE
from graph_schema.naming import AS_OF, box_field, connection_type, description
from graph_schema.scalars import DateTime
from hub.document.registry import specs

QUERY = "Query"


def queries(assembly: Assembly) -> None:
    """`salesOrder(id:|number:)`, `salesOrders(…)`, `node(id:)`."""
    as_of = argument(
        AS_OF, optional(DateTime), "按此时刻的状况，权限按现在 · As it stood at this moment, by today's rights"
    )
    reading_fields(assembly, assembly.object(QUERY, "查询 · What can be asked"), as_of)


def reading_fields(assembly: Assembly, query: object, *more: StrawberryArgument) -> None:
    """The same fields for the root of queries and, as live queries, for that of subscriptions."""
    node = assembly.interface(NODE)
    by_id = argument("id", strawberry.ID, "标识 · Id")
    assembly.add(query, "node", optional(node), "任何单据或档案 · Any document by its id", arguments=[by_id, *more])
    for spec in specs().values():
        keys = [argument("id", optional(strawberry.ID), "标识 · Id")]
        if spec.natural_key in ("code", "number"):
            label = spec.fields[spec.natural_key].label
            keys.append(argument(spec.natural_key, optional(str), description(label)))
        one = optional(assembly.object(spec.name))
        assembly.add(query, spec.single, one, description(spec.label), arguments=[*keys, *more])
        pages = [*list_arguments(assembly, spec.name, pages=True), *more]
        many = optional(assembly.object(connection_type(spec.name)))
        assembly.add(query, spec.many, many, description(spec.label, "列表 · list"), arguments=pages)
        for box, way in spec.boxes.items():
            assembly.add(query, box_field(spec, box), many, description(spec.label, str(way.label)), arguments=pages)
