"""Where collectors deliver: POST /edge/readings, a batch at a time, stored exactly once.

The answer 200 means committed: the collector may forget the batch. Anything else means it must keep it.
"""

from __future__ import annotations

import json
import zlib
from typing import Any

from anyio import to_thread
from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from hub import writes
from hub.context import Viewer
from hub.document.edit import company_of
from hub.errors import Forbidden, problem
from hub.ledgers import readings
from hub.web.auth import viewer_of

MOST_BYTES = 8_000_000
MOST_READINGS = 10_000


async def receive_readings(request: Request) -> Response:
    """Body {"edge": name, "readings": [{"device", "metric", "at", "value", "unit", "quality"}]}, gzip allowed.

    200 {"accepted", "duplicates", "rejected": [{"index", "code", "message"}]}; 400 malformed; 401 nobody;
    403 no right; 413 too large.
    """
    viewer = viewer_of(request)
    if viewer is None:
        return _refusal(401, "SIGN_IN_FIRST", "请提供令牌。", "A token is needed.")
    if not viewer.may("energy.collect"):
        return _refusal(403, "FORBIDDEN", "该令牌无权上报读数。", "This token may not deliver readings.")
    try:
        body = _body(await _bytes(request), request.headers.get("content-encoding", ""))
    except _TooLarge:
        return _refusal(413, "TOO_LARGE", "批次过大。", "The batch is too large.")
    except ValueError:
        return _refusal(400, "MALFORMED", "内容不是有效的读数批次。", "The body is no valid batch of readings.")
    recorded = await to_thread.run_sync(_record, request, viewer, body)
    language = viewer.language
    rejected = [
        {"index": one.index, "code": one.code, "message": one.message.in_language(language)}
        for one in recorded.rejected
    ]
    return JSONResponse({"accepted": recorded.accepted, "duplicates": recorded.duplicates, "rejected": rejected})


def _record(request: Request, viewer: Viewer, body: dict[str, Any]) -> readings.Recorded:
    with writes.unit_of_work(request.app.state.engine, viewer, "edge") as ctx:
        company_id = company_of(ctx)
        if company_id is None:
            raise Forbidden(problem("COMPANY_MISSING", "请先建立公司。", "Create the company first."))
        return readings.record(
            ctx.session,
            company_id=company_id,
            actor_id=viewer.user_id,
            edge=str(body["edge"]),
            batch=body["readings"],
        )


class _TooLarge(Exception):
    """More bytes or readings than one batch may have."""


async def _bytes(request: Request) -> bytes:
    parts, size = [], 0
    async for part in request.stream():
        size += len(part)
        if size > MOST_BYTES:
            raise _TooLarge
        parts.append(part)
    return b"".join(parts)


def _body(raw: bytes, encoding: str) -> dict[str, Any]:
    """The batch; ValueError when it is none. A small body that unpacks into a huge one is refused."""
    if encoding == "gzip":
        try:
            unpacking = zlib.decompressobj(wbits=16 + zlib.MAX_WBITS)
            raw = unpacking.decompress(raw, MOST_BYTES + 1)
        except zlib.error as error:
            raise ValueError("not gzip") from error
        if len(raw) > MOST_BYTES:
            raise _TooLarge
    body = json.loads(raw)
    if not isinstance(body, dict):
        raise ValueError("no batch")
    if not isinstance(body.get("edge"), str) or not isinstance(body.get("readings"), list):
        raise ValueError("no batch")
    if len(body["readings"]) > MOST_READINGS:
        raise _TooLarge
    return body


def _refusal(status: int, code: str, chinese: str, english: str) -> Response:
    return JSONResponse({"code": code, "message": f"{chinese} {english}"}, status)
