"""Many records of a list at once: a step, or throwing drafts away. Each row is done by itself and answered for."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any
from uuid import UUID, uuid4

from sqlalchemy import Engine
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response
from starlette_admin.actions import ActionSelection

from hub.batches import discard_many, run_step_many
from hub.context import Viewer
from hub.document.answers import problem_from_json, problem_to_json
from hub.document.batch import MOST_ROWS, BatchPolicy, Outcome
from hub.document.spec import DocSpec
from hub.errors import HubError
from hub.web.workbench.approvals import submitted_among
from hub.web.workbench.buttons import DISCARD
from hub.web.workbench.columns import columns_of, detail_path, title
from hub.web.workbench.guard import form_of
from hub.web.workbench.inputs import Input, step_inputs
from hub.web.workbench.language import say, spoken
from hub.web.workbench.paging import page_of
from hub.web.workbench.people import viewer_of
from hub.web.workbench.problems import ShownProblem, shown
from hub.web.workbench.saving import CHANNEL
from hub.web.workbench.typed import Texts, starting, values_of
from hub.words import Label
from hub.writes import Answer, answered, persistently, unit_of_work

if TYPE_CHECKING:
    from hub.web.workbench.views import DocumentView

_BULK = "bulk-"
_FORM = "bulk_form.html"


@dataclass(frozen=True)
class RowResult:
    """What became of one row."""

    title: str
    href: str | None
    done: str
    problems: list[ShownProblem]


@dataclass(frozen=True)
class BulkPage:
    """What the page of results shows; `problems` speak against all of it."""

    heading: str
    rows: list[RowResult]
    problems: list[ShownProblem]

    @property
    def done(self) -> int:
        """How many rows were done."""
        return sum(not one.problems for one in self.rows)


def can_be_done(spec: DocSpec, viewer: Viewer) -> dict[str, Label]:
    """What the viewer may do with many records of a type, by name."""
    if not viewer.may(spec.access.write):
        return {}
    found = {one.name: one.label for one in spec.steps.values() if viewer.may(one.by)}
    return found | ({DISCARD: Label("删除", "Delete")} if spec.states is not None and spec.by_hand else {})


def actions(view: DocumentView, request: Request) -> list[dict[str, Any]]:
    """The same as the framework's menu over chosen rows takes them."""
    assert view._admin is not None
    template = view._admin.templates.env.get_template(_FORM)
    found = []
    for name, label in can_be_done(view.spec, viewer_of(request)).items():
        asked = _inputs(view.spec, name)
        form = template.render(request=request, inputs=asked, texts=starting(asked), key=uuid4().hex)
        found.append(_action(name, label, form))
    return found


def _action(name: str, label: Label, form: str) -> dict[str, Any]:
    return {
        "name": f"{_BULK}{name}",
        "text": spoken(label),
        "header": say(f"批量{label.chinese}", f"{label.english}: all chosen rows"),
        "confirmation": say("逐行办理：不合格的行会说明原因，其余照常。", "Row by row: what is refused says why."),
        "submit_btn_text": say(f"批量{label.chinese}", label.english),
        "submit_btn_class": "btn btn-danger" if name == DISCARD else "btn btn-primary",
        "icon_class": None,
        "form": form,
        "custom_response": True,
        "allow_empty_selection": False,
        "dedicated_button": False,
        "modal_size": "md",
    }


def named(view: DocumentView, request: Request, action: str) -> str | None:
    """The step that an action of the menu means, if it is one of ours and open to the viewer."""
    name = action.removeprefix(_BULK)
    return name if action != name and name in can_be_done(view.spec, viewer_of(request)) else None


