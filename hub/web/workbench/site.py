"""The workbench as one mounted application: starlette-admin's site with our pages for one record and its form."""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import Any
from uuid import UUID

from sqlalchemy import Engine
from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.middleware import Middleware
from starlette.requests import Request
from starlette.responses import JSONResponse, RedirectResponse, Response
from starlette_admin import BaseAdmin, DropDown, RequestAction
from starlette_admin.flash import flash
from starlette_admin.i18n import I18nConfig, get_locale
from starlette_admin.routing import route
from starlette_admin.theme import DefaultTheme, TablerSettings
from starlette_admin.views import BaseView

from hub.document.registry import spec as spec_of
from hub.document.registry import specs
from hub.errors import HubError
from hub.settings import Settings
from hub.web.workbench import inputs
from hub.web.workbench.acting import act, known
from hub.web.workbench.approvals import ToDo, under_approval
from hub.web.workbench.asking import ask
from hub.web.workbench.chapters import chapter_label, chapters
from hub.web.workbench.columns import detail_path, key_of, title
from hub.web.workbench.form_page import FormPage, change_from, create_from, edit_page, new_page, saved_sentence
from hub.web.workbench.form_records import RECORD, forms_to_fill, new_form, stored_form
from hub.web.workbench.guard import FormGuard, form_of
from hub.web.workbench.home import Home
from hub.web.workbench.import_page import import_page
from hub.web.workbench.inputs import Form
from hub.web.workbench.language import COOKIE, LANGUAGES, lazy, say, spoken, unit_text
from hub.web.workbench.numbers import numbered
from hub.web.workbench.papers import names_to_mention
from hub.web.workbench.people import Gate, role_names, viewer_of
from hub.web.workbench.problems import shown
from hub.web.workbench.questions import search_document, search_where
from hub.web.workbench.record import record_answer, record_page
from hub.web.workbench.views import DocumentView
from hub.words import Label

_HERE = Path(__file__).parent
_NOT_SAVED = 422


