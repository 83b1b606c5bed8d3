"""The verbs of attachments, comments and followers. They ask for the rights of the document they are about.

Who reads a document may comment on it and follow it; who writes it may attach and detach. Each leaves its trace on the
document: an audit entry and an event (SalesOrder.attach, SalesOrder.comment, SalesOrder.mention).
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any
from uuid import UUID

from sqlalchemy import delete, func, select, text
from sqlalchemy.dialects.postgresql import insert

from hub.context import SYSTEM, Ctx
from hub.document import audit
from hub.document.edit import company_of
from hub.document.holding import new_version
from hub.document.registry import spec as spec_of
from hub.document.registry import table
from hub.document.rows import Me, visible
from hub.document.spec import DocSpec
from hub.errors import Forbidden, Invalid, NotFound, Refused, problem
from hub.files import store
from hub.mentions import mentioned_in
from hub.rules.file_kinds import kind_of
from hub.settings import settings

LONGEST_NAME, LONGEST_COMMENT = 255, 20_000


def attach(ctx: Ctx, document_type: str, document_id: UUID, name: str, content: store.Content) -> Any:
    """Put a content that has come in on a document; returns the Attachment.

    Raises:
        NotFound, Forbidden; Refused (FILE_TYPE_REFUSED, FILES_QUOTA); Invalid (FILE_NAME).
    """
    about(ctx, document_type, document_id, writing=True)
    kind = _allowed(content.head)
    ctx.session.execute(text("SELECT pg_advisory_xact_lock_shared(:key)"), {"key": store.LOCK})
    _check_quota(ctx, content)
    named = file_name(name)
    store.keep(content)
    return _attached(ctx, document_type, document_id, named, (content.size, kind, content.sha256))


def attach_again(ctx: Ctx, document_type: str, document_id: UUID, attachment_id: UUID, name: str | None) -> Any:
    """Put the content of an attachment that the viewer sees on another document too; it is stored once."""
    about(ctx, document_type, document_id, writing=True)
    ctx.session.execute(text("SELECT pg_advisory_xact_lock_shared(:key)"), {"key": store.LOCK})
    known = _companion(ctx, "Attachment", attachment_id)
    named = file_name(name or known.name)
    return _attached(ctx, document_type, document_id, named, (known.size, known.media_type, known.sha256))


def detach(ctx: Ctx, attachment_id: UUID) -> None:
    """Take an attachment off its document; its content goes with the next sweep when no other names it."""
    found = _companion(ctx, "Attachment", attachment_id)
    about(ctx, found.document_type, found.document_id, writing=True)
    _removed(ctx, "Attachment", found, "detach", "attachments", _told(found))


def comment(ctx: Ctx, document_type: str, document_id: UUID, words: str) -> Any:
    """Say something about a document; its writer and those whom @ names follow it from now on. Returns the Comment."""
    spec = about(ctx, document_type, document_id)
    words = _words(words)
    people = mentioned_in(ctx, spec, document_id, words)
    values = {"text": words, "mentioned": [str(one) for one in people]}
    made = _made(ctx, "Comment", document_type, document_id, values)
    _follow(ctx, document_type, document_id, [ctx.viewer.user_id, *people])
    _trace(ctx, "Comment", made, "create", {"text": [None, words]})
    audit.record(ctx, document_type, document_id, "comment", {"comments": [None, words]})
    _tell_mentioned(ctx, made, people)
    return made


def edit_comment(ctx: Ctx, comment_id: UUID, words: str) -> Any:
    """Change an own comment; history keeps what it said. Who is newly named is told."""
    found = _own_comment(ctx, comment_id)
    spec = about(ctx, found.document_type, found.document_id)
    words, before = _words(words), found.text
    people = mentioned_in(ctx, spec, found.document_id, words)
    fresh = [one for one in people if str(one) not in found.mentioned]
    found.text, found.mentioned = words, [str(one) for one in people]
    new_version(ctx, found)
    ctx.session.flush()
    _follow(ctx, found.document_type, found.document_id, fresh)
    _trace(ctx, "Comment", found, "update", {"text": [before, words]})
    audit.record(ctx, found.document_type, found.document_id, "edit_comment", {"comments": [before, words]})
    _tell_mentioned(ctx, found, fresh)
    return found


def remove_comment(ctx: Ctx, comment_id: UUID) -> None:
    """Take back an own comment; history keeps it."""
    found = _own_comment(ctx, comment_id)
    _removed(ctx, "Comment", found, "remove_comment", "comments", found.text)


def follow(ctx: Ctx, document_type: str, document_id: UUID) -> Any:
    """Hear of a document from now on; returns the Follower, also one that was there."""
    about(ctx, document_type, document_id)
    _follow(ctx, document_type, document_id, [ctx.viewer.user_id])
    model = spec_of("Follower").model
    mine = select(model).where(model.document_id == document_id, model.user_id == ctx.viewer.user_id)
    found = ctx.session.execute(mine).scalar_one_or_none()
    if found is None:
        raise Refused(problem("NO_USER", "系统账号不能关注单据。", "The hub itself cannot follow a document."))
    return found


def unfollow(ctx: Ctx, document_type: str, document_id: UUID) -> None:
    """Hear of it no more."""
    about(ctx, document_type, document_id)
    follower = spec_of("Follower").table
    mine = (follower.c.document_id == document_id, follower.c.user_id == ctx.viewer.user_id)
    gone = ctx.session.execute(delete(follower).where(*mine).returning(follower.c.id)).scalar_one_or_none()
    if gone is not None:
        audit.record(ctx, "Follower", gone, "discard", {"document_id": [str(document_id), None]})


def about(ctx: Ctx, document_type: str, document_id: UUID, *, writing: bool = False) -> DocSpec:
    """The type of a document that the viewer may see (to write: change), which stays while the transaction lasts.

    Raises:
        NotFound: no such type or document, or none that the viewer may know of. Forbidden.
    """
    spec = spec_of(document_type)
    if spec.kind not in ("master", "document"):
        raise NotFound(problem("TYPE_UNKNOWN", f"{document_type} 没有附件与评论。", f"{document_type} has no papers."))
    if not ctx.viewer.may(spec.access.read) or (writing and not ctx.viewer.may(spec.access.write)):
        label = spec.label
        raise Forbidden(
            problem("FORBIDDEN", f"您没有办理{label.chinese}的权限。", f"You may not do this with {label.english}.")
        )
    row = spec.table
    seen = select(row.c.id).where(row.c.id == document_id, *visible(spec, row, table, Me.of(ctx.viewer, _wall(ctx))))
    if ctx.session.execute(seen.with_for_update(key_share=True, read=True, of=row)).first() is None:
        raise NotFound(
            problem("NOT_FOUND", f"找不到该{spec.label.chinese}。", f"There is no such {spec.label.english}.", "id")
        )
    return spec


def file_name(given: str) -> str:
    """The last part of a path, without what no file system wants; Invalid FILE_NAME."""
    name = "".join(one for one in given.replace("\\", "/").rsplit("/", 1)[-1] if one.isprintable() or one == "\u200d")
    name = name.strip()
    if not name or name in (".", "..") or len(name) > LONGEST_NAME:
        raise Invalid(
            problem(
                "FILE_NAME", "请给出 255 字以内的文件名。", "Give the file a name of at most 255 characters.", "name"
            )
        )
    return name


def _allowed(head: bytes) -> str:
    """The media type of a content by its first bytes; Refused FILE_TYPE_REFUSED."""
    kind = kind_of(head)
    if kind.group in settings().file_groups_refused.split():
        raise Refused(
            problem(
                "FILE_TYPE_REFUSED",
                f"不允许上传此类文件（{kind.media_type}）。",
                f"Files of this kind are not accepted ({kind.media_type}).",
                "file",
                hint=("程序和网页请打包为压缩文件。", "Pack programs and web pages into an archive."),
            )
        )
    return kind.media_type


def _check_quota(ctx: Ctx, content: store.Content) -> None:
    """Refused FILES_QUOTA when the company's contents would take more than the settings allow."""
    most = settings().files_quota_gigabytes * 1024**3
    kept = spec_of("Attachment").table
    each = select(kept.c.sha256, func.max(kept.c.size).label("size")).where(kept.c.company_id == UUID(content.company))
    sizes = each.group_by(kept.c.sha256).subquery()
    known = select(func.coalesce(func.sum(sizes.c.size), 0)).where(sizes.c.sha256 != content.sha256)
    if most and int(ctx.session.execute(known).scalar_one()) + content.size > most:
        sentences = "附件总量已达公司的上限。", "The attachments of the company have reached their limit."
        raise Refused(problem("FILES_QUOTA", *sentences, "file"))


