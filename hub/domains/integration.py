"""Where data comes from: source systems, their runs, the records as they were there."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING, Any
from uuid import UUID

from sqlalchemy.orm import Mapped

from hub.document import Access, Choice, Code, Ledger, Master, field, link, of_open_types, only

if TYPE_CHECKING:
    from hub.domains.organization import Department

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
