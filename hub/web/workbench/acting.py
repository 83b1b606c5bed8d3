"""What happens when a button of a record's page is pressed: one verb, and where its result is seen."""

from __future__ import annotations

from dataclasses import dataclass
from uuid import UUID

from sqlalchemy import Engine

from hub.context import Viewer
from hub.document.flow import conversions
from hub.document.spec import DocSpec
from hub.web.public import link_to
from hub.web.workbench.buttons import AMEND, CONVERT, DISCARD, LINK
from hub.web.workbench.columns import detail_path
from hub.web.workbench.inputs import step_inputs
from hub.web.workbench.saving import drafted, take_step, throw_away
from hub.web.workbench.typed import Texts
from hub.words import Label


@dataclass(frozen=True)
class Done:
    """What was done, in words, and the page that shows it; None for the list."""

    sentence: Label
    path: str | None


def known(spec: DocSpec, name: str) -> bool:
    """Whether there is such a button for records of a type, whatever their state."""
    linked = spec.steps.get(name.removeprefix(LINK)) if name.startswith(LINK) else None
    if linked is not None and linked.public is not None:
        return True
    made = name.removeprefix(CONVERT)
    return name in spec.steps or name in (DISCARD, AMEND) or (name != made and (spec.name, made) in conversions())


def act(engine: Engine, viewer: Viewer, spec: DocSpec, id_: str, name: str, texts: Texts) -> Done:
    """Do what a button of this name does, once for its form's idempotency key.

    Raises:
        HubError: every problem found.
    """
    key, version = texts.get("idempotency_key", ""), _version(texts)
    if name == DISCARD:
        throw_away(engine, viewer, spec.name, UUID(id_), version=version, key=key)
        return Done(Label("已删除。", "Deleted."), None)
    if name.startswith(LINK):
        address, until = link_to(engine, viewer, spec.name, UUID(id_), name.removeprefix(LINK))
        ends = f"{until:%Y-%m-%d}"
        sentence = Label(f"公开链接（{ends} 前有效，只显示这一次）：{address}", f"Link, valid until {ends}: {address}")
        return Done(sentence, detail_path(spec.name, id_))
    if name == AMEND or name.startswith(CONVERT):
        target = None if name == AMEND else name.removeprefix(CONVERT)
        made = drafted(engine, viewer, spec.name, UUID(id_), target, version=version, key=key)
        return Done(
            Label("已生成草稿，请核对。", "Here is the draft; please check it."),
            detail_path(target or spec.name, str(made)),
        )
    step = spec.steps[name]
    take_step(engine, viewer, spec.name, UUID(id_), name, step_inputs(step), texts, version=version, key=key)
    sentence = Label(f"已{step.label.chinese}。", f"{step.label.english}: done.")
    return Done(sentence, detail_path(spec.name, id_))


def _version(texts: Texts) -> int | None:
    text = texts.get("version", "")
    return int(text) if text.isdigit() else None
