"""Inputs of mutations: which members a person may fill in, and a request's values in the verbs' own names."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from graph_schema.naming import members
from graph_schema.read.values import plain
from hub.document.custom import EXTRA, has_extra
from hub.document.registry import spec as spec_of
from hub.document.spec import DocSpec, FieldSpec, LinesSpec, LinkSpec
from hub.words import camel

_ABOUT_SOURCE = {"sourceTable": "source_table", "sourceKey": "source_key"}
"""What a loaded row says of its source record, beside `payload`."""
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
    if has_extra(member):
        return True
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
        elif isinstance(member, FieldSpec) and has_extra(member):
            found[member.name] = _exact(value)
        else:
            found[member.name] = plain(value)
    return found


def loaded_row(spec: DocSpec, given: Any) -> dict[str, Any]:
    """A row of a load with the verbs' names, lines alike; what is no object is left to be refused."""
    if not isinstance(given, Mapping):
        return {"": given}
    known = {camel(name): name for name in (*spec.fields, *spec.links, *spec.lines)}
    row: dict[str, Any] = {known.get(name, _ABOUT_SOURCE.get(name, str(name))): value for name, value in given.items()}
    if EXTRA in row:
        row[EXTRA] = _exact(row[EXTRA])
    for name, lines in spec.lines.items():
        rows = row.get(name)
        if rows is not None:
            row[name] = [loaded_row(spec_of(lines.target), one) for one in (rows if isinstance(rows, list) else [rows])]
    return row


def _exact(value: Any) -> Any:
    """Custom values with the digits that the client wrote: a verb takes no floats."""
    if isinstance(value, Mapping):
        return {name: repr(one) if isinstance(one, float) else one for name, one in value.items()}
    return value


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
