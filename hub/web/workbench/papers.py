"""The panel of a record's papers: its attachments, what was said about it, who follows it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any
from uuid import UUID

from sqlalchemy import Engine

from hub import mentions, papers
from hub.context import Viewer
from hub.document.spec import DocSpec
from hub.web.workbench import values
from hub.web.workbench.language import spoken
from hub.words import Label
from hub.writes import unit_of_work

SHOWN = 100
"""Attachments, comments and followers on a record's page."""
_SIZES = (Label("字节", "bytes"), Label("KB", "KB"), Label("MB", "MB"), Label("GB", "GB"))


@dataclass(frozen=True)
class AttachmentRow:
    """One file: its name, size in words, who and when, where to get it."""

    id: str
    name: str
    size: str
    who: str
    at: str
    url: str


@dataclass(frozen=True)
class CommentRow:
    """One comment; `mine` may be changed by whoever looks at it."""

    id: str
    text: str
    who: str
    at: str
    mine: bool
    edited: bool


@dataclass(frozen=True)
class Papers:
    """All that the panel shows."""

    type: str
    id: str
    attachments: list[AttachmentRow]
    comments: list[CommentRow]
    followers: list[str]
    following: bool
    may_attach: bool


def selection(spec: DocSpec) -> str:
    """What to ask of a record for its panel; lines and ledgers have none."""
    if spec.kind not in ("master", "document"):
        return ""
    return (
        f"attachments(first: {SHOWN}) {{ nodes {{ id name size author createdAt url }} }} "
        f"comments(first: {SHOWN}) {{ nodes {{ id text author createdBy createdAt version }} }} "
        f"followers(first: {SHOWN}) {{ nodes {{ name createdBy me: user {{ id }} }} }}"
    )


def papers_of(spec: DocSpec, record: dict[str, Any], viewer: Viewer) -> Papers | None:
    """The panel of a record that was asked with `selection`."""
    if spec.kind not in ("master", "document"):
        return None
    me = str(viewer.user_id)
    followers = record["followers"]["nodes"]
    return Papers(
        type=spec.name,
        id=record["id"],
        attachments=[
            AttachmentRow(
                one["id"], one["name"], size_text(one["size"]), one["author"] or "", _at(one), one["url"] or ""
            )
            for one in record["attachments"]["nodes"]
        ],
        comments=[
            CommentRow(
                one["id"], one["text"], one["author"] or "", _at(one), one["createdBy"] == me, one["version"] > 1
            )
            for one in record["comments"]["nodes"]
        ],
        followers=[one["name"] or "" for one in followers],
        following=any((one["me"] or {}).get("id") == me for one in followers),
        may_attach=viewer.may(spec.access.write),
    )


def names_to_mention(engine: Engine, viewer: Viewer, spec: DocSpec, id_: UUID, begun: str) -> list[str]:
    """Names to complete what was typed after an @; NotFound when the viewer may not see the document."""
    with unit_of_work(engine, viewer, "workbench", dry_run=True) as ctx:
        papers.about(ctx, spec.name, id_)
        return mentions.offered(ctx, spec, id_, begun)


def size_text(size: int) -> str:
    """1536 → 1.5 KB."""
    number, unit = float(size), 0
    while number >= 1024 and unit < len(_SIZES) - 1:
        number, unit = number / 1024, unit + 1
    figure = f"{number:.0f}" if unit == 0 or number >= 100 else f"{number:.1f}"
    return f"{figure} {spoken(_SIZES[unit])}"


def _at(one: dict[str, Any]) -> str:
    return values.moment(one["createdAt"])
