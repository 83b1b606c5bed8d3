"""Many rows of a list at once, and codes that a rule gives."""

from __future__ import annotations

from collections.abc import Callable

from playwright.sync_api import Page, expect
from sqlalchemy import select

from hub.document.registry import spec
from tests.browser.conftest import Hub

Picture = Callable[[str], object]


def _choose(page: Page, count: int) -> list[str]:
    """Tick the first rows of the list; their numbers."""
    boxes = page.locator("[data-sa-hook=row-checkbox]")
    for index in range(count):
        boxes.nth(index).check()
    return [page.locator("tbody tr .wb-key").nth(index).inner_text() for index in range(count)]


def _do(page: Page, step: str) -> None:
    page.locator("#actions-dropdown > button").click()
    page.locator(f"[data-sa-name=bulk-{step}]").click()
    expect(page.locator("#modal-action .modal-content")).to_be_visible()


def test_a_step_and_a_deletion_for_many_rows_tell_of_each(admin: Page, picture: Picture) -> None:
    admin.goto("/sales-orders/list?filter=state__in%3Ddraft&sort=number__asc")
    first, second, third = _choose(admin, 3)
    admin.goto(f"/sales-orders/list?q={third}")
    admin.locator("tbody tr .wb-key").first.click()
    admin.locator("[data-wb-step=confirm]").click()
    admin.locator("#step-confirm [data-wb=proceed]").click()
    expect(admin.locator("[data-wb=state]")).to_have_text("已确认")
    admin.goto("/sales-orders/list?sort=number__desc&page_size=50")
    for number in (first, second, third):
        admin.locator("tbody tr", has_text=number).locator("[data-sa-hook=row-checkbox]").check()
    _do(admin, "confirm")
    admin.wait_for_timeout(400)
    picture("bulk-dialog")
    admin.locator("#actionSubmit").click()
    expect(admin.locator("[data-wb=summary]")).to_have_text("已办理 2 条，1 条未办理。")
    picture("bulk-results")
    rows = admin.locator("[data-wb=results] tbody tr")
    expect(rows.filter(has_text=first)).to_contain_text("已确认")
    expect(rows.filter(has_text=third)).to_contain_text("未办理")
    expect(rows.filter(has_text=third)).to_contain_text("只能从")
    rows.filter(has_text=second).locator("a").click()
    expect(admin.locator("[data-wb=state]")).to_have_text("已确认")
    admin.goto("/sales-orders/list?sort=number__desc&page_size=50")
    admin.locator("tbody tr", has_text=first).locator("[data-sa-hook=row-checkbox]").check()
    _do(admin, "cancel")
    admin.locator("#modal-form [name=reason]").fill("批量取消")
    admin.locator("#actionSubmit").click()
    expect(admin.locator("[data-wb=summary]")).to_have_text("已办理 1 条，0 条未办理。")
    admin.goto("/sales-orders/list?filter=state__in%3Ddraft&sort=number__asc")
    (gone,) = _choose(admin, 1)
    _do(admin, "discard")
    admin.locator("#actionSubmit").click()
    expect(admin.locator("[data-wb=results] tbody tr")).to_contain_text(gone)
    admin.goto(f"/sales-orders/list?q={gone}")
    expect(admin.locator("[data-wb=total]")).to_have_text("共 0 条")


def test_who_may_not_write_chooses_nothing(lina: Page) -> None:
    lina.goto("/warehouses/list")
    expect(lina.locator("[data-sa-name^=bulk-]")).to_have_count(0)
    token = next(one["value"] for one in lina.context.cookies() if one["name"] == "starlette_admin_csrftoken")
    lina.goto("/suppliers/list")
    pk = lina.locator("tbody tr").first.get_attribute("data-sa-pk")
    refused = lina.request.post(
        f"/_api/purchase-orders/action?name=bulk-confirm&pks={pk}",
        form={"csrftoken": token},
        headers={"X-CSRFToken": token},
    )
    assert refused.status == 400


def test_a_code_that_a_rule_gives_may_stay_empty_and_is_foretold(admin: Page, hub: Hub, picture: Picture) -> None:
    admin.goto("/departments/create")
    expect(admin.locator("label[for=code]")).to_contain_text("*")
    admin.goto("/code-rules/create")
    for name, text in (
        ("code", "R-DEP"),
        ("name", "部门编码"),
        ("documentType", "Department"),
        ("pattern", "D-{seq:03}"),
    ):
        admin.locator(f"[name={name}]").fill(text)
    admin.locator("[data-wb=save]").click()
    expect(admin.locator("[data-wb=title]")).to_be_visible()
    for expected in ("D-001", "D-002"):
        admin.goto("/departments/create")
        expect(admin.locator("label[for=code]")).not_to_contain_text("*")
        expect(admin.locator("[name=code]")).to_have_attribute("placeholder", f"留空自动编号：{expected}")
        picture("code-rule")
        admin.locator("[name=name]").fill(f"部门 {expected}")
        admin.locator("[data-wb=save]").click()
        expect(admin.locator("[data-wb=title]")).to_be_visible()
        departments = spec("Department").table
        with hub.database.engine.connect() as connection:
            named = select(departments.c.code).where(departments.c.name == f"部门 {expected}")
            assert connection.scalar(named) == expected
