"""What somebody may know of one document: a selection of its fields, written by hand, read with his rights."""

from __future__ import annotations

import json
from functools import lru_cache
from typing import Any
from uuid import UUID

from sqlalchemy.orm import Session

from graph_schema.answer import core_schema
from graph_schema.cost import Spending
from graph_schema.document import Known, understand
from graph_schema.queries import QueryPlan, plan_query
from graph_schema.read.run import rows_within
from graph_schema.read.values import shape
from graph_schema.trouble import Faulty
from hub.context import Viewer
from hub.document.spec import DocSpec
from hub.errors import HubError, Invalid, Problem, problem

COST_LIMIT = 10_000


@lru_cache(maxsize=500)
def known(single: str, selection: str) -> Known:
    """The query for one document with this selection, understood; `single` is the type's root field.

    Raises:
        Invalid: SELECTION_INVALID with GraphQL's own words.
    """
    try:
        found = understand(core_schema(), f"query ($id: ID!) {{ {single}(id: $id) {{ {selection} }} }}", None)
    except (Faulty, HubError) as error:
        raise Invalid(_invalid(str(error))) from error
    if len(found.operation.selection_set.selections) != 1 or found.fragments:
        raise Invalid(_invalid("}"))
    return found


def _invalid(reason: str) -> Problem:
    return problem(
        "SELECTION_INVALID",
        f"内容不是该单据类型的 GraphQL 字段：{reason}",
        f"The selection does not fit the document type: {reason}",
        "selection",
        hint=("例如：number state customer { code name }", "For example: number state customer { code name }"),
    )


def read(session: Session, spec: DocSpec, selection: str, document_id: UUID, viewer: Viewer) -> dict[str, Any] | None:
    """The document as the viewer sees it now, or None when he does not see it.

    Raises:
        Invalid: SELECTION_INVALID. Forbidden and Refused (COST_EXCEEDED) as a query would be.
    """
    query = known(spec.single, selection)
    given = query.variables({"id": str(document_id)})
    plan = _plan(query, given, viewer)
    if plan.statement is None:
        return None
    Spending(COST_LIMIT).add(plan.cost.of(given))
    answer = json.loads(rows_within(session, plan.statement, given, viewer)[0][0])
    found: dict[str, Any] | None = answer[spec.single]
    return found


def _plan(query: Known, given: dict[str, Any], viewer: Viewer) -> QueryPlan:
    slots = query.slots(given)
    key = (shape(slots), query.rights(viewer))
    found = query.plans.get(key)
    if found is None:
        found = query.plans.put(key, plan_query(query, slots, viewer))
    assert isinstance(found, QueryPlan)
    return found
