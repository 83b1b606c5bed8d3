"""The hub's GraphQL: a schema built from the document types, each query answered by one SQL statement.

`Answerer` answers requests; `execute` is the same in process, for the workbench, notebooks and tests.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from graph_schema.answer import Answerer
from graph_schema.build import schema
from graph_schema.current import current, use
from graph_schema.push import checks as _checks  # noqa: F401  (importing declares them)
from hub.context import Viewer

__all__ = ["Answerer", "current", "execute", "explain", "schema", "sdl", "trouble_of", "use"]


async def execute(document: str, variables: Mapping[str, Any] | None, viewer: Viewer) -> dict[str, Any]:
    """Answer a document for a viewer: {"data": …, "errors": […]}.

    Uses the process's answerer; without one (a script, a notebook) it opens a pool and an engine of its own.
    """
    found: dict[str, Any] = json.loads(await (await current()).answer(document, variables, viewer))
    return found


def sdl() -> str:
    """The schema in GraphQL's own language, as committed in schema.graphql."""
    return schema().as_str() + "\n"


def explain(document: str, viewer: Viewer, variables: Mapping[str, Any] | None = None) -> str:
    """The plan and the SQL of a query, for people."""
    from graph_schema.read.explain import explained

    return explained(document, viewer, variables or {})


def trouble_of(document: str) -> str | None:
    """Why a document cannot be answered, in one line; None when it can."""
    from graph_schema.answer import core_schema
    from graph_schema.document import valid
    from graph_schema.trouble import Faulty
    from hub.errors import HubError

    try:
        valid(core_schema(), document)
    except (Faulty, HubError) as error:
        return str(error)
    return None
