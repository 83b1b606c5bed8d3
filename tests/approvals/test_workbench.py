"""Approvals on the workbench, in a real browser: the five lists, the panel, signing and being told why not."""

from __future__ import annotations

import os
from pathlib import Path

from playwright.sync_api import Page, expect

from hub import writes
from hub.context import system_viewer
from hub.identity import set_password
from tests.approvals.conftest import House, step_of
from tests.chromium import headless
from tests.conftest import Database
from tests.serving import serving

PASSWORD = "correct horse battery"


def sign_in(page: Page, login: str) -> None:
    """Fill in the sign-in page and send it."""
    page.goto("/")
    page.get_by_label("账号").fill(login)
    page.get_by_label("密码").fill(PASSWORD)
    page.get_by_role("button", name="登录").click()
    expect(page.locator("[data-wb=greeting]")).to_be_visible()


def take(page: Page, step: str, **texts: str) -> None:
    """Open a step's dialog, fill it in, go on."""
    page.locator(f"[data-wb-step={step}]").click()
    dialog = page.locator(f"#step-{step}")
    for name, text in texts.items():
        dialog.locator(f"[name={name}]").fill(text)
    dialog.locator("[data-wb=proceed]").click()


def test_an_order_is_submitted_and_signed_in_the_browser(
    house: House, fresh_database: Database, tmp_path: Path
) -> None:
    house.flow(step_of("部门负责人", "department_head", hours=24), step_of("财务", "role", "finance"))
    order, undated = house.draft(), house.draft(promised_date=None)
    with writes.unit_of_work(house.engine, system_viewer("test"), "test") as ctx:
        for login in ("clerk", "head", "money1"):
            set_password(ctx, login, PASSWORD)
    folder = Path(os.environ.get("SCREENSHOTS", tmp_path))
    folder.mkdir(parents=True, exist_ok=True)
    with serving(fresh_database, tmp_path / "log") as url, headless() as browser:
        pages = {}
        for login in ("clerk", "head", "money1"):
            context = browser.new_context(base_url=url, locale="zh-CN", viewport={"width": 1360, "height": 860})
            context.set_default_timeout(15_000)
            pages[login] = context.new_page()
            sign_in(pages[login], login)
        clerk, head, money = pages.values()
        clerk.goto(f"/sales-orders/detail?pk={order}")
        expect(clerk.locator("[data-wb=approval]")).to_contain_text(
            "部门负责人：head先生 → 财务：money1先生、财务：money2先生"
        )
        clerk.locator("[data-wb-step=confirm]").click()
        expect(clerk.locator("#step-confirm")).to_contain_text("将提交审批，由 部门负责人：head先生 → 财务")
        clerk.wait_for_timeout(400)
        clerk.screenshot(path=folder / "before.png", full_page=True)
        for one in (order, undated):
            clerk.goto(f"/sales-orders/detail?pk={one}")
            take(clerk, "confirm")
            expect(clerk.locator("[data-wb=approval]")).to_contain_text("审批中")
            expect(clerk.locator(".alert-success")).to_contain_text("已提交审批")
        expect(clerk.locator("[data-wb=steps] button")).to_have_count(0)
        take(clerk, "withdraw")
        expect(clerk.locator("[data-wb=approval]")).to_contain_text("已撤回")
        take(clerk, "confirm")
        expect(clerk.locator("[data-wb=approval]")).to_contain_text("审批中")
        clerk.screenshot(path=folder / "submitted.png", full_page=True)
        head.goto("/to-do")
        expect(head.locator("[data-wb-box=approvalsToDo]")).to_contain_text("2")
        head.screenshot(path=folder / "to-do.png", full_page=True)
        for one in (order, undated):
            head.goto(f"/sales-orders/detail?pk={one}")
            expect(head.locator("[data-wb=approval] [data-wb-step=withdraw]")).to_have_count(0)
            take(head, "approve", comment="同意")
            expect(head.locator(".alert-success")).to_contain_text("已同意")
            expect(head.locator("[data-wb=signature]", has_text="head先生")).to_contain_text("同意")
            expect(head.locator("[data-wb=approval] [data-wb-step]")).to_have_count(0)
        money.goto(f"/sales-orders/detail?pk={undated}")
        take(money, "approve")
        expect(money.locator("[data-wb=summary]")).to_contain_text("没有承诺日期")
        expect(money.locator("[data-wb=state]")).to_have_text("草稿")
        money.screenshot(path=folder / "refused.png", full_page=True)
        take(money, "reject")
        expect(money.locator("#step-reject [data-wb=problem]")).to_contain_text("请填写")
        money.locator("#step-reject [name=reason]").fill("缺承诺日期")
        money.locator("#step-reject [data-wb=proceed]").click()
        expect(money.locator("[data-wb=approval]")).to_contain_text("原因：缺承诺日期")
        money.goto(f"/approvals/detail?pk={house.approval(order)['id']}")
        expect(money.locator("[data-wb-step=withdraw]")).to_have_count(0)
        take(money, "approve")
        money.locator("[data-wb=approval-link]").click()
        money.screenshot(path=folder / "signed.png", full_page=True)
        clerk.goto("/to-do?box=approvalsToSend")
        expect(clerk.locator("[data-wb=approvals]")).to_contain_text("已驳回")
        clerk.screenshot(path=folder / "to-send.png", full_page=True)
    assert (house.state(order), house.state(undated)) == ("confirmed", "draft")
