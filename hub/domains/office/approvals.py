"""Working together: approval flows and the approvals that run by them, and who stands in for whom."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from typing import TYPE_CHECKING, Any
from uuid import UUID

from sqlalchemy import ColumnElement, FromClause, Numeric, and_, cast, exists, func, or_, select
from sqlalchemy.orm import Mapped

from hub.context import Ctx
from hub.document import (
    ANY_STATE,
    Access,
    Choice,
    Code,
    Document,
    Line,
    Master,
    Series,
    Value,
    asked_to_sign,
    derived,
    field,
    lines,
    link,
    only,
    step,
    written_by_me,
)
from hub.document.access import ROLES
from hub.document.approvals import ApprovalState, SelfApproval, SignerKind, SignerMode, TaskState, verbs
from hub.document.approvals.values import checked
from hub.document.fields import Tables
from hub.document.registry import specs
from hub.document.rows import Me, Way, mine_to_sign
from hub.errors import HubError, Problem, problem
from hub.words import Label

if TYPE_CHECKING:
    from hub.domains.organization import Department, User

_FLOWS = Access(read="office.read", write="approvals.write")


class ApprovalFlow(Master, label=("审批流程", "Approval flow"), access=_FLOWS):
    """Who must sign before a step of a document type is taken; without steps of its own nobody needs to.

    The first active flow by priority and code whose condition holds counts. What runs already keeps the flow it had.
    """

    document_type: Mapped[Code] = field("单据类型", "Document type", editable_in=ANY_STATE)
    step_name: Mapped[Code] = field("受控步骤", "Guarded step", editable_in=ANY_STATE)
    priority: Mapped[int] = field("优先级", "Priority", default=100, editable_in=ANY_STATE)
    condition: Mapped[str | None] = field("适用条件", "Condition", editable_in=ANY_STATE)
    self_approval: Mapped[SelfApproval] = field("提交人即审批人时", "If submitter", default=SelfApproval.SUPERIOR)
    skip_repeated: Mapped[bool] = field("已签者自动跳过", "Skip repeated signers", default=True)
    note: Mapped[str | None] = field("备注", "Note")
    lines: Mapped[list[ApprovalFlowStep]] = lines("审批步骤", "Steps")

    def check(self, ctx: Ctx) -> Iterator[Problem]:
        """Type, step, roles and conditions must make sense; what is wrong is told at once, with its place."""
        spec = specs().get(self.document_type)
        if spec is None or not spec.guardable:
            text = (f"没有可审批的单据类型 {self.document_type}。", f"There is no document type {self.document_type}.")
            yield problem("TYPE_UNKNOWN", *text, "documentType", hint=("例如 SalesOrder。", "SalesOrder, for example."))
            return
        if self.step_name not in spec.steps:
            text = (f"{spec.label.chinese}没有步骤 {self.step_name}。", f"There is no step {self.step_name}.")
            known = ", ".join(spec.steps)
            yield problem("STEP_UNKNOWN", *text, "stepName", hint=(f"可选：{known}。", f"Choose from: {known}."))
        yield from _condition(spec, self.condition, "condition")
        for index, one in enumerate(self.lines):
            yield from _condition(spec, one.condition, "lines", str(index), "condition")
            yield from one.wrong(("lines", str(index)))


def _condition(spec: Any, text: str | None, *path: str) -> Iterator[Problem]:
    if not text or not text.strip():
        return
    try:
        checked(spec, text)
    except HubError as error:
        yield from (Problem(one.code, one.message, path, one.hint, one.data) for one in error.problems)


class ApprovalFlowStep(Line, label=("审批步骤", "Approval step"), of="ApprovalFlow"):
    """One step: by what its signers are found, how many must sign, and what happens when nobody does in time."""

    name: Mapped[str] = field("步骤名称", "Name")
    kind: Mapped[SignerKind] = field("审批人", "Signers", default=SignerKind.ROLE)
    who: Mapped[list[str]] = field("角色或登录名", "Roles or logins", default=list)
    mode: Mapped[SignerMode] = field("签署方式", "How many", default=SignerMode.ANY)
    together: Mapped[bool] = field("与上一步同时", "Beside the step before", default=False)
    condition: Mapped[str | None] = field("条件", "Condition")
    hours: Mapped[int | None] = field("时限", "Time limit", unit="h", minimum=1, maximum=8760)
    escalate_to: Mapped[Code | None] = field("超时转角色", "Role to escalate to")

    def wrong(self, path: tuple[str, ...]) -> Iterator[Problem]:
        """Roles that do not exist, signers that are not named."""
        roles = list(self.who) if self.kind == SignerKind.ROLE else []
        for one in [*roles, *([self.escalate_to] if self.escalate_to else [])]:
            if one not in ROLES:
                known = ", ".join(ROLES)
                text = (f"没有角色 {one}。", f"There is no role {one}.")
                place = "who" if one in roles else "escalateTo"
                yield problem("ROLE_UNKNOWN", *text, *path, place, hint=(f"可选：{known}。", f"Choose from: {known}."))
        if self.kind in (SignerKind.ROLE, SignerKind.USER) and not self.who:
            text = (f"步骤“{self.name}”没有指定角色或人员。", f"Step “{self.name}” names no role or user.")
            yield problem("SIGNER_MISSING", *text, *path, "who")


class DelegationState(Choice):
    """Whether a delegation counts, within its validity."""

    ACTIVE = "active", "有效", "Active"
    ENDED = "ended", "已收回", "Ended"


def _mine(*links: str) -> Way:
    """Names the viewer as a user."""
    return Way(
        Label("本人委托或受托的", "given by or to the viewer"),
        lambda row, _, me: or_(*(row.c[f"{one}_id"] == me.one("user_id") for one in links)),
    )


class Delegation(
    Document,
    label=("审批委托", "Delegation"),
    series=Series("DG-{yyyy}{mm}-{seq:04}"),
    access=Access(
        read="office.read", write="office.write", rows=only(_mine("principal", "delegate"), unless="office.all")
    ),
):
    """Somebody signs in another's place while he is absent, or for one approval only."""

    state: Mapped[DelegationState] = field("状态", "State", default=DelegationState.ACTIVE)
    principal_login: Mapped[Code | None] = field("委托人（登录名）", "In whose place (login)")
    delegate_login: Mapped[Code] = field("受托人（登录名）", "Who signs (login)")
    principal: Mapped[User | None] = link("委托人", "In whose place", system=True)
    delegate: Mapped[User | None] = link("受托人", "Who signs", system=True)
    starts_at: Mapped[datetime] = field("自", "From", default=verbs.now)
    ends_at: Mapped[datetime | None] = field("至", "Until")
    document_type: Mapped[Code | None] = field("限单据类型", "Only this document type")
    approval: Mapped[Approval | None] = link("限此审批", "Only this approval", system=True)
    reason: Mapped[str | None] = field("事由", "Reason", editable_in=ANY_STATE)

    def check(self, ctx: Ctx) -> Iterator[Problem]:
        """Both must be users; only who manages approvals delegates for somebody else."""
        mine = ctx.viewer.code
        login = self.principal_login or mine
        if login != mine and not ctx.viewer.may(verbs.MANAGE):
            text = ("只能委托自己的审批。", "You can delegate only what you are asked to sign.")
            yield problem("FORBIDDEN", *text, "principalLogin")
        found = verbs.standing_for(ctx, [login, self.delegate_login])
        if login == self.delegate_login:
            yield problem("SELF_DELEGATION", "不能委托给本人。", "Nobody delegates to himself.", "delegateLogin")
        for name, path in ((login, "principalLogin"), (self.delegate_login, "delegateLogin")):
            if name not in found:
                text = (f"没有启用的用户 {name}。", f"There is no active user {name}.")
                yield problem("SIGNER_UNKNOWN", *text, path)
        if self.ends_at is not None and self.starts_at is not None and self.ends_at <= self.starts_at:
            text = ("结束时间必须晚于开始时间。", "The end must be later than the beginning.")
            yield problem("VALIDITY_OVER", *text, "endsAt")
        if self.document_type and self.document_type not in specs():
            text = (f"没有单据类型 {self.document_type}。", f"There is no document type {self.document_type}.")
            yield problem("TYPE_UNKNOWN", *text, "documentType")
        self.principal_login = login
        self.principal_id, self.delegate_id = found.get(login), found.get(self.delegate_login)

    @step("收回", "End", source=DelegationState.ACTIVE, target=DelegationState.ENDED)
    def end(self, ctx: Ctx) -> None:
        """It no longer counts."""


