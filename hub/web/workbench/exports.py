"""A list taken away as a file: the framework's button and form, the hub's own export behind it.

What is on the page, what is chosen, or everything that fits the filter: each is a `where`, streamed like any other.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from starlette.datastructures import QueryParams
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response
from starlette_admin import BaseField
from starlette_admin.actions import ActionSelection
from starlette_admin.exceptions import ActionFailed
from starlette_admin.export import BaseExporter

from graph_schema.export import plan_export, title_paths
from hub.document.registry import spec as spec_of
from hub.errors import HubError
from hub.exchange.writing import FORMATS
from hub.web.export import stream
from hub.web.workbench.columns import Column
from hub.web.workbench.language import spoken
from hub.web.workbench.paging import order_by
from hub.web.workbench.people import viewer_of

if TYPE_CHECKING:
    from hub.web.workbench.views import DocumentView


class Offered(BaseExporter):
    """A format's name in the form."""

    def __init__(self, ending: str) -> None:
        self.extension, self.content_type = ending, FORMATS[ending].media

    async def generate(self, fields: list[BaseField], rows: list[dict[str, Any]]) -> bytes:
        """Never asked: the file is written by `hub.exchange.writing`."""
        raise NotImplementedError


async def taken_away(view: DocumentView, request: Request, selection: ActionSelection) -> Response:
    """The file that the form asks for; ActionFailed says why there is none."""
    form = await request.form()
    ending = str(form.get("format") or "")
    if ending not in FORMATS:
        raise ActionFailed(f"没有格式 {ending[:20]}。 There is no format {ending[:20]}.")
    listed = view._parse_list_params(
        request, QueryParams((request.query_params.get("_list_query") or "").removeprefix("?"))
    )
    where = view.where(request, listed.q, listed.filters)
    if not selection.is_select_all:
        chosen = await selection.pks() if form.get("scope") == "selected" else await _on_page(view, request, listed)
        where = {"id": {"in": [str(one) for one in chosen]}}
    columns = view.columns_for(request)
    wanted = [str(name) for name in form.getlist("fields") if name in columns] or list(columns)
    wanted = [name for name in wanted if not columns[name].encrypted]  # no export shows what is encrypted
    paths = [path for name in wanted for path in paths_of(columns[name])]
    arguments = {"where": where, "orderBy": order_by(view.spec, listed.sorts)}
    title = str(form.get("filename") or "").strip() or spoken(view.spec.label)
    try:
        return await stream(plan_export(view.spec.many, arguments, paths, viewer_of(request)), ending, title)
    except HubError as error:
        raise ActionFailed("; ".join(spoken(one.message) for one in error.problems)) from error


def paths_of(column: Column) -> list[str]:
    """A column's fields in an export: a link is shown by what people call the other record."""
    if column.target is None:
        return [column.name]
    title = title_paths(spec_of(column.target))
    return [f"{column.name}.{path}" for path in (title[1:] if title[-1] == "name" else title)]


async def _on_page(view: DocumentView, request: Request, listed: Any) -> list[str]:
    """The ids of the rows that the page shows."""
    size = listed.page_size
    try:
        rows = await view.find_all(
            request, (listed.page - 1) * size, size, q=listed.q, sorts=listed.sorts, filters=listed.filters
        )
    except HTTPException as error:
        raise ActionFailed(error.detail) from error
    return [row["id"] for row in rows]
