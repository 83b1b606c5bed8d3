"""The choices of approval flows, with their words."""

from __future__ import annotations

from hub.document.fields import Choice


class SignerKind(Choice):
    """By what a step of a flow finds its signers."""

    ROLE = "role", "角色", "Role"
    USER = "user", "指定人员", "Named users"
    DEPARTMENT_HEAD = "department_head", "单据部门负责人", "Head of the document's department"
    SUBMITTER_HEAD = "submitter_head", "提交人部门负责人", "Head of the submitter's department"


class SignerMode(Choice):
    """How many of a step's signers must sign."""

    ANY = "any", "或签（任一人）", "Any of them"
    ALL = "all", "会签（所有人）", "All of them"
    IN_ORDER = "in_order", "依次签", "One after the other"


class SelfApproval(Choice):
    """What happens when the submitter would be asked to sign."""

    SUPERIOR = "superior", "转由其上级审批", "The superior signs instead"
    OTHERS = "others", "由其他人审批", "The others sign"
    ALLOWED = "allowed", "允许本人审批", "The submitter may sign"


class ApprovalState(Choice):
    """How an approval stands."""

    RUNNING = "running", "审批中", "Running"
    APPROVED = "approved", "已通过", "Approved"
    REJECTED = "rejected", "已驳回", "Rejected"
    WITHDRAWN = "withdrawn", "已撤回", "Withdrawn"


class TaskState(Choice):
    """How a signature stands."""

    WAITING = "waiting", "未到", "Not yet asked"
    OPEN = "open", "待签", "To sign"
    APPROVED = "approved", "同意", "Approved"
    REJECTED = "rejected", "驳回", "Rejected"
    RETURNED = "returned", "退回", "Returned"
    SKIPPED = "skipped", "已签过，自动跳过", "Skipped, has signed before"
    CANCELLED = "cancelled", "无需再签", "Not needed any more"
    COPIED = "copied", "抄送", "Copied to"
    TRACKING = "tracking", "跟踪", "Tracking"


class Place(Choice):
    """Where an added signer comes in."""

    BEFORE = "before", "前加签", "Before me"
    AFTER = "after", "后加签", "After me"
    BESIDE = "beside", "并加签", "Beside me"
