"""The buttons of a record's page: its steps, throwing it away, what it can become, its amendment.

Each opens a dialog and sends one form, which one verb answers; `acting` takes it from there.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any
from urllib.parse import urlencode
from uuid import uuid4

from hub.context import Viewer
from hub.document import ANY_STATE
from hub.document.flow import VOID, amendable_type, conversions_from
from hub.document.registry import spec as spec_of
from hub.document.spec import DocSpec
from hub.document.steps import StepSpec
from hub.web.workbench import values
from hub.web.workbench.columns import key_of
from hub.web.workbench.inputs import Input, step_inputs
from hub.web.workbench.language import say
from hub.web.workbench.typed import Texts, starting
from hub.words import Label

DISCARD = "discard"
"""The button that throws a draft away; it looks like a step and is none."""
AMEND = "amend"
CONVERT = "convert-"
"""`convert-Delivery` makes the delivery that an order leads to."""
LINK = "link-"
"""`link-answer` makes the public link by which somebody without an account takes the step answer."""
_ENDINGS = ("cancelled", "rejected")
_DANGER = "btn-outline-danger"


@dataclass(frozen=True)
class Button:
    """What can be done now, with what its dialog says and asks, and the address that takes its form."""

    name: str
    label: Label
    style: str
    sentence: str
    inputs: tuple[Input, ...]
    texts: Texts
    address: str
    version: int | None
    refused: bool = False
    idempotency_key: str = field(default_factory=lambda: uuid4().hex)


@dataclass(frozen=True)
class Subject:
    """The record that buttons are for, as its page has read it."""

    spec: DocSpec
    id: str
    state: Any
    version: int | None
    seen_at: Mapping[str, str] = field(default_factory=dict)
    """What the address says of the page on which the buttons stand, when it is not the record's own."""

    def address(self, name: str) -> str:
        """Where the form of a button goes."""
        query = urlencode({"pk": self.id, **self.seen_at})
        return f"/{key_of(self.spec)}/step/{name}?{query}"

    def button(self, name: str, label: Label, style: str, sentence: str) -> Button:
        """One that asks for nothing."""
        return Button(name, label, style, sentence, (), {}, self.address(name), self.version)


def may_edit(spec: DocSpec, state: Any, viewer: Viewer) -> bool:
    """Whether the viewer may change anything of a record in this state."""
    if not spec.by_hand or not viewer.may(spec.access.write):
        return False
    return in_first_state(spec, state) or any(one.editable_in == ANY_STATE for one in spec.fields.values())


def in_first_state(spec: DocSpec, state: Any) -> bool:
    """Whether everything of the document may still be changed."""
    return spec.states is None or values.choice_of(spec.states, state) == next(iter(spec.states))


def buttons_of(subject: Subject, viewer: Viewer, typed: Mapping[str, Texts], *, amended: bool) -> list[Button]:
    """Everything that the viewer may do now, what ends the record last; `typed` by the step that was refused."""
    found = [
        *steps_now(subject, viewer, typed),
        *_links(subject, viewer),
        *_conversions(subject, viewer),
        *([] if amended else _amendment(subject, viewer)),
        *_discarding(subject, viewer),
    ]
    return sorted(found, key=lambda one: one.style == _DANGER)


def steps_now(subject: Subject, viewer: Viewer, typed: Mapping[str, Texts]) -> list[Button]:
    """The steps that lead on from this state and that the viewer may take."""
    spec = subject.spec
    now = values.choice_of(spec.states, subject.state) if spec.states else None
    allowed = [one for one in steps_from(spec, now) if viewer.may(spec.access.write) and viewer.may(one.by)]
    onward = [one for one in allowed if one.target.value not in _ENDINGS]
    main = onward[-1 if len(onward) < 3 else 0] if onward else None
    return [_step(subject, one, now, typed.get(one.name), main=one is main) for one in allowed]


