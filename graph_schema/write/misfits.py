"""Input values of the wrong type as problems with their path, instead of an error of the whole request."""

from __future__ import annotations

from collections.abc import Mapping
from functools import partial
from typing import Any, cast

from graphql import (
    FieldNode,
    GraphQLError,
    GraphQLInputType,
    VariableNode,
    coerce_input_value,
    is_input_type,
    type_from_ast,
)

from graph_schema.document import Known
from hub.errors import Problem, problem
from hub.words import Label


def misfits(known: Known, raw: Mapping[str, Any]) -> list[Problem]:
    """Every value in a variable used as `input` or `inputs` that does not fit; [] when something else is wrong, too."""
    used = _input_variables(known)
    found: list[Problem] = []
    for definition in known.operation.variable_definitions:
        name = definition.variable.name.value
        type_ = type_from_ast(known.schema, definition.type)
        if not is_input_type(type_) or name not in raw:
            continue

        wrong: list[Problem] = []
        coerce_input_value(raw[name], cast("GraphQLInputType", type_), partial(_note, wrong))
        found += [one.under(*used.get(name, ())) for one in wrong]
        if wrong and name not in used:
            return []
    return found


def _input_variables(known: Known) -> dict[str, tuple[str, ...]]:
    """The variables that are given as the whole `input` or `inputs` of a mutation field, and what leads their paths."""
    return {
        argument.value.name.value: ("inputs",) if argument.name.value == "inputs" else ()
        for node in known.operation.selection_set.selections
        if isinstance(node, FieldNode)
        for argument in node.arguments
        if argument.name.value in ("input", "inputs") and isinstance(argument.value, VariableNode)
    }


def _note(found: list[Problem], path: list[str | int], _value: Any, error: GraphQLError) -> None:
    found.append(_misfit(path, error))


def _misfit(path: list[str | int], error: GraphQLError) -> Problem:
    text = error.message
    label = Label(f"值不合要求：{text}", f"The value does not fit: {text}")
    return problem("VALUE_INVALID", *label, *(str(step) for step in path))
