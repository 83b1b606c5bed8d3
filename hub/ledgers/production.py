"""What goes into a production order and comes out of it, and from which lots its lots were made."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from sqlalchemy import select, text

from hub.context import Ctx
from hub.document import direct, remembering
from hub.document.registry import spec
from hub.errors import Problem, problem

_ORIGINS = direct.Asked(
    "INSERT INTO hub.lot_origin (company_id, lot_id, source_lot_id, production_order_id, quantity, document_type, "
    "document_number, recorded_by) "
    "SELECT cast(:company AS uuid), made.lot_id, used.lot_id, cast(:order AS uuid), "
    "used.quantity - coalesce(known.quantity, 0), cast(:type AS text), cast(:number AS text), cast(:actor AS uuid) "
    "FROM (SELECT DISTINCT l.lot_id FROM hub.product_receipt_line l JOIN hub.product_receipt r "
    "        ON r.id = l.product_receipt_id WHERE r.production_order_id = :order AND l.lot_id IS NOT NULL "
    "        AND (r.state = 'posted' OR r.id = :document)) made "
    "CROSS JOIN (SELECT lot_id, sum(quantity) AS quantity FROM ("
    "        SELECT l.lot_id, l.quantity FROM hub.material_issue_line l JOIN hub.material_issue i "
    "        ON i.id = l.material_issue_id WHERE i.production_order_id = :order AND l.lot_id IS NOT NULL "
    "        AND (i.state = 'posted' OR i.id = :document) "
    "        UNION ALL SELECT l.lot_id, -l.quantity FROM hub.material_return_line l JOIN hub.material_return r "
    "        ON r.id = l.material_return_id WHERE r.production_order_id = :order AND l.lot_id IS NOT NULL "
    "        AND (r.state = 'posted' OR r.id = :document)) moved GROUP BY lot_id) used "
    "LEFT JOIN (SELECT lot_id, source_lot_id, sum(quantity) AS quantity FROM hub.lot_origin "
    "        WHERE production_order_id = :order GROUP BY 1, 2) known "
    "  ON known.lot_id = made.lot_id AND known.source_lot_id = used.lot_id "
    "WHERE used.quantity <> coalesce(known.quantity, 0) ORDER BY 2, 3"
)
_ORDER = direct.Asked(
    "SELECT number, state, item_id, EXISTS (SELECT FROM hub.production_order_material m "
    "  WHERE m.production_order_id = o.id AND m.issue_method = 'backflush') AS backflushes "
    "FROM hub.production_order o WHERE id = :id FOR UPDATE"
)
_BACKFLUSHING = "orders with backflush"
_FORGET = text(
    "INSERT INTO hub.lot_origin (company_id, lot_id, source_lot_id, production_order_id, quantity, document_type, "
    "document_number, recorded_by) "
    "SELECT company_id, lot_id, source_lot_id, production_order_id, -sum(quantity), document_type, document_number, "
    ":actor FROM hub.lot_origin WHERE company_id = :company AND document_type = :type AND document_number = :number "
    "GROUP BY company_id, lot_id, source_lot_id, production_order_id, document_type, document_number "
    "HAVING sum(quantity) <> 0"
)


def note_origins(ctx: Ctx, document: Any) -> None:
    """Write down what the lots made by a production order were made from, as far as this document adds to it."""
    if document.production_order_id is None:
        return
    about = _about(ctx, document) | {"order": document.production_order_id, "document": document.id}
    _ORIGINS.run(ctx.session, about)


def forget_origins(ctx: Ctx, document: Any) -> None:
    """Take back what a document said of origins."""
    ctx.session.execute(_FORGET, _about(ctx, document))


def _about(ctx: Ctx, document: Any) -> dict[str, Any]:
    return {
        "company": document.company_id,
        "type": type(document).__name__,
        "number": document.number,
        "actor": ctx.viewer.user_id,
    }


def not_released(ctx: Ctx, document: Any) -> Iterator[Problem]:
    """PRODUCTION_NOT_RELEASED when the order of a document is not being worked on; holds the order until the commit."""
    if document.production_order_id is None:
        return
    order = _order(ctx, document)
    if order.state != "released":
        yield problem(
            "PRODUCTION_NOT_RELEASED",
            f"生产订单 {order.number} 不是已下达状态。",
            f"Production order {order.number} is not released.",
            "productionOrder",
        )


def not_fitting(ctx: Ctx, receipt: Any) -> Iterator[Problem]:
    """What keeps a product receipt from its order: none named, not released, or another item."""
    if receipt.production_order_id is None:
        yield problem("PRODUCTION_ORDER_MISSING", "请填写生产订单。", "Name the production order.", "productionOrder")
        return
    yield from not_released(ctx, receipt)
    order = _order(ctx, receipt)
    for index, line in enumerate(receipt.lines):
        if line.item_id != order.item_id:
            yield problem(
                "ITEM_NOT_PRODUCED",
                f"第 {index + 1} 行：该生产订单生产的是另一种存货。",
                f"Line {index + 1}: the production order makes another item.",
                *("lines", str(index), "item"),
            )


def _order(ctx: Ctx, document: Any) -> Any:
    id_ = document.production_order_id
    found = remembering.held_here(ctx.session, id_)
    if found is None:
        found = remembering.recall(
            ctx.session, ("ProductionOrder",), ("held", id_), lambda: _ORDER.rows(ctx.session, {"id": id_})[0]
        )
        backflushing = found.backflushes
    else:
        backflushing = any(one.issue_method == "backflush" for one in found.materials)
    if backflushing:
        ctx.session.info.setdefault(_BACKFLUSHING, set()).add(id_)
    return found


def backflushes(ctx: Ctx, document: Any) -> bool:
    """Whether the order of a document that is being posted has such materials; known since it was held, not asked."""
    return document.production_order_id in ctx.session.info.get(_BACKFLUSHING, ())


def held_order(ctx: Ctx, document: Any) -> Any:
    """The production order of a document, locked, to be changed."""
    model, id_ = spec("ProductionOrder").model, document.production_order_id
    found = select(model).where(model.id == id_).with_for_update()
    return remembering.held_here(ctx.session, id_) or remembering.recall(
        ctx.session, ("ProductionOrder",), ("changed", id_), lambda: ctx.session.execute(found).scalar_one()
    )
