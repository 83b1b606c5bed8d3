"""Approvals on the workbench: the panel on a record's page, and the page with the five lists."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from starlette.requests import Request
from starlette.responses import Response
from starlette_admin import CustomView
from starlette_admin.routing import route

from hub.context import Viewer
from hub.document.registry import spec as spec_of
from hub.document.spec import DocSpec
from hub.web.workbench import values
from hub.web.workbench.asking import ask
from hub.web.workbench.buttons import Button, Subject, steps_now
from hub.web.workbench.columns import detail_path
from hub.web.workbench.language import lazy, say, spoken
from hub.web.workbench.people import viewer_of
from hub.web.workbench.typed import Texts
from hub.words import Label

_NAME = "Approval"
_TASKS = "tasks { stage name signerName state decidedByName decidedAt openedAt comment past }"
_PANEL = f"""query P($id: ID!, $type: String!) {{
  approvals(where: {{documentId: {{eq: $id}}}}, orderBy: [{{createdAt: DESC}}], first: 1) {{
    nodes {{ id number state reason submitterName version createdBy {_TASKS} }} }}
  whoMustSign(documentType: $type, documentId: $id) {{
    step label flow signatures {{ stage name signer skipped }} problems {{ message hint }} }}
}}"""
_OWN = "query O($id: ID!) { approvalsToDo(where: {id: {eq: $id}}) { totalCount } }"
_BOXES = {
    "approvalsToDo": Label("待办", "To do"),
    "approvalsDone": Label("已办", "Done"),
    "approvalsToSend": Label("待发", "To send"),
    "approvalsSent": Label("已发", "Sent"),
    "approvalsTracked": Label("跟踪", "Tracked"),
}
_SHOWN = 50
_SIGNERS = {"approve", "reject", "send_back", "delegate", "add_signer"}
_SUBMITTERS = {"withdraw", "remind"}
_ON_DOCUMENT = ("approve", "reject", "send_back", "withdraw", "remind")
"""What can be done on the document's own page; the rest (delegating, adding signers) on the approval's."""


@dataclass(frozen=True)
class Signed:
    """A line of the panel: stage, step, who, what became of it, when and with what words."""

    stage: int
    name: str
    who: str
    state: str
    style: str
    at: str
    comment: str


@dataclass(frozen=True)
class ApprovalPanel:
    """What a record's page says of its approval."""

    title: str
    lines: list[Signed]
    notes: list[str]
    href: str | None
    label: str
    running: bool = False
    buttons: Sequence[Button] = ()
    """What the viewer can do in the running approval."""
    signers: Mapping[str, str] = field(default_factory=dict)
    """Who would have to sign, by the step that asks for it."""


async def panel_of(
    subject: Subject, record: dict[str, Any], viewer: Viewer, typed: Mapping[str, Texts]
) -> ApprovalPanel | None:
    """The newest approval of a document, or who would have to sign; for an approval the way to its document."""
    spec = subject.spec
    if spec.name == _NAME:
        type_name = record["documentType"]
        label = spoken(spec_of(type_name).label)
        return ApprovalPanel(
            "", [], [], detail_path(type_name, record["documentId"]), f"{label} {record['documentNumber']}"
        )
    if not spec.guardable or not viewer.may(spec_of(_NAME).access.read):
        return None
    answer = await ask(_PANEL, {"id": subject.id, "type": spec.name}, viewer)
    found, needed = answer["approvals"]["nodes"], answer["whoMustSign"] or []
    if not found:
        return _preview(needed)
    one = found[0]
    running = one["state"] == "RUNNING"
    notes = [f"{say('原因', 'Reason')}：{one['reason']}"] if one["reason"] else []
    return ApprovalPanel(
        f"{say('审批', 'Approval')} {one['number']} · {_state(_NAME, one['state'])} · {one['submitterName']}",
        _lines(one["tasks"]),
        notes if running else notes + _needed(needed),
        detail_path(_NAME, one["id"]),
        say("查看审批单", "Open the approval"),
        running,
        await _buttons(subject, one, viewer, typed) if running else (),
        {} if running else _signers(needed),
    )


