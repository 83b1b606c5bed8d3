"""The third stage: a plan becomes one SELECT whose single value is the answer's JSON text.

Links and lists are LATERAL joins. A page is cut from the bare table before any JSON is made, so only the rows
that are shown cost anything. Every sub-select names what it correlates to: left out, SQLAlchemy would add the
outer table again as a cross join, silently.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import (
    ARRAY,
    ColumnElement,
    FromClause,
    Select,
    String,
    Text,
    any_,
    case,
    func,
    select,
    true,
    type_coerce,
)
from sqlalchemy.sql.selectable import LateralFromClause

from graph_schema.naming import LinesConnection, mutation
from graph_schema.read import differences, pages
from graph_schema.read.history import HistoryPlan
from graph_schema.read.plan import ListPlan, ObjectPlan, Output, Root
from graph_schema.read.scope import Emission, as_given, as_id
from graph_schema.read.sql import Constant, Joined, Piece, custom_json, entries, joined, json_text, or_null
from hub.document.custom import CustomSpec
from hub.document.spec import DerivedSpec, DocSpec, FieldSpec, InverseSpec, LinesSpec, LinkSpec
from hub.document.steps import StepSpec


@dataclass
class ObjectText:
    """A document's JSON and the joins it needs beside its row."""

    pieces: list[Piece]
    joins: list[LateralFromClause]

    def beside(self, row: FromClause) -> FromClause:
        """The row with the joins."""
        whole = row
        for join in self.joins:
            whole = whole.outerjoin(join, true())
        return whole


def emit(emission: Emission, roots: Sequence[Root]) -> Select[str]:
    """The statement that answers all root fields of an operation at once."""
    values = [(root.key, [_root(emission, root)]) for root in roots]
    return select(joined(entries(values)).label("answer"))


def emit_columns(emission: Emission, roots: Sequence[Root]) -> Select[Any]:
    """The same with a column per root field, for an operation whose other fields come from elsewhere."""
    columns: list[ColumnElement[Any]] = [
        _root(emission, root).label(f"answer_{index}") for index, root in enumerate(roots)
    ]
    return select(*columns)


def emit_documents(emission: Emission, plans: Sequence[ObjectPlan], ids: object) -> Select[Any]:
    """A row per document of a list of ids: its id, and a column with its JSON for each plan of the same type."""
    spec = plans[0].spec
    row = emission.alias(spec.name)
    texts = [document(emission, plan, row) for plan in plans]
    whole: FromClause = row
    for text in texts:
        whole = text.beside(whole)
    wanted = emission.bind(ids, ARRAY(row.c.id.type))
    columns = [joined(text.pieces).label(f"answer_{index}") for index, text in enumerate(texts)]
    return select(row.c.id, *columns).select_from(whole).where(row.c.id == any_(wanted), *emission.visible(spec, row))


def _root(emission: Emission, root: Root) -> ColumnElement[str]:
    with emission.at(root.as_of):
        return _answer(emission, root)


def _answer(emission: Emission, root: Root) -> ColumnElement[str]:
    if root.kind == "list":
        assert isinstance(root.plan, ListPlan)
        return pages.connection(emission, root.plan, None, None).scalar_subquery()
    if root.kind == "node":
        found = [_one(emission, plan, "id", root.value).scalar_subquery() for plan in root.nodes]
        return func.coalesce(*found, Constant("null"), type_=Text())
    assert isinstance(root.plan, ObjectPlan)
    return or_null(_one(emission, root.plan, root.by, root.value).scalar_subquery())


def _one(emission: Emission, plan: ObjectPlan, by: str, value: object) -> Select[str]:
    """One document by its id, code or number."""
    row = emission.alias(plan.spec.name)
    text = document(emission, plan, row)
    member = plan.spec.fields[by]
    key = emission.bind(value, row.c[by].type, as_id if member.kind == "id" else as_given)
    return (
        select(joined(text.pieces).label("json"))
        .select_from(text.beside(row))
        .where(row.c[by] == key, *emission.visible(plan.spec, row))
    )


def document(emission: Emission, plan: ObjectPlan, row: FromClause) -> ObjectText:
    """A row of the plan's type as JSON."""
    text = ObjectText([], [])
    text.pieces = entries([(output.key, _output(emission, plan.spec, output, row, text)) for output in plan.outputs])
    return text