def _waited(row: FromClause, tables: Tables) -> ColumnElement[Any]:
    """Hours from being asked to deciding, or to now."""
    until = func.coalesce(row.c.decided_at, func.now())
    return cast(func.extract("epoch", until - row.c.opened_at) / 3600, Numeric(20, 6))


class ApprovalTask(Line, label=("审批任务", "Approval task"), of="Approval", collection="tasks"):
    """A signature: whose, since when, until when, and what became of it. Also who reads along or tracks."""

    stage: Mapped[int] = field("阶段", "Stage")
    slot: Mapped[int] = field("签位", "Slot")
    waits_for: Mapped[int | None] = field("等待签位", "Waits for slot")
    name: Mapped[str] = field("步骤名称", "Name")
    state: Mapped[TaskState] = field("状态", "State", default=TaskState.WAITING)
    signer: Mapped[User] = link("审批人", "Signer")
    signer_name: Mapped[str] = field("审批人姓名", "Signer's name")
    department: Mapped[Department | None] = link("审批人部门", "Signer's department")
    hours: Mapped[int | None] = field("时限", "Time limit", unit="h")
    escalate_to: Mapped[Code | None] = field("超时转角色", "Role to escalate to")
    opened_at: Mapped[datetime | None] = field("送达时间", "Asked at")
    due_at: Mapped[datetime | None] = field("应签时间", "Due at", index=True)
    decided_at: Mapped[datetime | None] = field("签署时间", "Decided at")
    decided_by: Mapped[User | None] = link("实际签署人", "Decided by")
    decided_by_name: Mapped[str | None] = field("实际签署人姓名", "Decided by (name)")
    delegated_to: Mapped[str | None] = field("委托给", "Delegated to")
    comment: Mapped[str | None] = field("意见", "Comment")
    reminded_at: Mapped[datetime | None] = field("催办时间", "Reminded at")
    escalated: Mapped[bool] = field("超时升级而来", "By escalation", default=False)
    escalated_at: Mapped[datetime | None] = field("升级时间", "Escalated at")
    past: Mapped[bool] = field("已作废", "Of an earlier round", default=False)
    waited: Mapped[Value] = derived("等待时长", "Waited", _waited, unit="h", filterable=True)


