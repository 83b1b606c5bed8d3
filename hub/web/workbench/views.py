"""One list view per document type: starlette-admin asks it for rows, it asks GraphQL.

It never reads a table. What a viewer may not read is no column here, and the hub would not give it either.
"""

# ruff: noqa: ARG002  (the framework says which arguments its methods get)

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Any

from starlette.datastructures import QueryParams
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response
from starlette_admin import BaseField, BaseModelView, RequestAction
from starlette_admin.actions import ActionSelection
from starlette_admin.filters import FilterGroup
from starlette_admin.types import ListParams

from hub.document.registry import spec as spec_of
from hub.document.spec import DocSpec
from hub.web.workbench import bulk
from hub.web.workbench.columns import Column, columns_of, custom_columns, key_of, opening_columns, opening_custom
from hub.web.workbench.exports import Offered, taken_away
from hub.web.workbench.filters import filters_of, where_of
from hub.web.workbench.language import lazy
from hub.web.workbench.paging import page_of, total_of
from hub.web.workbench.people import viewer_of
from hub.web.workbench.questions import Where, search_where

Row = dict[str, Any]


@dataclass
class Cell(BaseField):
    """A column as the framework's field, shown as `columns.Shown`."""

    column: Column = field(default=None, kw_only=True)  # type: ignore[assignment]  # the base's fields have defaults
    list_template: str = "cell.html"
    null_template: str = "cell.html"

    async def parse_obj(self, request: Request, obj: Row) -> Any:
        """The value in a row."""
        return self.column.of(obj)

    async def serialize_value(self, request: Request, value: Any) -> Any:
        """What the page shows."""
        return self.column.show(value)

    async def serialize_none_value(self, request: Request) -> Any:
        """No value is shown like any other."""
        return await self.serialize_value(request, None)


