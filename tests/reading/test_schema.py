"""The committed schema is the built one, and the compiler knows every field that the schema shows."""

from __future__ import annotations

from pathlib import Path

from graphql import GraphQLObjectType

import graph_schema
from graph_schema.answer import core_schema
from graph_schema.naming import members
from graph_schema.queries import readings
from graph_schema.write.calls import calls
from hub.document.registry import specs

COMMITTED = Path(graph_schema.__file__).parent / "schema.graphql"


def test_the_committed_schema_is_the_built_one() -> None:
    """Else a change of the interface would pass unseen: `python -m graph_schema` writes it anew."""
    assert COMMITTED.read_text(encoding="utf-8") == graph_schema.sdl()


def test_every_type_and_field_is_there_and_nothing_else() -> None:
    schema = core_schema()
    for spec in specs().values():
        made = schema.type_map[spec.name]
        assert isinstance(made, GraphQLObjectType)
        assert set(made.fields) == set(members(spec))
        assert made.description
        assert all(field.description and " · " in field.description for field in made.fields.values()), spec.name
    query, mutation = schema.query_type, schema.mutation_type
    assert query is not None
    assert mutation is not None
    assert set(query.fields) == {
        *readings(),
        "me",
        "documentTypes",
        "declaredFields",
        "auditEntries",
        "trialBalance",
        "balanceSheet",
        "incomeStatement",
        "cashFlow",
        "receivablesAged",
        "payablesAged",
        "stockAged",
        "bankReconciliation",
        "productCosts",
        "stockOfDay",
        "lotTrace",
        "controlChart",
        "billOfMaterials",
        "whereUsed",
        "priceOf",
        "orderMargin",
        "leadConversion",
        "whoMustSign",
        "draftsToSend",
        "approvalWaiting",
    }
    assert set(mutation.fields) == set(calls())


def test_types_fields_and_choices_have_words_in_both_languages() -> None:
    schema = core_schema()
    state = schema.type_map["OrderState"]
    assert [value.description for value in state.values.values()][:2] == ["草稿 · Draft", "已提交 · Submitted"]  # type: ignore[attr-defined]


def test_every_mutation_can_be_repeated_and_tried() -> None:
    """A client that lost an answer asks again with its key; whoever is unsure tries first. No mutation is left out."""
    fields = core_schema().mutation_type
    assert fields is not None
    assert len(fields.fields) > 400
    for name, one in fields.fields.items():
        assert {"idempotencyKey", "dryRun"} <= set(one.args), name
