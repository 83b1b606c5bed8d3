"""The notebooks' working copy: the checkout is never worked in, and what a person edited is never overwritten."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest

from hub.platform import lab
from hub.platform.programs import program_of
from hub.settings import ROOT, Settings


@pytest.fixture
def places(tmp_path: Path) -> tuple[Path, Path, Path]:
    source = tmp_path / "source"
    source.mkdir()
    for name in ("10_one.ipynb", "20_two.ipynb", "README.md", "module.py"):
        (source / name).write_text(f"first {name}", encoding="utf-8")
    return source, tmp_path / "home" / "notebooks", tmp_path / "home" / "copied.json"


def test_new_and_newer_files_come_edited_ones_stay(places: tuple[Path, Path, Path]) -> None:
    source, target, record = places
    lab.copy_new(*places)
    assert sorted(path.name for path in target.iterdir()) == ["10_one.ipynb", "20_two.ipynb", "README.md"]
    (target / "10_one.ipynb").write_text("mine", encoding="utf-8")
    (target / "own.ipynb").write_text("mine too", encoding="utf-8")
    (target / "README.md").unlink()
    for name in ("10_one.ipynb", "20_two.ipynb", "30_three.ipynb"):
        (source / name).write_text(f"second {name}", encoding="utf-8")
    for _ in range(2):
        lab.copy_new(*places)
        assert {path.name: path.read_text(encoding="utf-8") for path in target.iterdir()} == {
            "10_one.ipynb": "mine",
            "20_two.ipynb": "second 20_two.ipynb",
            "30_three.ipynb": "second 30_three.ipynb",
            "README.md": "first README.md",
            "own.ipynb": "mine too",
        }
    assert json.loads(record.read_text(encoding="utf-8")).keys() == {
        *("10_one.ipynb", "20_two.ipynb", "30_three.ipynb", "README.md")
    }


def test_without_the_record_nothing_is_overwritten(places: tuple[Path, Path, Path]) -> None:
    source, target, record = places
    lab.copy_new(*places)
    record.write_text("half writ", encoding="utf-8")
    (source / "10_one.ipynb").write_text("second", encoding="utf-8")
    lab.copy_new(*places)
    assert (target / "10_one.ipynb").read_text(encoding="utf-8") == "first 10_one.ipynb"


def test_a_kernel_imports_the_client_and_draws_without_the_cloud(tmp_path: Path) -> None:
    chosen = Settings(home=tmp_path / "home")
    program = program_of("jupyter", chosen)
    assert f"--ServerApp.root_dir={lab.workspace(chosen)}" in program.arguments
    assert ROOT / "notebooks" not in lab.workspace(chosen).parents
    asked = (
        "import notebooks.hub_client, notebooks.charts as charts, plotly.io as io;"
        "print(charts.__file__, io.renderers['plotly_mimetype'].config == charts.STAYS_HERE)"
    )
    done = subprocess.run(
        [sys.executable, "-m", "IPython", "-c", asked],
        env=program.environment,
        cwd=lab.workspace(chosen),
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
    )
    assert done.stdout.split() == [str(ROOT / "notebooks" / "charts.py"), "True"], done.stdout + done.stderr


@pytest.mark.parametrize(("language", "locale"), [("zh", "zh_CN"), ("en", "default")])
def test_the_pages_language_is_the_settings(tmp_path: Path, language: str, locale: str) -> None:
    chosen = Settings(home=tmp_path, language=language)  # type: ignore[arg-type]  # parametrized
    lab.prepare(chosen)
    file = tmp_path / "jupyter" / "config" / "labconfig" / "default_setting_overrides.json"
    assert json.loads(file.read_text())["@jupyterlab/translation-extension:plugin"] == {"locale": locale}
