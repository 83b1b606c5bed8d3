"""The public page: somebody without an account takes one step of one document by a link that works once.

`POST /links` makes a link for who may take the step; `GET /p/<token>` shows what the step says is shown and asks for
its arguments; `POST /p/<token>` takes it. What does not fit comes back with the page, and the link works on.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from html import escape
from typing import Any
from urllib.parse import parse_qs
from uuid import UUID

from anyio import to_thread
from sqlalchemy import Engine, select
from sqlalchemy.orm import selectinload
from starlette.requests import Request
from starlette.responses import HTMLResponse, JSONResponse, Response
from starlette.routing import Route

from hub import public_links
from hub.context import Ctx, Viewer, system_viewer
from hub.document.fields import FieldSpec
from hub.document.registry import spec as spec_of
from hub.document.registry import table
from hub.document.spec import DerivedSpec, DocSpec
from hub.document.steps import StepArgument
from hub.errors import HubError, Invalid, NotFound, Problem, problem
from hub.plain_page import plain_page, words_of
from hub.public_links import Link
from hub.rules.qr import svg_of
from hub.settings import settings
from hub.web.graphql import admitted, refusal
from hub.web.graphql_request import Unreadable
from hub.web.openid.clients import issuer
from hub.words import Label, camel
from hub.writes import run_step, unit_of_work

MOST_BYTES = 64_000
_HEADERS = {
    "Cache-Control": "no-store",
    "Referrer-Policy": "no-referrer",
    "X-Robots-Tag": "noindex",
    "X-Frame-Options": "DENY",
    "X-Content-Type-Options": "nosniff",
    "Content-Security-Policy": "default-src 'none'; style-src 'unsafe-inline'; form-action 'self'; base-uri 'none'",
}
_INPUTS = {"integer": "number", "date": "date", "moment": "datetime-local"}
_THANKS = (
    Label("谢谢", "Thank you"),
    Label("已收到您的答复，本页可以关闭。", "We have your answer. You may close this page."),
)
_GONE = Label("链接已失效", "This link does not work")


def routes() -> list[Route]:
    """What is served without an account, and where links are made."""
    return [
        Route("/links", make_link, methods=["POST"]),
        Route("/p/{token}", show, methods=["GET"]),
        Route("/p/{token}", take, methods=["POST"]),
    ]


async def make_link(request: Request) -> Response:
    """Body {"documentType", "documentId", "step", "days"}; 201 {"url", "expiresAt", "qr": SVG}, shown this once."""
    try:
        viewer = admitted(request)
    except Unreadable as fault:
        return refusal(request, fault)
    body = _asked(await _bytes(request))
    engine, days = request.app.state.engine, body.get("days")
    about = str(body["documentType"]), UUID(str(body["documentId"])), str(body["step"])
    days = public_links.DAYS if days is None else int(days)
    url, until = await to_thread.run_sync(link_to, engine, viewer, *about, days)
    return JSONResponse({"url": url, "expiresAt": until.isoformat(), "qr": svg_of(url)}, 201, _HEADERS)


def link_to(
    engine: Engine, viewer: Viewer, document_type: str, document_id: UUID, step: str, days: int = public_links.DAYS
) -> tuple[str, datetime]:
    """The address of a new link to a step of a document, and when it runs out; raises as `public_links.issue` does."""
    with unit_of_work(engine, viewer, "link") as ctx:
        token, until = public_links.issue(ctx, document_type, document_id, step, days)
    return f"{issuer(settings())}/p/{token}", until


def _asked(raw: bytes) -> dict[str, Any]:
    """The body as an object whose parts can be read; Invalid LINK_MALFORMED."""
    try:
        body = json.loads(raw)
        UUID(str(body["documentId"])), str(body["documentType"]), str(body["step"]), int(body.get("days", 1))
    except (ValueError, TypeError, KeyError, AttributeError) as error:
        sentence = (
            "请求应为含 documentType、documentId、step 的 JSON。",
            "Send JSON with documentType, documentId and step.",
        )
        raise Invalid(problem("LINK_MALFORMED", *sentence)) from error
    assert isinstance(body, dict)
    return body


async def show(request: Request) -> Response:
    """The page of a link, or one that says that the link does not work."""
    try:
        page = await to_thread.run_sync(_page, request.app.state.engine, request.path_params["token"])
    except NotFound as error:
        return _gone(error)
    return HTMLResponse(page, headers=_HEADERS)


async def take(request: Request) -> Response:
    """Take the step with what the form says; 422 and the page again with what is wrong."""
    engine, token = request.app.state.engine, request.path_params["token"]
    texts: dict[str, str] = {}
    try:
        try:
            texts = _typed(await _bytes(request))
            await to_thread.run_sync(_take, engine, token, texts)
        except NotFound:
            raise
        except HubError as error:
            page = await to_thread.run_sync(_page, engine, token, texts, error.problems)
            return HTMLResponse(page, 422, _HEADERS)
    except NotFound as error:
        return _gone(error)
    return HTMLResponse(plain_page(*_THANKS), headers=_HEADERS)


def _take(engine: Engine, token: str, texts: Mapping[str, str]) -> None:
    """The step and the end of the link are one transaction: of two who send at once one is told that it is gone."""
    with unit_of_work(engine, system_viewer("public"), "link") as ctx:
        link = public_links.find(ctx, token, lock=True)
        acting = replace(ctx, viewer=link.viewer)
        arguments = {one.name: _read(one, texts.get(camel(one.name), "")) for one in link.step.arguments}
        run_step(acting, link.spec.name, link.document_id, link.step.name, arguments)
        public_links.use_up(ctx, token)


def _read(argument: StepArgument, text: str) -> Any:
    """A text as a step takes it; a truth that is not ticked is none."""
    return text.strip() == "true" if argument.field.kind == "boolean" else text.strip() or None


async def _bytes(request: Request) -> bytes:
    parts, size = [], 0
    async for part in request.stream():
        size += len(part)
        if size > MOST_BYTES:
            raise Invalid(problem("TOO_LARGE", "内容过大。", "That is too much."))
        parts.append(part)
    return b"".join(parts)


def _typed(raw: bytes) -> dict[str, str]:
    found = parse_qs(raw.decode("utf-8", "replace"), keep_blank_values=True, max_num_fields=100)
    return {name: values[-1] for name, values in found.items()}


def _gone(error: NotFound) -> Response:
    first = error.problems[0]
    said, hint = first.message, first.hint or Label("", "")
    sentence = Label(f"{said.chinese}{hint.chinese}", f"{said.english} {hint.english}")
    return HTMLResponse(plain_page(_GONE, sentence), 404, _HEADERS)


def _page(engine: Engine, token: str, texts: Mapping[str, str] | None = None, problems: Sequence[Problem] = ()) -> str:
    """The page as HTML; NotFound LINK_GONE."""
    with unit_of_work(engine, system_viewer("public"), "link", dry_run=True) as ctx:
        link = public_links.find(ctx, token)
        owned = [selectinload(getattr(link.spec.model, name)) for name in link.spec.lines]
        document = ctx.session.get(link.spec.model, link.document_id, options=owned)
        if document is None or document.state not in link.step.sources:
            raise public_links.gone()
        return _html(link, _header(ctx, link, document), _tables(ctx, link, document), texts or {}, problems)


def _header(ctx: Ctx, link: Link, document: Any) -> list[tuple[Label, str]]:
    """The document's name and what its step shows of it."""
    shown = [(link.spec.fields["number"].label, document.number)]
    for name in link.step.public or ():
        if "." not in name:
            label, text = _value(ctx, link.spec, document, name)
            shown += [(label, text)] if text else []
    return shown


