"""Answers to an inquiry, entered and chosen one by one: what its steps do to its offers."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

from hub.context import Ctx
from hub.document.edit import stamp
from hub.document.links import Links
from hub.document.positions import add_lines
from hub.document.registry import spec
from hub.errors import Invalid, Problem, Refused, problem
from hub.ledgers import supply


def answer(ctx: Ctx, inquiry: Any, named: Mapping[str, str], terms: Mapping[str, Any]) -> None:
    """Add or replace an offer; `named` are supplier and item as people call them.

    Raises:
        Invalid: LINK_UNKNOWN. Refused: SUPPLIER_NOT_ASKED, ITEM_NOT_ASKED, AMOUNT_NOT_POSITIVE.
    """
    offer = spec("RfqOffer")
    links, values = Links(ctx.session, ctx.viewer, inquiry.company_id), dict[str, Any]()
    links.want(offer, dict(named))
    links.resolve()
    Invalid.raise_all(links.fill(offer, dict(named), values, ()))
    asked = next((one for one in inquiry.suppliers if one.supplier_id == values["supplier_id"]), None)
    Refused.raise_all(_unfit(inquiry, asked, values, terms))
    assert asked is not None
    asked.answered_at = datetime.now(UTC)
    key = (values["supplier_id"], values["item_id"], terms["quantity"])
    same = next((one for one in inquiry.offers if (one.supplier_id, one.item_id, one.quantity) == key), None)
    if same is None:
        add_lines(inquiry, "offers", [offer.model(**values, **terms)])
        stamp(ctx, spec("Rfq"), inquiry)
        return
    for name, value in terms.items():
        setattr(same, name, value)


def _unfit(inquiry: Any, asked: Any, values: Mapping[str, Any], terms: Mapping[str, Any]) -> Iterator[Problem]:
    if asked is None:
        yield problem(
            "SUPPLIER_NOT_ASKED",
            "询价单没有问这家供应商。",
            "The inquiry does not ask this supplier.",
            "supplier",
            hint=("请选择询价单所列的供应商。", "Choose a supplier that the inquiry lists."),
        )
    if values["item_id"] not in {line.item_id for line in inquiry.lines}:
        yield problem(
            "ITEM_NOT_ASKED",
            "询价单没有问这种存货。",
            "The inquiry does not ask for this item.",
            "item",
            hint=("请选择询价单所列的存货。", "Choose an item that the inquiry lists."),
        )
    if terms["unit_price"] <= 0:
        yield problem("AMOUNT_NOT_POSITIVE", "单价必须大于零。", "The price must be above zero.", "unitPrice")


def choose(inquiry: Any, position: int, quantity: Decimal) -> None:
    """Set how much to buy of an offer.

    Raises:
        Invalid: LINE_UNKNOWN. Refused: BELOW_MINIMUM when the offer holds only from a larger quantity.
    """
    offer = next((one for one in inquiry.offers if one.position == position), None)
    if offer is None:
        raise Invalid(problem("LINE_UNKNOWN", "单据中没有这一行。", "The document has no such line.", "position"))
    if quantity < 0 or 0 < quantity < offer.quantity:
        least = f"{offer.quantity.normalize():f}"
        raise Refused(
            problem(
                "BELOW_MINIMUM",
                f"该报价从 {least} 起订。",
                f"The offer holds from {least} on.",
                "quantity",
                hint=("请增加数量，或选 0。", "Take more, or nothing."),
            )
        )
    offer.chosen, offer.chosen_quantity = quantity > 0, quantity


def not_orderable(ctx: Ctx, inquiry: Any) -> Iterator[Problem]:
    """No offer chosen, or one of a supplier that is not admitted."""
    chosen = [(index, one) for index, one in enumerate(inquiry.offers) if one.chosen]
    if not chosen:
        yield problem(
            "NO_OFFER",
            "没有选定的报价。",
            "No offer is chosen.",
            "offers",
            hint=("请比价或改选。", "Compare the offers, or choose one."),
        )
    for index, one in chosen:
        yield from (found.under("offers", str(index)) for found in supply.not_admitted(ctx, one.supplier_id))
