"""Mutation fields and the verbs behind them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from typing import Any
from uuid import UUID

from graph_schema.naming import conversion_mutation, mutation
from graph_schema.read.scope import as_id
from graph_schema.read.values import plain
from graph_schema.write.inputs import values_of
from hub import writes
from hub.context import Ctx
from hub.document.flow import Conversion, amendable_type, conversions
from hub.document.registry import specs
from hub.document.spec import DocSpec
from hub.document.steps import StepSpec
from hub.words import camel


@dataclass(frozen=True)
class Call:
    """What a mutation field does: create, update, discard, amend, convert, or the step it names.

    `spec` is the type of the document that its payload shows.
    """

    spec: DocSpec
    verb: str
    step: StepSpec | None = None
    conversion: Conversion | None = None

    def run(self, ctx: Ctx, arguments: Mapping[str, Any]) -> UUID:
        """Carry it out; returns the document's id. Raises what the verbs raise."""
        name = self.spec.name
        if self.verb == "create":
            document = writes.create(ctx, name, values_of(self.spec, arguments["input"]))
            return UUID(str(document.id))
        document_id, version = as_id(arguments["id"]), arguments.get("expectedVersion")
        if self.verb == "update":
            values = values_of(self.spec, arguments["input"])
            writes.update(ctx, name, document_id, values, expected_version=version)
        elif self.conversion is not None:
            values = values_of(self.spec, arguments.get("input") or {})
            source = self.conversion.source
            made = writes.convert(ctx, source, document_id, name, values, expected_version=version)
            return UUID(str(made.id))
        elif self.verb == "amend":
            return UUID(str(writes.amend(ctx, name, document_id, expected_version=version).id))
        elif self.step is None:
            writes.discard(ctx, name, document_id, expected_version=version)
        else:
            given = {one.name: plain(arguments.get(camel(one.name))) for one in self.step.arguments}
            writes.run_step(ctx, name, document_id, self.step.name, given, expected_version=version)
        return document_id


@cache
def calls() -> dict[str, Call]:
    """Every mutation field by name."""
    found: dict[str, Call] = {}
    for spec in specs().values():
        if spec.kind not in ("document", "master"):
            continue
        for verb in ("create", "update", "discard"):
            found[mutation(verb, spec)] = Call(spec, verb)
        for step in spec.steps.values():
            found[mutation(step.name, spec)] = Call(spec, step.name, step)
        if amendable_type(spec):
            found[mutation("amend", spec)] = Call(spec, "amend")
    for way in conversions().values():
        found[conversion_mutation(way.source, way.target)] = Call(specs()[way.target], "convert", conversion=way)
    return found