def _tasks(condition: Any) -> Any:
    """The approvals of which some task fulfils a condition over (task, approval, tables, me)."""

    def sql(row: FromClause, tables: Tables, me: Me) -> ColumnElement[bool]:
        task = tables("ApprovalTask")
        return row.c.id.in_(select(task.c.approval_id).where(condition(task, tables, me)))

    return sql


def _to_do(row: FromClause, tables: Tables, me: Me) -> ColumnElement[bool]:
    task, running = tables("ApprovalTask"), row.c.state == ApprovalState.RUNNING
    asked = exists().where(
        task.c.approval_id == row.c.id,
        task.c.state == TaskState.OPEN,
        ~task.c.past,
        mine_to_sign(task, row, tables, me),
    )
    return and_(running, asked.correlate(row))


def _to_send(row: FromClause, tables: Tables, me: Me) -> ColumnElement[bool]:
    later = tables("Approval")
    again = exists().where(later.c.document_id == row.c.document_id, later.c.id > row.c.id).correlate(row)
    ended = row.c.state.in_([ApprovalState.REJECTED, ApprovalState.WITHDRAWN])
    return and_(row.c.submitter_id == me.one("user_id"), ended, ~again)


_BOXES = {
    "to_do": Way(Label("待办：请本人审批的", "To do: what the viewer is asked to sign"), _to_do),
    "done": Way(
        Label("已办：本人已签的", "Done: what the viewer has decided"),
        _tasks(lambda task, _, me: task.c.decided_by_id == me.one("user_id")),
    ),
    "to_send": Way(
        Label("待发：被驳回或撤回、未再提交的", "To send: rejected or withdrawn and not submitted again"), _to_send
    ),
    "sent": Way(
        Label("已发：本人提交的", "Sent: what the viewer has submitted"),
        lambda row, _, me: row.c.submitter_id == me.one("user_id"),
    ),
    "tracked": Way(
        Label("跟踪：本人跟踪或抄送本人的", "Tracked: what the viewer follows or was copied to"),
        _tasks(
            lambda task, _, me: and_(
                task.c.signer_id == me.one("user_id"),
                ~task.c.past,
                task.c.state.in_([TaskState.TRACKING, TaskState.COPIED]),
            )
        ),
    ),
}
"""The five lists of everybody who works with approvals."""


