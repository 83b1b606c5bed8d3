"""Attachments over HTTP: `POST /files/SalesOrder/<id>?name=图纸.pdf` with the content as body, `GET /files/<id>`.

Both stream: a content of any size takes a few chunks of memory. What the viewer may not see is answered like what does
not exist. A download is never shown by the browser as a page of ours: attachment, nosniff, sandbox.
"""

from __future__ import annotations

import re
from collections.abc import AsyncIterator, Iterator
from typing import Any, BinaryIO
from urllib.parse import quote
from uuid import UUID

from anyio import to_thread
from sqlalchemy import select
from sqlalchemy.orm import Session
from starlette.requests import ClientDisconnect, Request
from starlette.responses import JSONResponse, Response, StreamingResponse
from starlette.routing import Route

from hub import papers
from hub.context import Viewer
from hub.document.edit import company_of
from hub.document.registry import spec as spec_of
from hub.document.registry import table
from hub.document.rows import Me, visible
from hub.errors import HubError, NotFound, Refused, Unavailable, problem
from hub.files import blob, store
from hub.trouble import disk_trouble
from hub.web.graphql import admitted, refusal
from hub.web.graphql_request import Unreadable
from hub.writes import unit_of_work

_RANGE = re.compile(r"bytes=(\d*)-(\d*)")


def routes() -> list[Route]:
    """What is served under /files."""
    return [
        Route("/files/{type_name}/{document_id}", upload, methods=["POST"]),
        Route("/files/{attachment_id}", download, methods=["GET"]),
    ]


async def upload(request: Request) -> Response:
    """Take a content in and attach it; the attachment's id, name, size, type, hash and address."""
    try:
        viewer = admitted(request)
    except Unreadable as fault:
        return refusal(request, fault)
    type_name, document_id = request.path_params["type_name"], _id(request.path_params["document_id"])
    try:
        company = await to_thread.run_sync(_before, request, viewer, type_name, document_id)
        with store.incoming(company) as incoming:
            async for piece in request.stream():
                if piece:
                    await to_thread.run_sync(incoming.add, piece)
            content = await to_thread.run_sync(incoming.finish)
            told = await to_thread.run_sync(_attach, request, viewer, type_name, document_id, content)
    except ClientDisconnect:
        return Response(status_code=400)
    except OSError as error:
        known = disk_trouble(error)
        if known is None:
            raise
        raise Unavailable(problem("DISK_FULL", known.zh, known.en)) from error
    return JSONResponse(told, 201, {"Location": told["url"]})


async def download(request: Request) -> Response:
    """An attachment's content, whole or the range that is asked for."""
    try:
        viewer = admitted(request)
    except Unreadable as fault:
        return refusal(request, fault)
    found = await to_thread.run_sync(_find, request, viewer, _id(request.path_params["attachment_id"]))
    headers = _headers(found)
    if request.headers.get("if-none-match") == headers["ETag"]:
        return Response(status_code=304, headers=headers)
    start, end, status = _range(request, found.size, headers["ETag"])
    if status == 416:
        return Response(status_code=416, headers={"Content-Range": f"bytes */{found.size}"})
    company = str(found.company_id)
    file = await to_thread.run_sync(store.opened, company, found.sha256, found.size)
    pieces = blob.read(file, company, found.sha256, found.size, start, end)
    try:
        first = await to_thread.run_sync(next, pieces, b"")  # what is damaged at once is told, not sent
    except HubError:
        file.close()
        raise
    headers |= {"Content-Length": str(end - start)}
    if status == 206:
        headers["Content-Range"] = f"bytes {start}-{end - 1}/{found.size}"
    return StreamingResponse(_sent(file, first, pieces), status, headers, found.media_type)


def _before(request: Request, viewer: Viewer, type_name: str, document_id: UUID) -> str:
    """The company whose folder takes it; refuses before anything is read what could not be attached after."""
    given = request.headers.get("content-length", "")
    if given.isdigit():
        store.check_size(int(given))
    papers.file_name(request.query_params.get("name", ""))
    with unit_of_work(request.app.state.engine, viewer, "files", dry_run=True) as ctx:
        papers.about(ctx, type_name, document_id, writing=True)
        company = company_of(ctx)
    if company is None:
        raise Refused(problem("COMPANY_MISSING", "请先建立公司。", "Create the company first.", "company"))
    return str(company)


def _attach(
    request: Request, viewer: Viewer, type_name: str, document_id: UUID, content: store.Content
) -> dict[str, Any]:
    channel = "workbench" if "authorization" not in request.headers else "files"
    with unit_of_work(request.app.state.engine, viewer, channel) as ctx:
        made = papers.attach(ctx, type_name, document_id, request.query_params.get("name", ""), content)
        return {
            "id": str(made.id),
            "name": made.name,
            "size": made.size,
            "mediaType": made.media_type,
            "sha256": made.sha256,
            "url": f"/files/{made.id}",
        }


def _find(request: Request, viewer: Viewer, attachment_id: UUID) -> Any:
    """The attachment's row as far as the viewer may see it; NotFound."""
    spec = spec_of("Attachment")
    row = spec.table
    seen = visible(spec, row, table, Me.of(viewer, viewer.company_id))
    with Session(request.app.state.engine) as session, session.begin():
        found = session.execute(select(row).where(row.c.id == attachment_id, *seen)).one_or_none()
    if found is None or not viewer.may(spec.access.read):
        raise _nothing()
    return found


def _headers(found: Any) -> dict[str, str]:
    """A name in any script as RFC 6266 has it, with a plain one for what cannot read it."""
    plain = re.sub(r'[^\x20-\x7e]|["\\%]', "_", found.name)
    return {
        "Content-Disposition": f"attachment; filename=\"{plain}\"; filename*=UTF-8''{quote(found.name, safe='')}",
        "X-Content-Type-Options": "nosniff",
        "Content-Security-Policy": "sandbox; default-src 'none'",
        "Cache-Control": "private, no-cache",
        "ETag": f'"{found.sha256}"',
        "Accept-Ranges": "bytes",
    }


def _range(request: Request, size: int, etag: str) -> tuple[int, int, int]:
    """From where to where, and the status; what is no single range is answered whole."""
    asked = _RANGE.fullmatch(request.headers.get("range", ""))
    if asked is None or asked.groups() == ("", "") or request.headers.get("if-range", etag) != etag:
        return 0, size, 200
    first, last = asked.groups()
    start = int(first) if first else max(0, size - int(last))
    end = min(size, int(last) + 1) if first and last else size
    return (start, end, 206) if start < end else (0, 0, 416)


async def _sent(file: BinaryIO, first: bytes, pieces: Iterator[bytes]) -> AsyncIterator[bytes]:
    """The pieces as they are read; a chunk that turns out damaged ends the answer short of its length."""
    try:
        yield first
        while piece := await to_thread.run_sync(next, pieces, b""):
            yield piece
    finally:
        file.close()


def _id(text: str) -> UUID:
    try:
        return UUID(text)
    except ValueError:
        raise _nothing() from None


def _nothing() -> NotFound:
    return NotFound(problem("NOT_FOUND", "找不到该附件或单据。", "There is no such attachment or document.", "id"))