def _output(emission: Emission, spec: DocSpec, output: Output, row: FromClause, text: ObjectText) -> list[Piece]:
    if output.kind == "typename":
        return [f'"{spec.name}"']
    if output.kind == "null":
        return ["null"]
    member = output.member
    if output.kind == "extra":
        return [_extra(emission, output.custom, row)]
    if isinstance(member, FieldSpec | DerivedSpec):
        return json_text(member, emission.value(member, row), sure=emission.past is None)
    if output.kind == "steps":
        return [_available_steps(emission, spec, output, row)]
    if isinstance(member, LinkSpec):
        lateral = _link(emission, member, output, row)
    elif isinstance(output.below, ListPlan):
        assert isinstance(member, LinesSpec | InverseSpec | LinesConnection)
        relation = member.lines if isinstance(member, LinesConnection) else member
        lateral = pages.nested(emission, output.below, row, relation)
    elif isinstance(output.below, HistoryPlan):
        lateral = differences.revisions(emission, output.below, row)
    else:
        lateral = _provenance(emission, spec, output, row)
    text.joins.append(lateral)
    return [or_null(lateral.c.json) if isinstance(member, LinkSpec) else lateral.c.json]


def _extra(emission: Emission, fields: Sequence[CustomSpec], row: FromClause) -> ColumnElement[str]:
    """The custom values that there are as an object, in declared order."""
    pieces = [
        func.coalesce(joined([f',"{one.name}":', custom_json(one, emission.value(one, row))]), Constant(""))
        for one in fields
    ]
    if not pieces:
        return Constant("{}")
    return joined(["{", func.substr(Joined(*pieces), 2, type_=Text()), "}"])


def _link(emission: Emission, link: LinkSpec, output: Output, row: FromClause) -> LateralFromClause:
    """The linked document, if there is one and the viewer may see it."""
    assert isinstance(output.below, ObjectPlan)
    target_spec = output.below.spec
    target = emission.alias(target_spec.name)
    inner = document(emission, output.below, target)
    found = (
        select(joined(inner.pieces).label("json"))
        .select_from(inner.beside(target))
        .where(target.c.id == row.c[link.column], *emission.visible(target_spec, target))
    )
    return found.correlate(row).lateral(emission.name(link.name))


def _available_steps(emission: Emission, spec: DocSpec, output: Output, row: FromClause) -> ColumnElement[str]:
    """The steps the viewer may take from each state: constants, chosen by the row's state. None as of a past moment."""
    if emission.past is not None:
        return Constant("[]")
    viewer = emission.viewer
    allowed = [one for one in spec.steps.values() if all(map(viewer.may, spec.access.to_write(one.by)))]
    whens: list[tuple[ColumnElement[bool], ColumnElement[str]]] = []
    for state in spec.states or ():
        takes = [one for one in allowed if state in one.sources]
        shown = [
            {pick.key: _step_value(pick.name, spec, one, viewer.language) for pick in output.picks} for one in takes
        ]
        content = emission.bind(json.dumps(shown, ensure_ascii=False), Text())
        whens.append((type_coerce(row.c.state, String()) == emission.bind(str(state), String()), content))
    return case(*whens, else_=Constant("[]"))


def _step_value(field: str, spec: DocSpec, step: StepSpec, language: str) -> str:
    values = {
        "__typename": "AvailableStep",
        "name": step.name,
        "label": step.label.in_language(language),
        "target": step.target.value.upper(),
        "targetLabel": step.target.label.in_language(language),
        "mutation": mutation(step.name, spec),
    }
    return values[field]


_PROVENANCE = {"source": "code", "sourceName": "name", "table": "table_name", "key": "record_key", "at": "recorded_at"}


def _provenance(emission: Emission, spec: DocSpec, output: Output, row: FromClause) -> LateralFromClause:
    """Which source, table and key a document came from, and when it was last seen to change there."""
    record, source = emission.alias("SourceRecord"), emission.alias("SourceSystem")
    found = (
        select(
            source.c.code,
            source.c.name,
            record.c.table_name,
            record.c.record_key,
            func.max(record.c.recorded_at).label("recorded_at"),
        )
        .select_from(record.join(source, source.c.id == record.c.source_id))
        .where(record.c.document_type == emission.bind(spec.name, String()), record.c.document_id == row.c.id)
        .group_by(source.c.code, source.c.name, record.c.table_name, record.c.record_key)
        .correlate(row)
        .lateral(emission.name("origin"))
    )
    shown = [
        (pick.key, ['"Provenance"'] if pick.name == "__typename" else [_text(found.c[_PROVENANCE[pick.name]])])
        for pick in output.picks
    ]
    order = [found.c.code, found.c.table_name, found.c.record_key]
    listed = pages.array(joined(entries(shown)), order)
    return select(listed.label("json")).select_from(found).correlate(row).lateral(emission.name("provenance"))


def _text(column: ColumnElement[object]) -> ColumnElement[str]:
    return func.to_json(column).cast(Text)
