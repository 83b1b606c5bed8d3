"""The page of one record: its values in groups, its lines, what refers to it, the steps that can be taken now."""

from __future__ import annotations

import asyncio
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode
from uuid import UUID

from sqlalchemy import Engine
from sqlalchemy.orm import Session
from starlette.exceptions import HTTPException

from graph_schema.current import current
from hub.context import SYSTEM, Viewer
from hub.document.registry import spec as spec_of
from hub.document.spec import DocSpec, InverseSpec
from hub.identity import names_of
from hub.web.workbench import values
from hub.web.workbench.approvals import ApprovalPanel, offered, panel_of
from hub.web.workbench.asking import ask
from hub.web.workbench.buttons import Button, Subject, buttons_of, can_be_amended, may_edit
from hub.web.workbench.columns import Column, Shown, columns_of, detail_path, key_of, link_path, title
from hub.web.workbench.form_records import in_sections, way_to_fill
from hub.web.workbench.history import Revision, revisions_of
from hub.web.workbench.language import say, spoken
from hub.web.workbench.papers import Papers, papers_of
from hub.web.workbench.problems import ShownProblem
from hub.web.workbench.provenance import Source, sources_of
from hub.web.workbench.questions import ROWS_SHOWN, followers_of, inverse_columns, inverses_of, record_document
from hub.web.workbench.typed import Texts
from hub.words import camel

_FIGURES = ("moment", "date", "decimal", "integer")


@dataclass(frozen=True)
class Group:
    """Values that belong together, with a heading."""

    label: str
    values: list[tuple[str, Shown]]


@dataclass(frozen=True)
class TableRow:
    """A row of a table: its own page, if it has one, and its values by column."""

    href: str | None
    cells: dict[str, Shown]


@dataclass(frozen=True)
class TablePart:
    """Lines or an inverse list; `total` is None for lines, `more` leads to all rows when they are not all here."""

    name: str
    label: str
    columns: list[Column]
    rows: list[TableRow]
    total: int | None = None
    more: str | None = None


@dataclass(frozen=True)
class RecordPage:
    """Everything the template shows."""

    id: str
    title: str
    version: int | None
    state: Shown | None
    may_edit: bool
    steps: list[Button]
    groups: list[Group]
    tables: list[TablePart]
    sources: list[Source]
    revisions: list[Revision]
    stamps: list[str]
    problems: list[ShownProblem]
    papers: Papers | None
    approval: ApprovalPanel | None = None
    fill: str | None = None
    """Where the form that this record defines is filled in."""
    successor: tuple[str, str] | None = None
    """The number and page of the document by which this one was amended."""

    @property
    def buttons(self) -> list[Button]:
        """Everything that opens a dialog, its approval's steps included."""
        return [*self.steps, *(self.approval.buttons if self.approval else ())]

    def at(self, name: str) -> list[ShownProblem]:
        """The problems of one input of a step's dialog."""
        return [one for one in self.problems if one.at == name]

    def wrong_in(self, step: Button) -> bool:
        """Whether this step was refused for what its dialog held, so that it opens again."""
        return step.refused and any(self.at(one.name) for one in step.inputs)


async def record_page(
    spec: DocSpec,
    id_: str,
    viewer: Viewer,
    problems: Sequence[ShownProblem] = (),
    typed: Mapping[str, Texts] | None = None,
) -> RecordPage:
    """The page of a record; `typed` is what stood in the dialog of a step that was refused, by the step's name.

    Raises:
        HTTPException: 404 when there is none that the viewer may see.
    """
    answer = await record_answer(spec, id_, viewer)
    data = answer["record"]
    state = data.get("state")
    subject = Subject(spec, id_, state, data.get("version"))
    approval = await panel_of(subject, data, viewer, typed or {})
    locked = approval is not None and approval.running
    successor = await _successor(spec, id_, viewer) if can_be_amended(spec, state) else None
    steps = [] if locked else buttons_of(subject, viewer, typed or {}, amended=successor is not None)
    return RecordPage(
        id=id_,
        title=title(spec.name, data) if spec.kind != "ledger" else spoken(spec.label),
        version=data.get("version"),
        state=next((one.show(state) for one in columns_of(spec) if one.field == "state"), None),
        may_edit=not locked and may_edit(spec, state, viewer),
        steps=await offered(spec, steps, approval, data, viewer),
        groups=_groups(spec, data, viewer),
        tables=[*_lines(spec, data, viewer), *_inverses(spec, data, viewer)],
        sources=sources_of(answer, data),
        revisions=revisions_of(spec, data, viewer),
        stamps=await _stamps(data),
        problems=list(problems),
        papers=papers_of(spec, data, viewer),
        approval=approval,
        fill=await way_to_fill(spec, id_, viewer),
        successor=successor,
    )


async def _successor(spec: DocSpec, id_: str, viewer: Viewer) -> tuple[str, str] | None:
    where = "{predecessor: {id: {eq: $id}}}"
    document = f"query S($id: ID!) {{ {spec.many}(where: {where}, first: 1) {{ nodes {{ id number }} }} }}"
    found = (await ask(document, {"id": id_}, viewer))[spec.many]["nodes"]
    return (found[0]["number"], detail_path(spec.name, found[0]["id"])) if found else None


