"""What pages ask of GraphQL, written from the spec: a list, one record with all around it, a search, counts.

Pages read through `graph_schema.execute` with the viewer of the request, as every other client does, so no page
can show what the viewer may not read.
"""

from __future__ import annotations

from typing import Any

from hub.context import Viewer
from hub.document.registry import spec as spec_of
from hub.document.registry import specs
from hub.document.spec import DocSpec, InverseSpec, LinesSpec
from hub.web.workbench import form_records, history, papers
from hub.web.workbench.columns import STAMPS, Column, columns_of, opening_columns, parent_column, title_selection
from hub.web.workbench.provenance import selections
from hub.words import camel, snake

Where = dict[str, Any]
ROWS_SHOWN = 10
"""Rows of an inverse list on a record's page; the list's own page shows all."""
FOUND = 12
"""Records offered while somebody types into a link."""


def record_document(spec: DocSpec, viewer: Viewer) -> str:
    """One record by `$id` with its lines, its inverse lists, its history and where it came from."""
    parts = [column.selection() for column in columns_of(spec, viewer)]
    parts += [camel(name) for name in STAMPS if name in spec.fields]
    parts += [_lines(spec, lines, viewer) for lines in spec.lines.values()]
    for inverse in inverses_of(spec, viewer):
        parts.append(f"{camel(inverse.name)}(first: {ROWS_SHOWN}) {{ totalCount nodes {{ id {_opening(inverse)} }} }}")
    parts += [papers.selection(spec), history.selection(spec), form_records.selection(spec)]
    inside, beside = selections(spec, viewer)
    return f"query Record($id: ID!) {{ record: {spec.single}(id: $id) {{ id {' '.join(parts)} {inside} }} {beside} }}"


def inverses_of(spec: DocSpec, viewer: Viewer) -> list[InverseSpec]:
    """The inverse lists of a type that the viewer may read; its papers have a panel of their own."""
    lists = [one for one in spec.inverses.values() if not one.owned]
    return [one for one in lists if viewer.may(spec_of(one.target).access.read)]


def followers_of(spec: DocSpec, lines: LinesSpec, viewer: Viewer) -> list[InverseSpec]:
    """What refers to a document's lines only: the production orders of a sales order.

    What refers to the document as well is left out, for it has its list there.
    """
    direct = {one.target for one in spec.inverses.values()}
    found = inverses_of(spec_of(lines.target), viewer)
    return [one for one in found if spec_of(one.target).parent not in direct]


def inverse_columns(inverse: InverseSpec) -> list[Column]:
    """The columns of an inverse list: as the list opens, without the link that leads back here."""
    target = spec_of(inverse.target)
    columns = columns_of(target)
    opening = opening_columns(target, columns)
    back = camel(inverse.column.removesuffix("_id"))
    own = [one for one in columns if one.name in opening and one.name != back and not one.restricted]
    return parent_column(target) + [one for one in own if target.parent is None or one.field != "position"]


def _all(spec: DocSpec, viewer: Viewer) -> str:
    return " ".join(column.selection() for column in columns_of(spec, viewer))


def _lines(spec: DocSpec, lines: LinesSpec, viewer: Viewer) -> str:
    followers = [
        f"{camel(one.name)}(first: {ROWS_SHOWN}) {{ nodes {{ id {_opening(one)} }} }}"
        for one in followers_of(spec, lines, viewer)
    ]
    return f"{camel(lines.name)} {{ id {_all(spec_of(lines.target), viewer)} {' '.join(followers)} }}"


def _opening(inverse: InverseSpec) -> str:
    return " ".join(column.selection() for column in inverse_columns(inverse))


def search_where(spec: DocSpec, text: str, viewer: Viewer) -> Where:
    """Records whose code, name or number holds the text (a name also by its pinyin); an empty text finds all."""
    text = text.strip()
    if not text:
        return {}
    if spec.kind == "line" and spec.parent:
        return {camel(snake(spec.parent)): {"number": {"contains": text}}}
    known = [name for name in ("code", "name", "short_name", "number") if name in spec.fields]
    if not known:
        return _search_texts(spec, text, viewer)
    found: list[Where] = [{camel(name): {"contains": text}} for name in known]
    return {"or": [*found, *_partner_names(spec, text, viewer)]}


def _search_texts(spec: DocSpec, text: str, viewer: Viewer) -> Where:
    """A ledger has no name of its own: its short texts and the names of what it points to."""
    fields = [camel(one.name) for one in spec.fields.values() if one.meaning == "code" and not one.system]
    return {"or": [{name: {"contains": text}} for name in fields] + _partner_names(spec, text, viewer)}


def _partner_names(spec: DocSpec, text: str, viewer: Viewer) -> list[Where]:
    """Documents are also looked for by their customer, supplier or item."""
    if spec.kind == "master":
        return []
    targets = {one.name: spec_of(one.target) for one in spec.links.values() if one.required}
    named = [name for name, one in targets.items() if one.kind == "master" and viewer.may(one.access.read)]
    return [{camel(name): {"name": {"contains": text}}} for name in named]


def search_document(spec: DocSpec) -> str:
    """Records to choose from in a link: variable `where`."""
    more = " specification" if "specification" in spec.fields else ""
    selection = title_selection(spec.name).replace("{ id", f"{{ id{more}", 1)
    if spec.kind == "line":
        items = [camel(one.name) for one in spec.links.values() if one.required and one.target == "Item"]
        selection = selection.replace("{ id", "{ id " + " ".join(f"{name} {{ id code name }}" for name in items), 1)
    return (
        f"query Find($where: {spec.name}Where) {{ {spec.many}(where: $where, first: {FOUND}) {{ nodes {selection} }} }}"
    )


def readable(viewer: Viewer) -> dict[str, DocSpec]:
    """The types with a page of their own that the viewer may read."""
    without = ("line", "companion")
    return {name: one for name, one in specs().items() if one.kind not in without and viewer.may(one.access.read)}
