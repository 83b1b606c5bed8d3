"""The JupyterLab that the demo starts: the platform's own command line, a real kernel, a real browser."""

from __future__ import annotations

import contextlib
import json
import os
import shutil
import subprocess
import time
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest
from playwright.sync_api import Browser, Page, expect

from hub.platform.programs import program_of
from hub.secret_store import SecretStore
from hub.settings import Settings
from tests.notebooks.conftest import NOTEBOOKS, RunningHub
from tests.serving import free_port

NAME = "10_order_to_cash.ipynb"


@pytest.fixture
def lab(running_hub: RunningHub, tmp_path: Path) -> Iterator[str]:
    """JupyterLab's address with its token."""
    chosen = Settings(home=tmp_path / "home", port=int(running_hub.url.rpartition(":")[2]), jupyter_port=free_port())
    token = SecretStore(chosen.secrets_file).get("jupyter_token")
    program = program_of("jupyter", chosen)
    shutil.copy(running_hub.token_file, program.environment["HUB_TOKEN_FILE"])
    log, url = tmp_path / "jupyter.log", f"http://127.0.0.1:{chosen.jupyter_port}"
    with (
        log.open("wb") as output,
        subprocess.Popen(
            program.arguments, env=program.environment, cwd=program.folder, stdout=output, stderr=output
        ) as process,
    ):
        try:
            _wait(f"{url}/api", process, log)
            yield f"{url}/lab/tree/{NAME}?token={token}"
        finally:
            process.terminate()
            process.wait(timeout=30)


def test_the_example_opens_and_runs(lab: str, tmp_path: Path, browser: Browser) -> None:
    checkout = (NOTEBOOKS / NAME).read_bytes()
    page = browser.new_context(locale="zh-CN", viewport={"width": 1300, "height": 1000}).new_page()
    elsewhere: list[str] = []
    page.on("request", lambda request: elsewhere.append(request.url) if "127.0.0.1" not in request.url else None)
    page.goto(lab)
    page.locator(".jp-Notebook .jp-CodeCell").first.wait_for(timeout=60_000)
    expect(page.locator(".jp-Toolbar-kernelName")).to_contain_text("Python 3", timeout=60_000)
    page.locator(".jp-Notebook-ExecutionIndicator[data-status='idle']").wait_for(timeout=60_000)
    _choose(page, "运行", "运行所有单元格")
    conclusion = page.locator(".jp-OutputArea-output", has_text="最大客户")
    expect(conclusion).to_be_attached(timeout=120_000)
    page.keyboard.press("Control+s")
    page.locator(".jp-MarkdownCell", has_text="每月订单与交付").scroll_into_view_if_needed()
    page.mouse.move(700, 600)
    page.mouse.wheel(0, 500)
    expect(page.locator(".jp-OutputArea-output .main-svg").first).to_be_visible(timeout=60_000)
    assert page.locator(".modebar-btn").count() > 0
    assert page.locator(".modebar-btn[data-title*='Share']").count() == 0
    page.screenshot(path=os.environ.get("JUPYTERLAB_PICTURE"))
    assert page.locator(".Toastify__toast").count() == 0  # no question about news
    assert (NOTEBOOKS / NAME).read_bytes() == checkout
    saved = json.loads((tmp_path / "home" / "jupyter" / "notebooks" / NAME).read_text(encoding="utf-8"))
    code = [cell for cell in saved["cells"] if cell["cell_type"] == "code"]
    assert [cell["execution_count"] for cell in code] == list(range(1, len(code) + 1))
    outputs = [output for cell in code for output in cell["outputs"]]
    assert not [output for output in outputs if output["output_type"] in ("error", "stream")]
    assert sum("application/vnd.plotly.v1+json" in output["data"] for output in outputs) == 2
    assert [url for url in elsewhere if not url.startswith(("data:", "blob:"))] == []


def _wait(url: str, process: subprocess.Popen[bytes], log: Path) -> None:
    until = time.monotonic() + 90
    while time.monotonic() < until and process.poll() is None:
        with contextlib.suppress(httpx.HTTPError):
            if httpx.get(url, trust_env=False).status_code == httpx.codes.OK:
                return
        time.sleep(0.2)
    pytest.fail(f"JupyterLab did not start:\n{log.read_text()[-3000:]}")


def _choose(page: Page, menu: str, entry: str) -> None:
    """An entry of JupyterLab's menu bar."""
    page.locator(".lm-MenuBar-itemLabel", has_text=menu).first.click()
    page.locator(".lm-Menu-itemLabel", has_text=entry).first.click()
