"""Running mutations: one unit of work per field, in order, and its document read on the same connection.

So the answer shows what the write made, also of a dry run that is rolled back afterwards. A refusal is no error of
the request: it comes as problems in the payload.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from anyio import to_thread
from graphql import FieldNode, GraphQLObjectType
from graphql.execution.collect_fields import collect_sub_fields
from graphql.execution.values import get_argument_values
from sqlalchemy import Engine

from graph_schema.cost import WRITE, Cost, Spending, cost_of
from graph_schema.document import Known
from graph_schema.naming import payload_type
from graph_schema.read.compile import Statement, compiled
from graph_schema.read.emit import emit_columns
from graph_schema.read.plan import Planner, Root
from graph_schema.read.run import run_within
from graph_schema.read.scope import Emission
from graph_schema.read.selection import Pick, Source, below, pick, roots
from graph_schema.read.values import Slot, plain, shape
from graph_schema.trouble import Error, shown
from graph_schema.write.calls import Call, calls
from hub.context import Viewer
from hub.errors import HubError, Problem
from hub.writes import once, unit_of_work

WRITTEN = "\0written"
"""The variable under which a payload's statement finds the id; no GraphQL variable can be called so."""


@dataclass(frozen=True)
class Planned:
    """One mutation field: the call, the payload's selection, and the statement that reads the document."""

    key: str
    call: Call | None
    nodes: list[FieldNode]
    payload: tuple[Pick, ...]
    statement: Statement | None
    reads: tuple[str, ...]
    cost: Cost


class Mutations:
    """Runs mutation operations on one engine."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine

    async def answer(
        self, known: Known, fields: Sequence[Planned], variables: Mapping[str, Any], viewer: Viewer
    ) -> tuple[bytes, list[Error]]:
        """The data object's text and the errors."""
        parts, errors = [], []
        for planned in fields:
            text = b'"Mutation"'
            if planned.call is not None:
                try:
                    arguments = _arguments(known, planned, variables)
                    text = await to_thread.run_sync(self._run, planned, arguments, variables, viewer)
                except Exception as error:  # noqa: BLE001  (whatever happened becomes this field's error)
                    text = b"null"
                    errors += shown(error, viewer.language, (planned.key,))
            parts.append(b'"%s":%s' % (planned.key.encode(), text))
        return b"{" + b",".join(parts) + b"}", errors

    def refused(self, known: Known, problems: Sequence[Problem], viewer: Viewer) -> bytes:
        """The data when nothing was tried because the input does not fit its fields."""
        source = Source(known.schema, known.fragments, {})
        fields = roots(source, known.operation)
        parts = [
            b'"%s":%s' % (key.encode(), _payload(_bare(source, key, nodes), [], problems, viewer))
            for key, nodes in fields.items()
        ]
        return b"{" + b",".join(parts) + b"}"

    def _run(
        self, planned: Planned, arguments: Mapping[str, Any], variables: Mapping[str, Any], viewer: Viewer
    ) -> bytes:
        """One unit of work, on a thread."""
        call = planned.call
        assert call is not None
        columns: list[bytes] = []
        try:
            with unit_of_work(self._engine, viewer, "graphql", dry_run=bool(arguments.get("dryRun"))) as ctx:
                key = arguments.get("idempotencyKey")
                body = [planned.nodes[0].name.value, plain_tree(arguments)]
                made = once(ctx, key, body, lambda: call.run(ctx, arguments)) if key else call.run(ctx, arguments)
                if planned.statement is not None:
                    columns = run_within(ctx.session, planned.statement, {**variables, WRITTEN: made}, viewer)
        except HubError as error:
            return _payload(planned, [], error.problems, viewer)
        return _payload(planned, columns, (), viewer)

    def planned(self, known: Known, variables: Mapping[str, Any], viewer: Viewer, spending: Spending) -> list[Planned]:
        """The fields in order, compiled once per shape and rights."""
        slots = known.slots(variables)
        kept = known.plans.get((shape(slots), known.rights(viewer)))
        if kept is None:
            source = Source(known.schema, known.fragments, slots)
            fields = roots(source, known.operation)
            made = [_plan(known, source, key, nodes, viewer) for key, nodes in fields.items()]
            kept = known.plans.put((shape(slots), known.rights(viewer)), made)
            spending.effort += sum(len(one.statement.sql) for one in made if one.statement is not None)
        assert isinstance(kept, list)
        return kept


def _bare(source: Source, key: str, nodes: list[FieldNode]) -> Planned:
    """A field with its payload's selection and nothing below its document."""
    call = calls().get(nodes[0].name.value)
    if call is None:
        return Planned(key, None, nodes, (), None, (), Cost())
    types = source.schema.type_map
    payload_object = types[payload_type(call.spec.name)]
    problem_object = types["Problem"]
    assert isinstance(payload_object, GraphQLObjectType)
    assert isinstance(problem_object, GraphQLObjectType)
    fields = collect_sub_fields(source.schema, source.fragments, source.variables, payload_object, nodes)
    payload = []
    for name, found in fields.items():
        is_problems = found[0].name.value == "problems"
        children = {"Problem": below(source, problem_object, found)} if is_problems else {}
        payload.append(Pick(name, found[0].name.value, {}, children))
    return Planned(key, call, nodes, tuple(payload), None, (), Cost(WRITE))


def _plan(known: Known, source: Source, key: str, nodes: list[FieldNode], viewer: Viewer) -> Planned:
    """A field with the statement that reads its document, if the viewer may read it."""
    bare = _bare(source, key, nodes)
    planner = Planner(viewer)
    if bare.call is None or not planner.readable(bare.call.spec):
        return bare
    root = known.schema.mutation_type
    assert root is not None
    spec = bare.call.spec
    chosen = [one for one in pick(source, root, key, nodes).picks if one.name == spec.single]
    if not chosen:
        return bare
    wanted = [Root(one.key, "one", planner.document(spec, one.picks), "id", Slot((WRITTEN,))) for one in chosen]
    cost = cost_of(wanted, WRITE)
    emission = Emission(viewer)
    statement = compiled(emit_columns(emission, wanted), emission.bindings)
    return replace(bare, statement=statement, reads=tuple(one.key for one in wanted), cost=cost)


def _arguments(known: Known, planned: Planned, variables: Mapping[str, Any]) -> dict[str, Any]:
    """The field's arguments with this request's values."""
    root = known.schema.mutation_type
    assert root is not None
    node = planned.nodes[0]
    return get_argument_values(root.fields[node.name.value], node, dict(variables))


def _payload(planned: Planned, columns: list[bytes], problems: Sequence[Problem], viewer: Viewer) -> bytes:
    """The payload's JSON."""
    read = dict(zip(planned.reads, columns, strict=False))
    parts = []
    for one in planned.payload:
        if one.name == "problems":
            shown_problems = [_problem(found, one.picks, viewer.language) for found in problems]
            text = json.dumps(shown_problems, ensure_ascii=False).encode()
        elif one.name == "__typename":
            assert planned.call is not None
            text = b'"%s"' % payload_type(planned.call.spec.name).encode()
        else:
            text = read.get(one.key, b"null")
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


def plain_tree(value: Any) -> Any:
    """Arguments as JSON, to tell whether an idempotency key came with the same ones."""
    if isinstance(value, Mapping):
        return {name: plain_tree(item) for name, item in value.items()}
    if isinstance(value, list | tuple):
        return [plain_tree(item) for item in value]
    return plain(value)
