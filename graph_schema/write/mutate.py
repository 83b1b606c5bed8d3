"""Running mutations: one unit of work per field, in order, and its documents read on the same connection.

So the answer shows what the write made, also of a dry run that is rolled back afterwards. A refusal is no error of
the request: it comes as problems in the payload.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any
from uuid import UUID

from anyio import to_thread
from graphql import FieldNode, GraphQLObjectType
from graphql.execution.values import get_argument_values
from sqlalchemy import Engine

from graph_schema.cost import WRITE, Cost, Spending, cost_of
from graph_schema.document import Known
from graph_schema.naming import payload_type
from graph_schema.read.compile import compiled
from graph_schema.read.emit import emit_documents
from graph_schema.read.plan import Planner, Root
from graph_schema.read.run import rows_within
from graph_schema.read.scope import Emission
from graph_schema.read.selection import Source, below, roots
from graph_schema.read.values import Slot, plain, shape
from graph_schema.trouble import Error, shown
from graph_schema.write.calls import FIGURED, row_count
from graph_schema.write.payloads import Columns, Planned, bare, done_payload, fields_of, outer_type, refused_payload
from hub.context import Ctx, Viewer
from hub.document import audit
from hub.document.answers import Answer
from hub.errors import HubError, Problem
from hub.writes import answered, persistently, unit_of_work

WRITTEN = "\0written"
"""The variable under which a payload's statement finds the ids; no GraphQL variable can be called so."""


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
        fields = [bare(source, key, nodes) for key, nodes in roots(source, known.operation).items()]
        parts = [
            b'"%s":%s' % (one.key.encode(), refused_payload(one, problems, viewer.language))
            for one in fields
            if one.call is not None
        ]
        return b"{" + b",".join(parts) + b"}"

    def _run(
        self, planned: Planned, arguments: Mapping[str, Any], variables: Mapping[str, Any], viewer: Viewer
    ) -> bytes:
        """One unit of work, on a thread."""
        call = planned.call
        assert call is not None

        def work() -> tuple[Answer, dict[str, Columns]]:
            with unit_of_work(self._engine, viewer, "graphql", dry_run=bool(arguments.get("dryRun"))) as ctx:
                key = arguments.get("idempotencyKey")
                body = [planned.nodes[0].name.value, plain_tree(arguments)] if key else None
                answer = answered(ctx, key, body, lambda: call.run(ctx, arguments))
                return answer, _documents(ctx, planned, answer, variables)

        try:
            answer, read = persistently(work)
        except HubError as error:
            return refused_payload(planned, error.problems, viewer.language, error)
        return done_payload(planned, answer, read, viewer.language)

    def planned(self, known: Known, variables: Mapping[str, Any], viewer: Viewer, spending: Spending) -> list[Planned]:
        """The fields in order, compiled once per shape and rights; inputs are no part of the shape."""
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

    def cost(self, known: Known, fields: Sequence[Planned], variables: Mapping[str, Any]) -> int:
        """What the fields cost together; a bulk call costs its rows' worth."""
        total = 0
        for one in fields:
            many = one.call is not None and one.call.rows is not None
            rows = max(1, row_count(one.call, _arguments(known, one, variables))) if many and one.call else 1
            total += rows * one.cost.of(variables)
        return total


def _documents(ctx: Ctx, planned: Planned, answer: Answer, variables: Mapping[str, Any]) -> dict[str, Columns]:
    """What the payload shows of the documents that an outcome names, by id."""
    if planned.statement is None:
        return {}
    ids = [UUID(row["id"]) for row in answer.get("rows", [answer]) if "id" in row]
    if not ids:
        return {}
    if audit.audit_entry.name in planned.statement.sql:
        audit.publish(ctx)  # the answer tells of this very change
    rows = rows_within(ctx.session, planned.statement, {**variables, WRITTEN: ids}, ctx.viewer)
    return {row[0].decode(): dict(zip(planned.reads, row[1:], strict=True)) for row in rows}


def _plan(known: Known, source: Source, key: str, nodes: list[FieldNode], viewer: Viewer) -> Planned:
    """A field with the statement that reads its documents, if the viewer may read them."""
    made = bare(source, key, nodes)
    call, planner = made.call, Planner(viewer)
    if call is None:
        return made
    if call.verb in FIGURED:
        return replace(made, cost=Cost(1))
    if not planner.readable(call.spec):
        return made
    fields = fields_of(source, outer_type(call), nodes)
    if call.rows:
        results = [node for found in fields.values() if found[0].name.value == "results" for node in found]
        fields = fields_of(source, payload_type(call.spec.name), results) if results else {}
    target = known.schema.type_map[call.spec.name]
    assert isinstance(target, GraphQLObjectType)
    chosen = {name: found for name, found in fields.items() if found[0].name.value == call.spec.single}
    if not chosen:
        return made
    plans = [planner.document(call.spec, below(source, target, found)) for found in chosen.values()]
    cost = cost_of([Root(name, "one", plan) for name, plan in zip(chosen, plans, strict=True)], WRITE)
    emission = Emission(viewer)
    statement = compiled(emit_documents(emission, plans, Slot((WRITTEN,))), emission.bindings)
    return replace(made, statement=statement, reads=tuple(chosen), cost=cost)


def _arguments(known: Known, planned: Planned, variables: Mapping[str, Any]) -> dict[str, Any]:
    """The field's arguments with this request's values."""
    root = known.schema.mutation_type
    assert root is not None
    node = planned.nodes[0]
    return get_argument_values(root.fields[node.name.value], node, dict(variables))


def plain_tree(value: Any) -> Any:
    """Arguments as JSON, to tell whether an idempotency key came with the same ones."""
    if isinstance(value, Mapping):
        return {name: plain_tree(item) for name, item in value.items()}
    if isinstance(value, list | tuple):
        return [plain_tree(item) for item in value]
    return plain(value)
