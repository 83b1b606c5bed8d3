"""Lines that the hub itself puts on a document: they come last, their positions go on from the highest.

A position is never used again by the same change: a removed line leaves the database only after the new ones came.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any


def add_lines(document: Any, name: str, added: Iterable[Any]) -> None:
    """Put new lines behind those of the list `name`."""
    replace_lines(document, name, getattr(document, name), added)


def replace_lines(document: Any, name: str, kept: Iterable[Any], added: Iterable[Any]) -> None:
    """Put new lines behind those of the list `name` that are kept; the others are removed."""
    rows = getattr(document, name)
    staying, last = set(kept), max((line.position for line in rows), default=0)
    for line in [line for line in rows if line not in staying]:
        rows.remove(line)
    for position, line in enumerate(added, last + 1):
        line.position = position
        rows.append(line)
