"""From a lead to a customer and his first quotation; from a quotation to an order."""

from __future__ import annotations

from datetime import date
from typing import Any

from hub import writes
from hub.context import Ctx
from hub.document import today
from hub.document.flow import conversion, on
from hub.document.registry import spec

_AGREED = ("item_id", "description", "quantity", "unit_id", "unit_price", "discount", "tax_rate")


@on("Lead", "convert")
def becomes_customer(lead: Any, ctx: Ctx) -> None:
    """A lead that names no customer is made one; its code is the lead's number until somebody gives it another."""
    if lead.customer_id is not None:
        return
    known = {name: getattr(lead, name) for name in ("contact_name", "phone", "email")}
    values = {"code": lead.number, "name": lead.company_name, "since_date": today(), "sales_rep": lead.sales_rep_id}
    made = writes.create(ctx.with_all_rights(), "Customer", {**known, **values})
    lead.customer_id = made.id


@on("Interaction", "finish")
def was_contacted(interaction: Any, ctx: Ctx) -> None:
    """A lead that somebody has spoken to is new no more."""
    if interaction.lead_id is None:
        return
    lead = ctx.session.get(spec("Lead").model, interaction.lead_id, with_for_update={"key_share": True})
    if lead is not None and lead.stage == "new":
        lead.stage = type(lead.stage).CONTACTED


@on("Quotation", "send")
def was_proposed(quotation: Any, ctx: Ctx) -> None:
    """The lead behind a quotation has come as far as an offer."""
    if quotation.lead_id is None:
        return
    lead = ctx.session.get(spec("Lead").model, quotation.lead_id, with_for_update={"key_share": True})
    if lead is not None and lead.stage not in ("proposed", "won"):
        lead.stage = type(lead.stage).PROPOSED


@conversion("Lead", "Quotation", label=("转报价单", "Quote"), states=("converted",), link="lead", again=True)
def quotation_of(lead: Any, _ctx: Ctx) -> dict[str, Any]:
    """An offer to the lead's customer; what is offered is said by who converts."""
    return {"customer": lead.customer_id, "sales_rep": lead.sales_rep_id, "department": lead.department_id}


@conversion("Quotation", "SalesOrder", label=("转客户订单", "Order"), states=("accepted",), link="quotation")
def order_of(quotation: Any, _ctx: Ctx) -> dict[str, Any]:
    """The order of an accepted quotation: its lines at its prices, each promised for the day it is wanted."""
    kept = ("currency", "ship_to", "payment_terms_days")
    linked = ("customer_id", "sales_rep_id", "department_id", "price_list_id")
    return {
        **{name: getattr(quotation, name) for name in kept},
        **{name.removesuffix("_id"): getattr(quotation, name) for name in linked},
        "lines": [_order_line(line) for line in quotation.lines],
    }


def _order_line(line: Any) -> dict[str, Any]:
    wanted: date | None = line.wanted_date
    return {**{name.removesuffix("_id"): getattr(line, name) for name in _AGREED}, "promised_date": wanted}
