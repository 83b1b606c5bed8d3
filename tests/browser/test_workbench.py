"""The workbench as people use it, in a real browser over a real hub."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from openpyxl import load_workbook
from playwright.sync_api import Page, expect
from sqlalchemy import func, select

from hub.document.registry import spec
from tests.browser.conftest import PHONE, Hub, sign_in
from tests.browser.factory import ORDERS, PASSWORD

Picture = Callable[[str], object]


def test_signing_in_wrong_then_right_and_out(page: Page, picture: Picture) -> None:
    sign_in(page, "admin", "wrong")
    expect(page.locator("[data-wb=sign-in-error]")).to_have_text("账号或密码不正确，请重新输入。")
    expect(page.get_by_label("账号")).to_have_value("admin")
    picture("sign-in-wrong")
    page.get_by_label("密码").fill(PASSWORD)
    page.get_by_role("button", name="登录").click()
    expect(page.locator("[data-wb=user-name]:visible")).to_have_text("王强")
    expect(page.locator("[data-wb=user-role]:visible")).to_have_text("管理员")
    page.locator("[data-wb=user-name]:visible").click()
    page.locator("[data-wb=sign-out]:visible").click()
    expect(page.get_by_role("button", name="登录")).to_be_visible()
    page.goto("/sales-orders/list")
    expect(page.get_by_role("button", name="登录")).to_be_visible()


def test_home_counts_what_is_there(admin: Page, hub: Hub, picture: Picture) -> None:
    expect(admin.locator("[data-wb=greeting]")).to_have_text("王强，您好")
    with hub.database.engine.connect() as connection:
        for name, type_name in (("customers", "Customer"), ("orders", "SalesOrder"), ("plans", "ProductionOrder")):
            count = connection.scalar(select(func.count()).select_from(spec(type_name).table))
            expect(admin.locator(f"[data-wb-figure={name}] .wb-figure-text")).to_have_text(f"{count}")
    expect(admin.locator("[data-wb-figure=purchaseValue] .wb-figure-text")).to_have_text("¥ 11,500.00")
    expect(admin.locator("[data-wb=findings]")).to_contain_text("已发货但仓库没有出库")
    expect(admin.locator("[data-wb=months] .wb-bar")).to_have_count(12)
    _month_as_in_the_list(admin)
    picture("home")


def _month_as_in_the_list(page: Page) -> None:
    """This month's figure and the list behind it agree."""
    tile = page.locator("[data-wb-figure=monthOrders]")
    count = tile.locator("strong").inner_text()
    tile.click()
    expect(page.locator("[data-wb=total]")).to_have_text(f"共 {count} 条")
    page.go_back()


def test_list_pages_sort_and_filter_lead_to_a_record(admin: Page, picture: Picture) -> None:
    admin.goto("/sales-orders/list")
    expect(admin.locator("[data-wb=total]")).to_have_text(f"共 {ORDERS} 条")
    first = [admin.locator("tbody tr .wb-key").nth(index).inner_text() for index in range(20)]
    admin.get_by_label("下一页").click()
    second = [admin.locator("tbody tr .wb-key").nth(index).inner_text() for index in range(20)]
    admin.get_by_label("末页").click()
    expect(admin.locator("tbody tr")).to_have_count(ORDERS - 40)
    last = [admin.locator("tbody tr .wb-key").nth(index).inner_text() for index in range(ORDERS - 40)]
    assert first + second + last == sorted({*first, *second, *last}, reverse=True)
    picture("list")
    admin.goto("/sales-orders/list?page=2&sort=number__asc")
    assert admin.locator("tbody tr .wb-key").first.inner_text() == sorted(first + second + last)[20]
    _filter_by_state(admin)
    picture("list-filtered")
    expect(admin.locator("[data-wb=total]")).to_have_text("共 5 条")
    expect(admin.locator("tbody .badge").first).to_have_text("草稿")
    admin.locator("tbody tr .wb-key").first.click()
    expect(admin.locator("[data-wb=state]")).to_have_text("草稿")


def _filter_by_state(page: Page) -> None:
    """Through the filter builder: state is one of draft."""
    page.goto("/sales-orders/list")
    page.locator("#filter-builder-dropdown > button").click()
    if page.locator("[data-sa-hook=filter-row]").count() == 0:
        page.locator("#add-filter-row").click()
    row = page.locator("[data-sa-hook=filter-row]").first
    row.locator("[data-sa-hook=filter-row-field]").select_option("state")
    row.locator("[data-sa-hook=filter-row-op]").select_option("in")
    row.locator("[data-sa-hook=filter-row-value-select]").select_option("draft")
    page.get_by_role("button", name="应用筛选条件").click()


