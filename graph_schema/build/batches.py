"""Mutations of many documents: `createSalesOrders(inputs:)`, `confirmSalesOrders(ids:)`, `loadCustomers(rows:)`.

All share what they can: the inputs of the single mutations, one enum of policies, one payload of loads.
"""

from __future__ import annotations

from typing import Any

import strawberry

from graph_schema.build.assembly import KINDS, Assembly, argument, listed, optional
from graph_schema.build.creates import create_input
from graph_schema.build.problems import by_hand, mutation_field, written_types
from graph_schema.build.updates import update_input
from graph_schema.naming import (
    LOAD_PAYLOAD,
    batch_payload_type,
    conversion_mutation,
    description,
    mutation,
    update_row_type,
)
from graph_schema.write.calls import LOAD
from hub.document import flow
from hub.document.batch import BatchPolicy
from hub.document.registry import spec as spec_of
from hub.document.spec import DocSpec
from hub.words import camel

_MANY = "批量 · of many"


def batches(assembly: Assembly) -> None:
    """Create, update, discard, every step, amend, every conversion and load, of many."""
    versions = optional(listed(optional(int)))
    ids = [
        argument("ids", listed(strawberry.ID)),
        argument("expectedVersions", versions, "每张单据期望的版本，与 ids 对应 · Of each, in the order of ids"),
    ]
    for spec in written_types():
        for step in spec.steps.values():
            given = [argument(camel(one.name), optional(assembly.kind(one.field))) for one in step.arguments]
            _field(assembly, spec, mutation(step.name, spec, many=True), str(step.label), [*ids, *given])
        if flow.amendable_type(spec):
            _field(assembly, spec, mutation("amend", spec, many=True), "修订 · amend", ids)
    for spec in by_hand():
        inputs = argument("inputs", listed(create_input(assembly, spec)))
        _field(assembly, spec, mutation("create", spec, many=True), "新建 · create", [inputs])
        inputs = argument("inputs", listed(_update_row(assembly, spec)))
        _field(assembly, spec, mutation("update", spec, many=True), "修改 · update", [inputs])
        _field(assembly, spec, mutation("discard", spec, many=True), "删除 · discard", ids)
        rows = argument(
            "rows", listed(KINDS["json"]), "字段名同查询，关联用编码或单号 · fields as they read; links by code"
        )
        source = argument("source", optional(str), "来源系统编码 · Code of the source system")
        text = description(spec.label, "按编码或单号导入，合格的行保存 · load by code or number; good rows are kept")
        name = mutation(LOAD, spec, many=True)
        mutation_field(assembly, spec, name, text, [rows, source], versioned=False, payload=LOAD_PAYLOAD)
    for way in flow.conversions().values():
        target = spec_of(way.target)
        name = conversion_mutation(spec_of(way.source), target, many=True)
        _field(assembly, target, name, str(way.label), ids)


def _field(assembly: Assembly, spec: DocSpec, name: str, text: str, arguments: list[Any]) -> None:
    policy = argument("policy", optional(assembly.choice(BatchPolicy)), "默认 ALL · ALL when left out")
    payload = batch_payload_type(spec.name)
    said = description(spec.label, _MANY, text)
    mutation_field(assembly, spec, name, said, [*arguments, policy], versioned=False, payload=payload)


def _update_row(assembly: Assembly, spec: DocSpec) -> object:
    """`UpdateSalesOrderRow`: which document, and what changes."""
    made = assembly.input(update_row_type(spec.name), description(spec.label, "修改一行 · one to change"))
    assembly.add(made, "id", strawberry.ID)
    assembly.add(made, "expectedVersion", optional(int))
    assembly.add(made, "input", update_input(assembly, spec))
    return made
