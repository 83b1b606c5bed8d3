"""Whether who follows something may still do so: looked at again every half minute for as long as it is open."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable

from hub.context import Viewer
from hub.errors import Forbidden, problem

LOOK_AGAIN_SECONDS = 30.0


async def still_allowed(viewer: Viewer, find: Callable[[], Awaitable[Viewer | None]]) -> None:
    """Wait for as long as `find` finds this viewer with the same rights.

    Raises:
        Forbidden: SIGNED_OUT, the token has expired or the user is blocked; RIGHTS_CHANGED, subscribe anew.
    """
    while True:
        await asyncio.sleep(LOOK_AGAIN_SECONDS)
        try:
            found = await find()
        except Forbidden:
            found = None
        if found is None:
            sentence = "The sign-in has ended: the token has expired or the user is blocked."
            raise Forbidden(problem("SIGNED_OUT", "登录已失效：令牌过期或用户已停用。", sentence))
        if found != viewer:
            sentence = "Your rights have changed; subscribe again, with the last token where you have one."
            raise Forbidden(problem("RIGHTS_CHANGED", "您的权限已改变，请（用续传标记）重新订阅。", sentence))
