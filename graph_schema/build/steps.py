"""Step mutations: `confirmSalesOrder(id:, …)`; a step's own arguments come from its method."""

from __future__ import annotations

import strawberry

from graph_schema.build.assembly import Assembly, argument, optional
from graph_schema.build.problems import mutation_field, written_types
from graph_schema.naming import description, mutation
from hub.words import camel


def steps(assembly: Assembly) -> None:
    """One mutation per step of every type. What is missing is reported as a problem, not by the schema."""
    for spec in written_types():
        for step in spec.steps.values():
            arguments = [argument("id", strawberry.ID, "标识 · Id")]
            for one in step.arguments:
                text = description(one.field.label, "必填 · required" if one.required else None)
                arguments.append(argument(camel(one.name), optional(assembly.kind(one.field)), text))
            sources = "、".join(state.label.chinese for state in step.sources)
            text = description(spec.label, f"{step.label}: {sources} → {step.target.label}")
            mutation_field(assembly, spec, mutation(step.name, spec), text, arguments)
