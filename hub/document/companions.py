"""What goes with a document goes with it: its companions when it is discarded. History keeps them."""

from __future__ import annotations

from uuid import UUID

from sqlalchemy import delete

from hub.context import Ctx
from hub.document.registry import specs
from hub.document.spec import COMPANION_COLUMN, DocSpec


def forget(ctx: Ctx, spec: DocSpec, document_id: UUID) -> None:
    """Remove the companions of a document that is no more."""
    if spec.kind in ("master", "document"):
        for one in specs().values():
            if one.kind == "companion":
                ctx.session.execute(delete(one.table).where(one.table.c[COMPANION_COLUMN] == document_id))
