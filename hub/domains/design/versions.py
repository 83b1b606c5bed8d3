"""What designs, bills of material and routings share: states of a version, who reads and writes them."""

from __future__ import annotations

from hub.document import Access, Choice

DESIGN = Access(read="design.read", write="design.write")


class VersionState(Choice):
    """What has been decided about a version."""

    DRAFT = "draft", "草稿", "Draft"
    SUBMITTED = "submitted", "已提交", "Submitted"
    RELEASED = "released", "已发布", "Released"
    RETIRED = "retired", "已停用", "Retired"
    CANCELLED = "cancelled", "已取消", "Cancelled"


OPEN = (VersionState.DRAFT, VersionState.SUBMITTED)
"""The states of a version that can still become the current one."""
UNTIL = {"until": ("停用日期", "Day from which it is not used")}
