"""What stands beside the documents: labels, who asks, explain, in-process execution, GraphiQL's examples."""

from __future__ import annotations

import asyncio
from pathlib import Path

from graphql import parse, validate

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


def test_the_examples_of_graphiql_are_valid() -> None:
    script = (Path(graph_schema.__file__).parents[1] / "hub/web/graphiql/start.js").read_text(encoding="utf-8")
    examples = script.split("EXAMPLES = `")[1].split("`")[0]
    assert validate(core_schema(), parse(examples)) == []
