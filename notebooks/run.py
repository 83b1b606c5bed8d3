"""Runs a notebook from top to bottom and writes what it shows as one HTML file that needs no network.

Used by tests and by Dagster. The kernel is told the hub's address and the file of the token, and inherits nothing
else of this process: neither database passwords nor other secrets.
"""

from __future__ import annotations

import os
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import nbformat
import plotly.io
from nbclient import NotebookClient
from nbclient.exceptions import CellExecutionError, CellTimeoutError
from nbconvert import HTMLExporter

from notebooks.charts import STAYS_HERE
from notebooks.problems import HubProblem

ROOT = Path(__file__).resolve().parent.parent
PLOTLY = "application/vnd.plotly.v1+json"
CELL_SECONDS = 300
START_SECONDS = 120
_FOR_THE_HUB = ("HUB_URL", "HUB_TOKEN_FILE")
_FOR_ANY_PROGRAM = ("PATH", "HOME", "LANG", "TZ", "TMPDIR")


def run(path: Path, out_folder: Path, *, environment: Mapping[str, str] | None = None) -> Path:
    """Execute the notebook at `path`, write `<name>.html` into `out_folder`, and return that file.

    `environment` holds HUB_URL and HUB_TOKEN_FILE; None takes those of this process. The notebook itself is not
    changed. The page is put in place whole: a run that fails leaves the previous page as it was.

    Raises:
        HubProblem: the file is no notebook, or a cell failed; with what the cell said.
    """
    given = os.environ if environment is None else environment
    notebook = _read(path)
    client = NotebookClient(
        notebook,
        timeout=CELL_SECONDS,
        startup_timeout=START_SECONDS,
        kernel_name="python3",
        resources={"metadata": {"path": str(path.parent)}},
    )
    try:
        client.execute(env=_kernel_environment(given))
    except CellExecutionError as error:
        raise _failed(path, error.evalue or error.ename) from error
    except CellTimeoutError as error:
        raise _failed(path, f"有单元格超过 {CELL_SECONDS} 秒。\nA cell took longer than {CELL_SECONDS} s.") from error
    except RuntimeError as error:  # also DeadKernelError
        raise _failed(path, f"内核没有启动或中途退出。\nThe kernel did not start or went away: {error}") from error
    page = to_html(notebook, path.stem)
    out_folder.mkdir(parents=True, exist_ok=True)
    fresh = out_folder / f"{path.stem}.{os.getpid()}.part"
    fresh.write_text(page, encoding="utf-8")
    return fresh.replace(out_folder / f"{path.stem}.html")


def to_html(notebook: nbformat.NotebookNode, title: str) -> str:
    """An executed notebook as a page: text, tables and charts, without code and without any outside link."""
    _draw_charts(notebook)
    notebook.metadata["title"] = title
    exporter = HTMLExporter(  # type: ignore[no-untyped-call]
        exclude_input=True,
        exclude_output_prompt=True,
        mathjax_url="",
        require_js_url="",
        jquery_url="",
        mermaid_js_url="",
        mermaid_layout_elk_js_url="",
        language_code="zh",
    )
    body, _ = exporter.from_notebook_node(notebook)
    return str(body)


def _read(path: Path) -> nbformat.NotebookNode:
    try:
        found: nbformat.NotebookNode = nbformat.read(path, as_version=4)  # type: ignore[no-untyped-call]
    except (OSError, ValueError, nbformat.reader.NotJSONError, nbformat.ValidationError) as error:
        raise HubProblem(f"{path} 不是可以读取的笔记本。", f"{path} is no notebook that can be read.") from error
    return found


def _kernel_environment(given: Mapping[str, str]) -> dict[str, str]:
    """What the kernel may know."""
    kept = {name: os.environ[name] for name in _FOR_ANY_PROGRAM if name in os.environ}
    kept |= {name: given[name] for name in _FOR_THE_HUB if name in given}
    return {**kept, "PYTHONPATH": str(ROOT), "PYDEVD_DISABLE_FILE_VALIDATION": "1"}


def _failed(path: Path, said: str) -> HubProblem:
    """A problem of ours says it in both languages, a line each; anything else in whatever it speaks."""
    chinese, _, english = said.partition("\n")
    return HubProblem(
        f"笔记本 {path.name} 没有跑完：{chinese}", f"The notebook {path.name} did not finish: {english or chinese}"
    )


def _draw_charts(notebook: nbformat.NotebookNode) -> None:
    """Put a drawing where JupyterLab would draw; the library goes into the page once, with the first chart."""
    library: bool | str = True
    for cell in notebook.cells:
        for output in cell.get("outputs", []):
            data: dict[str, Any] = output.get("data", {})
            figure = data.pop(PLOTLY, None)
            if figure is not None:
                output["data"] = {"text/html": _drawing(figure, library)}
                library = False


def _drawing(figure: dict[str, Any], library: bool | str) -> str:
    plain = {"data": figure["data"], "layout": figure["layout"]}
    config = {**figure.get("config", {}), **STAYS_HERE, "responsive": True}
    return str(plotly.io.to_html(plain, config=config, include_plotlyjs=library, full_html=False))
