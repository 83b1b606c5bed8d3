"""Inputs of mutations: which members a person may fill in, and a request's values in the verbs' own names."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from graph_schema.naming import members
from graph_schema.read.values import plain
from hub.document.registry import spec as spec_of
from hub.document.spec import DocSpec, FieldSpec, LinesSpec, LinkSpec

Writable = FieldSpec | LinkSpec | LinesSpec


def writable(spec: DocSpec, *, creating: bool) -> dict[str, Writable]:
    """What a person may set, by GraphQL name: no state (steps do that), nothing computed, no parent of a line."""
    return {
        name: member
        for name, member in members(spec).items()
        if isinstance(member, FieldSpec | LinkSpec | LinesSpec) and _may_set(spec, member, creating=creating)
    }


def _may_set(spec: DocSpec, member: Writable, *, creating: bool) -> bool:
    if isinstance(member, LinesSpec):
        return True
    if isinstance(member, LinkSpec):
        return member.name in spec.links and member.target != spec.parent and not member.system
    if member.system or member.computed or member.secret:
        return False
    if member.name == "number" and spec.kind == "document":
        return creating
    return member.name not in ("state", "position")


def values_of(spec: DocSpec, given: Mapping[str, Any]) -> dict[str, Any]:
    """A coerced input as the verbs take it: snake_case names, stored values, lines alike."""
    known = members(spec)
    found: dict[str, Any] = {}
    for name, value in given.items():
        member = known[name]
        assert not hasattr(member, "sql")
        if isinstance(member, LinesSpec):
            found[member.name] = _lines(spec_of(member.target), value)
        else:
            found[member.name] = plain(value)
    return found


def _lines(spec: DocSpec, given: Any) -> Any:
    """A list of new lines, or {"add", "change", "remove"}."""
    if given is None:
        return None
    if isinstance(given, Mapping):
        return {
            verb: list(rows) if verb == "remove" else [values_of(spec, row) for row in rows]
            for verb, rows in given.items()
            if rows is not None
        }
    return [values_of(spec, row) for row in given]
