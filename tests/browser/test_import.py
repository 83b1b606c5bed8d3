"""Files and pasted rows in a real browser: check, map, mend, import; fifty lines pasted into a form."""

from __future__ import annotations

import io
from collections.abc import Callable
from pathlib import Path

from openpyxl import load_workbook
from playwright.sync_api import Page, expect
from sqlalchemy import text

from tests.browser.conftest import Hub

Picture = Callable[[str], None]
CUSTOMERS = "编码\t名称\t城市\t来源\nK-501\t慈溪电器\t慈溪\t展会\nK-502\t\t宁波\t电话\nK-503\t余姚塑料\t余姚\t网站\n"


def test_a_file_is_checked_mended_and_imported(admin: Page, hub: Hub, tmp_path: Path, picture: Picture) -> None:
    admin.goto("/customers/list")
    admin.locator("[data-wb=import-link]").click()
    admin.get_by_label("或从 Excel 粘贴").fill(CUSTOMERS)
    admin.get_by_role("button", name="检查").click()
    problems = admin.locator("[data-wb=found] tbody tr")
    expect(problems).to_have_count(1)
    expect(problems.first).to_contain_text("3")
    expect(problems.first).to_contain_text("请填写名称")
    expect(admin.get_by_role("button", name="导入", exact=True)).to_be_disabled()
    expect(admin.locator("[data-wb=mapping] tbody tr").nth(3)).to_contain_text("未识别")
    picture("import-problems")
    with admin.expect_download() as downloading:
        admin.locator("[data-wb=marked]").click()
    sheet = load_workbook(io.BytesIO(downloading.value.path().read_bytes())).worksheets[0]
    assert "请填写名称" in str(sheet.cell(3, 5).value)
    admin.get_by_label("来源").select_option(label="联系人")
    admin.get_by_label("或从 Excel 粘贴").fill(CUSTOMERS.replace("K-502\t", "K-502\t镇海模具"))
    admin.get_by_role("button", name="检查").click()
    expect(admin.locator("[data-wb=said]")).to_contain_text("检查通过")
    picture("import-ready")
    admin.get_by_role("button", name="导入", exact=True).click()
    expect(admin.locator("[data-wb=said]")).to_contain_text("已导入")
    expect(admin.locator("[data-wb=said]")).to_contain_text("新建 3")
    picture("import-done")
    admin.goto("/customers/list?q=K-50")
    expect(admin.locator("[data-wb=total]")).to_contain_text("3")


def test_fifty_lines_are_pasted_into_a_form(admin: Page, hub: Hub, picture: Picture) -> None:
    admin.goto("/sales-orders/create")
    admin.get_by_role("combobox", name="客户").fill("K001")
    admin.locator(".wb-options.show button", has_text="海天").first.click()
    rows = "\n".join(f"P-100\t{1 + row},000.5\t{row}.25" for row in range(50))
    admin.evaluate(
        """(text) => {
            const data = new DataTransfer();
            data.setData("text/plain", text);
            document.querySelector("[data-wb=line] input[name$='item.text']")
                .dispatchEvent(new ClipboardEvent("paste", {clipboardData: data, bubbles: true, cancelable: true}));
        }""",
        rows,
    )
    lines = admin.locator("[data-wb=line]")
    expect(lines).to_have_count(50)
    picture("form-pasted")
    admin.locator("[data-wb=save]").click()
    expect(admin.locator(".alert-success")).to_be_visible()
    with hub.database.engine.connect() as connection:
        found = connection.execute(
            text(
                "SELECT count(*), sum(quantity) FROM hub.sales_order_line WHERE sales_order_id = "
                "(SELECT id FROM hub.sales_order ORDER BY created_at DESC LIMIT 1)"
            )
        ).one()
    admin.locator("[data-wb-step=discard]").click()  # other tests count the orders
    admin.locator("#step-discard [data-wb=proceed]").click()
    expect(admin.locator(".alert-success")).to_be_visible()
    assert (found[0], str(found[1])) == (50, "1275025.0000")