def _attached(ctx: Ctx, document_type: str, document_id: UUID, name: str, content: tuple[int, str, str]) -> Any:
    size, media_type, sha256 = content
    values = {"name": name, "size": size, "media_type": media_type, "sha256": sha256}
    made = _made(ctx, "Attachment", document_type, document_id, values)
    _trace(ctx, "Attachment", made, "create", {name: [None, value] for name, value in values.items()})
    audit.record(ctx, document_type, document_id, "attach", {"attachments": [None, _told(made)]})
    return made


def _told(attachment: Any) -> dict[str, Any]:
    return {"name": attachment.name, "size": attachment.size, "sha256": attachment.sha256}


def _made(ctx: Ctx, companion: str, document_type: str, document_id: UUID, values: dict[str, Any]) -> Any:
    actor = ctx.viewer.user_id
    stamps = {"company_id": company_of(ctx), "created_by": actor, "updated_by": actor, "version": 1}
    made = spec_of(companion).model(document_type=document_type, document_id=document_id, **values, **stamps)
    ctx.session.add(made)
    ctx.session.flush()
    return made


def _removed(ctx: Ctx, companion: str, found: Any, verb: str, field: str, before: Any) -> None:
    ctx.session.delete(found)
    ctx.session.flush()
    _trace(ctx, companion, found, "discard", {field: [before, None]})
    audit.record(ctx, found.document_type, found.document_id, verb, {field: [before, None]})


