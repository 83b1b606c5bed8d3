"""Whom an @ in a comment names: users by login or name, as far as they may see the document.

A name goes as far as it matches: in "@李娜请看" it is 李娜. Of several users of one name all are meant. A partner names
only those who have already written on the document, for the staff's names are not his to try.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Any
from uuid import UUID

from sqlalchemy import select, union

from hub.context import Ctx, Viewer
from hub.document.access import permissions_of
from hub.document.registry import spec as spec_of
from hub.document.registry import table
from hub.document.rows import Me, visible
from hub.document.spec import DocSpec
from hub.errors import Refused, problem
from hub.identity import viewer_of

_AT = re.compile(r"(?<![\w.@])@([^\s@]{1,80})")
_PARTNER = "partner"
OFFERED = 8


def mentioned_in(ctx: Ctx, spec: DocSpec, document_id: UUID, words: str) -> list[UUID]:
    """The ids of the users whom the text names; Refused MENTION_CANNOT_SEE for who may not see the document."""
    called = _AT.findall(words)
    if not called:
        return []
    found: dict[UUID, str] = {}
    people = _people(ctx, document_id)
    for one in called:
        found |= {user.id: user.name for user in _meant(one, people)}
    blind = [name for id_, name in found.items() if not may_see(ctx, id_, spec, document_id)]
    if blind:
        names = "、".join(blind)
        raise Refused(
            problem(
                "MENTION_CANNOT_SEE",
                f"{names}看不到此单据，不能在评论中提到。",
                f"{names} may not see this document and cannot be named in a comment on it.",
                "text",
            )
        )
    return list(found)


def offered(ctx: Ctx, spec: DocSpec, document_id: UUID, begun: str) -> list[str]:
    """Names to complete what was typed after an @: of those whose rights open the type, by name, pinyin or login."""
    begun = begun.lower()
    found = []
    for user in _people(ctx, document_id):
        fits = begun in user.name.lower() or any(one.startswith(begun) for one in (user.name_pinyin or "").split("\n"))
        held = permissions_of(user.roles)
        if (fits or user.code.lower().startswith(begun)) and ("*" in held or spec.access.read in held):
            found.append(user.name)
    return list(dict.fromkeys(found))[:OFFERED]


def may_see(ctx: Ctx, user_id: UUID, spec: DocSpec, document_id: UUID) -> bool:
    """Whether a user may see a document, by all his rights of now."""
    viewer = viewer_of(ctx.session, user_id=user_id)
    if viewer is None or not viewer.may(spec.access.read):
        return False
    row = spec.table
    seen = visible(spec, row, table, Me.of(viewer, viewer.company_id))
    return ctx.session.execute(select(row.c.id).where(row.c.id == document_id, *seen)).first() is not None


def _meant(called: str, people: Sequence[Any]) -> list[Any]:
    """Of those whose login or name the text begins with, the ones of the longest."""
    fits = [(len(name), user) for user in people for name in (user.code, user.name) if _begins(called, name)]
    longest = max((length for length, _ in fits), default=0)
    return [user for length, user in fits if length == longest]


def _begins(called: str, name: str) -> bool:
    """A name of letters ends where the word ends; one of Chinese characters may be followed by anything."""
    if not name or not called.lower().startswith(name.lower()):
        return False
    after = called[len(name) : len(name) + 1]
    return not (name[-1].isascii() and after.isascii() and (after.isalnum() or after == "_"))


def _people(ctx: Ctx, document_id: UUID) -> Sequence[Any]:
    """The active users of the company; for a partner those who have written on the document."""
    user = spec_of("User").table
    wanted = select(user.c.id, user.c.code, user.c.name, user.c.name_pinyin, user.c.roles).where(user.c.active)
    if ctx.viewer.company_id is not None:
        wanted = wanted.where(user.c.company_id == ctx.viewer.company_id)
    if is_partner(ctx.viewer):
        comments, followers = spec_of("Comment").table, spec_of("Follower").table
        taking_part = union(
            select(comments.c.created_by).where(comments.c.document_id == document_id),
            select(followers.c.user_id).where(followers.c.document_id == document_id),
        )
        wanted = wanted.where(user.c.id.in_(taking_part))
    return ctx.session.execute(wanted.order_by(user.c.name_pinyin, user.c.code)).all()


def is_partner(viewer: Viewer) -> bool:
    """Whether somebody from outside is asking."""
    return _PARTNER in viewer.roles and not viewer.may("base.all")
