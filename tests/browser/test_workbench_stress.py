"""What a form must stand: two hundred lines, a page left open too long, texts without end, a step refused."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta
from urllib.parse import quote
from zoneinfo import ZoneInfo

from playwright.sync_api import Page, expect
from sqlalchemy import func, select

from hub.document.registry import spec
from tests.browser.conftest import Hub
from tests.browser.factory import PASSWORD
from tests.browser.test_workbench import choose

Picture = Callable[[str], object]
LINES = 200
_FILL = """(count) => {
  const set = (name, value) => { document.querySelector(`[name="${name}"]`).value = value; };
  for (let i = 1; i < count; i++) document.querySelector("[data-wb-add-line]").click();
  for (let i = 0; i < count; i++) {
    set(`lines.${i}.item.text`, "P-100");
    set(`lines.${i}.quantity`, String(i + 1));
    set(`lines.${i}.unitPrice`, "0.5");
  }
}"""


def test_an_order_of_two_hundred_lines_is_made_and_changed(admin: Page, picture: Picture) -> None:
    admin.goto("/sales-orders/create")
    choose(admin, "customer", "K001", "海天")
    admin.evaluate(_FILL, LINES)
    admin.locator("[data-wb=save]").click()
    expect(admin.locator("[data-wb=lines] tbody tr")).to_have_count(LINES)
    expect(admin.locator("dl").nth(1)).to_contain_text("10,050.00")  # 0.5 × (1 + … + 200)
    admin.locator("[data-wb=edit]").click()
    admin.locator("[name='lines.150.quantity']").fill("不知道")
    admin.locator("[data-wb=save]").click()
    expect(admin.locator("[data-wb=problem]")).to_have_count(1)
    admin.locator("[name='lines.150.quantity']").fill("0")
    admin.locator("[data-wb=save]").click()
    expect(admin.locator("dl").nth(1)).to_contain_text("9,974.50")


def test_a_form_with_too_much_in_it_is_turned_away_in_words(admin: Page) -> None:
    admin.goto("/sales-orders/create")
    token = admin.locator(".wb-form [name=csrftoken]").input_value()
    address = admin.url
    form: dict[str, str | float | bool] = {
        "csrftoken": token,
        **{f"lines.{index}.quantity": "1" for index in range(30_001)},
    }
    answer = admin.request.post(address, form=form)
    assert answer.status == 400
    assert "表单内容过多" in answer.text()
    answer = admin.request.post(address, form={"csrftoken": token, "note": "长" * 1_000_000})
    assert answer.status == 400
    assert "表单内容过多" in answer.text()


def test_a_page_whose_token_is_gone_says_so(admin: Page, picture: Picture) -> None:
    admin.goto("/sales-orders/create")
    admin.context.clear_cookies(name="starlette_admin_csrftoken")
    admin.locator("[data-wb=save]").click()
    expect(admin.locator("[data-wb=turned-away]")).to_contain_text("页面已过期")
    picture("turned-away")


def test_who_was_signed_out_meanwhile_keeps_the_form(admin: Page, picture: Picture) -> None:
    admin.goto("/sales-orders/create")
    choose(admin, "customer", "K001", "海天")
    choose(admin, "lines.0.item", "P-100", "齿轮箱外壳")
    admin.locator("[name='lines.0.quantity']").fill("41")
    admin.context.clear_cookies(name="hub_session")
    admin.locator("[data-wb=save]").click()
    told = admin.locator("[data-wb=signed-out]")
    expect(told).to_contain_text("登录已过期")
    expect(admin.locator("[name='lines.0.quantity']")).to_have_value("41")
    picture("signed-out")
    with admin.context.expect_page() as opened:
        told.get_by_role("link").click()
    other = opened.value
    other.get_by_label("账号").fill("admin")
    other.get_by_label("密码").fill(PASSWORD)
    other.get_by_role("button", name="登录").click()
    expect(other.locator("[data-wb=greeting]")).to_be_visible()
    admin.locator("[data-wb=save]").click()
    expect(admin.locator("[data-wb=lines] tbody tr")).to_contain_text("41")


def test_a_refused_step_keeps_its_dialog_and_its_address_is_the_record(admin: Page) -> None:
    admin.goto("/sales-orders/list?filter=state__in%3Dconfirmed")
    admin.locator("tbody tr .wb-key").first.click()
    record = admin.url.split("&")[0]
    number = admin.locator("[data-wb=title]").inner_text().split()[0]
    admin.locator("[data-wb-step=cancel]").click()
    admin.locator("#step-cancel textarea").fill("   ")
    admin.locator("#step-cancel [data-wb=proceed]").click()
    expect(admin.locator("[data-wb=summary]")).to_contain_text("请填写")
    dialog = admin.locator("#step-cancel .modal-content")
    expect(dialog).to_be_visible()
    expect(dialog.locator("[data-wb=problem]")).to_contain_text("请填写")
    answer = admin.goto(admin.url)
    assert answer is not None
    assert answer.status == 200
    assert admin.url.split("&")[0] == record
    expect(admin.locator("[data-wb=title]")).to_contain_text(number)


def test_endless_texts_leave_the_page_readable(admin: Page, picture: Picture) -> None:
    admin.goto("/sales-orders/create")
    choose(admin, "customer", "K001", "海天")
    choose(admin, "lines.0.item", "P-100", "齿轮箱外壳")
    admin.locator("[name='lines.0.quantity']").fill("1")
    admin.locator("[name=note]").fill("长" * 20_000)
    admin.locator("[name=customerOrderNumber]").fill("x" * 200)
    admin.locator("[name=shipTo]").fill("x" * 2_000)
    admin.locator("[data-wb=save]").click()
    expect(admin.locator("[data-wb=lines] tbody tr")).to_have_count(1)
    height = admin.evaluate("document.documentElement.scrollHeight")
    assert height < 1600, height
    assert admin.evaluate("document.documentElement.scrollWidth") <= 1360
    picture("endless")


def test_who_comes_too_late_finds_the_latest(admin: Page) -> None:
    admin.goto("/customers/list?q=K002")
    admin.locator("tbody tr .wb-key").first.click()
    admin.locator("[data-wb=edit]").click()
    other = admin.context.new_page()
    other.goto(admin.url)
    other.locator("[name=city]").fill("苏州")
    other.locator("[data-wb=save]").click()
    expect(other.locator("[data-wb=title]")).to_be_visible()
    admin.locator("[name=city]").fill("无锡")
    admin.locator("[data-wb=save]").click()
    with admin.context.expect_page() as opened:
        admin.locator("[data-wb=latest]").click()
    expect(opened.value.locator("dl").last).to_contain_text("苏州")
    admin.locator("[data-wb=reopen]").click()
    expect(admin.locator("[name=city]")).to_have_value("苏州")
    admin.locator("[name=city]").fill("无锡")
    admin.locator("[data-wb=save]").click()
    expect(admin.locator("[data-wb=title]")).to_be_visible()
    expect(admin.locator("body")).to_contain_text("无锡")


def test_a_page_beyond_the_last_says_so(admin: Page) -> None:
    admin.goto("/sales-orders/list?page=99")
    expect(admin.locator("body")).to_contain_text("没有这一页")
    admin.get_by_label("上一页").click()
    expect(admin.locator("tbody tr .wb-key").first).to_be_visible()


def test_a_delivery_is_signed_with_the_moment_of_now(admin: Page, hub: Hub) -> None:
    deliveries = spec("Delivery").table
    with hub.database.engine.begin() as connection:
        connection.execute(deliveries.update().values(state="confirmed"))
    admin.goto("/deliveries/list?filter=state__in%3Dconfirmed")
    admin.locator("tbody tr .wb-key").first.click()
    admin.locator("[data-wb-step=sign]").click()
    offered = datetime.fromisoformat(admin.locator("#step-sign [name=signedAt]").input_value())
    factory = datetime.now(ZoneInfo("Asia/Shanghai")).replace(tzinfo=None)
    assert abs(factory - offered) < timedelta(minutes=3)
    admin.locator("#step-sign [data-wb=proceed]").click()
    expect(admin.locator("[data-wb=state]")).to_have_text("已签收")


def test_the_chart_counts_the_orders_that_the_dashboard_counts(admin: Page, hub: Hub) -> None:
    orders, lines = spec("SalesOrder").table.c, spec("SalesOrderLine").table
    month = func.to_char(orders.order_date, "YY-MM")
    placed = orders.state.in_(["submitted", "confirmed", "closed"])
    joined = lines.join(spec("SalesOrder").table, lines.c.sales_order_id == orders.id)
    amounts = select(month, func.sum(lines.c.amount)).select_from(joined).where(placed).group_by(month)
    with hub.database.engine.connect() as connection:
        expected = {label: amount for label, amount in connection.execute(amounts)}  # noqa: C416  (rows are no pairs)
    admin.goto("/")
    shown = 0
    for bar in admin.locator("[data-wb=months] .wb-bar").all():
        label = bar.locator(".wb-bar-label").inner_text()
        if label in expected:
            assert f"¥ {expected[label]:,.2f}" in str(bar.get_attribute("title")), label
            shown += 1
    assert shown >= 4


def test_a_day_that_no_calendar_has_is_named_in_a_filter(admin: Page) -> None:
    for field in ('orderDate__eq="2026-02-31"', 'orderDate__between="2026-02-01".."2026-02-31"'):
        answer = admin.goto(f"/sales-orders/list?filter={quote(field)}")
        assert answer is not None
        assert answer.status == 400
        expect(admin.locator(".empty")).to_contain_text("“2026-02-31”不是日期")
    answer = admin.goto("/readings/list?filter=" + quote('readAt__gte="yesterday"'))
    assert answer is not None
    assert answer.status == 400
    expect(admin.locator(".empty")).to_contain_text("“yesterday”不是时间")
