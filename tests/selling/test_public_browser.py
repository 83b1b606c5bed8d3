"""The public page as customers and suppliers see it: Chromium at a phone's width, in Chinese; nothing typed is lost."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest
from playwright.sync_api import Browser, Page, ViewportSize, expect
from sqlalchemy import text

from hub.web.workbench.columns import detail_path
from tests.chromium import headless
from tests.selling.conftest import PASSWORD, Selling, Shop, made

PHONE = ViewportSize(width=390, height=844)
GONE = "链接无效、已过期或已使用。"


@pytest.fixture(scope="module")  # its event loop runs in this thread: no longer than these tests
def chromium() -> Iterator[Browser]:
    with headless() as browser:
        yield browser


@pytest.fixture
def phone(chromium: Browser, shop: Shop) -> Iterator[Page]:
    """A phone's page. At the end: it asked nobody but the hub, and nothing it showed was wider than the phone."""
    context = chromium.new_context(viewport=PHONE, locale="zh-CN")
    context.set_default_timeout(15_000)
    asked: list[str] = []
    context.on("request", lambda request: asked.append(request.url))
    page = context.new_page()
    yield page
    assert {urlsplit(url).netloc for url in asked} == {urlsplit(shop.url).netloc}
    context.close()


@pytest.fixture
def seen(phone: Page, tmp_path: Path) -> Callable[[str], None]:
    """Keeps a picture of what is shown, which is no wider than the phone."""

    def look(name: str) -> None:
        phone.screenshot(path=tmp_path / f"{name}.png", full_page=True)
        assert phone.evaluate("document.documentElement.scrollWidth") <= PHONE["width"], name

    return look


def test_a_customer_answers_a_survey_on_a_phone(
    books: Selling, shop: Shop, phone: Page, seen: Callable[[str], None]
) -> None:
    asked = {"customer": books.customer, "survey_date": "2026-05-05"}
    survey = made(books, "SatisfactionSurvey", asked, "send")
    address = shop.link("seller", "SatisfactionSurvey", survey.id, "answer")
    phone.goto(address)
    expect(phone.get_by_role("heading", name="客户满意度调查")).to_be_visible()
    expect(phone.get_by_text("海天客户")).to_be_visible()
    scores = {"质量": "5", "交付": "6", "服务": "4", "价格": "3"}
    for name, score in scores.items():
        phone.get_by_label(name).fill(score)
    phone.get_by_label("意见").fill("交期可以更短")
    seen("survey")
    phone.get_by_role("button", name="答复").click()
    expect(phone.get_by_role("alert")).to_have_text("评分应为 1 至 5。 · Scores go from 1 to 5.")
    expect(phone.get_by_label("意见")).to_have_value("交期可以更短")  # nothing that was typed is lost
    expect(phone.get_by_label("质量")).to_have_value("5")
    seen("survey-wrong")
    phone.get_by_label("交付").fill("5")
    phone.get_by_role("button", name="答复").click()
    expect(phone.get_by_role("heading", name="谢谢")).to_be_visible()
    seen("survey-answered")
    told = shop.ask("seller", f'{{ satisfactionSurvey(id: "{survey.id}") {{ state averageScore comment }} }}')
    assert told["satisfactionSurvey"] == {"state": "ANSWERED", "averageScore": "4.250000", "comment": "交期可以更短"}
    phone.goto(address)
    expect(phone.get_by_text(GONE)).to_be_visible()
    seen("used")


def test_a_supplier_confirms_and_announces_on_a_phone(
    books: Selling, shop: Shop, phone: Page, seen: Callable[[str], None]
) -> None:
    lines = [{"item": books.item, "quantity": "40", "unit_price": "2.5", "description": "按图纸 A 版，喷码"}]
    ordered = {"supplier": "S1", "order_date": "2026-05-05", "promised_date": "2026-05-20", "lines": lines}
    order = made(books, "PurchaseOrder", ordered, "confirm")
    phone.goto(shop.link("buyer", "PurchaseOrder", order.id, "acknowledge"))
    expect(phone.get_by_text(order.number)).to_be_visible()
    expect(phone.get_by_text("按图纸 A 版，喷码")).to_be_visible()
    phone.get_by_label("承诺日期").fill("2026-05-25")
    seen("order")
    phone.get_by_role("button", name="供应商确认").click()
    expect(phone.get_by_role("heading", name="谢谢")).to_be_visible()
    phone.goto(shop.link("buyer", "PurchaseOrder", order.id, "announce"))
    phone.get_by_label("预计到货日").fill("2026-05-24")
    phone.get_by_label("送货内容").fill("40 箱，两托")
    seen("announcement")
    phone.get_by_role("button", name="送货通知").click()
    expect(phone.get_by_role("heading", name="谢谢")).to_be_visible()
    asked = f'{{ purchaseOrder(id: "{order.id}") {{ promisedDate announcedDate announcement }} }}'
    told = shop.ask("buyer", asked)["purchaseOrder"]
    assert told == {"promisedDate": "2026-05-25", "announcedDate": "2026-05-24", "announcement": "40 箱，两托"}


def test_a_wrong_link_and_one_that_ran_out_say_so(
    books: Selling, shop: Shop, phone: Page, seen: Callable[[str], None]
) -> None:
    survey: Any = made(books, "ExperienceSurvey", {"customer": books.customer, "item": books.item}, "send")
    address = shop.link("seller", "ExperienceSurvey", survey.id, "answer")
    phone.goto(f"{shop.url}/p/{'A' * 43}")
    expect(phone.get_by_text(GONE)).to_be_visible()
    seen("wrong-link")
    phone.goto(address)
    expect(phone.get_by_text(f"零件{books.item}")).to_be_visible()
    phone.get_by_label("易用性").fill("4")
    seen("experience")
    with books.engine.begin() as connection:
        ended = "UPDATE audit.public_link SET expires_at = now() - interval '1 second' WHERE document_id = :id"
        connection.execute(text(ended), {"id": survey.id})
    phone.goto(address)
    expect(phone.get_by_text(GONE)).to_be_visible()
    expect(phone.get_by_text("has been used. Ask your contact for a new one.")).to_be_visible()
    seen("expired")


def test_a_seller_makes_the_link_on_the_surveys_page(
    books: Selling, shop: Shop, phone: Page, seen: Callable[[str], None]
) -> None:
    survey = made(books, "SatisfactionSurvey", {"customer": books.customer}, "send")
    phone.goto(shop.url)
    phone.get_by_label("账号").fill("seller")
    phone.get_by_label("密码").fill(PASSWORD)
    phone.get_by_role("button", name="登录").click()
    phone.goto(f"{shop.url}{detail_path('SatisfactionSurvey', str(survey.id))}")
    phone.locator("[data-wb-step=link-answer]").click()
    phone.locator("#step-link-answer [data-wb=proceed]").click()
    told = phone.get_by_text("只显示这一次")
    expect(told).to_be_visible()
    told.evaluate("one => one.append('w'.repeat(80))")  # not every address has a hyphen where it could be broken
    seen("link-made")
    found = re.search(r"/p/[\w-]{43}", told.inner_text())
    assert found is not None
    assert found[0].removeprefix("/p/") not in phone.url
    phone.goto(f"{shop.url}{found[0]}")
    expect(phone.get_by_role("heading", name="客户满意度调查")).to_be_visible()
