"""From a GraphQL answer to a table: which columns a document gives, of what type, and the rows under them.

The types come from the hub's own schema, so a code such as "0012.5000" stays text and an amount becomes a Decimal;
aliases, fragments and empty answers make no difference.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any, ClassVar, cast

import pandas as pd
from graphql import (
    DocumentNode,
    FieldNode,
    FragmentDefinitionNode,
    FragmentSpreadNode,
    GraphQLSyntaxError,
    InlineFragmentNode,
    OperationDefinitionNode,
    SelectionSetNode,
    parse,
)

from notebooks.problems import HubProblem

_TEXT = {"String", "ID"}


@dataclass(frozen=True)
class AnswerTypes:
    """The output types of the schema: of each field its named type and whether it is a list."""

    INTROSPECTION: ClassVar[str] = """{ __schema {
      queryType { name }
      types { name kind fields { name type { ...Named } } }
    } }
    fragment Named on __Type { name kind ofType { name kind ofType { name kind ofType { name kind } } } }"""

    query: str
    fields: dict[str, dict[str, tuple[str, bool]]]
    enums: frozenset[str]

    @classmethod
    def of_introspection(cls, answer: dict[str, Any]) -> AnswerTypes:
        """From the answer to INTROSPECTION."""
        schema = answer["__schema"]
        fields = {
            one["name"]: {inner["name"]: _named(inner["type"]) for inner in one["fields"]}
            for one in schema["types"]
            if one["fields"]
        }
        enums = frozenset(one["name"] for one in schema["types"] if one["kind"] == "ENUM")
        return cls(schema["queryType"]["name"], fields, enums)


def _named(found: dict[str, Any]) -> tuple[str, bool]:
    """Of `[Line!]!` the name Line and that it is a list."""
    many = False
    while found.get("ofType"):
        many = many or found["kind"] == "LIST"
        found = found["ofType"]
    return str(found["name"]), many


@dataclass
class Part:
    """One key of an answer: its type, whether it holds a list, and the keys below it in the document's order."""

    kind: str
    many: bool
    below: dict[str, Part] = field(default_factory=dict)

    @property
    def rows(self) -> Part:
        """What a row of it looks like: a connection's rows are its nodes."""
        return self.below.get("nodes", self)

    @property
    def is_many(self) -> bool:
        """True for a list and for a connection."""
        return self.many or "nodes" in self.below


@dataclass
class Column:
    """A column of the table."""

    kind: str
    many: bool
    values: list[Any] = field(default_factory=list)


