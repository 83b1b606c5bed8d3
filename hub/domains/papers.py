"""What people put on documents and say about them: attachments, comments, followers; of every master and document."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from sqlalchemy import ColumnElement, FromClause, String, Text, cast, func, literal_column, select
from sqlalchemy.orm import Mapped

from hub.document import Access, Code, Companion, derived, field, link

if TYPE_CHECKING:
    from hub.document.fields import Tables
    from hub.domains.organization import User

_AS_THE_DOCUMENT = Access(read="base.read", write="base.read", made_by_hub=True)


def _author(row: FromClause, tables: Tables) -> ColumnElement[Any]:
    """The name of who wrote it, for whoever sees the document; accounts stay closed."""
    user = tables("User")
    return select(user.c.name).where(user.c.id == row.c.created_by).correlate(row).scalar_subquery()


def _follower(row: FromClause, tables: Tables) -> ColumnElement[Any]:
    user = tables("User")
    return select(user.c.name).where(user.c.id == row.c.user_id).correlate(row).scalar_subquery()


def _address(row: FromClause, _tables: Tables) -> ColumnElement[Any]:
    return func.concat(literal_column("'/files/'"), cast(row.c.id, Text), type_=String())


class Attachment(
    Companion,
    label=("附件", "Attachment"),
    access=_AS_THE_DOCUMENT,
    inverse=("attachments", "附件", "Attachments"),
):
    """A file on a document. The content is kept once per company, encrypted, and named by its SHA-256."""

    name: Mapped[str] = field("文件名", "File name")
    size: Mapped[int] = field("大小", "Size", unit="字节", minimum=0)
    media_type: Mapped[Code] = field("文件类型", "Media type")
    sha256: Mapped[Code] = field("内容散列", "SHA-256", index=True)
    url: Mapped[str] = derived("下载地址", "Address", _address)
    author: Mapped[str] = derived("上传人", "Uploaded by", _author)


class Comment(
    Companion,
    label=("评论", "Comment"),
    access=_AS_THE_DOCUMENT,
    inverse=("comments", "评论", "Comments"),
):
    """What somebody says about a document; @ names people, who then follow it. History keeps what was edited."""

    text: Mapped[str] = field("内容", "Text")
    mentioned: Mapped[list[str]] = field("提到的用户", "Users mentioned", default=list, computed=True)
    author: Mapped[str] = derived("发表人", "Author", _author)


class Follower(
    Companion,
    label=("关注者", "Follower"),
    access=_AS_THE_DOCUMENT,
    inverse=("followers", "关注者", "Followers"),
    unique=("document_id", "user_id"),
):
    """Somebody who wants to hear of a document: by own wish, by commenting on it, or by being named in a comment."""

    user: Mapped[User] = link("用户", "User", on_delete="CASCADE")
    name: Mapped[str] = derived("姓名", "Name", _follower)