def _tables(ctx: Ctx, link: Link, document: Any) -> list[tuple[list[Label], list[list[str]]]]:
    """The lines that its step shows, a table for each list."""
    wanted: dict[str, list[str]] = {}
    for name in link.step.public or ():
        if "." in name:
            wanted.setdefault(name.split(".")[0], []).append(name.split(".")[1])
    tables = []
    for lines, columns in wanted.items():
        spec = spec_of(link.spec.lines[lines].target)
        rows = [[_value(ctx, spec, line, one) for one in columns] for line in getattr(document, lines)]
        labels = [(spec.fields.get(one) or spec.links.get(one) or spec.derived[one]).label for one in columns]
        tables.append((labels, [[text for _, text in row] for row in rows]))
    return tables


def _value(ctx: Ctx, spec: DocSpec, row: Any, name: str) -> tuple[Label, str]:
    """A field as people write it; a link by the name or number of what it leads to."""
    if name in spec.links:
        target, id_ = spec_of(spec.links[name].target), getattr(row, f"{name}_id")
        there = None if id_ is None else ctx.session.get(target.model, id_)
        key = "name" if target.kind == "master" else target.natural_key
        return spec.links[name].label, "" if there is None else str(getattr(there, key))
    if name in spec.derived:
        one = spec.derived[name]
        value = ctx.session.execute(select(one.sql(spec.table, table)).where(spec.table.c.id == row.id)).scalar_one()
        return one.label, _text(one, value)
    return spec.fields[name].label, _text(spec.fields[name], getattr(row, name))


