"""`/export/salesOrders.csv`: any list as a file, by the filter and order of its GraphQL field.

GET takes `where` and `orderBy` as JSON and `fields` with commas; POST the same in a JSON body. The answer begins
with X-Total-Count, so that whoever saves it can show how far it is.
"""

from __future__ import annotations

import json
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack
from typing import Any
from urllib.parse import quote

from starlette.requests import Request
from starlette.responses import JSONResponse, Response, StreamingResponse
from starlette.routing import Route
from starlette.types import Receive, Scope, Send

from graph_schema.current import current
from graph_schema.export import Export, plan_export
from graph_schema.trouble import Faulty, shown
from hub.context import Viewer
from hub.errors import Forbidden, HubError, Invalid, NotFound, Unavailable, problem
from hub.exchange.writing import EXCEL_ROWS, FORMATS, Column, File
from hub.web.graphql import admitted, refusal
from hub.web.graphql_request import Unreadable, read_body

_STATUS: dict[type[HubError], int] = {NotFound: 404, Forbidden: 403, Unavailable: 503}


def routes() -> list[Route]:
    """What is served under /export."""
    return [Route("/export/{name:path}", export, methods=["GET", "POST"])]


async def export(request: Request) -> Response:
    """The file, or one clear error."""
    try:
        viewer = admitted(request)
        given = await read_body(request) if request.method == "POST" else dict(request.query_params)
    except Unreadable as fault:
        return refusal(request, fault)
    try:
        viewer = await (await current()).informed(viewer)
        planned, ending = _planned(request, given, viewer)
        answer = await stream(planned, ending, planned.spec.label.in_language(viewer.language))
    except Faulty as faulty:
        return _errors((await current()).errors(faulty, viewer), 400)
    except Exception as error:  # noqa: BLE001  (whatever a client can cause becomes an answer)
        status = next((status for family, status in _STATUS.items() if isinstance(error, family)), 400)
        return _errors(shown(error, viewer.language), status if isinstance(error, HubError) else 500)
    request.app.state.quotas.spend(viewer, int(answer.headers["X-Total-Count"]))
    return answer


def _planned(request: Request, given: Any, viewer: Viewer) -> tuple[Export, str]:
    """What is asked for, planned for the viewer, and the ending of its format."""
    many, _, ending = request.path_params["name"].rpartition(".")
    if ending not in FORMATS:
        raise NotFound(_unknown_format())
    if request.app.state.settings.trusted_documents_only:
        sentences = (
            "本系统只执行已登记的查询，不提供自由导出。",
            "Only registered documents run here; exports are closed.",
        )
        raise Forbidden(problem("DOCUMENT_NOT_TRUSTED", *sentences))
    arguments, fields = _arguments(given, in_address=request.method == "GET")
    return plan_export(many, arguments, fields, viewer), ending


async def stream(planned: Export, ending: str, title: str) -> Held:
    """The response of a planned export; what can fail has been tried before its first byte is sent."""
    async with AsyncExitStack() as opened:
        total, batches = await opened.enter_async_context(planned.open(await current()))
        if ending == "xlsx" and total >= EXCEL_ROWS:
            raise _too_long(total)
        first: list[str] = await anext(batches, [])
        held = opened.pop_all()
    language = planned.viewer.language
    columns = [Column(c.label.in_language(language), c.member.kind, _choices(c), c.value) for c in planned.columns]
    pieces = FORMATS[ending].write(File(columns, language, _from(first, batches)))
    name = quote(f"{title}.{ending}")
    headers = {
        "Content-Disposition": f"attachment; filename=\"{planned.spec.many}.{ending}\"; filename*=UTF-8''{name}",
        "X-Total-Count": str(total),
        "Cache-Control": "no-store",
    }
    return Held(held, pieces, headers, FORMATS[ending].media)


class Held(StreamingResponse):
    """A streamed file; its connection goes back when the last piece is sent or the reader has gone away."""

    def __init__(self, held: AsyncExitStack, pieces: AsyncIterator[bytes], headers: dict[str, str], media: str) -> None:
        super().__init__(pieces, headers=headers, media_type=media)
        self._held = held

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Send, and let go however it ended."""
        async with self._held:
            await super().__call__(scope, receive, send)


async def _from(first: list[str], rest: AsyncIterator[list[str]]) -> AsyncIterator[list[str]]:
    yield first
    async for batch in rest:
        yield batch


def _choices(column: Any) -> Any:
    return getattr(column.member, "choices", None)


def _arguments(given: Any, *, in_address: bool) -> tuple[dict[str, Any], list[str] | None]:
    """The arguments of the list and the wanted fields; Invalid EXPORT_UNREADABLE."""
    if not isinstance(given, dict):
        raise _unreadable("body")
    if in_address:
        given |= {name: _json(given[name], name) for name in ("where", "orderBy") if name in given}
        if "fields" in given:
            given["fields"] = [one.strip() for one in given["fields"].split(",") if one.strip()]
    fields = given.pop("fields", None)
    if fields is not None and not (isinstance(fields, list) and fields and all(isinstance(f, str) for f in fields)):
        raise _unreadable("fields")
    return given, fields


def _json(text: str | bytes, name: str) -> Any:
    try:
        return json.loads(text)
    except (ValueError, RecursionError) as error:
        raise _unreadable(name) from error


def _unreadable(name: str) -> Invalid:
    return Invalid(problem("EXPORT_UNREADABLE", f"{name} 无法读取。", f"{name} cannot be read.", name))


def _too_long(total: int) -> Invalid:
    return Invalid(
        problem(
            "EXCEL_TOO_LONG",
            f"共 {total} 行，超过 Excel 一张表的上限；请缩小范围或改用 CSV。",
            f"{total} rows are more than a worksheet holds; ask for fewer, or take CSV.",
        )
    )


def _unknown_format() -> Any:
    known = " / ".join(FORMATS)
    return problem("FORMAT_UNKNOWN", f"导出格式须为 {known} 之一。", f"The format is one of {known}.")


def _errors(errors: list[dict[str, Any]], status: int) -> Response:
    return JSONResponse({"errors": errors}, status)
