"""Custom fields and the company's own forms, declared and used in the browser."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from openpyxl import load_workbook
from playwright.sync_api import Page, expect

from hub import writes
from hub.context import Viewer, system_viewer
from hub.document.registry import spec
from tests.browser.conftest import Hub, sign_in

Picture = Callable[[str], object]
SECRET = "7781.5"


def _boss(hub: Hub) -> Viewer:
    """The hub itself, in the company of the small factory."""
    from sqlalchemy import select

    company = spec("Company").table
    with hub.database.engine.connect() as connection:
        return system_viewer("test", connection.scalar(select(company.c.id).where(company.c.code == "C1")))


def _declare(page: Page, key: str, name: str, english: str, kind: str, **more: str) -> None:
    """Declare a field of warehouses as an administrator does."""
    page.goto("/custom-fields/create")
    texts = {"code": f"Warehouse.{key}", "name": name, "englishName": english, "key": key, "documentType": "Warehouse"}
    for field, text in (texts | more).items():
        page.locator(f"[name={field}]").fill(text)
    page.locator("[name=kind]").select_option(kind)
    if kind in ("choice", "multiple"):
        for index, option in enumerate((("dry", "干燥", "Dry"), ("Cold-1", "冷藏", "Cold"))):
            page.locator("[data-wb-add-line]").click()
            for part, text in zip(("value", "name", "englishName"), option, strict=True):
                page.locator(f"[name='options.{index}.{part}']").fill(text)


def _save(page: Page) -> None:
    page.locator("[data-wb=save]").click()
    expect(page.locator("[data-wb=title]")).to_be_visible()


def test_a_declared_field_is_filled_in_found_and_taken_away(admin: Page, picture: Picture, tmp_path: Path) -> None:
    _declare(admin, "height", "净高", "Clear height", "decimal", unit="m", scale="2", minimum="1", maximum="30")
    admin.locator("[name=required]").check()
    _save(admin)
    _declare(admin, "climate", "温湿度", "Climate", "choice")
    _save(admin)
    _declare(admin, "uses", "用途", "Uses", "multiple")
    _save(admin)
    _declare(admin, "sprinkler", "有喷淋", "Sprinklers", "boolean")
    _save(admin)
    _declare(admin, "owner", "出租方", "Owner", "link", targetType="Supplier")
    _save(admin)
    _declare(admin, "rent", "租金", "Rent", "decimal", readPermission="base.cost")
    _save(admin)
    _fill_in(admin, picture)
    _find(admin, picture)
    admin.locator("[data-sa-name=export]").click()
    admin.locator("#modal-form [name=format]").select_option("xlsx")
    with admin.expect_download() as waiting:
        admin.locator("#actionSubmit").click()
    path = tmp_path / "warehouses.xlsx"
    waiting.value.save_as(path)
    heads, *rows = load_workbook(path).worksheets[0].iter_rows(values_only=True)
    row = dict(zip(heads, rows[0], strict=True))
    assert (row["净高"], row["温湿度"], row["租金"], row["出租方"]) == (12.5, "冷藏", 7781.5, "S001")


def _fill_in(page: Page, picture: Picture) -> None:
    """Wrong first: what was typed stays, problems stand at their fields; then right, then changed."""
    page.goto("/warehouses/create")
    page.locator("[name=code]").fill("WX1")
    page.locator("[name=name]").fill("租用冷库")
    expect(page.locator("[data-wb-section]")).to_contain_text("净高")
    expect(page.locator("[data-wb-section] label", has_text="净高")).to_contain_text("*")
    page.locator("[name='extra.climate']").select_option("Cold-1")
    page.locator("[name='extra.uses'][value=dry]").check()
    page.locator("[name='extra.owner.text']").fill("没有这家")
    page.locator("[name='extra.height']").fill("99")
    page.locator("[data-wb=save]").click()
    problems = page.locator("[data-wb-section] [data-wb=problem]")
    expect(problems).to_have_count(2)
    picture("custom-problems")
    expect(problems.filter(has_text="净高")).to_have_count(1)
    expect(problems.filter(has_text="没有这家")).to_have_count(1)
    expect(page.locator("[name='extra.height']")).to_have_value("99")
    expect(page.locator("[name='extra.climate']")).to_have_value("Cold-1")
    expect(page.locator("[name='extra.uses'][value=dry]")).to_be_checked()
    page.locator("[name='extra.height']").fill("12.5")
    page.locator("[name='extra.rent']").fill(SECRET)
    page.locator("[name='extra.owner.text']").fill("余姚")
    page.locator(".wb-options.show .dropdown-item", has_text="余姚塑料").first.click()
    _save(page)
    shown = page.locator(".wb-groups section", has_text="自定义字段")
    for text in ("12.5 m", "冷藏", "干燥", "S001", "7,781.5"):
        expect(shown).to_contain_text(text)
    page.locator("[data-wb=edit]").click()
    expect(page.locator("[name='extra.owner.text']")).to_have_value("S001")
    expect(page.locator("[name='extra.sprinkler']")).to_have_value("")
    page.locator("[name='extra.sprinkler']").select_option("false")
    page.locator("[name='extra.uses'][value=dry]").uncheck()
    _save(page)
    changed = page.locator("[data-wb=history] .list-group-item").first
    expect(changed).to_contain_text("有喷淋")
    expect(changed).to_contain_text("用途")
    expect(changed).not_to_contain_text("净高")
    picture("custom-record")


def _find(page: Page, picture: Picture) -> None:
    """By the filter builder: clear height is at least ten; a list sorted by it."""
    page.goto("/warehouses/list")
    expect(page.locator("thead")).to_contain_text("净高")
    page.locator("#filter-builder-dropdown > button").click()
    if page.locator("[data-sa-hook=filter-row]").count() == 0:
        page.locator("#add-filter-row").click()
    row = page.locator("[data-sa-hook=filter-row]").first
    row.locator("[data-sa-hook=filter-row-field]").select_option("extra.height")
    row.locator("[data-sa-hook=filter-row-op]").select_option("gte")
    row.locator("[data-sa-hook=filter-row-value]").fill("10")
    page.get_by_role("button", name="应用筛选条件").click()
    expect(page.locator("[data-wb=total]")).to_have_text("共 1 条")
    expect(page.locator("tbody tr")).to_contain_text("冷藏")
    picture("custom-list")
    for asked, count in (("extra.height__gte=13", 0), ("extra.climate__in=Cold-1", 1), ("extra.climate__in=dry", 0),
                         ("extra.uses__is_null", 2), ("extra.owner__contains=S001", 1)):  # fmt: skip
        page.goto(f"/warehouses/list?filter={asked.replace('=', '%3D')}&sort=extra.height__desc")
        expect(page.locator("[data-wb=total]")).to_have_text(f"共 {count} 条")
    page.goto("/warehouses/list?filter=extra.height__gte%3D10&sort=extra.height__desc")


def test_to_whom_a_field_is_closed_it_is_nowhere(page: Page, hub: Hub) -> None:
    boss = _boss(hub)
    with writes.unit_of_work(hub.database.engine, boss, "test") as ctx:
        words = {"code": "Customer.score", "name": "内部评分", "english_name": "Score", "key": "score"}
        writes.create(ctx, "CustomField", {**words, "document_type": "Customer", "read_permission": "base.cost"})
        words = {"code": "Customer.fair", "name": "展会", "english_name": "Fair", "key": "fair"}
        writes.create(ctx, "CustomField", {**words, "document_type": "Customer"})
    with writes.unit_of_work(hub.database.engine, boss, "test") as ctx:
        made = writes.create(ctx, "Customer", {"code": "KX", "name": "密客", "sales_rep": "E01",
                                               "extra": {"score": "S-4711", "fair": "华交会"}})  # fmt: skip
        writes.update(ctx, "Customer", made.id, {"extra": {"score": "S-4712"}})
    page.wait_for_timeout(2100)  # the hub looks for new declarations every two seconds
    lina = sign_in(page, "lina")
    for address in (f"/customers/detail?pk={made.id}", f"/customers/edit?pk={made.id}", "/customers/list?q=KX",
                    "/customers/create", "/customers/import"):  # fmt: skip
        answer = lina.goto(address)
        assert answer is not None
        assert answer.status == 200, address
        text = lina.content().replace("\\u5c55\\u4f1a", "展会")  # as the import page tells its script
        assert "展会" in text, address
        for hidden in ("内部评分", "score", "S-471"):
            assert hidden not in text, (address, hidden)
    refused = lina.goto("/customers/list?filter=extra.score__eq%3DS-4712")
    assert refused is not None
    assert refused.status == 400


def test_a_form_of_the_company_is_filled_in_by_its_fields(admin: Page, hub: Hub, picture: Picture) -> None:
    with writes.unit_of_work(hub.database.engine, _boss(hub), "test") as ctx:
        for key, name, kind, more in (
            ("days", "天数", "integer", {"minimum": "1"}),
            ("reason", "事由", "text", {}),
            ("unused", "别的", "text", {}),
        ):
            body = {"code": f"FormRecord.{key}", "name": name, "english_name": key, "key": key, "kind": kind}
            writes.create(ctx, "CustomField", {**body, "document_type": "FormRecord", **more})
    with writes.unit_of_work(hub.database.engine, _boss(hub), "test") as ctx:
        fields = [
            {"section": "申请", "custom_field": "FormRecord.days", "required": True},
            {"section": "说明", "custom_field": "FormRecord.reason"},
        ]
        body = {"code": "LEAVE", "name": "请假单", "english_name": "Leave", "instructions": "请提前一天填写。"}
        writes.create(ctx, "FormDefinition", {**body, "fields": fields})
    admin.wait_for_timeout(2100)
    admin.goto("/form-records/create")
    picture("form-choice")
    admin.locator("[data-wb=forms] a", has_text="请假单").click()
    expect(admin.locator("h1.page-title")).to_have_text("填写请假单")
    expect(admin.locator("[data-wb=instructions]")).to_have_text("请提前一天填写。")
    expect(admin.locator("[name='extra.unused']")).to_have_count(0)
    admin.locator("[name='extra.reason']").fill("探亲")
    admin.locator("[data-wb=save]").click()
    expect(admin.locator("[data-wb-section=申请] [data-wb=problem]")).to_contain_text("天数")
    expect(admin.locator("[name='extra.reason']")).to_have_value("探亲")
    picture("form-problems-own")
    admin.locator("[name='extra.days']").fill("3")
    _save(admin)
    expect(admin.locator(".wb-groups section", has_text="申请")).to_contain_text("3")
    picture("form-record")
    admin.locator("[data-wb=edit]").click()
    expect(admin.locator("[name='form.text']")).to_have_value("请假单")
    expect(admin.locator("[name='form.text']")).to_be_disabled()
    admin.locator("[name='extra.days']").fill("4")
    _save(admin)
    expect(admin.locator("[data-wb=history] .list-group-item").first).to_contain_text("3 → 4")
    admin.locator(".wb-groups a", has_text="请假单").click()
    admin.locator("[data-wb=fill]").click()
    expect(admin.locator("h1.page-title")).to_have_text("填写请假单")
