"""The panel of a record's papers, as a person uses it: upload, download, remove; comments with @; follow."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from playwright.sync_api import Page, expect

Picture = Callable[[str], object]


def _open(page: Page) -> None:
    page.goto("/customers/list")
    page.locator("tbody tr .wb-key").first.click()
    expect(page.locator("[data-wb=attachments]")).to_be_visible()


def test_files_come_by_click_and_by_drop_and_go(admin: Page, picture: Picture, tmp_path: Path) -> None:
    _open(admin)
    contract = tmp_path / "框架合同 2026.pdf"
    contract.write_bytes(b"%PDF-1.7\n" + b"x" * 3000)
    admin.locator("[data-wb=file]").set_input_files(contract)
    row = admin.locator("[data-wb=attachments] [data-paper]", has_text="框架合同 2026.pdf")
    expect(row).to_contain_text("2.9 KB")
    dropped = admin.evaluate_handle(
        """() => { const data = new DataTransfer();
          data.items.add(new File(["\\u56fe\\u7eb8"], "图纸说明.txt")); return data; }"""
    )
    admin.dispatch_event("[data-wb=drop]", "drop", {"dataTransfer": dropped})
    expect(admin.locator("[data-wb=attachments] [data-paper]")).to_have_count(2)
    program = tmp_path / "报价.pdf"
    program.write_bytes(b"MZ\x90\0")
    admin.locator("[data-wb=file]").set_input_files(program)
    expect(admin.locator("[data-wb=papers-problem]")).to_contain_text("不允许上传此类文件")
    picture("papers-attachments")
    with admin.expect_download() as waiting:
        row.locator("a").click()
    assert waiting.value.suggested_filename == "框架合同 2026.pdf"
    assert Path(waiting.value.path()).read_bytes() == contract.read_bytes()
    admin.on("dialog", lambda dialog: dialog.accept())
    row.locator("[data-wb-detach]").click()
    expect(admin.locator("[data-wb=attachments] [data-paper]")).to_have_count(1)


def test_a_comment_names_somebody_and_is_changed_and_removed(admin: Page, picture: Picture) -> None:
    _open(admin)
    area = admin.locator("[data-wb=say] textarea")
    area.press_sequentially("请 @li")
    option = admin.locator("[data-wb=say] .dropdown-item", has_text="李娜")
    expect(option).to_be_visible()
    picture("papers-mention")
    area.press("Enter")
    expect(area).to_have_value("请 @李娜 ")
    area.press_sequentially("确认账期")
    admin.locator("[data-wb=say] button[type=submit]").click()
    said = admin.locator("[data-wb=comments] [data-paper]")
    expect(said).to_contain_text("请 @李娜 确认账期")
    expect(admin.locator("[data-wb=followers]")).to_contain_text("李娜")
    said.locator("[data-wb-edit-comment]").click()
    said.locator("textarea").fill("已确认 <b>账期</b>")
    said.locator("[data-wb=edit-comment] button.btn-primary").click()
    expect(said.locator(".wb-said")).to_have_text("已确认 <b>账期</b>")
    expect(said).to_contain_text("已修改")
    follow = admin.locator("[data-wb-follow]")
    expect(follow).to_have_text("已关注")
    follow.click()
    expect(follow).to_have_text("关注")
    picture("papers-comments")
    admin.on("dialog", lambda dialog: dialog.accept())
    said.locator("[data-wb-remove-comment]").click()
    expect(said).to_have_count(0)


def test_who_only_reads_sees_and_comments_but_does_not_attach(lina: Page) -> None:
    lina.goto("/suppliers/list")
    lina.locator("tbody tr .wb-key").first.click()
    expect(lina.locator("[data-wb=comments]")).to_be_visible()
    expect(lina.locator("[data-wb=file]")).to_have_count(0)