def test_search_finds_by_number_and_by_customer(admin: Page) -> None:
    admin.goto("/sales-orders/list")
    number = admin.locator("tbody tr .wb-key").nth(3).inner_text()
    admin.get_by_label("在列表中搜索").or_(admin.locator("input[name=q]")).first.fill(number)
    admin.keyboard.press("Enter")
    expect(admin.locator("[data-wb=total]")).to_have_text("共 1 条")
    admin.goto("/sales-orders/list?q=Bremen")
    expect(admin.locator("[data-wb=total]")).to_have_text(f"共 {ORDERS // 3} 条")
    for typed in ("hai tian", "haitian", "海天"):
        admin.goto(f"/customers/list?q={typed}")
        expect(admin.locator("tbody tr .wb-key").first).to_have_text("K001")
    admin.goto("/customers/list?q=haitain")
    expect(admin.locator("[data-wb=total]")).to_have_text("共 0 条")


def test_a_step_asks_first_and_then_is_taken(admin: Page, picture: Picture) -> None:
    admin.goto("/sales-orders/list?filter=state__in%3Ddraft&sort=number__asc")
    admin.locator("tbody tr .wb-key").first.click()
    admin.locator("[data-wb-step=confirm]").click()
    dialog = admin.locator("#step-confirm")
    expect(dialog).to_contain_text("状态将由“草稿”变为“已确认”。")
    expect(dialog.locator(".modal-content")).to_be_visible()
    admin.wait_for_timeout(400)  # the dialog slides in
    picture("step-dialog")
    dialog.locator("[data-wb=proceed]").click()
    expect(admin.locator("[data-wb=state]")).to_have_text("已确认")
    admin.locator("[data-wb-step=cancel]").click()
    admin.locator("#step-cancel [data-wb=proceed]").click()  # without the reason
    expect(admin.locator("[data-wb=summary]")).to_contain_text("请填写")
    expect(admin.locator("[data-wb=state]")).to_have_text("已确认")
    admin.locator("#step-cancel textarea").fill("客户撤回")  # the dialog stands open again
    admin.locator("#step-cancel [data-wb=proceed]").click()
    expect(admin.locator("[data-wb=state]")).to_have_text("已取消")
    expect(admin.locator(".wb-groups")).to_contain_text("客户撤回")
    latest = admin.locator("[data-wb=history] .list-group-item").first
    expect(latest).to_contain_text("取消 · 王强")
    expect(latest).to_contain_text("已确认 → 已取消")
    expect(admin.locator("[data-wb-step]")).to_have_text(["修订"])


def test_a_record_shows_lines_followers_and_stamps(admin: Page, picture: Picture) -> None:
    admin.goto("/sales-orders/list?sort=number__asc")
    admin.locator("tbody tr .wb-key").first.click()
    expect(admin.locator("[data-wb=lines] tbody tr")).to_have_count(2)
    expect(admin.locator("[data-wb=lines]")).to_contain_text("1,280.00")
    expect(admin.locator("[data-wb=deliveries] tbody tr")).to_have_count(1)
    expect(admin.locator("[data-wb=productionDemands] tbody tr")).to_contain_text("MO-")
    expect(admin.locator("[data-wb=stamps]")).to_contain_text("版本 2")
    picture("record")
    admin.locator("[data-wb=deliveries] tbody a").first.click()
    expect(admin.locator(".page-pretitle")).to_contain_text("产品送货单")
    admin.goto("/customers/list?q=K900")
    admin.locator("tbody tr .wb-key").first.click()
    sources = admin.locator("[data-wb=sources]")
    expect(sources).to_contain_text("旧 ERP")
    sources.locator("summary").click()
    expect(sources).to_contain_text("0574-63001122")
    picture("record-source")
    admin.goto("/source-records/list")
    expect(admin.locator("tbody tr").first).to_contain_text("客户档案")
    admin.goto("/users/list")
    expect(admin.locator("tbody tr").first).to_contain_text("管理员")


def choose(page: Page, name: str, typed: str, option: str) -> None:
    """Type into a link and take an option."""
    page.locator(f"[name='{name}.text']").fill(typed)
    page.locator(".wb-options.show .dropdown-item", has_text=option).first.click()


