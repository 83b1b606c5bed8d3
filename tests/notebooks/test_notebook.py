"""The analysts' example, executed against a real hub and read in a real browser without a network."""

from __future__ import annotations

import json
import os
from decimal import Decimal
from pathlib import Path
from typing import Any

import nbformat
import pytest
from playwright.sync_api import Browser, Page

from notebooks.problems import HubProblem
from notebooks.run import run
from tests.notebooks import orders
from tests.notebooks.conftest import NOTEBOOKS, RunningHub

EXAMPLE = NOTEBOOKS / "10_order_to_cash.ipynb"


@pytest.fixture(scope="module")
def report(running_hub: RunningHub, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The page the notebook becomes."""
    return run(EXAMPLE, tmp_path_factory.mktemp("report"), environment=running_hub.environment)


@pytest.fixture
def page(report: Path, browser: Browser) -> Page:
    """The page, opened from the file; whatever it asks of a network is written down."""
    context = browser.new_context(offline=True, locale="zh-CN", viewport={"width": 1100, "height": 900})
    page = context.new_page()
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url))
    page.goto(report.as_uri())
    page.locator(".plotly-graph-div .main-svg").first.wait_for()
    outside = [url for url in asked if not url.startswith(("file:", "data:", "blob:"))]
    assert outside == []
    return page


def test_the_figures_are_those_of_sql(page: Page, running_hub: RunningHub) -> None:
    months = orders.rows(running_hub.database.engine, orders.BY_MONTH)
    assert len(months) > 4
    expected = [
        [month, str(count), f"{amount:,.2f}", f"{brought:,.2f}", str(late), _share(brought, amount)]
        for month, count, amount, brought, late in months
    ]
    assert [row for row in _table(page, "交付率") if row[0].startswith("2026")] == expected
    assert any(row[-1] == "–" for row in expected)  # a month of free samples
    customers = orders.rows(running_hub.database.engine, orders.BY_CUSTOMER)
    assert _table(page, "编码")[1:] == [[code, name, f"{amount:,.2f}"] for code, name, amount in customers]


def test_the_conclusion_is_computed(page: Page, running_hub: RunningHub) -> None:
    count, amount, brought, late = orders.rows(running_hub.database.engine, orders.WHOLE)[0]
    _code, name, largest = orders.rows(running_hub.database.engine, orders.BY_CUSTOMER)[0]
    assert 0 < late < count
    conclusion = page.get_by_text("最大客户").inner_text()
    assert conclusion == (
        f"{count} 个订单共 {amount:,.2f} CNY，已交付 {_share(brought, amount)}%；"
        f"{late} 个订单晚交（{late / count:.1%}）；"
        f"最大客户{name}占 {100 * largest / amount:.1f}%。"
    )


def test_two_charts_are_drawn_with_chinese_titles(page: Page) -> None:
    page.screenshot(path=os.environ.get("NOTEBOOK_PICTURE"), full_page=True)
    titles = page.locator(".plotly-graph-div .gtitle").all_text_contents()
    assert [title.split("（")[0] for title in titles] == ["每月订单金额与已交付金额", "前十大客户的订单金额"]
    assert page.locator(".plotly-graph-div").nth(0).locator(".bars path").count() > 8
    customers = page.locator(".plotly-graph-div").nth(1)
    assert customers.locator(".bars path").count() == len(orders.CUSTOMERS)
    assert customers.locator(".ytick").count() == len(orders.CUSTOMERS)  # two of them have the same name


def test_the_page_links_nothing_outside(page: Page) -> None:
    """Not only what was asked for while drawing: no tag names an address elsewhere."""
    links = page.evaluate(
        """() => [...document.querySelectorAll('[src], [href], [action], [data]')]
             .map(tag => tag.getAttribute('src') || tag.getAttribute('href') || tag.getAttribute('action') || '')
             .filter(address => /^(https?:)?\\/\\//.test(address))"""
    )
    assert links == []
    assert _buttons(page)
    assert not [title for title in _buttons(page) if "Share" in title or "cloud" in title.lower()]


def test_a_chart_without_the_house_style_stays_here_too(tmp_path: Path, browser: Browser) -> None:
    cell = "import plotly.graph_objects as go\ngo.Figure().add_bar(y=[1, 2])"
    page = browser.new_context(offline=True).new_page()
    page.goto(run(_notebook(tmp_path, cell), tmp_path, environment={}).as_uri())
    page.locator(".plotly-graph-div .bars path").first.wait_for()
    assert "Zoom in" in _buttons(page)
    assert not [title for title in _buttons(page) if "Share" in title]


def test_a_hub_without_orders_says_so_and_keeps_the_old_page(empty_hub: RunningHub, tmp_path: Path) -> None:
    old = tmp_path / "10_order_to_cash.html"
    old.write_text("yesterday's")
    with pytest.raises(HubProblem, match="还没有已确认的客户订单") as problem:
        run(EXAMPLE, tmp_path, environment=empty_hub.environment)
    assert "no confirmed sales order" in problem.value.english
    assert "Traceback" not in str(problem.value)
    assert old.read_text() == "yesterday's"


def test_orders_without_any_delivery_are_no_obstacle(empty_hub: RunningHub, tmp_path: Path) -> None:
    orders.tell(empty_hub.database.engine, 3, delivered=False)
    page = run(EXAMPLE, tmp_path, environment=empty_hub.environment)
    count = orders.rows(empty_hub.database.engine, orders.WHOLE)[0][0]
    assert f"{count} 个订单共" in page.read_text()


def test_a_kernel_gets_no_secret_of_this_process(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HUB_DATABASE_URL", "postgresql://secret")
    monkeypatch.setenv("DAGSTER_PG_URL", "postgresql://secret")
    cell = "import os\nfrom IPython.display import HTML\nHTML(' '.join(sorted(os.environ)))"
    page = run(
        _notebook(tmp_path, cell), tmp_path, environment={"HUB_URL": "x", "HUB_TOKEN_FILE": "y", "PASSWORD": "z"}
    )
    shown = page.read_text()
    assert "HUB_TOKEN_FILE" in shown
    assert not [name for name in ("HUB_DATABASE_URL", "DAGSTER_PG_URL", "HUB_HOME", "PASSWORD") if name in shown]


def test_a_problem_in_a_cell_is_two_sentences_and_no_traceback(tmp_path: Path) -> None:
    from nbclient import NotebookClient

    cell = "from notebooks.problems import HubProblem\nraise HubProblem('没有。', 'None.')"
    executed = nbformat.read(_notebook(tmp_path, cell), as_version=4)  # type: ignore[no-untyped-call]
    NotebookClient(executed, allow_errors=True).execute(env={**os.environ, "PYTHONPATH": str(NOTEBOOKS.parent)})
    assert executed.cells[0].outputs[0].traceback == ["没有。", "None."]


def test_what_is_no_notebook_has_its_sentence(tmp_path: Path) -> None:
    broken = tmp_path / "broken.ipynb"
    broken.write_text("{")
    for path in (broken, tmp_path / "absent.ipynb"):
        with pytest.raises(HubProblem, match="不是可以读取的笔记本"):
            run(path, tmp_path)


@pytest.mark.parametrize("path", sorted(NOTEBOOKS.glob("*.ipynb")), ids=lambda path: path.name)
def test_notebooks_are_committed_without_outputs(path: Path) -> None:
    """Outputs are data of whoever ran it."""
    for cell in json.loads(path.read_text(encoding="utf-8"))["cells"]:
        assert not cell.get("outputs")
        assert cell.get("execution_count") is None


def _share(part: Decimal, whole: Decimal) -> str:
    return f"{100 * part / whole:.1f}" if whole else "–"


def _buttons(page: Page) -> list[str]:
    """What the buttons over the charts say."""
    buttons = page.locator(".plotly-graph-div .modebar-btn").all()
    return [button.get_attribute("data-title") or "" for button in buttons]


def _table(page: Page, heading: str) -> list[list[str]]:
    """The cells of the table that has a heading."""
    table = page.locator("table", has_text=heading)
    return [[cell.strip() for cell in row.locator("th, td").all_inner_texts()] for row in table.locator("tr").all()]


def _notebook(folder: Path, cell: str) -> Path:
    made: dict[str, Any] = {
        "cell_type": "code",
        "id": "made",
        "metadata": {},
        "source": cell,
        "outputs": [],
        "execution_count": None,
    }
    path = folder / "made.ipynb"
    path.write_text(json.dumps({"cells": [made], "metadata": {}, "nbformat": 4, "nbformat_minor": 5}))
    return path
