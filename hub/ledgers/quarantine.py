"""Goods that must be inspected: what comes in waits in quarantine, what goes out waits for its inspection.

Which items that concerns stands in their inspection standards, read with the items themselves; where there are none,
nothing is asked.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import date
from typing import Any
from uuid import UUID

from sqlalchemy import Row, text

from hub.context import Ctx
from hub.document import direct
from hub.errors import Problem, problem

COMING = {"receipt": "incoming", "production": "final"}
"""The kind of inspection for each kind of movement that brings goods."""
_KEPT = "kept for inspection"
_OF_RECEIPT = direct.Asked(
    "SELECT item_id FROM hub.inspection WHERE id = :id AND state = 'confirmed' "
    "AND disposition IN ('accept', 'concession')"
)
_PASSED = text(
    "SELECT item_id, lot_id FROM hub.inspection WHERE delivery_id = :delivery AND kind = 'outgoing' "
    "AND state = 'confirmed' AND disposition IN ('accept', 'concession')"
)


def _asked(item: Row[Any], kind: str, day: date, customer_id: UUID | None = None) -> bool:
    """Whether a standard of the item asks for an inspection of a kind on a day, for all or for one customer."""
    for of_kind, customer, begins in item.inspected or ():
        concerns = customer is None or (customer_id is not None and UUID(customer) == customer_id)
        if of_kind == kind and concerns and (begins is None or date.fromisoformat(begins) <= day):
            return True
    return False


def kept(ctx: Ctx, document: Any, kind: str, day: date, moves: list[Any], items: Mapping[UUID, Row[Any]]) -> list[Any]:
    """The moves of a document, those that bring goods to be inspected into quarantine."""
    wanted = COMING.get(kind)
    if wanted is None or getattr(document, "inspection_id", None) is not None:
        return moves
    waiting = [
        move.position
        for move in moves
        if move.quantity > 0 and move.status == "available" and _asked(items[move.item_id], wanted, day)
    ]
    if not waiting:
        return moves
    ctx.session.info.setdefault(_KEPT, {})[document.id] = frozenset(waiting)
    return [replace(move, status="quarantine") if move.position in waiting else move for move in moves]


def kept_lines(ctx: Ctx, document: Any) -> list[Any]:
    """The lines whose goods this unit of work has put into quarantine."""
    positions = ctx.session.info.get(_KEPT, {}).get(document.id, frozenset())
    return [line for line in document.lines if line.position in positions]


def uninspected(
    ctx: Ctx, document: Any, kind: str, day: date, moves: Sequence[Any], items: Mapping[UUID, Row[Any]]
) -> Iterator[Problem]:
    """INSPECTION_MISSING for each line of a delivery that its customer wants inspected first.

    INSPECTION_NOT_PASSED for products whose inspection is named and has not passed their item.
    """
    if kind == "production":
        yield from _not_passed(ctx, document, moves)
    if kind != "delivery":
        return
    wanted = [
        (index, move)
        for index, move in enumerate(moves)
        if _asked(items[move.item_id], "outgoing", day, document.customer_id)
    ]
    if not wanted:
        return
    passed = {(row.item_id, row.lot_id) for row in ctx.session.execute(_PASSED, {"delivery": document.id})}
    for index, move in wanted:
        if not passed & {(move.item_id, move.lot_id), (move.item_id, None)}:
            code = items[move.item_id].code
            yield problem(
                "INSPECTION_MISSING",
                f"第 {index + 1} 行（{code}）：该客户要求出货检验，尚无合格的检验单。",
                f"Line {index + 1}: the customer wants {code} inspected before it is shipped; nothing has passed yet.",
                *("lines", str(index), "item"),
                hint=(
                    "请为该送货单建立出货检验单并判定。",
                    "Make an outgoing inspection for this delivery and decide it.",
                ),
            )


def _not_passed(ctx: Ctx, receipt: Any, moves: Sequence[Any]) -> Iterator[Problem]:
    if receipt.inspection_id is None:
        return
    passed = {row.item_id for row in _OF_RECEIPT.rows(ctx.session, {"id": receipt.inspection_id})}
    if any(move.item_id not in passed for move in moves):
        yield problem(
            "INSPECTION_NOT_PASSED",
            "所选检验单不是该产品的合格判定。",
            "The inspection that is named has not passed this product.",
            "inspection",
            hint=("请选择已判定接收的检验单，或留空待检。", "Name one that passed, or none: then the goods wait."),
        )
