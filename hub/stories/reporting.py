"""A form that the company designs by itself: filled in by the workshop, told to planning, sent on to another system."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from uuid import UUID

from graph_schema.push.sending import secret_of
from hub.stories.office import Office, same
from hub.stories.other_system import listening, signed

GONE = 410
SECONDS = 20
"""The hub hands events on every second; a busy machine takes longer."""
FIELDS = {"press": "机台", "fault": "故障现象"}
UNREAD = '{ notificationRule(code: "FM-STOP") { unreadNotices } }'
NOTICES = '{ notices(where: {event: {eq: "FormRecord.submit"}}) { nodes { %s } } }'


@dataclass
class Repairers:
    """The other system: first it is gone; then it takes what is signed and writes its number back, over HTTP too."""

    office: Office
    secret: str | None = None
    taken: list[tuple[str, bool]] = field(default_factory=list)

    def take(self, headers: Mapping[str, str], content: str) -> int:
        """What comes, with whether it was taken."""
        known = self.secret is not None and signed(headers, content, self.secret)
        self.taken.append((content, known))
        if not known:
            return GONE
        record = json.loads(content)["documentId"]
        with Office(self.office.url, self.office.company, {"repairers": self.office.tokens["steward"]}) as theirs:
            theirs.change("repairers", "FormRecord", record, note="维修单 WX-1001")
        return 204


def tell(office: Office) -> None:
    """The press stands still; what the form says reaches the planner and the system of those who mend machines."""
    repairers = Repairers(office)
    with listening(repairers.take) as address:
        hook = _designed(office, address)
        record = _filled_in(office)
        _sent_again(office, repairers, hook, record)


def _designed(office: Office, address: str) -> str:
    """Fields, form, rule and webhook are data: nobody writes a program. Returns the webhook's id."""
    office.tell(
        "数据管家自定义“停机报告”表单，规定通知计划员，并回调维修系统。",
        "The steward designs a form for stopped presses; planning is to be told, the repairers' system to be called.",
    )
    for key, name in FIELDS.items():
        words = {"name": name, "englishName": key.title()}
        office.make("steward", "CustomField", code=f"FormRecord.{key}", documentType="FormRecord", key=key, **words)
    fields = [{"customField": f"FormRecord.{key}", "required": True} for key in FIELDS]
    words = {"name": "停机报告", "englishName": "Press stopped"}
    office.make("steward", "FormDefinition", code="FM-STOP", fields=fields, readPermission="production.plan", **words)
    about = {"documentType": "FormRecord", "events": ["submit"]}
    told = {"title": "{actor}：{subject}", "text": "{number} {event}", "recipients": [{"role": "planner"}]}
    office.make("steward", "NotificationRule", code="FM-STOP", name="停机报告通知", **about, **told)
    told = {"url": address, "selection": "number subject extra", "user": office.login("steward")}
    return office.make("steward", "Webhook", code="FM-FIX", name="维修系统", **about, **told)


def _filled_in(office: Office) -> str:
    """What is missing is refused by the form's own words; handed in, planning has a notice and the call has failed."""
    office.tell(
        "工人填报 M1 漏油；计划员收到通知并阅读。维修系统已下线，回调失败。",
        "The worker reports a leak at M1, the planner reads it; the repairers' system is off, the call fails.",
    )
    about = {"form": "FM-STOP", "subject": "M1 漏油停机"}
    with office.refused("FIELD_MISSING"):
        office.make("worker", "FormRecord", extra={"press": "M1"}, **about)
    record = office.make("worker", "FormRecord", extra={"press": "M1", "fault": "液压漏油"}, **about)
    calls = '{ webhookDeliveries(where: {event: {eq: "FormRecord.submit"}}) { nodes { state statusCode } } }'
    with (
        office.effect("planner", NOTICES % "title", [], ["唐师傅：M1 漏油停机"], within=SECONDS),
        office.effect("steward", calls, [], [{"state": "DEAD", "statusCode": GONE}], within=SECONDS),
    ):
        office.steps("worker", "FormRecord", record, "submit")
    (notice,) = office.see("planner", NOTICES % "id")
    with office.effect("steward", UNREAD, 1, 0):
        office.steps("planner", "Notice", notice, "read")
    return record


def _sent_again(office: Office, repairers: Repairers, hook: str, record: str) -> None:
    """Sent again by hand it arrives, signed, and that system answers over the hub's own interface."""
    office.tell(
        "维修系统恢复后重新投递：验签通过，写回维修单号。",
        "Their system is back: sent again, the signature holds, and it writes its number back.",
    )
    repairers.secret = secret_of(UUID(hook), 1)  # what `hub webhook FM-FIX` shows, to hand it to them
    (call,) = office.see("steward", "{ webhookDeliveries(where: {state: {eq: DEAD}}) { nodes { id } } }")
    note = f'{{ formRecord(id: "{record}") {{ note }} }}'
    with office.effect("worker", note, None, "维修单 WX-1001", within=SECONDS):
        office.steps("steward", "WebhookDelivery", call, "replay")
    (first, refused), (again, taken) = repairers.taken
    same("refused, then taken", (refused, taken), (False, True))
    same("the same bytes", again, first)
    same("what was told", json.loads(again)["data"]["extra"], {"press": "M1", "fault": "液压漏油"})