def test_an_order_with_mistakes_keeps_what_was_typed_and_then_is_saved(admin: Page, picture: Picture) -> None:
    admin.goto("/sales-orders/create")
    admin.locator("[name=shipTo]").fill("宁波市江北区 8 号")
    choose(admin, "lines.0.item", "齿轮", "齿轮箱外壳")
    admin.locator("[name='lines.0.quantity']").fill("很多")
    admin.locator("[name='lines.0.unitPrice']").fill("12.80")
    admin.locator("[data-wb-add-line]").click()
    admin.locator("[name='lines.1.quantity']").fill("-5")
    picture("form-filled")
    admin.locator("[data-wb=save]").click()
    expect(admin.locator("[data-wb=summary]")).to_contain_text("尚未保存")
    problems = admin.locator("[data-wb=problem]").all_inner_texts()
    assert len(problems) == 4, problems
    assert [one for one in problems if "客户" in one]
    assert [one for one in problems if "很多" in one]
    assert [one for one in problems if "不能小于 0" in one]
    assert [one for one in problems if "存货" in one]
    picture("form-problems")
    expect(admin.locator("[name=shipTo]")).to_have_value("宁波市江北区 8 号")
    expect(admin.locator("[name='lines.0.item.text']")).to_have_value("齿轮箱外壳")
    expect(admin.locator("[name='lines.0.quantity']")).to_have_value("很多")
    expect(admin.locator("[name='lines.1.quantity']")).to_have_value("-5")
    choose(admin, "customer", "K002", "上海精密")
    admin.locator("[name='lines.0.quantity']").fill("1,200")
    admin.locator("[name='lines.1.item.text']").fill("P-200")  # a code typed, nothing picked
    admin.locator("[name='lines.1.quantity']").fill("5")
    admin.locator("[name='lines.1.unitPrice']").fill("3.455")
    admin.locator("[data-wb=save]").click()
    expect(admin.locator("[data-wb=state]")).to_have_text("草稿")
    expect(admin.locator("[data-wb=lines] tbody tr")).to_have_count(2)
    expect(admin.locator("body")).to_contain_text("客户订单已保存")
    expect(admin.locator("[data-wb=lines]")).to_contain_text("15,360.00")
    expect(admin.locator("[data-wb=lines]")).to_contain_text("17.28")
    expect(admin.locator("dl").first).to_contain_text("上海精密电子有限公司")


def test_one_form_sent_twice_makes_one_order(admin: Page, hub: Hub) -> None:
    admin.goto("/sales-orders/create")
    names = ("csrftoken", "idempotency_key")
    hidden = {name: admin.locator(f".wb-form [name={name}]").input_value() for name in names}
    form: dict[str, str | float | bool] = {
        **hidden,
        "customer.text": "K001",
        "orderDate": "2026-03-05",
        "currency": "CNY",
        "customerOrderNumber": "TWICE",
        "lines.0.item.text": "P-100",
        "lines.0.quantity": "3",
    }
    answers = [admin.request.post("/sales-orders/create", form=form) for _ in range(2)]
    assert [one.status for one in answers] == [200, 200]
    assert answers[0].url == answers[1].url
    orders = spec("SalesOrder").table
    with hub.database.engine.connect() as connection:
        twice = select(func.count()).where(orders.c.customer_order_number == "TWICE")
        assert connection.scalar(twice) == 1


def test_a_draft_is_changed_line_by_line(admin: Page, picture: Picture) -> None:
    admin.goto("/sales-orders/list?filter=state__in%3Ddraft&sort=number__desc")
    admin.locator("tbody tr .wb-key").first.click()
    admin.locator("[data-wb=edit]").click()
    admin.locator("[name='lines.0.quantity']").fill("7")
    admin.locator("[data-wb-remove-line]").nth(1).click()
    admin.locator("[data-wb-add-line]").click()
    admin.locator("[name='lines.2.quantity']").fill("0.00001")
    choose(admin, "lines.2.item", "灯罩", "透明灯罩")
    admin.locator("[data-wb=save]").click()
    wrong = admin.locator("[data-wb=problem]")
    expect(wrong).to_have_count(1)
    expect(wrong).to_contain_text("小数")
    picture("edit-problem")
    admin.locator("[name='lines.1.quantity']").fill("9")
    admin.locator("[name=note]").fill("改为两行")
    admin.locator("[data-wb=save]").click()
    rows = admin.locator("[data-wb=lines] tbody tr")
    expect(rows).to_have_count(2)
    expect(rows.nth(0)).to_contain_text("7")
    expect(rows.nth(1)).to_contain_text("透明灯罩")
    expect(admin.locator("body")).to_contain_text("改为两行")
    parts = admin.locator("[data-wb=history] .list-group-item").first.locator(".wb-changes")
    expect(parts.filter(has_text="明细 2 删除")).to_have_count(1)
    expect(parts.filter(has_text="明细 3 新增")).to_contain_text("透明灯罩")
    expect(parts.filter(has_text="→ 改为两行")).to_have_count(1)
    picture("record-history")


