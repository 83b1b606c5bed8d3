"""The page on which a person makes or changes a record, and what happens when it is sent.

The form comes back as typed until the verb accepts it; a problem whose path names no input stands on top.
"""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID, uuid4

from sqlalchemy import Engine
from starlette.datastructures import FormData

from hub.context import Viewer
from hub.document.custom import EXTRA
from hub.document.spec import DocSpec
from hub.errors import Conflict, HubError
from hub.web.workbench.buttons import in_first_state
from hub.web.workbench.columns import title
from hub.web.workbench.inputs import Form, Input, LineInputs
from hub.web.workbench.language import say, spoken
from hub.web.workbench.problems import ShownProblem, shown
from hub.web.workbench.saving import save_changes, save_new
from hub.web.workbench.typed import ID, Texts, Typed, blank, read, rows_of, starting, text_of


@dataclass(frozen=True)
class FormPage:
    """Everything the form's template shows; `editable` names the inputs that may be changed."""

    form: Form
    typed: Typed
    heading: str
    back: str
    idempotency_key: str
    version: int | None
    editable: frozenset[str]
    problems: Sequence[ShownProblem] = ()
    latest: str | None = None
    """Where the record stands as somebody else has left it, when this form came too late."""

    def at(self, name: str) -> list[ShownProblem]:
        """The problems of one input."""
        return [one for one in self.problems if one.at == name]

    @property
    def elsewhere(self) -> list[ShownProblem]:
        """The problems that belong to no input on the page."""
        names = {one.name for one in self.form.inputs} | {one.name for one in self.form.lines}
        inputs = {one.name: one.inputs for one in self.form.lines}
        names |= {f"{name}.{index}.{one.name}" for name, index, _ in rows_of(self.typed) for one in inputs[name]}
        return [one for one in self.problems if one.at not in names]

    def locked(self, one: Input) -> bool:
        """Whether the document's state keeps this input as it is."""
        return one.name not in self.editable or one.name in self.form.fixed

    @property
    def lines_locked(self) -> bool:
        """Whether the lines stay as they are."""
        return any(one.name not in self.editable for one in self.form.lines)

    def fresh(self, lines: LineInputs) -> Texts:
        """What stands in a line that is added."""
        return starting(lines.inputs)


def new_page(form: Form, back: str) -> FormPage:
    """An empty form."""
    return _page(form, blank(form), _new_heading(form), back)


def _new_heading(form: Form) -> str:
    label = form.spec.label
    return form.heading or say(f"新增{label.chinese}", f"New {label.english.lower()}")


def _page(form: Form, typed: Typed, heading: str, back: str, *, key: str = "", **more: Any) -> FormPage:
    everything = frozenset([one.name for one in form.inputs] + [one.name for one in form.lines])
    more = {"version": None, "editable": everything, **more}
    return FormPage(form, typed, heading, back, key or uuid4().hex, **more)


async def create_from(engine: Engine, form: Form, viewer: Viewer, posted: FormData, back: str) -> UUID | FormPage:
    """The id of what was made, or the form again with every problem."""
    typed, key = read(form, posted), str(posted.get("idempotency_key", ""))
    try:
        return await asyncio.to_thread(save_new, engine, viewer, form, typed, key=key)
    except HubError as error:
        problems = shown(error.problems)
        return _page(form, _with_rows(form, typed), _new_heading(form), back, key=key, problems=problems)


def edit_page(form: Form, data: dict[str, Any], back: str) -> FormPage:
    """The form of a stored record; past its first state only some inputs are open."""
    lines = {one.name: [_texts(one.inputs, row) | {ID: row["id"]} for row in data[one.name]] for one in form.lines}
    typed = Typed(_texts(form.inputs, data), lines)
    heading, editable = _edit_heading(form.spec, data), _editable(form, data.get("state"))
    return _page(form, typed, heading, back, version=data["version"], editable=editable)


async def change_from(
    engine: Engine, form: Form, viewer: Viewer, data: dict[str, Any], posted: FormData, back: str
) -> FormPage | None:
    """None when the record was changed, otherwise the form again with every problem."""
    editable = _editable(form, data.get("state"))
    stored, sent = edit_page(form, data, back).typed, read(form, posted)
    typed = _over(form, stored, sent, editable)
    version = int(text) if (text := str(posted.get("version", ""))).isdigit() else 0
    key = str(posted.get("idempotency_key", ""))
    ids = {name: [row[ID] for row in rows] for name, rows in stored.lines.items()}
    try:
        await asyncio.to_thread(
            save_changes,
            engine,
            viewer,
            form,
            typed,
            id_=UUID(data["id"]),
            version=version,
            editable=editable,
            stored_lines=ids,
            key=key,
            sent=sent,
        )
    except HubError as error:
        heading, problems = _edit_heading(form.spec, data), shown(error.problems)
        latest = back if isinstance(error, Conflict) else None
        more: dict[str, Any] = {"version": version, "editable": editable, "problems": problems, "latest": latest}
        return _page(form, typed, heading, back, key=key, **more)
    return None


def _edit_heading(spec: DocSpec, data: dict[str, Any]) -> str:
    return f"{say('编辑', 'Edit')} {title(spec.name, data)}"


def _editable(form: Form, state: Any) -> frozenset[str]:
    if in_first_state(form.spec, state):
        return frozenset([one.name for one in form.inputs] + [one.name for one in form.lines]) - frozenset(form.fixed)
    return frozenset(one.name for one in form.inputs if one.any_state)


def _texts(inputs: Sequence[Input], data: dict[str, Any]) -> Texts:
    """Stored values as a person would have typed them."""
    texts: Texts = {}
    for one in inputs:
        if one.custom is not None:
            value = (data.get(EXTRA) or {}).get(one.field)
            texts[f"{one.name}.text" if one.target else one.name] = text_of(one, value)
            continue
        value = data.get(one.name)
        if one.target:
            texts[one.name] = value["id"] if value else ""
            texts[f"{one.name}.text"] = title(one.target, value) if value else ""
        else:
            texts[one.name] = text_of(one, value)
    return texts


def _over(form: Form, stored: Typed, typed: Typed, editable: frozenset[str]) -> Typed:
    """What was typed, with what is stored where the form was locked and the browser sent nothing."""
    locked = [one for one in form.inputs if one.name not in editable]
    kept = {name: stored.header.get(name, "") for one in locked for name in (one.name, f"{one.name}.text")}
    lines = {name: rows if name in editable else stored.lines[name] for name, rows in typed.lines.items()}
    return Typed({**typed.header, **kept}, lines)


def _with_rows(form: Form, typed: Typed) -> Typed:
    """A list that needs lines and came back without any shows an empty one again."""
    empty = {one.name: [starting(one.inputs)] for one in form.lines if one.at_least and not typed.lines[one.name]}
    return Typed(typed.header, {**typed.lines, **empty})


def saved_sentence(spec: DocSpec) -> str:
    """What is said when a record was saved."""
    return say(f"{spec.label.chinese}已保存。", f"{spoken(spec.label)} saved.")
