"""From a lead to an order: stages, the new customer, the quotation and its order."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest

from hub import writes
from hub.document.registry import spec
from hub.errors import Invalid, Refused
from tests.selling.conftest import Selling, made, refused, stepped

LEAD = {"company_name": "新客户有限公司", "contact_name": "王工", "phone": "0574-1", "source": "exhibition"}
LINE = {"quantity": "5", "unit_price": "2.5", "wanted_date": "2026-08-01", "tax_rate": "6"}


def stage(books: Selling, lead: Any) -> str:
    with books.work(dry_run=True) as ctx:
        return str(ctx.session.get_one(spec("Lead").model, lead.id).stage)


def test_a_lead_becomes_a_customer_with_an_order(books: Selling) -> None:
    lead = made(books, "Lead", LEAD)
    meeting = {"interaction_at": "2026-05-05T09:00:00+08:00", "lead": lead.id, "subject": "展会"}
    talk = made(books, "Interaction", meeting)
    stepped(books, "Interaction", talk.id, "finish", outcome="要报价")
    assert stage(books, lead) == "contacted"
    stepped(books, "Lead", lead.id, "qualify")
    converted = stepped(books, "Lead", lead.id, "convert")
    assert stage(books, lead) == "won"
    with books.work() as ctx:
        customer = ctx.session.get_one(spec("Customer").model, converted.customer_id)
        assert (customer.name, customer.code, customer.contact_name) == (LEAD["company_name"], lead.number, "王工")
        offered = {"lines": [{"item": books.item, **LINE}], "payment_terms_days": 45}
        quotation = writes.convert(ctx, "Lead", lead.id, "Quotation", offered)
        for step in ("submit", "send", "accept"):
            writes.run_step(ctx, "Quotation", quotation.id, step)
        order = writes.convert(ctx, "Quotation", quotation.id, "SalesOrder")
        assert (order.customer_id, order.quotation_id, order.payment_terms_days) == (customer.id, quotation.id, 45)
        line = order.lines[0]
        assert (line.amount, line.tax_rate, str(line.promised_date)) == (Decimal("12.5"), 6, "2026-08-01")
    with pytest.raises(Refused) as raised, books.work() as ctx:
        writes.convert(ctx, "Quotation", quotation.id, "SalesOrder")
    assert raised.value.problems[0].code == "CONVERTED_ALREADY"


def test_a_lead_that_names_a_customer_makes_no_other(books: Selling) -> None:
    lead = made(books, "Lead", {**LEAD, "customer": books.customer}, "qualify", "convert")
    with books.work(dry_run=True) as ctx:
        assert ctx.session.get_one(spec("Customer").model, lead.customer_id).code == books.customer


def test_a_lost_lead_keeps_its_stage_and_its_reason(books: Selling) -> None:
    lead = made(books, "Lead", LEAD, "qualify")
    lost = stepped(books, "Lead", lead.id, "lose", reason="价格")
    assert (lost.stage, lost.lost_reason, lost.state) == ("contacted", "价格", "lost")
    won = made(books, "Lead", {**LEAD, "stage": "won"})
    assert refused(books, "Lead", won.id, "lose", reason="x") == {"LEAD_WON"}


def test_a_quotation_that_ran_out_is_not_accepted(books: Selling) -> None:
    lines = [{"item": books.item, **LINE}]
    days = {"quotation_date": "2026-01-01", "valid_until_date": "2026-01-31"}
    header = {"customer": books.customer, **days, "lines": lines}
    quotation = made(books, "Quotation", header, "submit", "send")
    assert refused(books, "Quotation", quotation.id, "accept") == {"QUOTATION_EXPIRED"}
    with pytest.raises(Invalid):
        made(books, "Quotation", {**header, "valid_until_date": "2025-12-31"})


def test_who_was_met_must_be_said_and_what_was_found(books: Selling) -> None:
    talk = made(books, "Interaction", {"interaction_at": "2026-05-05T09:00:00+08:00", "subject": "电话"})
    assert refused(books, "Interaction", talk.id, "finish", outcome="无人") == {"NOBODY_MET"}
    survey = made(books, "CustomerSurvey", {"customer": books.customer, "topic": "新品"})
    assert refused(books, "CustomerSurvey", survey.id, "complete") == {"FIELD_MISSING"}
    asked = {"customer": books.customer, "requirement": "耐高温", "quantity": "10000"}
    request = made(books, "CustomizationRequest", asked, "submit")
    assert refused(books, "CustomizationRequest", request.id, "approve") == {"NOT_FEASIBLE"}
    with books.work() as ctx:
        writes.update(ctx, "CustomizationRequest", request.id, {"feasible": True})
    assert stepped(books, "CustomizationRequest", request.id, "approve").state == "approved"


def test_a_credit_code_that_is_typed_must_be_one(books: Selling) -> None:
    with pytest.raises(Invalid) as raised:
        made(books, "Customer", {"code": "K7", "name": "七", "uscc": "91350100M000100Y44"})
    assert [one.code for one in raised.value.problems] == ["CREDIT_CODE_WRONG"]
    with books.work() as ctx:
        loaded = [{"code": "K8", "name": "八", "uscc": "旧系统的号"}]
        assert writes.load(ctx, "Customer", loaded).problems == []
        known = spec("Customer").model
        other = ctx.session.query(known).filter(known.code == "K8").one()
        assert writes.update(ctx, "Customer", other.id, {"phone": "1"}).phone == "1"