class DocumentView(BaseModelView):
    """The list of one document type."""

    pk_attr = "id"
    page_size = 20
    page_size_options = (20, 50, 100, 200)
    exporters = (Offered("xlsx"), Offered("csv"), Offered("ndjson"))
    importers = ()
    actions = ("export",)
    row_actions = ()
    list_template = "list.html"
    search_highlight = False

    def __init__(self, spec: DocSpec) -> None:
        self.spec = spec
        self.columns = {one.name: one for one in columns_of(spec)}
        self.opening = opening_columns(spec, tuple(self.columns.values()))
        self.key = key_of(spec)
        self.menu_label = self.display_name = lazy(spec.label)
        self.fields = [cell_of(one) for one in self.columns.values()]
        self.sortable_fields = [one.name for one in self.columns.values() if _sortable(one)]
        self.searchable_fields = [one.name for one in self.fields if one.filters]
        self.fields_default_sort = _opening_sort(spec)
        super().__init__()

    def is_accessible(self, request: Request) -> bool:
        """Whether the viewer may read the type."""
        return viewer_of(request).may(self.spec.access.read)

    def can_create(self, request: Request) -> bool:
        """Whether the viewer may make one; ledgers are written by steps alone."""
        return self.spec.by_hand and viewer_of(request).may(self.spec.access.write)

    def can_edit(self, request: Request) -> bool:
        """Whether the viewer may change one."""
        return self.can_create(request)

    def can_import(self, request: Request) -> bool:
        """Not the framework's way: files come in on our own page, by the verbs."""
        return False

    async def create(self, request: Request, data: dict[str, Any]) -> Any:
        """Not this way: our own form makes a record by one verb."""
        raise HTTPException(405)

    async def edit(self, request: Request, pk: Any, data: dict[str, Any]) -> Any:
        """Not this way: our own form changes a record by one verb."""
        raise HTTPException(405)

    async def delete(self, request: Request, pks: list[Any]) -> int | None:
        """Not this way: records are cancelled or set inactive."""
        raise HTTPException(405)

    def can_access_field(self, request: Request, field: BaseField, action: RequestAction | None = None) -> bool:
        """A restricted column is there only for those who may read it."""
        allowed: bool = super().can_access_field(request, field, action)
        return allowed and viewer_of(request).may(self.columns[field.name].restricted)

    def get_fields_list(
        self, request: Request, *, include_nested: bool = False, action: RequestAction | None = None
    ) -> Sequence[BaseField]:
        """The columns that the viewer may see, custom fields of the moment included."""
        own = super().get_fields_list(request, include_nested=include_nested, action=action)
        return [*own, *(cell_of(one) for one in custom_columns(self.spec, viewer_of(request)))]

    def columns_for(self, request: Request) -> dict[str, Column]:
        """The same by name."""
        return {one.name: one.column for one in self.get_fields_list(request) if isinstance(one, Cell)}

    def _parse_list_params(self, request: Request, query_params: QueryParams | None = None) -> ListParams:
        params: ListParams = super()._parse_list_params(request, query_params)
        given = query_params if query_params is not None else request.query_params
        if params.visible_cols is None and not given.get("cols"):
            columns = self.columns_for(request)
            custom = opening_custom([one for one in columns.values() if one.custom is not None])
            params.visible_cols = [name for name in (*self.opening, *custom) if name in columns]
        return params

    async def find_all(
        self,
        request: Request,
        skip: int = 0,
        limit: int = 100,
        q: str | None = None,
        sorts: Sequence[tuple[str, str]] | None = None,
        filters: FilterGroup | None = None,
    ) -> Sequence[Row]:
        """Rows for a page of the list."""
        columns = self._wanted(request)
        where = self.where(request, q, filters)
        page = await page_of(self.spec, columns, where, sorts or [], viewer_of(request), skip=skip, limit=limit)
        request.state.counted = (where, page.total)
        return page.rows

    def _wanted(self, request: Request) -> list[Column]:
        """The columns that will be looked at."""
        columns = self.columns_for(request)
        names: Iterable[str] = columns
        if request.state.action == RequestAction.LIST:
            names = self._parse_list_params(request).visible_cols or columns
        return [columns[name] for name in names]

    async def count(self, request: Request, q: str | None = None, filters: FilterGroup | None = None) -> int:
        """How many records fit; known already when the first page was asked for."""
        where = self.where(request, q, filters)
        known = getattr(request.state, "counted", None)
        if known is not None and known[0] == where and known[1] is not None:
            return int(known[1])
        return await total_of(self.spec, where, viewer_of(request))

    def where(self, request: Request, q: str | None, filters: FilterGroup | None) -> Where:
        """What fits the search and the filters."""
        columns = self.columns_for(request)
        parts = [search_where(self.spec, q or "", viewer_of(request)), where_of(filters, columns)]
        parts = [one for one in parts if one]
        return {"and": parts} if len(parts) > 1 else (parts[0] if parts else {})

    async def find_by_pk(self, request: Request, pk: Any) -> Row | None:
        """One row."""
        rows = await self.find_by_pks(request, [pk])
        return rows[0] if rows else None

    async def find_by_pks(self, request: Request, pks: list[Any]) -> Sequence[Row]:
        """Chosen rows."""
        where = {"id": {"in": [str(pk) for pk in pks]}}
        page = await page_of(self.spec, self._wanted(request), where, [], viewer_of(request), skip=0, limit=len(pks))
        return page.rows

    async def export_action(self, request: Request, selection: ActionSelection) -> Response:
        """The list as a file."""
        return await taken_away(self, request, selection)

    export_action._action = BaseModelView.export_action._action  # type: ignore[attr-defined]  # the same button and form

    async def get_all_actions(self, request: Request) -> list[dict[str, Any]]:
        """What can be done with chosen rows: taken away, and the steps of their type."""
        return [*await super().get_all_actions(request), *bulk.actions(self, request)]

    async def handle_action(self, request: Request, selection: ActionSelection, name: str) -> Response | None:
        """One of the framework's, or a step for many rows."""
        step = bulk.named(self, request, name)
        if step is not None:
            return await bulk.carried_out(self, request, selection, step)
        return await super().handle_action(request, selection, name)

    async def get_pk_value(self, request: Request, obj: Row) -> Any:
        """The id of a row."""
        return obj["id"]


@lru_cache(maxsize=3000)
def cell_of(one: Column) -> Cell:
    """A column as the framework takes it; of a custom field too, which no list of a view has."""
    made = Cell(one.name, lazy(one.label), column=one, filters=filters_of(one), orderable=_sortable(one))
    made._name, made.searchable = one.name, bool(made.filters)
    return made


def _sortable(one: Column) -> bool:
    if one.target:
        return spec_of(one.target).kind in ("master", "document")
    return one.kind not in ("json", "list") and not one.encrypted


def _opening_sort(spec: DocSpec) -> list[tuple[str, bool]]:
    """Masters by code; documents and ledgers with the latest first."""
    if spec.kind == "master":
        return [("code", False)]
    return [("number" if spec.kind == "document" else "id", True)]
