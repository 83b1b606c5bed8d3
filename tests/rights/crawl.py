"""Everything that can be asked, found by walking the schema: so that what is added later is hunted too.

`selections` asks each list for all it shows, some steps deep; `questions` brings a field into every argument that
takes it: filters, orders, groups and whatever else there will be.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from graphql import (
    GraphQLEnumType,
    GraphQLField,
    GraphQLInputField,
    GraphQLInputObjectType,
    GraphQLInterfaceType,
    GraphQLList,
    GraphQLNonNull,
    GraphQLObjectType,
    GraphQLSchema,
    get_named_type,
    is_leaf_type,
    is_required_argument,
)

from hub.document.registry import specs
from hub.document.spec import DocSpec
from hub.words import camel

_SKIPPED = frozenset({"pageInfo", "cursor"})


def selections(schema: GraphQLSchema, depth: int) -> Iterator[str]:
    """Documents that select, of every list, each field with all that lies below it, `depth` objects deep."""
    query = schema.query_type
    assert query is not None
    for spec in specs().values():
        connection = get_named_type(query.fields[spec.many].type)
        assert isinstance(connection, GraphQLObjectType)
        for name, field in connection.fields.items():
            if name in ("nodes", "edges", *_SKIPPED) or _closed(field):
                continue
            yield f"{{ {spec.many}(first: 20) {{ {name} {_below(field, depth)} }} }}"
        node = schema.type_map[spec.name]
        assert isinstance(node, GraphQLObjectType)
        leaves = " ".join(name for name, field in node.fields.items() if _leaf(field))
        yield f"{{ {spec.many}(first: 20) {{ nodes {{ {leaves} }} }} }}"
        for name, field in node.fields.items():
            if not _leaf(field) and not _closed(field):
                yield f"{{ {spec.many}(first: 20) {{ nodes {{ {name} {_below(field, depth)} }} }} }}"


def _leaf(field: GraphQLField) -> bool:
    return is_leaf_type(get_named_type(field.type))


def _closed(field: GraphQLField) -> bool:
    return any(is_required_argument(argument) for argument in field.args.values())


def _below(field: GraphQLField, depth: int) -> str:
    """A selection of all leaves, and of objects as deep as is left."""
    target = get_named_type(field.type)
    if is_leaf_type(target):
        return ""
    assert isinstance(target, GraphQLObjectType | GraphQLInterfaceType)
    chosen = ["__typename"]
    for name, one in target.fields.items():
        if _closed(one) or name in _SKIPPED:
            continue
        if _leaf(one):
            chosen.append(name)
        elif depth > 1 and not (name == "edges" and "nodes" in target.fields):
            chosen.append(f"{name} {_below(one, depth - 1)}")
    return "{ " + " ".join(chosen) + " }"


@dataclass(frozen=True)
class Question:
    """A document that brings a restricted field into an argument."""

    about: str
    document: str


def questions(schema: GraphQLSchema, spec: DocSpec, field: str) -> Iterator[Question]:
    """The field in every input type that has it, each reached from some list's arguments by the shortest way."""
    name = camel(field)
    ways = _ways(schema)
    for type_name, way in sorted(ways.items()):
        made = schema.type_map[type_name]
        assert isinstance(made, GraphQLInputObjectType)
        if type_name.startswith(spec.name) and _is_of(type_name, spec) and name in made.fields:
            document = way.document(name, made.fields[name])
            yield Question(f"{way.root} {'.'.join(map(str, way.steps))} {type_name}.{name}", document)


def _is_of(type_name: str, spec: DocSpec) -> bool:
    """ItemWhere is about Item; SalesOrderLineWhere is not about SalesOrder."""
    longer = [one for one in specs() if one != spec.name and one.startswith(spec.name) and type_name.startswith(one)]
    return not longer


@dataclass(frozen=True)
class Way:
    """How an input type is reached: the root list, the field below it (if any), argument and input fields."""

    root: str
    inner: GraphQLField | None
    inner_name: str
    argument: str
    type: Any
    others: dict[str, Any]
    steps: tuple[tuple[str, Any], ...] = ()

    def document(self, name: str, field: GraphQLInputField) -> str:
        """The request that uses field `name` at the end of the way."""
        value = f"{{{name}: {_leaf_value(field.type)}}}"
        for step, type_ in reversed(self.steps):
            value = f"{{{step}: {_wrapped(value, type_)}}}"
        value = f"{self.argument}: {_wrapped(value, self.type)}"
        more = [f"{one}: {_some(type_)}" for one, type_ in self.others.items()]
        arguments = f"({', '.join([value, *more])})"
        if self.inner is None:
            return f"{{ {self.root}{arguments} {{ totalCount }} }}"
        return f"{{ {self.root} {{ {self.inner_name}{arguments} {_below(self.inner, 1)} }} }}"


def _ways(schema: GraphQLSchema) -> dict[str, Way]:
    """The shortest way to each input type from the arguments of a list or of a field of its connection."""
    query = schema.query_type
    assert query is not None
    waiting: list[Way] = []
    for spec in specs().values():
        root = query.fields[spec.many]
        connection = get_named_type(root.type)
        assert isinstance(connection, GraphQLObjectType)
        for inner_name, inner in [("", None), *connection.fields.items()]:
            holder = root if inner is None else inner
            for argument, one in holder.args.items():
                others = {
                    other: two.type
                    for other, two in holder.args.items()
                    if other != argument and is_required_argument(two)
                }
                waiting.append(Way(spec.many, inner, inner_name, argument, one.type, others))
    found: dict[str, Way] = {}
    while waiting:
        way = waiting.pop(0)
        target = get_named_type(way.steps[-1][1] if way.steps else way.type)
        if not isinstance(target, GraphQLInputObjectType) or target.name in found:
            continue
        found[target.name] = way
        waiting += [
            Way(way.root, way.inner, way.inner_name, way.argument, way.type, way.others, (*way.steps, (name, one.type)))
            for name, one in target.fields.items()
        ]
    return found


def _wrapped(value: str, type_: Any) -> str:
    """In brackets where a list is wanted."""
    bare = type_.of_type if isinstance(type_, GraphQLNonNull) else type_
    return f"[{value}]" if isinstance(bare, GraphQLList) else value


def _leaf_value(type_: Any) -> str:
    """A filter on a field, a direction, a bucket, true: whatever the field takes."""
    target = get_named_type(type_)
    if isinstance(target, GraphQLInputObjectType):
        name = "isNull" if "isNull" in target.fields else next(iter(target.fields))
        return _wrapped(f"{{{name}: {_leaf_value(target.fields[name].type)}}}", type_)
    return _some(type_)


def _some(type_: Any) -> str:
    """Any value of a type."""
    target = get_named_type(type_)
    if isinstance(target, GraphQLEnumType):
        return _wrapped(next(iter(target.values)), type_)
    if isinstance(target, GraphQLInputObjectType):
        name = "id" if "id" in target.fields else next(iter(target.fields))
        return _wrapped(f"{{{name}: {_some(target.fields[name].type)}}}", type_)
    known = {"Boolean": True, "Int": 1, "Float": 1, "Decimal": "1", "Date": "2026-01-01"}
    return _wrapped(json.dumps(known.get(target.name, "x")), type_)
