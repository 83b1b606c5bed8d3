"""The dashboard in a real browser, as an executive sees it: Chinese first, English by the switch, all charts drawn."""

from __future__ import annotations

import os
import re
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import quote

import pytest
from playwright.sync_api import Page, expect

from superset_config import specs
from superset_config.bundle import identity
from superset_config.provision import ProvisionReport
from tests.chromium import headless
from tests.superset.running import RunningSuperset

SLOW = 60_000


@pytest.fixture(scope="module")
def page(superset: RunningSuperset, provisioned: ProvisionReport) -> Iterator[Page]:
    with headless() as browser:
        page = browser.new_page(viewport={"width": 1440, "height": 2200}, locale="zh-CN")
        page.set_default_timeout(SLOW)
        yield page


@pytest.fixture
def signed_in(page: Page, superset: RunningSuperset) -> Page:
    page.goto(f"{superset.url}/login/")
    if page.url.rstrip("/").endswith("/login"):
        page.fill("input#username", "boss")
        page.fill("input[type=password]", superset.password("boss"))
        page.keyboard.press("Enter")
        page.wait_for_url(lambda url: "/login" not in url)
    return page


def test_signin_page_is_chinese_and_ours(page: Page, superset: RunningSuperset, tmp_path: Path) -> None:
    page.goto(f"{superset.url}/login/")
    page.get_by_text("请输入用户名和密码").wait_for()
    page.screenshot(path=picture(tmp_path, "superset_signin.png"))
    assert page.get_by_role("button", name=re.compile("登\\s*录")).first.is_visible()  # the page spaces two characters
    assert page.get_by_alt_text("枢纽 Shuniu").is_visible()


def test_dashboard_shows_every_chart(signed_in: Page, superset: RunningSuperset, tmp_path: Path) -> None:
    page = signed_in
    page.goto(f"{superset.url}/superset/dashboard/overview/")
    charts = specs.load().charts.values()
    for chart in charts:
        page.locator("[data-test=slice-header]").get_by_text(chart.title, exact=True).wait_for()
    expect(page.locator(".loading")).to_have_count(0, timeout=SLOW)
    page.locator("canvas").nth(4).wait_for()
    page.wait_for_timeout(1500)  # the charts' drawing is animated
    page.screenshot(path=picture(tmp_path, "superset_overview.png"))
    assert page.locator("canvas").count() == sum(chart.kind in ("bar", "line", "ranking", "pie") for chart in charts)
    text = page.locator("body").inner_text()
    for shown in ("筛选器", "时间", "客户", "销售部门", "用能部门", "环比", "宁波海天家电", "条记录", "¥", "SO-"):
        assert shown in text or page.get_by_placeholder(shown).count(), shown
    for fault in ("错误", "Error", "Unexpected", "没有结果", "No results"):
        assert fault not in text


def test_filters_reach_the_charts_they_should(signed_in: Page, superset: RunningSuperset) -> None:
    """January of one customer: orders and deliveries follow both filters, energy the time only."""
    time = mask("时间", "time_range:'2026-01-01 : 2026-02-01'", "value:'2026-01-01 : 2026-02-01'")
    customer = "宁波海天家电"
    chosen = f"filters:!((col:customer_name,op:IN,val:!('{customer}')))"
    filters = f"({time},{mask('客户', chosen, f'value:!({customer!r})')})"
    signed_in.goto(f"{superset.url}/superset/dashboard/overview/?native_filters={quote(filters)}")
    expect(signed_in.locator(".loading")).to_have_count(0, timeout=SLOW)
    january = "{} >= '2026-01-01' AND {} < '2026-02-01'"
    of_customer = f"customer_name = '{customer}'"
    expected = {
        "本月订单额": "SELECT '¥' || to_char(sum(amount), 'FM999,999,999') FROM mart.sales_order_line"
        f" WHERE state NOT IN ('草稿', '已取消') AND {of_customer} AND {january.format('order_date', 'order_date')}",
        "准时交付率": "SELECT to_char(100.0 * avg(is_on_time::int), 'FM990.0') || '%' FROM mart.delivery_line"
        f" WHERE {of_customer} AND {january.format('delivery_date', 'delivery_date')}",
        "用电量": "SELECT to_char(sum(consumption), 'FM999,999,999') FROM mart.energy_daily"
        f" WHERE medium = '电' AND is_main_meter AND {january.format('day', 'day')}",
    }
    for title, statement in expected.items():
        figure = str(superset.database.rows(statement)[0][0])
        card = signed_in.locator(".dashboard-component-chart-holder").filter(has_text=title).first
        expect(card).to_contain_text(figure, timeout=SLOW)


def test_half_a_name_offers_the_customers_only(signed_in: Page, superset: RunningSuperset) -> None:
    signed_in.goto(f"{superset.url}/superset/dashboard/overview/")
    signed_in.locator("[data-test=form-item-value]").nth(1).locator(".ant-select").click()
    signed_in.keyboard.type("海天")
    options = signed_in.locator(".ant-select-item-option")
    expect(options).to_have_count(1)
    expect(options).to_contain_text("宁波海天家电")


def test_the_words_on_buttons_can_be_read(page: Page, superset: RunningSuperset) -> None:
    browser = page.context.browser
    assert browser is not None
    other = browser.new_page()
    other.goto(f"{superset.url}/login/")
    other.fill("input#username", "analyst")
    other.fill("input[type=password]", superset.password("analyst"))
    other.keyboard.press("Enter")
    other.wait_for_url(lambda url: "/login" not in url)
    other.goto(f"{superset.url}/superset/welcome/")
    button = other.locator(".ant-btn-variant-filled", has_text="看板").first
    button.wait_for(timeout=SLOW)
    background, words = button.evaluate(_COLOURS)
    other.close()
    assert contrast(background, words) > 4.5, (background, words)


_COLOURS = "e => { const s = getComputedStyle(e); return [s.backgroundColor, s.color]; }"


def contrast(one: str, other: str) -> float:
    """How well two CSS colours stand out against each other, 1 to 21 (WCAG)."""

    def light(colour: str) -> float:
        parts = [int(part) / 255 for part in re.findall(r"\d+", colour)[:3]]
        linear = [part / 12.92 if part <= 0.03928 else ((part + 0.055) / 1.055) ** 2.4 for part in parts]
        return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]

    darker, lighter = sorted((light(one), light(other)))
    return (lighter + 0.05) / (darker + 0.05)


def mask(name: str, data: str, state: str) -> str:
    """A filter's value as it stands in a link to the dashboard."""
    number = f"NATIVE_FILTER-{identity('filter', f'overview/{name}').hex[:12]}"
    return f"{number}:(extraFormData:({data}),filterState:({state}),id:{number},ownState:())"


def test_language_switch(signed_in: Page, superset: RunningSuperset) -> None:
    signed_in.goto(f"{superset.url}/lang/en")
    signed_in.goto(f"{superset.url}/superset/dashboard/overview/")
    signed_in.get_by_text("Apply filters").wait_for()
    signed_in.goto(f"{superset.url}/lang/zh")
    signed_in.goto(f"{superset.url}/superset/dashboard/overview/")
    signed_in.get_by_text("应用筛选").wait_for()


def picture(folder: Path, name: str) -> str:
    """Where a screenshot goes: SCREENSHOTS names a folder to keep them in."""
    kept = Path(os.environ.get("SCREENSHOTS", folder))
    kept.mkdir(parents=True, exist_ok=True)
    return str(kept / name)
