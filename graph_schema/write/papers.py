"""The mutations of attachments, comments and followers: their words, their arguments, the verb behind each."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from graph_schema.read.scope import as_id
from hub import papers
from hub.context import Ctx

DOCUMENT = {
    "documentType": "单据类型，如 SalesOrder · Type of the document",
    "documentId": "单据标识 · Id of the document",
}
"""The arguments that say which document is meant."""


@dataclass(frozen=True)
class Paper:
    """A mutation on a companion. `arguments` are those that are needed, with their words; `more` may be left out."""

    companion: str
    text: str
    arguments: Mapping[str, str]
    run: Callable[[Ctx, Mapping[str, Any]], UUID]
    more: Mapping[str, str] | None = None


def _attach(ctx: Ctx, given: Mapping[str, Any]) -> UUID:
    source = as_id(given["attachmentId"])
    return _id(papers.attach_again(ctx, *_document(given), source, given.get("name")))


def _detach(ctx: Ctx, given: Mapping[str, Any]) -> UUID:
    papers.detach(ctx, as_id(given["id"]))
    return as_id(given["id"])


def _comment(ctx: Ctx, given: Mapping[str, Any]) -> UUID:
    return _id(papers.comment(ctx, *_document(given), given["text"]))


def _edit(ctx: Ctx, given: Mapping[str, Any]) -> UUID:
    return _id(papers.edit_comment(ctx, as_id(given["id"]), given["text"]))


def _remove(ctx: Ctx, given: Mapping[str, Any]) -> UUID:
    papers.remove_comment(ctx, as_id(given["id"]))
    return as_id(given["id"])


def _follow(ctx: Ctx, given: Mapping[str, Any]) -> UUID:
    return _id(papers.follow(ctx, *_document(given)))


def _unfollow(ctx: Ctx, given: Mapping[str, Any]) -> UUID:
    papers.unfollow(ctx, *_document(given))
    return as_id(given["documentId"])  # no follower's id: the payload shows none


def _document(given: Mapping[str, Any]) -> tuple[str, UUID]:
    return str(given["documentType"]), as_id(given["documentId"])


def _id(made: Any) -> UUID:
    return UUID(str(made.id))


_TEXT = {"text": "内容，@姓名 或 @登录名 提到某人 · What to say; @ and a name or login names somebody"}
_ATTACHMENT = {"attachmentId": "已有附件的标识 · Id of an attachment that you see"}
_NAME = {"name": "新文件名 · Another file name"}
PAPERS: dict[str, Paper] = {
    "attach": Paper(
        "Attachment",
        "把已有附件的内容也放到另一单据上；新文件用 POST /files/SalesOrder/<id>?name=… 上传 · "
        "put the content of an attachment on another document too; new files come by POST /files",
        {**DOCUMENT, **_ATTACHMENT},
        _attach,
        _NAME,
    ),
    "detach": Paper("Attachment", "移除附件 · take an attachment off", {"id": "附件标识 · Its id"}, _detach),
    "comment": Paper("Comment", "发表评论 · comment on a document", {**DOCUMENT, **_TEXT}, _comment),
    "editComment": Paper("Comment", "修改自己的评论 · change an own comment", {"id": "标识 · Its id", **_TEXT}, _edit),
    "removeComment": Paper("Comment", "删除自己的评论 · remove an own comment", {"id": "标识 · Its id"}, _remove),
    "follow": Paper("Follower", "关注单据 · follow a document", DOCUMENT, _follow),
    "unfollow": Paper("Follower", "取消关注 · follow it no more", DOCUMENT, _unfollow),
}
"""The mutations by name."""
