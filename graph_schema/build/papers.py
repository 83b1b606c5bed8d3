"""Mutations of attachments, comments and followers: attach, comment, follow and their contraries."""

from __future__ import annotations

import strawberry

from graph_schema.build.assembly import Assembly, argument, optional
from graph_schema.build.problems import mutation_field
from graph_schema.write.papers import PAPERS
from hub.document.registry import spec as spec_of


def papers(assembly: Assembly) -> None:
    """A field per verb; each names the document, or the companion that it changes."""
    for name, paper in PAPERS.items():
        arguments = [argument(one, _kind(one), text) for one, text in paper.arguments.items()]
        arguments += [argument(one, optional(_kind(one)), text) for one, text in (paper.more or {}).items()]
        mutation_field(assembly, spec_of(paper.companion), name, paper.text, arguments, versioned=False)


def _kind(name: str) -> type:
    return strawberry.ID if name.lower().endswith("id") else str