async def _buttons(
    subject: Subject, approval: dict[str, Any], viewer: Viewer, typed: Mapping[str, Texts]
) -> list[Button]:
    """What the viewer can do with an approval from its document's page, to which it leads back."""
    seen_at = {"of": subject.spec.name, "document": subject.id}
    own = Subject(spec_of(_NAME), approval["id"], approval["state"], approval["version"], seen_at)
    steps = await _takeable(steps_now(own, viewer, typed), approval, viewer)
    return [one for one in steps if one.name in _ON_DOCUMENT]


def _lines(tasks: list[dict[str, Any]]) -> list[Signed]:
    styles = {"APPROVED": "green", "OPEN": "orange", "REJECTED": "red", "RETURNED": "red"}
    return [
        Signed(
            one["stage"],
            one["name"],
            _who(one),
            _state("ApprovalTask", one["state"]),
            "secondary" if one["past"] else styles.get(one["state"], "secondary"),
            values.moment(one["decidedAt"] or one["openedAt"]) if one["decidedAt"] or one["openedAt"] else "",
            one["comment"] or "",
        )
        for one in sorted(tasks, key=lambda task: int(task["stage"]))
    ]


def _who(task: dict[str, Any]) -> str:
    by = task["decidedByName"]
    return (
        str(task["signerName"])
        if by in (None, task["signerName"])
        else f"{by}（{say('代', 'for')} {task['signerName']}）"
    )


def _preview(found: list[dict[str, Any]]) -> ApprovalPanel | None:
    """Who would have to sign; nothing where nobody must."""
    notes = _needed(found)
    title = say("需要审批", "Needs approval")
    return ApprovalPanel(title, [], notes, None, "", signers=_signers(found)) if notes else None


def _needed(found: list[dict[str, Any]]) -> list[str]:
    """Who would have to sign before each step, or why it could not be submitted."""
    signers = _signers(found)
    notes = [f"{one['label']}：{signers[one['step']]}" for one in found if one["step"] in signers]
    return notes + [
        f"{one['label']}：{each['message']} {each['hint'] or ''}" for one in found for each in one["problems"]
    ]


def _signers(found: list[dict[str, Any]]) -> dict[str, str]:
    """By step, who signs after whom: "部门负责人：张伟 → 财务：李娜、王强"."""
    chains = {}
    for one in found:
        stages: dict[int, list[str]] = {}
        for each in one["signatures"]:
            if not each["skipped"]:
                stages.setdefault(each["stage"], []).append(f"{each['name']}：{each['signer']}")
        if stages:
            chains[str(one["step"])] = " → ".join("、".join(names) for names in stages.values())
    return chains


async def under_approval(spec: DocSpec, id_: str, viewer: Viewer) -> bool:
    """Whether somebody has still to sign: then a step that was asked for has been submitted, not taken."""
    if not spec.guardable or not viewer.may(spec_of(_NAME).access.read):
        return False
    running = "{documentId: {eq: $id}, state: {eq: RUNNING}}"
    answer = await ask(f"query R($id: ID!) {{ approvals(where: {running}) {{ totalCount }} }}", {"id": id_}, viewer)
    return bool(answer["approvals"]["totalCount"])


async def submitted_among(spec: DocSpec, ids: Sequence[str], viewer: Viewer) -> set[str]:
    """Which of these documents have been submitted and wait for signatures."""
    if not ids or not spec.guardable or not viewer.may(spec_of(_NAME).access.read):
        return set()
    where = "{documentId: {in: $ids}, state: {eq: RUNNING}}"
    document = f"query R($ids: [ID!]!) {{ approvals(where: {where}, first: 1000) {{ nodes {{ documentId }} }} }}"
    answer = await ask(document, {"ids": list(ids)}, viewer)
    return {one["documentId"] for one in answer["approvals"]["nodes"]}


async def offered(
    spec: DocSpec, buttons: list[Button], panel: ApprovalPanel | None, record: dict[str, Any], viewer: Viewer
) -> list[Button]:
    """A record's buttons: a guarded step says that it submits, and to whom; of an approval's those for the viewer."""
    if spec.name == _NAME:
        return await _takeable(buttons, record, viewer)
    return [
        _submitting(one, panel.signers[one.name]) if panel and one.name in panel.signers else one for one in buttons
    ]