def test_the_calendar_fills_in_a_day_and_a_wrong_day_stays(admin: Page, picture: Picture) -> None:
    admin.goto("/sales-orders/create")
    box = admin.locator("[data-wb-calendar]", has=admin.locator("[name=orderDate]"))
    admin.locator("[name=orderDate]").fill("2026-03-05")
    box.locator("button").click()
    picture("calendar")
    admin.locator(".flatpickr-calendar.open .flatpickr-day:not(.prevMonthDay)", has_text="17").first.click()
    expect(admin.locator("[name=orderDate]")).to_have_value("2026-03-17")
    admin.locator("[name=promisedDate]").fill("二月三十")
    admin.locator("[data-wb=save]").click()
    expect(admin.locator("[name=promisedDate]")).to_have_value("二月三十")
    expect(admin.locator("[data-wb=problem]", has_text="二月三十")).to_have_count(1)


def test_a_draft_is_thrown_away(admin: Page) -> None:
    admin.goto("/sales-orders/create")
    choose(admin, "customer", "K001", "海天")
    choose(admin, "lines.0.item", "P-100", "齿轮箱外壳")
    admin.locator("[name='lines.0.quantity']").fill("1")
    admin.locator("[name=orderDate]").fill("2026/03/05")
    admin.locator("[data-wb=save]").click()
    number = admin.locator("[data-wb=title]").inner_text().split()[0]
    expect(admin.locator("dl").nth(1)).to_contain_text("2026-03-05")
    admin.locator("[data-wb-step=discard]").click()
    admin.locator("#step-discard [data-wb=proceed]").click()
    expect(admin.locator("body")).to_contain_text("已删除")
    admin.goto(f"/sales-orders/list?q={number}")
    expect(admin.locator("[data-wb=total]")).to_have_text("共 0 条")


def test_a_confirmed_order_opens_only_its_note(admin: Page) -> None:
    admin.goto("/sales-orders/list?filter=state__in%3Dconfirmed")
    admin.locator("tbody tr .wb-key").first.click()
    admin.locator("[data-wb=edit]").click()
    expect(admin.locator("[name='customer.text']")).to_be_disabled()
    expect(admin.locator("[name='lines.0.quantity']")).to_be_disabled()
    admin.locator("[name=note]").fill("请电话确认")
    admin.locator("[data-wb=save]").click()
    expect(admin.locator("[data-wb=state]")).to_have_text("已确认")
    expect(admin.locator("body")).to_contain_text("请电话确认")
    expect(admin.locator("[data-wb=lines] tbody tr")).to_have_count(2)


def test_two_people_change_one_order_and_the_second_is_told(admin: Page) -> None:
    admin.goto("/customers/list?q=K003")
    admin.locator("tbody tr .wb-key").first.click()
    admin.locator("[data-wb=edit]").click()
    other = admin.context.new_page()
    other.goto(admin.url)
    other.locator("[name=city]").fill("Bremen")
    other.locator("[data-wb=save]").click()
    expect(other.locator("[data-wb=title]")).to_be_visible()
    admin.locator("[name=city]").fill("Hamburg")
    admin.locator("[data-wb=save]").click()
    expect(admin.locator("[data-wb=summary]")).to_contain_text("已被他人修改")
    expect(admin.locator("[name=city]")).to_have_value("Hamburg")


def test_rights_decide_menu_columns_and_pages(lina: Page) -> None:
    menu = lina.locator("#sidebar-menu")
    expect(menu).to_contain_text("营销管理")
    expect(menu).not_to_contain_text("采购管理")
    expect(lina.locator("[data-wb=user-role]:visible")).to_have_text("销售")
    expect(lina.locator("[data-wb-figure=purchaseValue]")).to_have_count(0)
    for address in ("/purchase-orders/list", "/suppliers/create"):
        answer = lina.goto(address)
        assert answer is not None
        assert answer.status == 403
        expect(lina.locator(".empty-title")).to_have_text("您没有此操作的权限。")
    lina.goto("/suppliers/list")
    lina.locator("tbody tr .wb-key").first.click()
    expect(lina.locator("[data-wb=title]")).to_have_text("余姚塑料原料有限公司")
    expect(lina.locator("body")).not_to_contain_text("银行账户")
    expect(lina.locator("body")).not_to_contain_text("6222000011112222")
    answer = lina.goto("/items/list?sort=standardCost__asc")
    assert answer is not None
    assert answer.status == 400


