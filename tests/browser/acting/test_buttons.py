"""What a record's page offers to do beside its steps: conversions, amendment; and every button works once."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from playwright.sync_api import Page, expect
from sqlalchemy import select

from hub.document.registry import spec
from tests.browser.conftest import Hub
from tests.browser.test_workbench import choose

Picture = Callable[[str], object]
Form = dict[str, str | float | bool]


def _new_order(page: Page) -> str:
    """A draft of one line; returns the address of its page."""
    page.goto("/sales-orders/create")
    choose(page, "customer", "K002", "上海精密")
    choose(page, "lines.0.item", "P-100", "齿轮箱外壳")
    page.locator("[name='lines.0.quantity']").fill("30")
    page.locator("[name='lines.0.unitPrice']").fill("2")
    page.locator("[name=promisedDate]").fill("2026-12-31")
    page.locator("[data-wb=save]").click()
    expect(page.locator("[data-wb=title]")).to_be_visible()
    return page.url


def take(page: Page, step: str) -> None:
    """Open a dialog and go on."""
    page.locator(f"[data-wb-step={step}]").click()
    page.locator(f"#step-{step} [data-wb=proceed]").click()


def _twice(page: Page, step: str) -> list[Any]:
    """Send a button's form twice as it stands on the page."""
    dialog = page.locator(f"#step-{step} form")
    form: Form = {
        name: dialog.locator(f"[name={name}]").input_value() for name in ("csrftoken", "idempotency_key", "version")
    }
    address = dialog.get_attribute("action")
    assert address is not None
    return [page.request.post(address, form=form) for _ in range(2)]


def test_an_order_becomes_a_delivery_and_an_invoice_once_each(admin: Page, hub: Hub, picture: Picture) -> None:
    order = _new_order(admin)
    expect(admin.locator("[data-wb-step=convert-Delivery]")).to_have_count(0)  # not from a draft
    take(admin, "confirm")
    expect(admin.locator("[data-wb-step=convert-Delivery]")).to_have_text("转送货单")
    picture("buttons-confirmed")
    answers = _twice(admin, "convert-Delivery")
    assert [one.status for one in answers] == [200, 200]
    assert answers[0].url == answers[1].url
    assert "/deliveries/detail" in answers[0].url
    admin.goto(answers[0].url)
    expect(admin.locator("[data-wb=state]")).to_have_text("草稿")
    expect(admin.locator("[data-wb=lines]")).to_contain_text("30")
    admin.goto(order)
    expect(admin.locator("[data-wb=deliveries] tbody tr")).to_have_count(1)
    take(admin, "convert-Delivery")
    expect(admin.locator("[data-wb=summary]")).to_contain_text("已全部转为产品送货单")
    take(admin, "convert-SalesInvoice")
    expect(admin.locator("body")).to_contain_text("已生成草稿，请核对。")
    expect(admin.locator(".page-pretitle")).to_contain_text("销售开票单")
    expect(admin.locator("[data-wb=lines]")).to_contain_text("60.00")
    picture("buttons-invoice")


def test_a_cancelled_order_is_amended_once_and_names_the_new_one(admin: Page, picture: Picture) -> None:
    order = _new_order(admin)
    old = admin.locator("[data-wb=title]").inner_text().split()[0]
    admin.locator("[data-wb-step=cancel]").click()
    admin.locator("#step-cancel [name=reason]").fill("价格有误")
    admin.locator("#step-cancel [data-wb=proceed]").click()
    expect(admin.locator("[data-wb=state]")).to_have_text("已取消")
    answers = _twice(admin, "amend")
    assert answers[0].url == answers[1].url
    admin.goto(answers[0].url)
    expect(admin.locator("[data-wb=state]")).to_have_text("草稿")
    expect(admin.locator(".wb-groups")).to_contain_text(old)
    new = admin.locator("[data-wb=title]").inner_text().split()[0]
    admin.goto(order)
    expect(admin.locator("[data-wb=successor] a")).to_have_text(new)
    expect(admin.locator("[data-wb-step]")).to_have_count(0)
    picture("buttons-amended")


def test_a_change_and_a_deletion_sent_twice_are_done_once(admin: Page, hub: Hub) -> None:
    order = _new_order(admin)
    id_ = order.rpartition("=")[2]
    admin.locator("[data-wb=edit]").click()
    form: Form = admin.locator(".wb-form").evaluate("form => Object.fromEntries(new FormData(form))")
    form |= {"lines.0.quantity": "31", "lines.1.item.text": "P-200", "lines.1.quantity": "5", "note": "两次"}
    form |= {f"lines.1.{name}": form[f"lines.0.{name}"] for name in ("unitPrice", "discount", "taxRate")}
    answers = [admin.request.post(admin.url, form=form) for _ in range(2)]
    assert [one.status for one in answers] == [200, 200]
    assert "edit" not in answers[1].url
    orders, lines = spec("SalesOrder").table, spec("SalesOrderLine").table
    with hub.database.engine.connect() as connection:
        assert connection.scalar(select(orders.c.version).where(orders.c.id == id_)) == 2
        kept = select(lines.c.quantity).where(lines.c.sales_order_id == id_).order_by(lines.c.position)
        assert [int(one) for one in connection.execute(kept).scalars()] == [31, 5]
    other = admin.request.post(admin.url, form={**form, "note": "三次"})
    assert other.status == 422  # the same key with another text
    admin.goto(order)
    assert [one.status for one in _twice(admin, "discard")] == [200, 200]
    answer = admin.goto(order)
    assert answer is not None
    assert answer.status == 404


def test_a_button_pressed_on_an_old_page_does_nothing(admin: Page) -> None:
    order = _new_order(admin)
    other = admin.context.new_page()
    for step in ("confirm", "discard"):
        admin.goto(order)
        other.goto(order)
        other.locator("[data-wb=edit]").click()
        other.locator("[name=note]").fill(f"先于 {step}")
        other.locator("[data-wb=save]").click()
        expect(other.locator("[data-wb=title]")).to_be_visible()
        take(admin, step)
        expect(admin.locator("[data-wb=summary]")).to_contain_text("已被他人修改")
        expect(admin.locator("[data-wb=state]")).to_have_text("草稿")