def _submitting(button: Button, signers: str) -> Button:
    """A step that somebody must sign first."""
    chinese, english = button.label
    sentence = say(
        f"将提交审批，由 {signers} 签署；全部同意后自动{chinese}。",
        f"It is submitted for approval to {signers}, and taken when all have signed.",
    )
    return replace(button, label=Label(f"提交审批（{chinese}）", f"Submit: {english.lower()}"), sentence=sentence)


async def _takeable(steps: list[Button], record: dict[str, Any], viewer: Viewer) -> list[Button]:
    """Of an approval's steps those that the viewer can take now: signers', the submitter's, everybody's."""
    signs = bool((await ask(_OWN, {"id": record["id"]}, viewer))["approvalsToDo"]["totalCount"])
    manages = viewer.may("approvals.write")
    submits = record["createdBy"] == str(viewer.user_id) or manages
    hidden = (set() if signs else _SIGNERS) | (set() if submits else _SUBMITTERS) | (set() if manages else {"escalate"})
    return [one for one in steps if one.name not in hidden]


class ToDo(CustomView):
    """待办、已办、待发、已发、跟踪: the page at `/to-do`."""

    menu_label = lazy(Label("审批待办", "Approvals"))
    icon = "fa-solid fa-stamp"
    path = "/to-do"
    route_name = "to-do"

    def is_accessible(self, request: Request) -> bool:
        """Whoever may see approvals."""
        return viewer_of(request).may(spec_of(_NAME).access.read)

    @route("")
    async def index(self, request: Request) -> Response:
        """One list, and how many wait in each of the five."""
        viewer, box = viewer_of(request), request.query_params.get("box", "approvalsToDo")
        box = box if box in _BOXES else "approvalsToDo"
        rows = (
            "nodes { id subject state submitterName createdAt "
            "tasks(where: {state: {eq: OPEN}}) { signerName openedAt dueAt } }"
        )
        asked = [
            f"{name}(first: {_SHOWN}, orderBy: [{{createdAt: DESC}}]) {{ totalCount {rows if name == box else ''} }}"
            for name in _BOXES
        ]
        drafts = "draftsToSend { totalCount nodes { documentType documentId number updatedAt } }"
        answer = await ask(f"{{ {' '.join(asked)} {drafts} }}", {}, viewer)
        unsent = answer["draftsToSend"]
        counts = {name: answer[name]["totalCount"] for name in _BOXES}
        counts["approvalsToSend"] += unsent["totalCount"]
        context = {
            "title": say("审批待办", "Approvals"),
            "tabs": [(name, spoken(label), counts[name], name == box) for name, label in _BOXES.items()],
            "rows": [_row(one) for one in answer[box]["nodes"]],
            "drafts": [_draft(one) for one in unsent["nodes"]] if box == "approvalsToSend" else [],
        }
        assert self._admin is not None
        response: Response = self._admin._template_response(request=request, name="to_do.html", context=context)
        return response


def _row(one: dict[str, Any]) -> dict[str, str]:
    asked = one["tasks"]
    return {
        "href": detail_path(_NAME, one["id"]),
        "subject": one["subject"],
        "submitter": one["submitterName"],
        "sent": values.moment(one["createdAt"]),
        "waits": "、".join(dict.fromkeys(task["signerName"] for task in asked)),
        "since": values.moment(min(task["openedAt"] for task in asked)) if asked else "",
        "due": values.moment(min(task["dueAt"] for task in asked if task["dueAt"]))
        if any(t["dueAt"] for t in asked)
        else "",
        "state": _state(_NAME, one["state"]),
    }


def _state(type_name: str, name: str) -> str:
    """A state's label."""
    choices = spec_of(type_name).fields["state"].choices
    found = values.choice_of(choices, name) if choices else None
    return spoken(found.label) if found else name


def _draft(one: dict[str, Any]) -> dict[str, str]:
    label = spoken(spec_of(one["documentType"]).label)
    return {
        "href": detail_path(one["documentType"], one["documentId"]),
        "subject": f"{label} {one['number']}",
        "sent": values.moment(one["updatedAt"]),
    }
