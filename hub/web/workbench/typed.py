"""What a person typed into a form: read from the request, kept as text, handed to the write verbs.

It stays text until a verb reads it, so a form that comes back with problems shows exactly what was typed, also
where it was no number at all, and there is one place that judges values.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from starlette.datastructures import FormData

from hub.document.custom import EXTRA
from hub.web.workbench import values
from hub.web.workbench.inputs import Form, Input

_LINE = re.compile(r"^(?P<list>\w+)\.(?P<index>\d+)\.(?P<name>\w+(?:\.text)?)$")
_DAY = re.compile(r"^(\d{4})[-/.年]?(\d{2})[-/.月]?(\d{2})日?")
"""People also write 20260131, 2026/01/31 and 2026年01月31日."""
ID = "id"
"""The hidden input of a line that is already stored."""

Texts = dict[str, str]
"""Typed text by input name; a link has its id under its name and its visible text under `<name>.text`."""


@dataclass
class Typed:
    """A filled-in form: the header's texts, and a list of rows for each list of lines."""

    header: Texts = field(default_factory=dict)
    lines: dict[str, list[Texts]] = field(default_factory=dict)


def blank(form: Form) -> Typed:
    """A new form: defaults filled in, one empty line in every list that needs lines."""
    rows = {one.name: [starting(one.inputs)] if one.at_least else [] for one in form.lines}
    return Typed({**starting(form.inputs), **form.fixed}, rows)


def starting(inputs: Sequence[Input]) -> Texts:
    """The texts of fresh inputs."""
    texts = {one.name: text_of(one, one.default) for one in inputs if one.kind != "link"}
    return texts | {f"{one.name}.text": str(one.default) for one in inputs if one.kind == "link" and one.default}


def text_of(one: Input, value: Any) -> str:
    """A stored value as a person would type it."""
    if value is None:
        return ""
    if one.custom is not None:
        return _custom_text(one, value)
    writers: dict[str, Callable[[Any], str]] = {
        "boolean": lambda flag: "true" if flag is True or flag == "true" else "",
        "decimal": values.plain_number,
        "moment": values.moment,
        "list": ", ".join,
        "choice": lambda choice: str(choice).lower(),
    }
    return writers.get(one.kind, str)(value)


def _custom_text(one: Input, value: Any) -> str:
    """A value of a custom field, as it stands in `extra`; several options with commas between them."""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, list):
        return ",".join(value)
    return text_of(replace(one, custom=None), value) if one.kind in ("decimal", "moment") else str(value)


def read(form: Form, posted: FormData) -> Typed:
    """The posted texts; lines in order of their index, untouched ones left out."""
    header = {name: str(text) for name, text in posted.items() if not _LINE.match(name)}
    header |= {one.name: ",".join(map(str, posted.getlist(one.name))) for one in form.inputs if one.kind == "multiple"}
    header |= form.fixed
    rows: dict[str, dict[int, Texts]] = {one.name: {} for one in form.lines}
    for name, text in posted.items():
        found = _LINE.match(name)
        if found and found["list"] in rows:
            rows[found["list"]].setdefault(int(found["index"]), {})[found["name"]] = str(text)
    lines = {
        one.name: [row for _, row in sorted(rows[one.name].items()) if row.get(ID) or _touched(one.inputs, row)]
        for one in form.lines
    }
    return Typed(header, lines)


def _touched(inputs: Sequence[Input], row: Texts) -> bool:
    fresh = starting(inputs)
    return any(text.strip() and text.strip() != fresh.get(name, "") for name, text in row.items() if name != ID)


def values_of(inputs: Sequence[Input], texts: Texts) -> dict[str, Any]:
    """What to hand to a write verb, by field name. The verb reads the texts and says what it cannot read."""
    values = {one.field: _value(one, texts) for one in inputs if one.custom is None}
    custom = {one.field: _value(one, texts) for one in inputs if one.custom is not None}
    return values | ({EXTRA: custom} if custom else {})


def _value(one: Input, texts: Texts) -> Any:
    """A text as the verb takes it: thousands without their commas, a link typed but not chosen as its code."""
    text = texts.get(one.name, "").strip()
    if one.kind == "boolean":
        return text == "true"
    if one.kind == "list":
        return [part.strip() for part in re.split("[,，、;]", text) if part.strip()]
    if one.numeric:
        text = re.sub("[,，]", "", text)
    if one.kind in ("date", "moment"):
        text = _DAY.sub(r"\1-\2-\3", text)
    if one.kind == "link":
        text = text or texts.get(f"{one.name}.text", "").strip()
    return text or None


def rows_of(typed: Typed) -> Iterator[tuple[str, int, Texts]]:
    """Every line: the list's name, its index, its texts."""
    for name, rows in typed.lines.items():
        for index, row in enumerate(rows):
            yield name, index, row