async def carried_out(view: DocumentView, request: Request, selection: ActionSelection, name: str) -> Response:
    """Do it, and tell of every row."""
    spec, viewer = view.spec, viewer_of(request)
    label = can_be_done(spec, viewer)[name]
    heading = say(f"批量{label.chinese}", f"{label.english}: all chosen rows")
    try:
        page = BulkPage(heading, await _done(view, request, selection, name), [])
    except HubError as error:
        page = BulkPage(heading, [], shown(error.problems))
    assert view._admin is not None
    context = {"title": heading, "view": view, "page": page, "most": MOST_ROWS}
    response: Response = view._admin._template_response(request=request, name="bulk.html", context=context)
    return response


async def _done(view: DocumentView, request: Request, selection: ActionSelection, name: str) -> list[RowResult]:
    spec, viewer = view.spec, viewer_of(request)
    assert view._admin is not None
    engine: Engine = view._admin.engine  # type: ignore[attr-defined]  # our own application of the framework
    titles = await _chosen(view, request, selection)
    texts = {key: str(text) for key, text in (await form_of(request)).items()}
    rows = await asyncio.to_thread(_run, engine, viewer, spec, titles, name, texts)
    submitted = await submitted_among(spec, [row["id"] for row in rows], viewer) if name != DISCARD else set()
    label = can_be_done(spec, viewer)[name]
    words = spoken(Label(f"已{label.chinese}", f"{label.english}: done"))
    return [
        RowResult(
            row["title"],
            None if name == DISCARD and not row["problems"] else detail_path(spec.name, row["id"]),
            say("已提交审批", "Submitted for approval") if row["id"] in submitted else words,
            shown(map(problem_from_json, row["problems"])),
        )
        for row in rows
    ]


async def _chosen(view: DocumentView, request: Request, selection: ActionSelection) -> dict[str, str]:
    """The chosen records, by id what people call them; those that the viewer cannot see bear their id.

    Raises:
        HTTPException: 404 for what is no id.
    """
    viewer, spec = viewer_of(request), view.spec
    key = [one for one in columns_of(spec) if one.field in (spec.natural_key, "name")]
    if selection.is_select_all:
        where = view.where(request, selection.q, selection.filters)
        page = await page_of(spec, key, where, [], viewer, skip=0, limit=MOST_ROWS)
        return {one["id"]: title(spec.name, one) for one in page.rows}
    try:
        ids = [str(UUID(one)) for one in dict.fromkeys(await selection.pks())][:MOST_ROWS]
    except ValueError as error:
        raise HTTPException(404) from error
    page = await page_of(spec, key, {"id": {"in": ids}}, [], viewer, skip=0, limit=len(ids))
    known = {one["id"]: title(spec.name, one) for one in page.rows}
    return {one: known.get(one, one) for one in ids}


def _run(
    engine: Engine, viewer: Viewer, spec: DocSpec, titles: dict[str, str], name: str, texts: Texts
) -> list[dict[str, Any]]:
    """The rows as the first answer to this form's key has them: [{"id", "title", "problems"}]."""
    arguments, ids = values_of(_inputs(spec, name), texts), [UUID(one) for one in titles]

    def work() -> list[dict[str, Any]]:
        with unit_of_work(engine, viewer, CHANNEL) as ctx:

            def done() -> Answer:
                outcomes = (
                    discard_many(ctx, spec.name, ids, BatchPolicy.EACH)
                    if name == DISCARD
                    else run_step_many(ctx, spec.name, ids, name, arguments, BatchPolicy.EACH)
                )
                return {"rows": _told(titles, outcomes)}

            body = ["bulk", spec.name, name, arguments, list(titles)]
            rows: list[dict[str, Any]] = answered(ctx, texts.get("idempotency_key"), body, done)["rows"]
        return rows

    return persistently(work)


def _told(titles: dict[str, str], outcomes: Sequence[Outcome]) -> list[dict[str, Any]]:
    return [
        {"id": id_, "title": called, "problems": [problem_to_json(found) for found in outcome.problems]}
        for (id_, called), outcome in zip(titles.items(), outcomes, strict=True)
    ]


def _inputs(spec: DocSpec, name: str) -> tuple[Input, ...]:
    return () if name == DISCARD else step_inputs(spec.steps[name])