async def record_answer(spec: DocSpec, id_: str, viewer: Viewer) -> dict[str, Any]:
    """`record` with all that its page shows, and its `sources`, as GraphQL gives them; 404 when there is none."""
    answer = await ask(record_document(spec, viewer), {"id": id_}, viewer)
    if answer["record"] is None:
        raise HTTPException(404)
    return answer


def _groups(spec: DocSpec, data: dict[str, Any], viewer: Viewer) -> list[Group]:
    """Whom and what it concerns; when and how much; everything else."""
    main, figures, rest, custom = [], [], [], []
    for one in columns_of(spec, viewer):
        if one.field == "state":
            continue
        shown = (spoken(one.label), one.show(one.of(data)))
        if one.custom is not None:
            custom.append((str(one.custom.id), shown))
        elif one.target or one.choices or one.field in ("code", "number", "name", "short_name", "active"):
            main.append(shown)
        elif one.kind in _FIGURES or one.derived:
            figures.append(shown)
        else:
            rest.append(shown)
    return [
        Group(say("基本信息", "Main"), main),
        Group(say("日期与数量", "Dates and figures"), figures),
        Group(say("其他", "More"), rest),
        *(Group(label, found) for label, found in in_sections(spec, data, custom)),
    ]


def _rows(columns: Iterable[Column], rows: Iterable[dict[str, Any]], type_name: str | None) -> list[TableRow]:
    """Rows of a table; those of a type with pages of its own lead there."""
    own = type_name is not None and spec_of(type_name).kind != "line"
    return [
        TableRow(
            link_path(type_name, row) if own and type_name else None,
            {one.name: one.show(row.get(one.name)) for one in columns},
        )
        for row in rows
    ]


def _lines(spec: DocSpec, data: dict[str, Any], viewer: Viewer) -> list[TablePart]:
    """The document's lines, and after each list of lines what refers to them."""
    parts = []
    for lines in spec.lines.values():
        rows = data[camel(lines.name)]
        columns = [one for one in columns_of(spec_of(lines.target), viewer) if _worth(one, rows)]
        if rows:
            parts.append(TablePart(camel(lines.name), spoken(lines.label), columns, _rows(columns, rows, None)))
        for one in followers_of(spec, lines, viewer):
            found = [node for row in rows for node in row[camel(one.name)]["nodes"]]
            if found:
                columns = inverse_columns(one)
                shown = _rows(columns, found, one.target)
                parts.append(TablePart(camel(one.name), spoken(one.label), columns, shown, len(found)))
    return parts


def _worth(one: Column, rows: list[dict[str, Any]]) -> bool:
    """A column in which no line has anything is left out."""
    return any(row.get(one.name) not in (None, "") for row in rows)


def _inverses(spec: DocSpec, data: dict[str, Any], viewer: Viewer) -> list[TablePart]:
    parts = []
    for inverse in inverses_of(spec, viewer):
        found = data[camel(inverse.name)]
        total = found["totalCount"]
        if total:
            columns = inverse_columns(inverse)
            rows = _rows(columns, found["nodes"], inverse.target)
            more = _all_of(spec, inverse, data) if total > ROWS_SHOWN else None
            parts.append(TablePart(camel(inverse.name), spoken(inverse.label), columns, rows, total, more))
    return parts


def _all_of(spec: DocSpec, inverse: InverseSpec, data: dict[str, Any]) -> str | None:
    """The list page with all rows of an inverse list; lines have none."""
    target = spec_of(inverse.target)
    if target.kind == "line" or spec.natural_key not in ("code", "number"):
        return None
    back = camel(inverse.column.removesuffix("_id"))
    return f"/{key_of(target)}/list?{urlencode({'filter': f'{back}__eq=' + _quoted(data[spec.natural_key])})}"


def _quoted(text: str) -> str:
    """A value in the filter builder's language."""
    escaped = text.replace("\\", "\\\\").replace('"', '\\"')
    return f'"{escaped}"'


def _names(engine: Engine, people: Sequence[str]) -> dict[str, str]:
    with Session(engine) as session:
        return {str(id_): name for id_, name in names_of(session, map(UUID, people)).items()}


async def _stamps(data: dict[str, Any]) -> list[str]:
    """Version, who and when."""
    who = {data[name] for name in ("createdBy", "updatedBy", "recordedBy") if data.get(name)}
    names = {str(SYSTEM): say("系统", "the hub")}
    people = sorted(who - set(names))
    if people:
        names |= await asyncio.to_thread(_names, (await current()).engine, people)
    lines = []
    for at, by, label in (
        ("createdAt", "createdBy", say("创建", "Created")),
        ("updatedAt", "updatedBy", say("修改", "Changed")),
        ("recordedAt", "recordedBy", say("入账", "Recorded")),
    ):
        if data.get(at):
            lines.append(f"{label} {values.moment(data[at], seconds=True)} · {names.get(data[by], '')}")
    if data.get("version") is not None:
        lines.append(f"{say('版本', 'Version')} {data['version']}")
    return lines