class Workbench(BaseAdmin):
    """All pages of the workbench, inside the application `hub`, whose engine the write verbs use."""

    def __init__(self, hub: Starlette, settings: Settings, secret_key: str) -> None:
        self._hub = hub
        super().__init__(
            title=lazy(Label("枢纽", "Shuniu")),
            base_url="/",
            route_name="workbench",
            templates_dir=str(_HERE / "templates"),
            static_dir=str(_HERE / "static"),
            index_view=Home(hub, settings),
            theme=DefaultTheme(TablerSettings(base="slate", primary="teal", radius=1)),
            auth_provider=Gate(hub),
            secret_key=secret_key,
            i18n_config=I18nConfig(settings.language, COOKIE, None, LANGUAGES),
            timezone_config=None,
        )
        self.templates.env.globals.update(
            t=say,
            spoken=spoken,
            unit_text=unit_text,
            viewer=viewer_of,
            role_names=role_names,
            chapter_label=lambda spec: spoken(chapter_label(spec.chapter)),
        )
        self.add_view(ToDo())
        for chapter in chapters():
            views: list[type[BaseView] | BaseView] = [DocumentView(spec) for spec in chapter.specs]
            self.add_view(DropDown(lazy(chapter.label), views, icon=chapter.icon, always_open=False))

    def _init_csrf(self) -> None:
        """Our own guard in the place of the framework's."""
        assert self.secret_key is not None
        self.middlewares.append(Middleware(FormGuard, secret_key=self.secret_key, show=self._turned_away))

    def _turned_away(self, request: Request, sentence: Label, status: int) -> Response:
        """A form that could not be taken; the reader may not be known here."""
        context = {"sentence": spoken(sentence)}
        response: Response = self._template_response(request, "turned_away.html", context, status)
        return response

    @property
    def engine(self) -> Engine:
        """The engine for writes; it exists while the hub serves."""
        engine: Engine = self._hub.state.engine
        return engine

    @route("/{key}/detail", methods=["GET"], name="detail")
    async def _render_detail(self, request: Request) -> Response:
        """The page of one record."""
        view = self._view(request, RequestAction.DETAIL)
        page = await record_page(view.spec, _id(request), viewer_of(request))
        return self._page(request, "document.html", view, page)

    @route("/{key}/create", methods=["GET", "POST"], name="create")
    async def _render_create(self, request: Request) -> Response:
        """An empty form, or the making of what was filled in."""
        view = self._view(request, RequestAction.CREATE)
        viewer, back = viewer_of(request), self._list_url(request, view)
        form = await self._new_form(request, view)
        if form is None:
            offered = await forms_to_fill(viewer, str(request.url_for(f"{self.route_name}:create", key=view.key)))
            return self._page(request, "choose_form.html", view, offered)
        if request.method == "GET":
            return self._page(request, "form.html", view, new_page(form, back))
        result = await create_from(self.engine, form, viewer, await form_of(request), back)
        if isinstance(result, FormPage):
            return self._page(request, "form.html", view, result, status=_NOT_SAVED)
        return self._saved(request, view, str(result))

    async def _new_form(self, request: Request, view: DocumentView) -> Form | None:
        """What a new record asks for; None while it is not known which form of the company's is to be filled in."""
        viewer, chosen = viewer_of(request), request.query_params.get("form")
        if view.spec.name != RECORD:
            return await asyncio.to_thread(numbered, self.engine, viewer, inputs.form_of(view.spec, viewer))
        return await new_form(view.spec, viewer, chosen) if chosen else None

    @route("/{key}/import", methods=["GET"], name="bring_in")
    async def _render_import(self, request: Request) -> Response:
        """Where a file of the type comes in."""
        view = self._view(request, RequestAction.CREATE)
        page = import_page(view.spec, viewer_of(request), get_locale(), self._list_url(request, view))
        return self._page(request, "import.html", view, page)

    @route("/{key}/edit", methods=["GET", "POST"], name="edit")
    async def _render_edit(self, request: Request) -> Response:
        """The form of a stored record, or the saving of what was changed."""
        view, id_ = self._view(request, RequestAction.EDIT), _id(request)
        viewer, back = viewer_of(request), detail_path(view.spec.name, id_)
        data = (await record_answer(view.spec, id_, viewer))["record"]
        form = stored_form(view.spec, viewer, data)
        if request.method == "GET":
            return self._page(request, "form.html", view, edit_page(form, data, back))
        page = await change_from(self.engine, form, viewer, data, await form_of(request), back)
        if page is not None:
            return self._page(request, "form.html", view, page, status=_NOT_SAVED)
        return self._saved(request, view, id_)

    @route("/{key}/step/{step}", methods=["GET"], name="stepped")
    async def _look_after_step(self, request: Request) -> Response:
        """A refused step left its address in the browser; opened again, or in the other language, it is the record."""
        view = self._view(request, RequestAction.DETAIL)
        return RedirectResponse(detail_path(view.spec.name, _id(request)), 303)

    @route("/{key}/step/{step}", methods=["POST"], name="step")
    async def _take_step(self, request: Request) -> Response:
        """A step with what its dialog asked for; refused, the record's page says every reason and keeps the texts."""
        view, id_ = self._view(request, RequestAction.ROW_ACTION), _id(request)
        viewer, form = viewer_of(request), await form_of(request)
        name, texts = request.path_params["step"], {name: str(text) for name, text in form.items()}
        if not known(view.spec, name):
            raise HTTPException(404)
        at, at_id = self._seen_at(request, view, id_)
        try:
            done = await asyncio.to_thread(act, self.engine, viewer, view.spec, id_, name, texts)
        except HubError as error:
            page = await record_page(at.spec, at_id, viewer, shown(error.problems), {name: texts})
            return self._page(request, "document.html", at, page, status=_NOT_SAVED)
        sentence, path = done.sentence, done.path or self._list_url(request, view)
        if name in view.spec.steps:
            path = detail_path(at.spec.name, at_id)
            if await under_approval(view.spec, id_, viewer):
                sentence = Label("已提交审批。", "Submitted for approval.")
        flash(request, spoken(sentence), "success")
        return RedirectResponse(path, 303)

    def _seen_at(self, request: Request, view: DocumentView, id_: str) -> tuple[DocumentView, str]:
        """The page on which a button stood: an approval's also stand on its document's."""
        type_name, document = request.query_params.get("of", ""), request.query_params.get("document", "")
        if type_name not in specs():
            return view, id_
        found = self._find_view_by_key(key_of(spec_of(type_name)))
        assert isinstance(found, DocumentView)
        if not found.is_accessible(request):
            raise HTTPException(403)
        return found, _uuid(document)

    @route("/_alive", methods=["GET"], name="alive")
    async def _alive(self, request: Request) -> Response:  # noqa: ARG002  (the framework calls it with one)
        """Nothing, for who is signed in; a form asks before it is sent. Who is not is led to the sign-in page."""
        return Response(status_code=204)

    @route("/_search/{type_name}", methods=["GET"], name="search")
    async def _search(self, request: Request) -> Response:
        """Records to choose from while somebody types into a link: {"items": [{"id", "text", "more"}], "empty"}."""
        name, viewer = request.path_params["type_name"], viewer_of(request)
        if name not in specs():
            raise HTTPException(404)
        spec = spec_of(name)
        where = search_where(spec, request.query_params.get("q", ""), viewer)
        answer = await ask(search_document(spec), {"where": where}, viewer)
        items = [{"id": one["id"], "text": title(name, one), "more": _more(one)} for one in answer[spec.many]["nodes"]]
        return JSONResponse({"items": items, "empty": say("没有找到", "Nothing found")})

    @route("/_people/{type_name}/{id}", methods=["GET"], name="people")
    async def _people(self, request: Request) -> Response:
        """Names to complete an @ in a comment on a record: {"items": ["李娜"]}."""
        name, viewer = request.path_params["type_name"], viewer_of(request)
        if name not in specs():
            raise HTTPException(404)
        begun = request.query_params.get("q", "")[:40]
        try:
            id_ = UUID(request.path_params["id"])
            items = await asyncio.to_thread(names_to_mention, self.engine, viewer, spec_of(name), id_, begun)
        except (HubError, ValueError) as error:
            raise HTTPException(404) from error
        return JSONResponse({"items": items})

    def _view(self, request: Request, action: RequestAction) -> DocumentView:
        """The view of the address, if the viewer may do there what is asked."""
        request.state.action = action
        view = self._find_view_by_key(request.path_params["key"])
        assert isinstance(view, DocumentView)
        writes = action in (RequestAction.CREATE, RequestAction.EDIT)
        if not view.is_accessible(request) or (writes and not view.can_create(request)):
            raise HTTPException(403)
        return view

    def _page(self, request: Request, template: str, view: DocumentView, page: Any, *, status: int = 200) -> Response:
        context = {"title": spoken(view.spec.label), "view": view, "page": page}
        response: Response = self._template_response(request, template, context, status)
        return response

    def _list_url(self, request: Request, view: DocumentView) -> str:
        return str(request.url_for(f"{self.route_name}:list", key=view.key))

    def _saved(self, request: Request, view: DocumentView, id_: str) -> Response:
        flash(request, saved_sentence(view.spec), "success")
        return RedirectResponse(detail_path(view.spec.name, id_), 303)


def _id(request: Request) -> str:
    """The id in the address; 404 for what is none."""
    return _uuid(request.query_params.get("pk", ""))


def _uuid(text: str) -> str:
    try:
        return str(UUID(text))
    except ValueError as error:
        raise HTTPException(404) from error


def _more(one: dict[str, Any]) -> str:
    """What tells two records of one name apart: the code, the specification, a line's item."""
    item = one.get("item") or {}
    parts = [one.get("code"), one.get("specification"), item.get("code"), item.get("name")]
    return " · ".join(part for part in parts if part)
