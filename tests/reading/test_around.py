"""What stands beside the documents: labels, who asks, explain, in-process execution, GraphiQL's examples."""

from __future__ import annotations

import asyncio
import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from graphql import GraphQLObjectType, parse, validate

import graph_schema
from graph_schema.answer import core_schema
from hub.document.registry import specs
from tests.reading.conftest import Factory
from tests.reading.test_answers import Ask


def test_labels_of_types_and_fields(ask: Ask, factory: Factory) -> None:
    document = """{ documentTypes(names: ["SalesOrder", "Employee"]) {
      name label { zh en } kind single many naturalKey readable writable
      fields { name label { zh en } kind target required readable choices { name label { zh en } } }
      steps { name mutation sources target label { zh } } } }"""
    employee, order = sorted(
        ask(document, viewer=factory.with_role("sales"))["data"]["documentTypes"], key=lambda one: str(one["name"])
    )
    assert order["label"] == {"zh": "客户订单", "en": "Sales order"}
    assert (order["single"], order["many"], order["writable"]) == ("salesOrder", "salesOrders", True)
    fields = {field["name"]: field for field in order["fields"]}
    assert fields["customer"]["target"] == "Customer"
    assert fields["total"]["kind"] == "derived"
    assert fields["state"]["choices"][0] == {"name": "DRAFT", "label": {"zh": "草稿", "en": "Draft"}}
    assert "confirmSalesOrder" in [step["mutation"] for step in order["steps"]]
    assert employee["writable"] is False
    assert {field["name"] for field in employee["fields"] if not field["readable"]} == {"birthDate", "idNumber"}
    assert len(ask("{ documentTypes { name } }")["data"]["documentTypes"]) == len(specs())


CATALOGUE = """{ documentTypes {
  name label { zh en } plural { zh en } kind readPermission writePermission states { name label { zh en } }
  fields { name label { zh en } kind valueKind target unit unitLabel { zh en } scale permission
    choices { name label { zh en } } }
  steps { name label { zh en } mutation target permission allowed
    arguments { name label { zh en } kind required } } } }"""


def test_every_name_of_the_schema_has_words_in_both_languages(ask: Ask) -> None:
    """Types, fields, links, lines, derived values, choices, states, units, steps and their arguments."""
    found = {one["name"]: one for one in ask(CATALOGUE)["data"]["documentTypes"]}
    core = core_schema()
    for spec in specs().values():
        told, made = found[spec.name], core.type_map[spec.name]
        assert isinstance(made, GraphQLObjectType)
        assert {one["name"] for one in told["fields"]} == set(made.fields)
        assert (told["readPermission"], told["writePermission"]) == (spec.access.read, spec.access.write)
        assert [one["name"] for one in told["states"]] == [state.value.upper() for state in spec.states or ()]
        assert {one["name"] for one in told["steps"]} == set(spec.steps)
        for one in told["fields"]:
            assert (one["unit"] is None) == (one["unitLabel"] is None)
            assert (one["kind"] == "derived") <= (one["valueKind"] is not None)
            assert one["target"] is None or one["target"] in found
        for step in told["steps"]:
            arguments = core.mutation_type.fields[step["mutation"]].args  # type: ignore[union-attr]
            assert {one["name"] for one in step["arguments"]} <= set(arguments)
    labels = list(_labels(list(found.values())))
    assert len(labels) > 500
    assert all(one["zh"] and one["en"] for one in labels)
    assert found["SalesOrder"]["plural"] == {"zh": "客户订单", "en": "Sales orders"}


def _labels(part: Any) -> Iterator[dict[str, str]]:
    """Everything that is called something, however deep."""
    if isinstance(part, dict) and set(part) == {"zh", "en"}:
        yield part
    for inner in part.values() if isinstance(part, dict) else part if isinstance(part, list) else ():
        yield from _labels(inner)


def test_what_a_viewer_may_do_is_told(ask: Ask, factory: Factory) -> None:
    """The right of a column, of a type and of a step; an available step names its mutation."""
    told = {one["name"]: one for one in ask(CATALOGUE, viewer=factory.with_role("quality"))["data"]["documentTypes"]}
    assert not any(step["allowed"] for step in told["SalesOrder"]["steps"])
    assert {one["permission"] for one in told["Employee"]["fields"]} == {None, "people.private"}
    days = next(one for one in told["Customer"]["fields"] if one["name"] == "paymentTermsDays")
    assert days["unitLabel"] == {"zh": "天", "en": "days"}
    document = '{ salesOrder(number: "SO-0003") { availableSteps { name targetLabel mutation } } }'
    assert ask(document)["data"]["salesOrder"]["availableSteps"][0] == {
        "name": "close", "targetLabel": "已关闭", "mutation": "closeSalesOrder"
    }  # fmt: skip


def test_explain_shows_plan_and_statement(factory: Factory) -> None:
    text = graph_schema.explain("{ salesOrders(first: 3) { nodes { number lines { amount } } } }", factory.viewer)
    assert "connection of SalesOrder order by number desc size 3" in text
    assert "rows of SalesOrderLine order by position asc" in text
    assert "LEFT OUTER JOIN LATERAL" in text
    assert f"$1 = {factory.viewer.company_id!r}" in text


def test_execute_in_process(factory: Factory) -> None:
    """Without a running hub it finds the settings' database by itself."""

    async def main() -> object:
        try:
            return await graph_schema.execute('{ customer(code: "K1") { name } }', None, factory.viewer)
        finally:
            answerer = await graph_schema.current()
            await answerer.pool.close()
            answerer.engine.dispose()

    assert asyncio.run(main()) == {
        "data": {"customer": {"name": "海天塑机"}},
        "extensions": {"cost": {"requested": 1, "limit": 100_000}},
    }


def test_every_example_of_graphiql_is_answered(ask: Ask) -> None:
    script = (Path(graph_schema.__file__).parents[1] / "hub/web/graphiql/examples.js").read_text(encoding="utf-8")
    examples = re.findall(r"query: `(.*?)`,(?:\s*variables: `(.*?)`,)?", script, re.S)
    assert len(examples) == script.count("query: `") > 5
    for document, variables in examples:
        assert validate(core_schema(), parse(document)) == [], document
        if "subscription " in document:
            continue
        answer = ask(document, json.loads(variables.replace("TODAY", "2026-11-20") or "{}"))
        assert "errors" not in answer, (document, answer["errors"])
        assert "TryCustomer" not in document or answer["data"]["createCustomer"]["problems"] == []