def _text(field: FieldSpec | DerivedSpec, value: Any) -> str:
    if value is None:
        return ""
    if isinstance(field, FieldSpec) and field.choices is not None:
        return words_of(value.label)
    return f"{value.normalize():f}" if field.kind == "decimal" else str(value)


_STYLE = """body{font:16px/1.6 system-ui,"PingFang SC","Microsoft YaHei","Noto Sans CJK SC",sans-serif;color:#1f2937;
background:#f1f5f9;margin:0}main{background:#fff;border:1px solid #e2e8f0;border-radius:8px;padding:1.5rem;
max-width:40rem;margin:1rem auto}h1{font-size:1.25rem;margin:0 0 .75rem}dt{color:#526077;font-size:.875rem}
dd{margin:0 0 .5rem}label{display:block;margin:.75rem 0 .25rem}input,textarea{font:inherit;width:100%;
box-sizing:border-box;padding:.5rem;border:1px solid #8894a5;border-radius:6px}input[type=checkbox]{width:auto}
table{border-collapse:collapse;width:100%}th,td{text-align:left;padding:.25rem .5rem;border-bottom:1px solid #e2e8f0}
.wrong{color:#b42318}button{margin-top:1.25rem;background:#0b6e6e;color:#fff;border:0;font:inherit;padding:.5rem 1rem;
border-radius:6px;cursor:pointer}
@media(max-width:40rem){table,tbody,tr,td{display:block}thead{display:none}td{border:0;padding:0 0 .25rem}
tr{border-top:1px solid #e2e8f0;padding:.5rem 0}td:empty{display:none}
td::before{content:attr(data-label);display:block;color:#526077;font-size:.875rem}}"""
"""A line of a table is a card on a phone."""


def _html(
    link: Link,
    header: Sequence[tuple[Label, str]],
    tables: Sequence[tuple[list[Label], list[list[str]]]],
    texts: Mapping[str, str],
    problems: Sequence[Problem],
) -> str:
    title = escape(words_of(link.spec.label))
    shown = "".join(f"<dt>{_words(label)}</dt><dd>{escape(text)}</dd>" for label, text in header)
    inputs = "".join(_control(one, texts, problems) for one in link.step.arguments)
    known = {camel(one.name) for one in link.step.arguments}
    other = "".join(_wrong(one) for one in problems if not (one.path and one.path[-1] in known))
    return (
        '<!doctype html><html lang="zh-CN"><head><meta charset="utf-8">'
        '<meta name="viewport" content="width=device-width, initial-scale=1">'
        f"<title>{title}</title><style>{_STYLE}</style></head><body><main><h1>{title}</h1>"
        f"<dl>{shown}</dl>{''.join(_table(*one) for one in tables)}"
        f'<form method="post">{other}{inputs}<button>{_words(link.step.label)}</button></form>'
        "</main></body></html>"
    )


def _table(labels: Sequence[Label], rows: Sequence[Sequence[str]]) -> str:
    head = "".join(f"<th>{_words(one)}</th>" for one in labels)
    body = "".join(f"<tr>{''.join(map(_cell, labels, row))}</tr>" for row in rows)
    return f"<table><thead><tr>{head}</tr></thead><tbody>{body}</tbody></table>"


def _cell(label: Label, text: str) -> str:
    return f'<td data-label="{escape(words_of(label), quote=True)}">{escape(text)}</td>'


def _control(argument: StepArgument, texts: Mapping[str, str], problems: Sequence[Problem]) -> str:
    """An input with its words and what is wrong with what stands in it."""
    name, kind = camel(argument.name), argument.field.kind
    text, needed = texts.get(name, ""), " required" if argument.required and kind != "boolean" else ""
    wrong = "".join(_wrong(one) for one in problems if one.path and one.path[-1] == name)
    about = f'id="{name}" name="{name}"{needed}'
    if kind == "text":
        control = f'<textarea {about} rows="3" maxlength="2000">{escape(text)}</textarea>'
    elif kind == "boolean":
        control = f'<input {about} type="checkbox" value="true"{" checked" if text == "true" else ""}>'
    else:
        type_ = _INPUTS.get(kind, "text")
        control = f'<input {about} type="{type_}" value="{escape(text, quote=True)}">'
    return f'<label for="{name}">{_words(argument.field.label)}</label>{control}{wrong}'


def _wrong(one: Problem) -> str:
    return f'<p class="wrong" role="alert">{_words(one.message)}</p>'


def _words(label: Label) -> str:
    return escape(words_of(label))
