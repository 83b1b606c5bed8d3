"""`/import/salesOrders`: a file of any list comes in by POST, its template goes out by GET.

POST takes multipart: `file` (or `text`, as pasted), `dry_run`, `mode`, `step`, `columns` (JSON: heading to field, ""
leaves one out), `sheet`, `key` (a repetition does nothing), and `answer=xlsx` for the rows with their errors beside.
"""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Any
from urllib.parse import quote

from starlette.datastructures import FormData, UploadFile
from starlette.formparsers import MultiPartException, MultiPartParser
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from graph_schema.trouble import understood
from hub.context import Viewer
from hub.document.catalogue import informed
from hub.errors import Forbidden, HubError, Invalid, NotFound, Unavailable, problem
from hub.exchange.answering import as_json, marked_rows, of_problem
from hub.exchange.asking import Answer, Asked, columns_in, run
from hub.exchange.columns import plan_for
from hub.exchange.reading import too_large
from hub.exchange.sheet import MOST_BYTES
from hub.exchange.template import template
from hub.exchange.writing import FORMATS
from hub.web.graphql import admitted, refusal
from hub.web.graphql_request import Unreadable

PLACES = 2
"""Imports that a process works on at once; each holds a whole file."""
WAIT_SECONDS = 30.0
_FORM_BYTES = MOST_BYTES + 256 * 1024
_XLSX = FORMATS["xlsx"].media
_STATUS: dict[type[HubError], int] = {NotFound: 404, Forbidden: 403, Unavailable: 503}


def routes() -> list[Route]:
    """What is served under /import."""
    return [
        Route("/import/{name}/template.xlsx", give_template, methods=["GET"]),
        Route("/import/{name}", take, methods=["POST"]),
    ]


async def give_template(request: Request) -> Response:
    """The empty workbook of a list."""
    try:
        viewer = admitted(request)
        language = request.query_params.get("language") or viewer.language
        viewer = await asyncio.to_thread(informed, request.app.state.engine, viewer)
        plan = plan_for(request.path_params["name"], viewer)
        content = await asyncio.to_thread(template, plan, language)
    except Unreadable as fault:
        return refusal(request, fault)
    except HubError as error:
        return _refused(error)
    return _workbook(content, f"{plan.spec.label.in_language(language)}.xlsx")


async def take(request: Request) -> Response:
    """Try or do an import: 200 with the figures, 422 with every problem; nothing is written then."""
    try:
        viewer = admitted(request)
    except Unreadable as fault:
        return refusal(request, fault)
    try:
        asked, as_workbook = await _request(request)
        async with _place(request.app.state.imports):
            answered = await asyncio.to_thread(_done, request.app.state.engine, viewer, asked, as_workbook=as_workbook)
    except Exception as error:  # noqa: BLE001  (whatever a file can cause becomes an answer)
        return _refused(error if isinstance(error, HubError) else understood(error))
    request.app.state.quotas.spend(viewer, answered.answer.outcome.rows)
    if answered.workbook is not None:
        return _workbook(answered.workbook, f"{answered.answer.plan.spec.label.in_language(viewer.language)}.xlsx")
    return JSONResponse(
        as_json(answered.answer, dry_run=asked.dry_run),
        422 if answered.answer.outcome.troubles else 200,
        {"Cache-Control": "no-store"},
    )


@dataclass(frozen=True)
class _Answered:
    answer: Answer
    workbook: bytes | None


def _done(engine: Any, viewer: Viewer, asked: Asked, *, as_workbook: bool) -> _Answered:
    answer = run(engine, viewer, asked)
    return _Answered(answer, marked_rows(answer, viewer.language) if as_workbook else None)


@asynccontextmanager
async def _place(places: asyncio.Semaphore) -> AsyncGenerator[None, None]:
    """One of the places for imports, when it is free soon; Unavailable IMPORTS_BUSY."""
    try:
        await asyncio.wait_for(places.acquire(), WAIT_SECONDS)
    except TimeoutError as error:
        sentences = "正在进行的导入太多，请稍后再试。", "Too many imports are running; try again soon."
        raise Unavailable(problem("IMPORTS_BUSY", *sentences)) from error
    try:
        yield
    finally:
        places.release()


async def _request(request: Request) -> tuple[Asked, bool]:
    """What is asked for, and whether a workbook is wanted in answer."""
    form = await _form(request)
    try:
        return await _asked(request.path_params["name"], form), form.get("answer") == "xlsx"
    finally:
        await form.close()


async def _form(request: Request) -> FormData:
    """The multipart form, at most as long as a file may be."""
    if not request.headers.get("content-type", "").lower().startswith("multipart/form-data"):
        sentences = "请以 multipart/form-data 上传文件。", "Send the file as multipart/form-data."
        raise Invalid(problem("REQUEST_UNREADABLE", *sentences))
    try:
        parser = MultiPartParser(
            request.headers, _bounded(request), max_files=1, max_fields=20, max_part_size=_FORM_BYTES
        )
        return await parser.parse()
    except MultiPartException as error:
        sentences = "上传的内容无法读取。", "What was sent cannot be read."
        raise Invalid(problem("REQUEST_UNREADABLE", *sentences)) from error


async def _bounded(request: Request) -> AsyncGenerator[bytes, None]:
    length = 0
    async for chunk in request.stream():
        length += len(chunk)
        if length > _FORM_BYTES:
            raise Invalid(too_large())
        yield chunk


async def _asked(name: str, form: FormData) -> Asked:
    """What the form asks for; Invalid FILE_MISSING, COLUMNS_UNREADABLE."""
    file, text = form.get("file"), form.get("text")
    if isinstance(file, UploadFile) and (file.filename or file.size):
        content: bytes | str = await file.read()
        file_name = file.filename or ""
    elif isinstance(text, str) and text.strip():
        content, file_name = text, ""
    else:
        raise Invalid(problem("FILE_MISSING", "请选择文件，或粘贴内容。", "Choose a file, or paste the rows.", "file"))
    given = {one: _text(form, one) for one in ("sheet", "mode", "step", "key", "dry_run")}
    return Asked(
        name,
        content,
        file_name[:200],
        given["sheet"] or None,
        _columns(_text(form, "columns")),
        given["mode"] or "both",
        given["step"] or None,
        given["dry_run"].lower() in ("true", "1", "yes", "on"),
        given["key"] or None,
    )


def _text(form: FormData, name: str) -> str:
    found = form.get(name)
    return found.strip() if isinstance(found, str) else ""


def _columns(text: str) -> dict[str, str | None]:
    try:
        found = json.loads(text) if text else {}
    except (ValueError, RecursionError):
        found = None
    return columns_in(found)


def _refused(error: HubError) -> Response:
    status = next((status for family, status in _STATUS.items() if isinstance(error, family)), 422)
    body = {"imported": False, "columns": [], "problems": [of_problem(one) for one in error.problems]}
    return JSONResponse(body, status, {"Cache-Control": "no-store"})


def _workbook(content: bytes, name: str) -> Response:
    headers = {"Content-Disposition": f"attachment; filename=\"import.xlsx\"; filename*=UTF-8''{quote(name)}"}
    return Response(content, 200, {**headers, "Cache-Control": "no-store"}, media_type=_XLSX)
