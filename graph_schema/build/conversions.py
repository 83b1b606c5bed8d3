"""Mutations that begin a draft from another document: `convertSalesOrderToDelivery`, `amendSalesOrder`."""

from __future__ import annotations

import strawberry

from graph_schema.build.assembly import Assembly, argument, optional
from graph_schema.build.creates import create_input
from graph_schema.build.problems import mutation_field, written_types
from graph_schema.naming import conversion_mutation, description, mutation
from hub.document import flow
from hub.document.registry import spec as spec_of
from hub.words import camel

_CHOICE = "要改的内容；明细不填则取全部未转数量 · What differs; without lines everything that is open is taken"


def conversions(assembly: Assembly) -> None:
    """One mutation per declared conversion, and `amend` for what can be cancelled."""
    by_id = argument("id", strawberry.ID, "标识 · Id")
    for way in flow.conversions().values():
        source, target = spec_of(way.source), spec_of(way.target)
        values = argument("input", optional(create_input(assembly, target)), _CHOICE)
        states = "、".join(way.states)
        lines = f"，明细按 {camel(way.line_link)} 对应" if way.line_link else ""
        text = description(source.label, f"{way.label} → {target.label}: {states}{lines}")
        mutation_field(assembly, target, conversion_mutation(source, target), text, [by_id, values])
    for spec in written_types():
        if flow.amendable_type(spec):
            text = description(spec.label, "修订：已取消的单据复制为新草稿 · copy a cancelled one to a new draft")
            mutation_field(assembly, spec, mutation("amend", spec), text, [by_id])
