"""Who is told of what, and the notices that tell it."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any
from uuid import UUID

from sqlalchemy import ColumnElement, FromClause, func, select
from sqlalchemy.orm import Mapped

from hub.context import Ctx
from hub.document import (
    Access,
    Choice,
    Code,
    Document,
    Line,
    Master,
    Series,
    addressed_to_me,
    derived,
    field,
    lines,
    link,
    only,
    step,
)
from hub.document.fields import Tables

if TYPE_CHECKING:
    from hub.domains.organization import Department, User


def _unread(row: FromClause, tables: Tables) -> ColumnElement[Any]:
    notice = tables("Notice")
    found = select(func.count()).where(notice.c.rule_id == row.c.id, notice.c.state == "unread")
    return found.correlate(row).scalar_subquery()


class NotificationRecipient(
    Line, label=("通知对象", "Notification recipient"), of="NotificationRule", collection="recipients"
):
    """Whom a rule tells: a user, all with a role, a department; who wrote or follows the document, or is named by @."""

    user: Mapped[User | None] = link("用户", "User")
    role: Mapped[Code | None] = field("角色", "Role")
    department: Mapped[Department | None] = link("部门", "Department")
    writer: Mapped[bool] = field("单据创建人", "The document's writer", default=False)
    follower: Mapped[bool] = field("关注人", "The document's followers", default=False)
    mentioned: Mapped[bool] = field("评论中提到的人", "Whom a comment names", default=False)


class NotificationRule(
    Master,
    label=("通知规则", "Notification rule"),
    access=Access(read="integration.read", write="integration.write"),
):
    """Tells people when a step is taken or a field changes, each only of what he may read himself.

    In `title` and `text`, {customer.name} is a field of the document, {actor} who did it, {event} what was done.
    """

    document_type: Mapped[Code] = field("单据类型", "Document type")
    events: Mapped[list[str]] = field("事件", "Events", default=list)
    changed_fields: Mapped[list[str]] = field("改变的字段", "Changed fields", default=list)
    title: Mapped[str] = field("标题", "Title")
    text: Mapped[str] = field("正文", "Text", default="")
    recipients: Mapped[list[NotificationRecipient]] = lines("通知对象", "Recipients", at_least=1)
    unread_notices: Mapped[int] = derived("未读通知", "Unread notices", _unread)


class NoticeState(Choice):
    """Whether it has been read."""

    UNREAD = "unread", "未读", "Unread"
    READ = "read", "已读", "Read"


class Notice(
    Document,
    label=("通知", "Notice"),
    series=Series("NT-{yyyy}{mm}-{seq:06}"),
    access=Access(read="office.read", write="office.write", rows=only(addressed_to_me("recipient")), made_by_hub=True),
):
    """What somebody was told, and whether he has read it; nobody else sees it."""

    state: Mapped[NoticeState] = field("状态", "State", default=NoticeState.UNREAD)
    recipient: Mapped[User] = link("收件人", "Recipient", inverse=("notices", "通知", "Notices"))
    title: Mapped[str] = field("标题", "Title")
    text: Mapped[str] = field("正文", "Text", default="")
    rule: Mapped[NotificationRule | None] = link("通知规则", "Notification rule")
    event_id: Mapped[int | None] = field("事件号", "Event id")
    event: Mapped[Code | None] = field("事件", "Event")
    document_type: Mapped[Code | None] = field("单据类型", "Document type")
    document_id: Mapped[UUID | None] = field("单据", "Document")
    read_at: Mapped[datetime | None] = field("阅读时间", "Read at", computed=True)

    @step("标为已读", "Mark as read", source=NoticeState.UNREAD, target=NoticeState.READ)
    def read(self, ctx: Ctx) -> None:
        """The recipient has seen it."""
        self.read_at = datetime.now(UTC)