def test_english_is_one_click_away(admin: Page, picture: Picture) -> None:
    admin.goto("/sales-orders/list")
    admin.locator("header .dropdown-toggle").first.click()
    admin.locator("header [data-sa-lang=en]").click()
    expect(admin.locator("h1.page-title")).to_have_text("Sales order")
    expect(admin.locator("#sidebar-menu")).to_contain_text("Warehouse")
    expect(admin.locator("tbody .badge").first).to_have_text("Draft")
    admin.goto("/sales-orders/create")
    admin.locator("[name='lines.0.quantity']").fill("many")
    admin.locator("[data-wb=save]").click()
    expect(admin.locator("[data-wb=summary]")).to_contain_text("Not saved")
    expect(admin.locator("body")).to_contain_text("Please fill in: Customer.")
    picture("english")


def test_a_list_is_taken_away_as_a_workbook(admin: Page, tmp_path: Path) -> None:
    admin.goto("/sales-orders/list?filter=state__in%3Dconfirmed")
    admin.locator("[data-sa-name=export]").click()
    admin.locator("#modal-form [name=format]").select_option("xlsx")
    with admin.expect_download() as waiting:
        admin.locator("#actionSubmit").click()
    path = tmp_path / "orders.xlsx"
    waiting.value.save_as(path)
    rows = list(load_workbook(path).worksheets[0].iter_rows(values_only=True))
    heads = rows[0]
    assert "单号" in heads
    assert len(rows) == 21  # the page
    total = rows[1][heads.index("总额")]
    assert isinstance(total, int | float)
    assert rows[1][heads.index("状态")] == "已确认"


def test_every_type_has_its_list_record_and_form(admin: Page) -> None:
    """Nothing in a spec may break a page: all of them are opened."""
    from hub.web.workbench.chapters import chapters
    from hub.web.workbench.columns import key_of

    opened = 0
    for one in (each for chapter in chapters() for each in chapter.specs):
        pages = [f"/{key_of(one)}/list", f"/{key_of(one)}/list?q=x"]
        pages += [f"/{key_of(one)}/create"] if one.by_hand else []
        for address in pages:
            answer = admin.request.get(address)
            assert answer.status == 200, (address, answer.status)
            opened += 1
        listed = admin.request.get(f"/{key_of(one)}/list").text()
        if 'class="wb-key"' in listed:
            admin.goto(f"/{key_of(one)}/list")
            admin.locator("tbody tr .wb-key").first.click()
            expect(admin.locator("[data-wb=title]")).to_be_visible()
            if admin.locator("[data-wb=edit]").count():
                admin.locator("[data-wb=edit]").click()
                expect(admin.locator("[data-wb=form]")).to_be_visible()
    assert opened > 50


def test_addresses_that_mean_nothing_are_answered_kindly(admin: Page) -> None:
    for address, status in (
        ("/sales-orders/detail?pk=1", 404),
        ("/sales-orders/detail?pk=00000000-0000-7000-8000-0000000000ff", 404),
        ("/nothing/list", 404),
        ("/sales-orders/list?filter=state__in%3Dnonsense", 400),
        ("/sales-orders/list?filter=total__gte%3Dx", 400),
        ("/sales-orders/list?page=99999", 200),
    ):
        answer = admin.goto(address)
        assert answer is not None
        assert answer.status == status, (address, answer.status)
        expect(admin.locator("body")).not_to_contain_text("Traceback")


def test_on_a_phone_nothing_is_wider_than_the_screen(admin: Page, picture: Picture) -> None:
    admin.set_viewport_size(PHONE)
    for name, address in (
        ("phone-home", "/"),
        ("phone-list", "/sales-orders/list"),
        ("phone-form", "/sales-orders/create"),
    ):
        admin.goto(address)
        width = admin.evaluate("document.documentElement.scrollWidth")
        picture(name)
        assert width <= PHONE["width"], (address, width)
    admin.goto("/sales-orders/list?sort=number__asc")
    admin.locator("tbody tr .wb-key").first.click()
    expect(admin.locator("[data-wb=title]")).to_be_visible()
    picture("phone-record")
    assert admin.evaluate("document.documentElement.scrollWidth") <= PHONE["width"]
