"""Where data comes from: source systems, their runs, the records as they were there."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING, Any
from uuid import UUID

from sqlalchemy.orm import Mapped

from hub.context import Ctx
from hub.document import (
    ANY_STATE,
    Access,
    Choice,
    Code,
    Document,
    Ledger,
    Master,
    Series,
    field,
    link,
    of_open_types,
    only,
    step,
)

if TYPE_CHECKING:
    from hub.domains.organization import Department, User

_INTEGRATION = Access(read="integration.read", write="integration.write")


class SourceKind(Choice):
    """How a source is reached."""

    SQL = "sql", "数据库", "SQL database"
    CSV = "csv", "CSV 文件夹", "Folder of CSV files"
    EXCEL = "excel", "Excel 工作簿", "Excel workbook"
    DEVICE = "device", "设备", "Devices"


class RunStatus(Choice):
    """How a run ended."""

    SUCCEEDED = "succeeded", "成功", "Succeeded"
    FAILED = "failed", "失败", "Failed"


class SourceSystem(Master, label=("来源系统", "Source system"), access=_INTEGRATION):
    """A system or file that holds data of ours."""

    kind: Mapped[SourceKind] = field("类型", "Kind")
    department: Mapped[Department | None] = link("部门", "Department")


class SyncRun(Ledger, label=("同步记录", "Sync run"), access=_INTEGRATION):
    """One pull of one table, written when it has ended."""

    source: Mapped[SourceSystem] = link("来源", "Source", inverse=("runs", "同步记录", "Sync runs"))
    run_key: Mapped[Code] = field("运行", "Run", index=True)
    table_name: Mapped[Code] = field("表", "Table")
    started_at: Mapped[datetime] = field("开始", "Started at")
    finished_at: Mapped[datetime] = field("结束", "Finished at")
    rows_read: Mapped[int] = field("读取行数", "Rows read", default=0)
    rows_changed: Mapped[int] = field("变化行数", "Rows changed", default=0)
    status: Mapped[RunStatus] = field("结果", "Status")
    message: Mapped[str | None] = field("说明", "Message")


class SourceRecord(
    Ledger,
    label=("来源记录", "Source record"),
    access=Access(read="integration.read", write="integration.write", rows=only(of_open_types("document_type"))),
    unique=("source_id", "table_name", "record_key", "document_type", "payload_hash"),
):
    """A record as a source had it, under its own names; a changed one is a further row.

    It holds whatever the source held, ID numbers and bank accounts too. So it is shown only to who may see every row
    and column of the type that it became.
    """

    source: Mapped[SourceSystem] = link("来源", "Source", inverse=("records", "来源记录", "Source records"))
    table_name: Mapped[Code] = field("表", "Table")
    record_key: Mapped[Code] = field("主键", "Key")
    payload: Mapped[dict[str, Any]] = field("内容", "Payload")
    payload_hash: Mapped[Code] = field("内容散列", "Payload hash")
    document_type: Mapped[Code] = field("单据类型", "Document type")
    document_id: Mapped[UUID] = field("单据", "Document", index=True)
    run_key: Mapped[Code | None] = field("运行", "Run")


class Webhook(Master, label=("回调", "Webhook"), access=_INTEGRATION):
    """An address of another system that is told of what happens to the documents of a type.

    What it is told of a document is a GraphQL selection, read with the rights of `user`. `hub webhook CODE` shows the
    secret that signs it; another `secret_number` makes it another one.
    """

    url: Mapped[str] = field("地址", "URL", editable_in=ANY_STATE)
    document_type: Mapped[Code] = field("单据类型", "Document type")
    events: Mapped[list[str]] = field("事件", "Events", default=list)
    selection: Mapped[str] = field("内容（GraphQL 字段）", "Selection", default="id version")
    user: Mapped[User] = link("以其权限读取", "Read with the rights of", inverse=("webhooks", "回调", "Webhooks"))
    secret_number: Mapped[int] = field("密钥序号", "Number of the secret", default=1, minimum=1, editable_in=ANY_STATE)


class DeliveryProgress(Choice):
    """How far the delivery of an event has come."""

    WAITING = "waiting", "待投递", "Waiting"
    DELIVERED = "delivered", "已投递", "Delivered"
    DEAD = "dead", "投递失败", "Dead"


class WebhookDelivery(
    Document,
    label=("回调投递", "Webhook delivery"),
    plural="WebhookDeliveries",
    series=Series("WD-{yyyy}{mm}-{seq:06}"),
    access=Access(read="integration.read", write="integration.write", made_by_hub=True),
):
    """One event on its way to one webhook, tried again until it is there or given up: the dead letters are the last."""

    state: Mapped[DeliveryProgress] = field("状态", "State", default=DeliveryProgress.WAITING, index=True)
    webhook: Mapped[Webhook] = link("回调", "Webhook", inverse=("deliveries", "投递", "Deliveries"))
    event_id: Mapped[int] = field("事件号", "Event id")
    event: Mapped[Code] = field("事件", "Event")
    document_type: Mapped[Code] = field("单据类型", "Document type")
    document_id: Mapped[UUID | None] = field("单据", "Document")
    attempts: Mapped[int] = field("次数", "Attempts", default=0)
    next_attempt_at: Mapped[datetime | None] = field("下次投递", "Next attempt at")
    answered_at: Mapped[datetime | None] = field("答复时间", "Answered at")
    status_code: Mapped[int | None] = field("HTTP 状态", "HTTP status")
    message: Mapped[str | None] = field("说明", "Message")
    body: Mapped[str | None] = field("内容", "Body", secret=True)

    @step(
        "重新投递",
        "Replay",
        source=(DeliveryProgress.DEAD, DeliveryProgress.DELIVERED),
        target=DeliveryProgress.WAITING,
    )
    def replay(self, ctx: Ctx) -> None:
        """Send it again, with the same id and the same content."""
        self.attempts, self.next_attempt_at, self.message = 0, None, None

    @step("放弃", "Give up", source=DeliveryProgress.WAITING, target=DeliveryProgress.DEAD)
    def give_up(self, ctx: Ctx) -> None:
        """Try no more."""
        self.next_attempt_at = None
