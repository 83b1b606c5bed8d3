"""What stands before every form that is sent: its token must be ours, and its lines may be many.

The framework reads a form with at most a thousand inputs, which an order of a hundred lines exceeds, and answers a
stale token with bare English text; both would cost somebody their work without a word they understand.
"""

from __future__ import annotations

from collections.abc import Callable

from starlette.datastructures import FormData
from starlette.exceptions import HTTPException
from starlette.middleware.base import RequestResponseEndpoint
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response
from starlette.types import ASGIApp
from starlette_admin.security import CSRFMiddleware

from hub.words import Label

MOST_INPUTS = 30_000
"""Inputs of one form: some two thousand lines of an order."""
_TOO_MUCH = Label(
    "表单内容过多，未能保存。请分成几张单据，或缩短文字。",
    "The form holds too much and was not saved. Please split it, or shorten its texts.",
)
_STALE = Label(
    "页面已过期，内容没有保存。请返回上一页，复制您填写的内容，刷新后再提交。",
    "This page has expired and nothing was saved. Go back, copy what you typed, reload and send it again.",
)

Show = Callable[[Request, Label, int], Response]


async def form_of(request: Request) -> FormData:
    """The form that was sent, however many lines it has."""
    return await request.form(max_fields=MOST_INPUTS)


class FormGuard(CSRFMiddleware):
    """The framework's guard with room for long documents; `show` makes the page for a form that is turned away."""

    def __init__(self, app: ASGIApp, secret_key: str, show: Show) -> None:
        super().__init__(app, secret_key)
        self._show = show

    async def dispatch(self, request: Request, call_next: RequestResponseEndpoint) -> Response:
        """Let a form through, or say why not."""
        try:
            response = await super().dispatch(request, call_next)
        except HTTPException as error:
            return self._show(request, _TOO_MUCH, error.status_code)
        if isinstance(response, PlainTextResponse):  # what comes from a page is a stream, so this is a refusal
            return self._show(request, _STALE, response.status_code)
        return response

    async def _get_submitted_token(self, request: Request) -> str | None:
        token: str | None = request.headers.get(self.header_name)
        if token is not None or "form" not in request.headers.get("content-type", ""):
            return token
        await request.body()  # kept, so that the page behind reads the same bytes again
        return str((await form_of(request)).get(self.field_name) or "")
