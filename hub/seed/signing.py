"""Who signs in the demo company: a large purchase is confirmed only when finance and, above that, the head agree.

Flows guard what people ask for; what the pipeline and the seed bring in is not held up by them.
"""

from __future__ import annotations

from typing import Any

from sqlalchemy import select

from hub.context import Ctx
from hub.document.edit import company_of
from hub.document.registry import spec
from hub.writes import create

FLOWS: tuple[dict[str, Any], ...] = (
    {
        "code": "PO-LARGE",
        "name": "大额采购审批",
        "document_type": "PurchaseOrder",
        "step_name": "confirm",
        "condition": "total > 100000",
        "lines": [
            {"name": "财务复核", "kind": "role", "who": ["finance"], "hours": 24, "escalate_to": "executive"},
            {"name": "总经理批准", "kind": "role", "who": ["executive"], "condition": "total > 500000"},
        ],
    },
)


def appoint(ctx: Ctx) -> None:
    """Declares the flows that are not there; one that somebody has changed, or switched off, stays so."""
    table = spec("ApprovalFlow").table
    known = set(ctx.session.execute(select(table.c.code).where(table.c.company_id == company_of(ctx))).scalars())
    for flow in FLOWS:
        if flow["code"] not in known:
            create(ctx, "ApprovalFlow", flow)