class Approval(
    Document,
    label=("审批单", "Approval"),
    series=Series("AP-{yyyy}{mm}-{seq:05}"),
    about=("document_id", "approvals", "审批记录", "Approvals"),
    boxes=_BOXES,
    access=Access(
        read="office.read",
        write="office.write",
        rows=only(written_by_me(), asked_to_sign("approval"), unless="office.all"),
        made_by_hub=True,
    ),
):
    """A document on its way through its signatures; when the last is in, the step is taken in the submitter's name."""

    state: Mapped[ApprovalState] = field("状态", "State", default=ApprovalState.RUNNING)
    subject: Mapped[str] = field("事项", "Subject")
    document_type: Mapped[Code] = field("单据类型", "Document type", index=True)
    document_id: Mapped[UUID] = field("单据", "Document", index=True)
    document_number: Mapped[str] = field("单据号", "Document's number")
    step_name: Mapped[Code] = field("受控步骤", "Guarded step")
    arguments: Mapped[dict[str, Any]] = field("步骤参数", "Arguments", default=dict)
    flow: Mapped[ApprovalFlow | None] = link("审批流程", "Flow", inverse=("approvals", "审批记录", "Approvals"))
    submitter: Mapped[User] = link("提交人", "Submitter")
    submitter_name: Mapped[str] = field("提交人姓名", "Submitter's name")
    department: Mapped[Department | None] = link("提交部门", "Submitter's department")
    self_approval: Mapped[SelfApproval] = field("提交人即审批人时", "If submitter", default=SelfApproval.SUPERIOR)
    skip_repeated: Mapped[bool] = field("已签者自动跳过", "Skip repeated signers", default=True)
    finished_at: Mapped[datetime | None] = field("结束时间", "Finished at")
    reason: Mapped[str | None] = field("原因", "Reason")
    tasks: Mapped[list[ApprovalTask]] = lines("审批任务", "Tasks")

    @step(
        "同意",
        "Approve",
        source=ApprovalState.RUNNING,
        target=ApprovalState.RUNNING,
        outcomes=(ApprovalState.APPROVED,),
        words={"comment": ("意见", "Comment")},
    )
    def approve(self, ctx: Ctx, comment: str | None = None) -> None:
        """Sign; the last signature takes the document's step."""
        verbs.approve(ctx, self, comment)

    @step(
        "驳回",
        "Reject",
        source=ApprovalState.RUNNING,
        target=ApprovalState.REJECTED,
        words={"reason": ("原因", "Reason")},
    )
    def reject(self, ctx: Ctx, reason: str) -> None:
        """The document goes back to its owner."""
        verbs.reject(ctx, self, reason)

    @step(
        "退回",
        "Send back",
        source=ApprovalState.RUNNING,
        target=ApprovalState.RUNNING,
        words={"stage": ("退回到阶段", "To stage"), "reason": ("原因", "Reason")},
    )
    def send_back(self, ctx: Ctx, stage: int, reason: str) -> None:
        """An earlier stage signs again, and everything after it."""
        verbs.send_back(ctx, self, stage, reason)

    @step(
        "撤回",
        "Withdraw",
        source=ApprovalState.RUNNING,
        target=ApprovalState.WITHDRAWN,
        words={"reason": ("原因", "Reason")},
    )
    def withdraw(self, ctx: Ctx, reason: str | None = None) -> None:
        """The submitter takes the document back."""
        verbs.withdraw(ctx, self, reason)

    @step(
        "委托",
        "Delegate",
        source=ApprovalState.RUNNING,
        target=ApprovalState.RUNNING,
        words={
            "to": ("受托人（登录名）", "Who signs (login)"),
            "until": ("有效期至", "Until"),
            "reason": ("事由", "Reason"),
        },
    )
    def delegate(self, ctx: Ctx, to: str, until: datetime | None = None, reason: str | None = None) -> None:
        """Somebody else may sign this one in the viewer's place."""
        verbs.delegate(ctx, self, to, until, reason)

    @step(
        "加签",
        "Add signer",
        source=ApprovalState.RUNNING,
        target=ApprovalState.RUNNING,
        words={
            "to": ("加签人（登录名）", "Who signs too (login)"),
            "place": ("位置 before/after/beside", "Place: before, after, beside"),
            "comment": ("意见", "Comment"),
        },
    )
    def add_signer(self, ctx: Ctx, to: str, place: str = "beside", comment: str | None = None) -> None:
        """One more must sign: before the viewer, after, or beside."""
        verbs.add_signer(ctx, self, to, place, comment)

    @step(
        "抄送",
        "Copy to",
        source=ApprovalState.RUNNING,
        target=ApprovalState.RUNNING,
        words={"to": ("抄送人（登录名，逗号分隔）", "Logins, separated by commas")},
    )
    def copy_to(self, ctx: Ctx, to: str) -> None:
        """Others may read along."""
        verbs.copy_to(ctx, self, to)

    @step("催办", "Remind", source=ApprovalState.RUNNING, target=ApprovalState.RUNNING)
    def remind(self, ctx: Ctx) -> None:
        """Tell those who are asked that somebody waits."""
        verbs.remind(ctx, self)

    @step("跟踪", "Track", source=ApprovalState.RUNNING, target=ApprovalState.RUNNING)
    def track(self, ctx: Ctx) -> None:
        """Keep it on the viewer's list."""
        verbs.track(ctx, self, on=True)

    @step("取消跟踪", "Stop tracking", source=ApprovalState.RUNNING, target=ApprovalState.RUNNING)
    def untrack(self, ctx: Ctx) -> None:
        """Take it off the viewer's list."""
        verbs.track(ctx, self, on=False)

    @step(
        "超时升级",
        "Escalate",
        source=ApprovalState.RUNNING,
        target=ApprovalState.RUNNING,
        words={"at": ("截至", "As of")},
    )
    def escalate(self, ctx: Ctx, at: datetime | None = None) -> None:
        """Ask the superiors of those who have let their time run out."""
        verbs.escalate(ctx, self, at or verbs.now())
