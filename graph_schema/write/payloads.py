"""Payloads of mutations as JSON: the document and its problems, of many a result per row, of a load its figures."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from graphql import FieldNode, GraphQLObjectType, get_named_type
from graphql.execution.collect_fields import collect_sub_fields

from graph_schema.cost import WRITE, Cost
from graph_schema.naming import IMPORT_PAYLOAD, LOAD_PAYLOAD, batch_payload_type, payload_type
from graph_schema.read.compile import Statement
from graph_schema.read.selection import Pick, Source, below
from graph_schema.write.calls import FIGURED, LOAD, Call, calls
from hub.document.answers import Answer, problem_from_json
from hub.document.batch import BatchRefused
from hub.errors import Problem

Columns = Mapping[str, bytes]
"""A document's JSON by response name."""


@dataclass(frozen=True)
class Planned:
    """One mutation field: the call, the payload's selection, and the statement that reads the documents."""

    key: str
    call: Call | None
    nodes: list[FieldNode]
    payload: tuple[Pick, ...]
    statement: Statement | None = None
    reads: tuple[str, ...] = ()
    cost: Cost = Cost()  # noqa: RUF009  (frozen)


def outer_type(call: Call) -> str:
    """The name of the payload's type."""
    if call.verb in FIGURED:
        return LOAD_PAYLOAD if call.verb == LOAD else IMPORT_PAYLOAD
    return batch_payload_type(call.spec.name) if call.rows else payload_type(call.spec.name)


def bare(source: Source, key: str, nodes: list[FieldNode]) -> Planned:
    """A field with its payload's selection and nothing below its documents."""
    call = calls().get(nodes[0].name.value)
    if call is None:
        return Planned(key, None, nodes, ())
    return Planned(key, call, nodes, _picks(source, outer_type(call), nodes), cost=Cost(WRITE))


def _picks(source: Source, type_name: str, nodes: list[FieldNode]) -> tuple[Pick, ...]:
    """What is selected of a payload; problems and results with what is below them."""
    found = []
    for name, below_nodes in fields_of(source, type_name, nodes).items():
        what = below_nodes[0].name.value
        children: dict[str, tuple[Pick, ...]] = {}
        if what == "problems":
            children = {"Problem": below(source, _object(source, "Problem"), below_nodes)}
        elif what == "results":
            definition = _object(source, type_name).fields["results"].type
            row_type = get_named_type(definition).name
            children = {row_type: _picks(source, row_type, below_nodes)}
        found.append(Pick(name, what, {}, children))
    return tuple(found)


def fields_of(source: Source, type_name: str, nodes: list[FieldNode]) -> dict[str, list[FieldNode]]:
    """The fields selected of an object type by response name."""
    return collect_sub_fields(source.schema, source.fragments, source.variables, _object(source, type_name), nodes)


def _object(source: Source, name: str) -> GraphQLObjectType:
    found = source.schema.type_map[name]
    assert isinstance(found, GraphQLObjectType)
    return found


def done_payload(planned: Planned, answer: Answer, read: Mapping[str, Columns], language: str) -> bytes:
    """The payload of an outcome; `read` holds the documents by id."""
    call = planned.call
    assert call is not None
    problems = [problem_from_json(one) for one in answer.get("problems", ())]
    if call.verb in FIGURED:
        return _payload(planned.payload, outer_type(call), problems, language, lambda one: _json(answer[one.name]))
    if not call.rows:
        columns = read.get(answer["id"], {})
        return _payload(planned.payload, outer_type(call), (), language, lambda one: columns.get(one.key, b"null"))
    rows = answer["rows"]
    told = [[problem_from_json(one) for one in row.get("problems", ())] for row in rows]
    found = [read.get(row.get("id", ""), {}) for row in rows]
    return _batch(planned, told, found, sum("id" in row for row in rows), language)


def refused_payload(planned: Planned, problems: Sequence[Problem], language: str, error: object = None) -> bytes:
    """The payload when nothing was kept."""
    call = planned.call
    assert call is not None
    if isinstance(error, BatchRefused):
        return _batch(planned, error.rows, [{}] * len(error.rows), 0, language)
    if call.rows:
        return _payload(planned.payload, outer_type(call), problems, language, _nothing)
    return _payload(planned.payload, outer_type(call), problems, language, lambda _: b"null")


def _nothing(one: Pick) -> bytes:
    return b"[]" if one.name == "results" else b"0"


def _batch(
    planned: Planned, told: Sequence[Sequence[Problem]], read: Sequence[Columns], done: int, language: str
) -> bytes:
    call = planned.call
    assert call is not None
    assert call.rows is not None
    single = payload_type(call.spec.name)
    led = [one.under(call.rows, str(index)) for index, row in enumerate(told) for one in row]

    def value(one: Pick) -> bytes:
        if one.name == "done":
            return _json(done)
        rows = (
            _payload(one.picks, single, problems, language, lambda inner, row=columns: row.get(inner.key, b"null"))  # type: ignore[misc]
            for problems, columns in zip(told, read, strict=True)
        )
        return b"[" + b",".join(rows) + b"]"

    return _payload(planned.payload, outer_type(call), led, language, value)


def _payload(
    picks: Sequence[Pick], type_name: str, problems: Sequence[Problem], language: str, value: Callable[[Pick], bytes]
) -> bytes:
    """A payload's JSON; `value` gives what is neither its type's name nor its problems."""
    parts = []
    for one in picks:
        if one.name == "problems":
            text = _json([_problem(found, one.picks, language) for found in problems])
        elif one.name == "__typename":
            text = b'"%s"' % type_name.encode()
        else:
            text = value(one)
        parts.append(b'"%s":%s' % (one.key.encode(), text))
    return b"{" + b",".join(parts) + b"}"


def _problem(found: Problem, picks: tuple[Pick, ...], language: str) -> dict[str, Any]:
    values = {
        "__typename": "Problem",
        "code": found.code,
        "message": found.message.in_language(language),
        "path": list(found.path),
        "hint": found.hint.in_language(language) if found.hint else None,
    }
    return {one.key: values[one.name] for one in picks}


def _json(value: Any) -> bytes:
    return json.dumps(value, ensure_ascii=False).encode()