class Answer:
    """The table that one document gives at one path: `root` is the key in the answer, `path` the lists to unfold."""

    def __init__(self, document: str, types: AnswerTypes, root: str | None, path: list[str]) -> None:
        self._types = types
        try:
            parsed = parse(document, no_location=True)
        except GraphQLSyntaxError as error:
            raise HubProblem(f"查询写法有误：{error.message}", f"The query is misspelt: {error.message}") from error
        whole = Part(types.query, many=False)
        operation = next(one for one in parsed.definitions if isinstance(one, OperationDefinitionNode))
        _collect(whole, operation.selection_set, types, _fragments(parsed))
        self.root = root or (next(iter(whole.below)) if len(whole.below) == 1 else "")
        self._path = path
        self._top = _step(whole, self.root)

    def frame(self, rows: Iterable[dict[str, Any]], time_zone: str) -> pd.DataFrame:
        """The rows as a table."""
        columns = dict(self._columns(self._top.rows, self._path, ""))
        for row in rows:
            for flat in self._unfolded(self._top.rows, row, self._path, ""):
                for name, column in columns.items():
                    column.values.append(flat.get(name))
        return pd.DataFrame({name: self._series(column, time_zone) for name, column in columns.items()})

    def _columns(self, part: Part, path: list[str], prefix: str) -> Iterator[tuple[str, Column]]:
        if path:
            _step(part, path[0])  # a misspelt path is told, with or without rows
        for key, below in part.below.items():
            name = f"{prefix}{key}"
            if path and key == path[0]:
                yield from self._columns(below.rows, path[1:], f"{name}.")
            elif below.below and not below.is_many:
                yield from self._columns(below, [], f"{name}.")
            else:
                yield name, Column(below.kind, below.is_many)

    def _unfolded(self, part: Part, row: dict[str, Any], path: list[str], prefix: str) -> Iterator[dict[str, Any]]:
        """The rows of the table that come from one node."""
        flat: dict[str, Any] = {}
        for key, below in part.below.items():
            name, value = f"{prefix}{key}", row.get(key)
            if path and key == path[0]:
                continue
            if below.below and not below.is_many:
                flat |= next(self._unfolded(below, value or {}, [], f"{name}."))
            else:
                flat[name] = _whole_list(name, value) if below.is_many else value
        if not path:
            yield flat
            return
        inner = part.below[path[0]]
        found = _whole_list(path[0], row.get(path[0])) if inner.is_many else [row[path[0]]] if row.get(path[0]) else []
        for one in found:
            for deeper in self._unfolded(inner.rows, one, path[1:], f"{prefix}{path[0]}."):
                yield flat | deeper

    def _series(self, column: Column, time_zone: str) -> pd.Series[Any]:
        """The column with the type that its field has in the schema."""
        values, kind = column.values, column.kind
        if column.many:
            return pd.Series(values, dtype=object)
        if kind == "Decimal":
            return pd.Series([None if one is None else Decimal(one) for one in values], dtype=object)
        if kind == "Date":
            return pd.to_datetime(pd.Series(values, dtype=object), format="%Y-%m-%d")
        if kind == "DateTime":
            moments = pd.to_datetime(pd.Series(values, dtype=object), format="ISO8601", utc=True)
            return moments.dt.tz_convert(time_zone)
        if kind in _TEXT or kind in self._types.enums:
            return pd.Series(values, dtype="str")
        return pd.Series(values, dtype=cast("Any", {"Int": "Int64", "Boolean": "boolean"}.get(kind, object)))


def _fragments(parsed: DocumentNode) -> dict[str, FragmentDefinitionNode]:
    return {one.name.value: one for one in parsed.definitions if isinstance(one, FragmentDefinitionNode)}


def _collect(
    part: Part, selection: SelectionSetNode, types: AnswerTypes, fragments: dict[str, FragmentDefinitionNode]
) -> None:
    """Add what a selection asks for to a part; the same key asked twice is one key."""
    known = types.fields.get(part.kind, {})
    for node in selection.selections:
        if isinstance(node, FieldNode):
            key = (node.alias or node.name).value
            kind, many = known.get(node.name.value, ("String", False))  # not known: __typename
            below = part.below.setdefault(key, Part(kind, many))
            if node.selection_set:
                _collect(below, node.selection_set, types, fragments)
        elif isinstance(node, FragmentSpreadNode):
            _collect_as(part, fragments[node.name.value], types, fragments)
        elif isinstance(node, InlineFragmentNode):
            _collect_as(part, node, types, fragments)


def _collect_as(
    part: Part,
    fragment: FragmentDefinitionNode | InlineFragmentNode,
    types: AnswerTypes,
    fragments: dict[str, FragmentDefinitionNode],
) -> None:
    """A fragment's fields belong to the type it is on."""
    kind = fragment.type_condition.name.value if fragment.type_condition else part.kind
    _collect(Part(kind, part.many, part.below), fragment.selection_set, types, fragments)


def _step(part: Part, key: str) -> Part:
    """One step along a path."""
    if key in part.below:
        return part.below[key]
    keys = ", ".join(part.below)
    raise HubProblem(
        f"答案中没有 {key or '唯一的一项'}；请用 path 指明其一：{keys}。",
        f"The answer has no {key or 'single part'}; name one of these with path: {keys}.",
    )


def _whole_list(name: str, value: Any) -> list[Any]:
    """The rows of an inner list; one that says it was cut off is refused, its totals would be wrong."""
    if value is None:
        return []
    if isinstance(value, list):
        return value
    if value.get("pageInfo", {}).get("hasNextPage"):
        raise HubProblem(
            f"{name} 在某一行里不止一页；请单独查询它，或加大它的 first。",
            f"{name} has more than one page in some row; ask for it on its own, or raise its first.",
        )
    return list(value["nodes"])
