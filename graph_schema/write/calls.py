"""Mutation fields and the verbs behind them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from typing import Any
from uuid import UUID

from graph_schema.naming import conversion_mutation, mutation
from graph_schema.read.scope import as_id
from graph_schema.read.values import plain
from graph_schema.write.imports import IMPORT, bring, lines_of
from graph_schema.write.inputs import loaded_row, values_of
from graph_schema.write.papers import PAPERS, Paper
from hub import batches, writes
from hub.context import Ctx
from hub.document.answers import Answer, problem_to_json
from hub.document.batch import MOST_LOADED, BatchPolicy, Outcome, check_size
from hub.document.flow import Conversion, amendable_type, conversions
from hub.document.registry import specs
from hub.document.spec import DocSpec
from hub.document.steps import StepSpec
from hub.words import camel

LOAD = "load"
FIGURED = (LOAD, IMPORT)
"""The verbs whose payload is figures and problems; it shows no documents."""


@dataclass(frozen=True)
class Call:
    """What a mutation field does: create, update, discard, amend, convert, load, import, or the step it names.

    `spec` is the type of the document that its payload shows; `rows` the argument that holds the rows of a bulk call.
    """

    spec: DocSpec
    verb: str
    step: StepSpec | None = None
    conversion: Conversion | None = None
    rows: str | None = None

    def run(self, ctx: Ctx, arguments: Mapping[str, Any]) -> Answer:
        """Carry it out; returns the outcome as it is kept. Raises what the verbs raise."""
        if self.verb == LOAD:
            return self._load(ctx, arguments)
        if self.verb == IMPORT:
            return bring(ctx, arguments)
        if self.rows is not None:
            outcomes = self._many(ctx, arguments)
            return {"rows": [_kept(one) for one in outcomes]}
        return {"id": str(self._one(ctx, arguments))}

    def _one(self, ctx: Ctx, arguments: Mapping[str, Any]) -> UUID:
        name, made = self.spec.name, None
        if self.verb == "create":
            return _id(writes.create(ctx, name, values_of(self.spec, arguments["input"])))
        document_id, version = as_id(arguments["id"]), arguments.get("expectedVersion")
        if self.verb == "update":
            values = values_of(self.spec, arguments["input"])
            made = writes.update(ctx, name, document_id, values, expected_version=version)
        elif self.conversion is not None:
            values = values_of(self.spec, arguments.get("input") or {})
            source = self.conversion.source
            made = writes.convert(ctx, source, document_id, name, values, expected_version=version)
        elif self.verb == "amend":
            made = writes.amend(ctx, name, document_id, expected_version=version)
        elif self.step is not None:
            given = self._given(arguments)
            made = writes.run_step(ctx, name, document_id, self.step.name, given, expected_version=version)
        else:
            writes.discard(ctx, name, document_id, expected_version=version)
        return document_id if made is None else _id(made)

    def _many(self, ctx: Ctx, arguments: Mapping[str, Any]) -> list[Outcome]:
        name, policy = self.spec.name, _policy(arguments)
        if self.verb == "create":
            inputs = [values_of(self.spec, one) for one in arguments["inputs"]]
            return batches.create_many(ctx, name, inputs, policy)
        if self.verb == "update":
            changes = [
                (as_id(one["id"]), values_of(self.spec, one["input"]), one.get("expectedVersion"))
                for one in arguments["inputs"]
            ]
            return batches.update_many(ctx, name, changes, policy)
        ids, versions = [as_id(one) for one in arguments["ids"]], arguments.get("expectedVersions")
        if self.conversion is not None:
            return batches.convert_many(ctx, self.conversion.source, ids, name, policy, versions=versions)
        if self.verb == "amend":
            return batches.amend_many(ctx, name, ids, policy, versions=versions)
        if self.step is not None:
            given = self._given(arguments)
            return batches.run_step_many(ctx, name, ids, self.step.name, given, policy, versions=versions)
        return batches.discard_many(ctx, name, ids, policy, versions=versions)

    def _load(self, ctx: Ctx, arguments: Mapping[str, Any]) -> Answer:
        rows = [loaded_row(self.spec, one) for one in arguments["rows"]]
        check_size("rows", rows, MOST_LOADED)
        done = writes.load(ctx, self.spec.name, rows, source=arguments.get("source"))
        problems = [problem_to_json(one.problem.under("rows", str(one.index))) for one in done.problems]
        figures = {"inserted": done.inserted, "updated": done.updated, "unchanged": done.unchanged}
        return {**figures, "problems": problems}

    def _given(self, arguments: Mapping[str, Any]) -> dict[str, Any]:
        assert self.step is not None
        return {one.name: plain(arguments.get(camel(one.name))) for one in self.step.arguments}


def _policy(arguments: Mapping[str, Any]) -> BatchPolicy:
    each = plain(arguments.get("policy")) == BatchPolicy.EACH.value
    return BatchPolicy.EACH if each else BatchPolicy.ALL


def _id(document: Any) -> UUID:
    return UUID(str(document.id))


def _kept(outcome: Outcome) -> Answer:
    if outcome.id is not None:
        return {"id": str(outcome.id)}
    return {"problems": [problem_to_json(one) for one in outcome.problems]}


@dataclass(frozen=True)
class PaperCall(Call):
    """A verb of attachments, comments or followers; `spec` is the companion that its payload shows."""

    paper: Paper | None = None

    def _one(self, ctx: Ctx, arguments: Mapping[str, Any]) -> UUID:
        assert self.paper is not None
        return self.paper.run(ctx, {name: plain(value) for name, value in arguments.items()})


@cache
def calls() -> dict[str, Call]:
    """Every mutation field by name."""
    found: dict[str, Call] = {}
    for spec in specs().values():
        if spec.kind not in ("document", "master"):
            continue
        for verb in ("create", "update", "discard") if spec.by_hand else ():
            found[mutation(verb, spec)] = Call(spec, verb)
            found[mutation(verb, spec, many=True)] = Call(spec, verb, rows="ids" if verb == "discard" else "inputs")
        for step in spec.steps.values():
            found[mutation(step.name, spec)] = Call(spec, step.name, step)
            found[mutation(step.name, spec, many=True)] = Call(spec, step.name, step, rows="ids")
        if amendable_type(spec):
            found[mutation("amend", spec)] = Call(spec, "amend")
            found[mutation("amend", spec, many=True)] = Call(spec, "amend", rows="ids")
        if spec.by_hand:
            found[mutation(LOAD, spec, many=True)] = Call(spec, LOAD, rows="rows")
    found.update({name: PaperCall(specs()[paper.companion], name, paper=paper) for name, paper in PAPERS.items()})
    found[IMPORT] = Call(specs()["SourceRecord"], IMPORT, rows="rows")  # of any type; its payload shows no document
    for way in conversions().values():
        source, target = specs()[way.source], specs()[way.target]
        found[conversion_mutation(source, target)] = Call(target, "convert", conversion=way)
        found[conversion_mutation(source, target, many=True)] = Call(target, "convert", conversion=way, rows="ids")
    return found


def row_count(call: Call, arguments: Mapping[str, Any]) -> int:
    """How many rows a call brings; one for what is no bulk call."""
    if call.verb == IMPORT:
        return lines_of(arguments)
    given = arguments.get(call.rows) if call.rows is not None else None
    return len(given) if isinstance(given, Sequence) else 1
