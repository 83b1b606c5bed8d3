"""The documentation is tried: its links, commands, ports, its GraphQL and its example of a document type."""

from __future__ import annotations

import re
import subprocess
import sys
import textwrap
from pathlib import Path

import pytest
from graphql import build_schema, parse, validate

from hub.cli import hub
from hub.settings import Settings, settings_table
from hub.why import roles_table

ROOT = Path(__file__).resolve().parents[2]
PAGES = [path for path in sorted(ROOT.rglob("*.md")) if not {".venv", ".venv-superset", ".hub"} & set(path.parts)]
README = (ROOT / "README.md").read_text(encoding="utf-8")


def blocks(page: str, language: str) -> list[str]:
    """The fenced blocks of one language; those inside a list are dedented."""
    text = (ROOT / page).read_text(encoding="utf-8")
    found = re.findall(rf"^( *)```{language}\n(.*?)^\1```", text, re.S | re.M)
    return [textwrap.dedent(block) for _, block in found]


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(ROOT)))
def test_every_link_inside_the_project_leads_somewhere(page: Path) -> None:
    for target in re.findall(r"\]\(([^)#]+)[^)]*\)", page.read_text(encoding="utf-8")):
        if not target.startswith(("http://", "https://", "mailto:")):
            assert (page.parent / target).exists(), f"{page.name} links to {target}"


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(ROOT)))
def test_every_command_that_is_named_exists(page: Path) -> None:
    text = page.read_text(encoding="utf-8")
    makefile = (ROOT / "Makefile").read_text(encoding="utf-8")
    for target in re.findall(r"`(?:HUB_\S+ )*make ([a-z]+)", text):
        assert re.search(rf"^{target}:", makefile, re.M), f"{page.name} names make {target}"
    for command in re.findall(r"`(?:\.venv/bin/)?hub ([a-z]+)", text):
        assert command in hub.commands, f"{page.name} names hub {command}"


def test_the_addresses_of_the_readme_are_the_defaults() -> None:
    named = {int(port) for port in re.findall(r"127\.0\.0\.1:(\d+)", README)}
    fields = ("port", "dagster_port", "superset_port", "jupyter_port", "simulator_port")
    assert named == {Settings.model_fields[field].default for field in fields}


def test_every_variable_that_is_named_is_a_setting() -> None:
    known = {f"HUB_{field.upper()}" for field in Settings.model_fields}
    known |= {"HUB_PASSWORD", "HUB_ROOT"}  # of compose.yaml, and a placeholder in source files
    known |= {"HUB_URL", "HUB_TOKEN_FILE"}  # what notebooks are given
    for page in PAGES:
        named = set(re.findall(r"\bHUB_[A-Z_]*[A-Z]\b", page.read_text(encoding="utf-8")))
        assert named <= known, f"{page.name} names {named - known}"


def test_the_table_of_settings_is_what_the_code_says() -> None:
    """After a change: put what `hub settings` prints below the heading of docs/settings.md."""
    assert settings_table().strip() in (ROOT / "docs" / "settings.md").read_text(encoding="utf-8")


def test_the_table_of_roles_is_what_the_code_says() -> None:
    """After a change: put what `hub roles` prints into docs/rights.md."""
    assert roles_table() in (ROOT / "docs" / "rights.md").read_text(encoding="utf-8")


def test_the_questions_of_the_documentation_fit_the_schema() -> None:
    schema = build_schema((ROOT / "graph_schema" / "schema.graphql").read_text(encoding="utf-8"))
    pages = ("README.md", "docs/aggregates.md", "docs/finance.md")
    questions = [question for page in pages for question in blocks(page, "graphql")]
    assert len(questions) > 1
    for question in questions:
        assert validate(schema, parse(question)) == []


def test_a_type_declared_as_contributing_says_is_a_type_like_the_others() -> None:
    """In a process of its own: the class is declared beside the others, then the schema is printed."""
    example = blocks("CONTRIBUTING.md", "python")[0]
    module = textwrap.dedent("""
        from __future__ import annotations
        from sqlalchemy.orm import Mapped
        import hub.domains
        from hub.document import Access, Master, field
    """)
    program = f"{module}\n{example}\nfrom graph_schema import sdl\nprint(sdl())"
    told = subprocess.run([sys.executable, "-c", program], cwd=ROOT, capture_output=True, text=True, check=False)
    assert told.returncode == 0, told.stderr
    for part in ("pallet(", "pallets(", "createPallet(", "updatePallet(", "type Pallet ", "托盘档案"):
        assert part in told.stdout