def _trace(ctx: Ctx, companion: str, one: Any, verb: str, changes: dict[str, Any]) -> None:
    audit.record(ctx, companion, one.id, verb, changes, version=one.version, company_id=one.company_id)


def _companion(ctx: Ctx, companion: str, id_: UUID) -> Any:
    """A companion that the viewer may see, locked; NotFound."""
    spec = spec_of(companion)
    seen = visible(spec, spec.table, table, Me.of(ctx.viewer, _wall(ctx)))
    wanted = select(spec.model).where(spec.model.id == id_, *seen).with_for_update(of=spec.model)
    found = ctx.session.execute(wanted).scalar_one_or_none()
    if found is None:
        chinese, english = spec.label
        raise NotFound(problem("NOT_FOUND", f"找不到该{chinese}。", f"There is no such {english}.", "id"))
    return found


def _own_comment(ctx: Ctx, comment_id: UUID) -> Any:
    found = _companion(ctx, "Comment", comment_id)
    if found.created_by != ctx.viewer.user_id:
        sentences = "只能修改或删除自己的评论。", "Only your own comments can be changed or removed."
        raise Forbidden(problem("COMMENT_NOT_YOURS", *sentences))
    return found


def _words(words: str) -> str:
    words = words.strip().replace("\0", "")
    if not words or len(words) > LONGEST_COMMENT:
        sentences = (
            f"请输入 {LONGEST_COMMENT} 字以内的评论。",
            f"Say something, in at most {LONGEST_COMMENT} characters.",
        )
        raise Invalid(problem("COMMENT_LENGTH", *sentences, "text"))
    return words


def _follow(ctx: Ctx, document_type: str, document_id: UUID, people: Iterable[UUID]) -> None:
    """Make these users followers, those who are already stay."""
    actor = ctx.viewer.user_id
    common = {"company_id": company_of(ctx), "document_type": document_type, "document_id": document_id}
    stamps = {"created_by": actor, "updated_by": actor, "version": 1}
    rows = [{"user_id": one, **common, **stamps} for one in dict.fromkeys(people) if one != SYSTEM]
    if not rows:
        return
    follower = spec_of("Follower").table
    adding = insert(follower).values(rows).on_conflict_do_nothing().returning(follower.c.id, follower.c.user_id)
    for id_, user_id in ctx.session.execute(adding).all():
        audit.record(ctx, "Follower", id_, "create", {"user_id": [None, str(user_id)]}, version=1)


def _tell_mentioned(ctx: Ctx, made: Any, people: list[UUID]) -> None:
    """The event by which notifications find whom a comment names: the ids of the users, and the comment's."""
    if people:
        users = [str(one) for one in people]
        audit.record(ctx, made.document_type, made.document_id, "mention", {"followers": [None, users]})
        ctx.events[-1]["event"]["payload"] |= {"comment": str(made.id), "users": users}


def _wall(ctx: Ctx) -> UUID | None:
    return ctx.viewer.company_id
