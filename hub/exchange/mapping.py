"""Which column of a file is which field: by either language, by field name, as the user said the last time.

A heading that means nothing is told and left out; nobody has to rename a column. What a user maps is kept per type,
by the text of the headings, so that the same file next month needs no hand.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Column as StoredColumn
from sqlalchemy import Table, Text, Uuid, select
from sqlalchemy.dialects.postgresql import JSONB, insert
from sqlalchemy.orm import Session

from hub.context import Ctx, Viewer
from hub.document.registry import metadata
from hub.errors import Invalid, Problem, problem
from hub.exchange.columns import GROUP, Column, Plan
from hub.words import snake

import_mapping = Table(
    "import_mapping",
    metadata,
    StoredColumn("user_id", Uuid, primary_key=True),
    StoredColumn("list", Text, primary_key=True),
    StoredColumn("columns", JSONB, nullable=False),
    schema="hub",
    comment="导入列对应 (Which heading is which field, as a user said last, per list)",
)
_NOISE = re.compile(r"[\s*_]")
_BESIDE = re.compile(r"\([^)]*\)")
"""A unit or a remark in brackets, which are half width by then."""
_CODE_WORDS = ("编码", "代码", "编号", "code", "no.", "number")
_NAME_WORDS = ("名称", "name")
_MOST_KEPT = 500
"""Headings kept per user and list."""


@dataclass(frozen=True)
class Mapped:
    """A heading, the column it stands for, and whether the user chose to leave it out."""

    heading: str
    column: Column | None
    ignored: bool = False

    @property
    def used(self) -> Column | None:
        """The column, if what stands under the heading goes in."""
        return None if self.column is None or self.column.closed is not None else self.column


def mapped(plan: Plan, headings: Sequence[str], said: Mapping[str, str | None]) -> list[Mapped]:
    """Every heading with its column; `said` is what the user says or said, None or "" for a column to leave out.

    Raises:
        Invalid: COLUMN_UNKNOWN, COLUMN_CLOSED, COLUMN_TWICE, KEY_MISSING; all of them at once.
    """
    problems: list[Problem] = []
    found: dict[str, Column | None] = {}
    for heading in filter(None, headings):
        if heading in said:
            found[heading] = _chosen(plan, heading, said[heading], problems)
    taken = {column.path for column in found.values() if column is not None}
    for known, plain in ((_full(plan), _plain), (_loose(plan), _bare)):
        for heading in headings:
            column = known.get(plain(heading)) if heading and heading not in found else None
            if column is not None and column.path not in taken:
                found[heading] = column
                taken.add(column.path)
    problems += _twice(found)
    Invalid.raise_all(problems)
    return [Mapped(one, found.get(one), one in said and not said[one]) for one in headings]


def _chosen(plan: Plan, heading: str, path: str | None, problems: list[Problem]) -> Column | None:
    if not path:
        return None
    column = plan.column(path) or plan.column(".".join(path.split("__")))
    if column is None:
        shown = path[:60]
        problems.append(problem("COLUMN_UNKNOWN", f"没有字段 {shown}。", f"There is no field {shown}.", column=heading))
    elif column.closed is not None:
        chinese, english = column.closed
        problems.append(
            problem(
                "COLUMN_CLOSED",
                f"{column.label.chinese}{chinese}，不能导入。",
                f"{column.label.english} cannot be imported: {english}.",
                column=heading,
            )
        )
        return None
    return column


def _open_first(plan: Plan) -> list[Column]:
    """A heading that names two columns means the one that people fill in."""
    return sorted(plan.columns, key=lambda one: one.closed is not None)


def _full(plan: Plan) -> dict[str, Column]:
    """The columns by their whole headings and by their field names."""
    found: dict[str, Column] = {}
    for one in _open_first(plan):
        for text in (one.path, snake(one.path), *one.label):
            found.setdefault(_plain(text), one)
    return found


def _loose(plan: Plan) -> dict[str, Column]:
    """By what people call them as well: a line's field without its list, a link with or without the word code."""
    found: dict[str, Column] = {}
    for one in _open_first(plan):
        for text in _also(plan, one):
            found.setdefault(_bare(text), one)
    return found


def _also(plan: Plan, one: Column) -> list[str]:
    labels = [one.label, *([one.short] if one.short else [])]
    texts = [text for label in labels for text in label] + [one.path.rpartition(".")[2] if one.lines else one.path]
    if one.name == plan.key and one.lines is None and one.link is None:
        texts += _CODE_WORDS
    if one.link is not None and one.part in ("key", "name"):
        words = _CODE_WORDS if one.part == "key" else _NAME_WORDS
        texts += [f"{base}{word}" for base in one.link.label for word in words]
        texts += [f"{name}{word}" for name in (one.name,) for word in words]
    if one.link is not None and one.part in ("key", "number"):
        texts.append(one.link.name)
    if one.path == GROUP:
        texts += ["组", "单据分组", "group"]
    return texts


def _plain(heading: str) -> str:
    """A heading for comparing: no spaces and stars, half width, lower case."""
    return _NOISE.sub("", unicodedata.normalize("NFKC", heading)).casefold()


def _bare(heading: str) -> str:
    """The same without what stands in brackets."""
    return _BESIDE.sub("", _plain(heading))


def _twice(found: Mapping[str, Column | None]) -> list[Problem]:
    seen: dict[str, str] = {}
    problems = []
    for heading, column in found.items():
        if column is None:
            continue
        first = seen.setdefault(column.path, heading)
        if first != heading:
            problems.append(
                problem(
                    "COLUMN_TWICE",
                    f"“{first}”和“{heading}”对应同一个字段：{column.label.chinese}。",
                    f"{first} and {heading} stand for the same field: {column.label.english}.",
                    column=heading,
                )
            )
    return problems


def remembered(session: Session, viewer: Viewer, many: str) -> dict[str, str | None]:
    """What the user said the last time, by heading."""
    kept = import_mapping.c
    query = select(kept.columns).where(kept.user_id == viewer.user_id, kept.list == many)
    found: dict[str, Any] | None = session.execute(query).scalar_one_or_none()
    return found or {}


def remember(ctx: Ctx, many: str, said: Mapping[str, str | None]) -> None:
    """Keep what the user said, beside what was said of other headings before."""
    if not said:
        return
    kept = dict(list({**remembered(ctx.session, ctx.viewer, many), **said}.items())[-_MOST_KEPT:])
    values = {"user_id": ctx.viewer.user_id, "list": many, "columns": kept}
    ctx.session.execute(
        insert(import_mapping)
        .values(values)
        .on_conflict_do_update(index_elements=["user_id", "list"], set_={"columns": kept})
    )
