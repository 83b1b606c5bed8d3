"""The command line: a file comes in, is only tried, or is refused with every problem."""

from __future__ import annotations

from pathlib import Path

from click.testing import CliRunner
from openpyxl import load_workbook

from hub.cli import hub
from tests.exchange.conftest import Desk


def test_a_file_comes_in_by_the_command_line(desk: Desk, tmp_path: Path) -> None:
    before = desk.counts()
    file, user = tmp_path / "customers.csv", ["--as", "import-administrator"]
    file.write_text("编码,名称\nCLI-1,命令行客户\nCLI-2,\n", encoding="gb18030")
    refused = CliRunner().invoke(hub, ["import", "Customer", str(file), *user])
    assert refused.exit_code == 1
    assert "请填写名称" in refused.output
    file.write_text("编码,名称\nCLI-1,命令行客户\n", encoding="gb18030")
    tried = CliRunner().invoke(hub, ["import", "customers", str(file), *user, "--dry-run"])
    assert (tried.exit_code, desk.counts()) == (0, before), tried.output
    done = CliRunner().invoke(hub, ["import", "Customer", str(file), *user])
    assert "新建 new 1" in done.output
    assert desk.counts()["hub.customer"] == before["hub.customer"] + 1
    made = CliRunner().invoke(hub, ["import", "Customer", str(tmp_path / "t.xlsx"), *user, "--template"])
    assert made.exit_code == 0
    assert load_workbook(tmp_path / "t.xlsx").worksheets[0]["A1"].value