def steps_from(spec: DocSpec, state: Any) -> list[StepSpec]:
    """The steps that a state allows."""
    return [one for one in spec.steps.values() if state in one.sources]


def _step(subject: Subject, step: StepSpec, now: Any, typed: Texts | None, *, main: bool) -> Button:
    ending = step.target.value in _ENDINGS
    style = _DANGER if ending else ("btn-primary" if main else "")
    inputs = step_inputs(step)
    texts = _offered(inputs) if typed is None else {one.name: typed.get(one.name, "") for one in inputs}
    address = subject.address(step.name)
    sentence = _sentence(step, now)
    return Button(
        step.name, step.label, style, sentence, inputs, texts, address, subject.version, refused=typed is not None
    )


def _sentence(step: StepSpec, now: Any) -> str:
    if step.target == now:
        return say("状态不变。", "The state stays as it is.")
    return say(
        f"状态将由“{now.label.chinese}”变为“{step.target.label.chinese}”。",
        f"The state changes from {now.label.english} to {step.target.label.english}.",
    )


def _offered(inputs: Sequence[Input]) -> Texts:
    """What stands in a fresh dialog: a moment that is needed is now, for most steps are taken as they happen."""
    now = values.moment(datetime.now(UTC).isoformat())
    return starting(inputs) | {one.name: now for one in inputs if one.required and one.kind == "moment"}


def _conversions(subject: Subject, viewer: Viewer) -> list[Button]:
    """The documents that this one leads to from its state."""
    found = []
    for one in conversions_from(subject.spec.name):
        target = spec_of(one.target)
        if str(subject.state).lower() in one.states and target.by_hand and viewer.may(target.access.write):
            sentence = say(
                f"将按本单还未转的部分生成一张{target.label.chinese}草稿，可再修改。",
                f"A draft is made with what is open here: {target.label.english.lower()}. It can still be changed.",
            )
            found.append(subject.button(f"{CONVERT}{one.target}", one.label, "", sentence))
    return found


def _links(subject: Subject, viewer: Viewer) -> list[Button]:
    """A link for each public step that the viewer could take now."""
    spec = subject.spec
    now = values.choice_of(spec.states, subject.state) if spec.states else None
    open_ = [one for one in steps_from(spec, now) if one.public is not None]
    return [
        subject.button(
            f"{LINK}{one.name}",
            Label(f"生成“{one.label.chinese}”链接", f"Link: {one.label.english}"),
            "",
            say(
                "将生成一次性公开链接，凭链接即可办理，无需账号；此前的链接失效。",
                "A link is made by which this can be done once, without an account; earlier links end.",
            ),
        )
        for one in open_
        if viewer.may(spec.access.write) and viewer.may(one.by)
    ]


def _amendment(subject: Subject, viewer: Viewer) -> list[Button]:
    """A cancelled document is made anew."""
    if not can_be_amended(subject.spec, subject.state) or not viewer.may(subject.spec.access.write):
        return []
    sentence = say(
        "将以本单内容生成一张新草稿，并注明原单据。",
        "A new draft is made of what stands here; it names this document as its predecessor.",
    )
    return [subject.button(AMEND, Label("修订", "Amend"), "btn-primary", sentence)]


def can_be_amended(spec: DocSpec, state: Any) -> bool:
    """Whether a document is one that can be made anew: cancelled, and of a type that people write."""
    return spec.by_hand and amendable_type(spec) and str(state).lower() == VOID


def _discarding(subject: Subject, viewer: Viewer) -> list[Button]:
    """A draft may also be thrown away."""
    spec = subject.spec
    if spec.states is None or not spec.by_hand:
        return []
    if not in_first_state(spec, subject.state) or not viewer.may(spec.access.write):
        return []
    sentence = say("单据将被删除，不能恢复。", "The document will be deleted for good.")
    return [subject.button(DISCARD, Label("删除", "Delete"), _DANGER, sentence)]
