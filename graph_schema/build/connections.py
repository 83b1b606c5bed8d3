"""Connections: the pages of a list, and the arguments every list takes."""

from __future__ import annotations

from strawberry.types.arguments import StrawberryArgument

from graph_schema.build.assembly import Assembly, argument, listed, optional
from graph_schema.limits import DEFAULT_FIRST, MAX_FIRST
from graph_schema.naming import connection_type, description, edge_type, order_type, where_type
from hub.document.registry import specs

PAGE_INFO = "PageInfo"


def connections(assembly: Assembly) -> None:
    """PageInfo, and a connection with its edge per type."""
    info = assembly.object(PAGE_INFO, "分页信息 · Where a page lies in its list.")
    assembly.add(info, "hasNextPage", bool, "后面还有 · Whether more follows")
    assembly.add(info, "hasPreviousPage", bool, "前面还有 · Whether something comes before")
    assembly.add(info, "startCursor", optional(str), "第一行的游标 · Cursor of the first row")
    assembly.add(info, "endCursor", optional(str), "最后一行的游标 · Cursor of the last row")
    for spec in specs().values():
        node = assembly.object(spec.name)
        edge = assembly.object(edge_type(spec.name), description(spec.label, "一行 · a row"))
        assembly.add(edge, "cursor", str, "游标 · Cursor")
        assembly.add(edge, "node", node, str(spec.label))
        made = assembly.object(connection_type(spec.name), description(spec.label, "列表 · a list"))
        assembly.add(made, "nodes", listed(node), "本页的行 · The rows of this page")
        assembly.add(made, "edges", listed(edge), "本页的行及其游标 · The rows with their cursors")
        assembly.add(made, "pageInfo", info, "分页信息 · Where this page lies")
        assembly.add(made, "totalCount", int, "总行数，选中时才计算 · All rows, counted only when asked for")


def list_arguments(assembly: Assembly, target: str, *, pages: bool) -> list[StrawberryArgument]:
    """where, orderBy, first; with pages also after, last and before."""
    size = f"{'' if pages else '不写则全部，'}最多 {MAX_FIRST:,}"
    english = f"{f'default {DEFAULT_FIRST}' if pages else 'all when left out'}, at most {MAX_FIRST:,}"
    found = [
        argument("where", optional(assembly.input(where_type(target))), "筛选 · Filter"),
        argument(
            "orderBy",
            optional(listed(assembly.input(order_type(target)))),
            "排序，每项一个字段 · Order, one field per entry",
        ),
        argument("first", optional(int), f"条数，{size} · How many rows; {english}"),
    ]
    if pages:
        found += [
            argument("after", optional(str), "从此游标之后 · Rows after this cursor"),
            argument("last", optional(int), "倒数条数 · How many rows from the end"),
            argument("before", optional(str), "到此游标之前 · Rows before this cursor"),
        ]
    return found
