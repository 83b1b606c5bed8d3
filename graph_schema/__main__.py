"""`python -m graph_schema` writes schema.graphql anew; the test that compares it says when that is due."""

from __future__ import annotations

from pathlib import Path

from graph_schema import sdl

Path(__file__).with_name("schema.graphql").write_text(sdl(), encoding="utf-8")
