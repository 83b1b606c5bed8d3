"""Asking the hub's own GraphQL in process, and what to do when it refuses."""

from __future__ import annotations

import logging
from typing import Any

from starlette.exceptions import HTTPException

from hub.context import Viewer

_log = logging.getLogger(__name__)
_STATUS = {"FORBIDDEN": 403, "COLUMN_FORBIDDEN": 403, "NOT_FOUND": 404}


async def ask(document: str, variables: dict[str, Any], viewer: Viewer) -> dict[str, Any]:
    """The `data` of the answer.

    Raises:
        HTTPException: 403, 404 or 400 when the hub refuses; the detail holds its sentence.
    """
    from graph_schema import execute  # here: the schema is built at the first question, not when pages are declared

    answer = await execute(document, variables, viewer)
    errors = answer.get("errors")
    if errors:
        first = errors[0]
        _log.warning("a page's question was refused: %s", errors)
        code = (first.get("extensions") or {}).get("code", "")
        raise HTTPException(_STATUS.get(code, 400), str(first.get("message", "")))
    data: dict[str, Any] = answer["data"]
    return data
