"""Forms that the company designed: which of them somebody may fill in, and the inputs that a form's layout asks for.

A form record is filled in through its form and nothing else. A new one follows the definition as it is now, a stored
one the layout that it was made with; a field that is closed to the viewer, or declared no more, is left out.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from itertools import groupby
from typing import Any, TypeVar
from urllib.parse import urlencode

from starlette.exceptions import HTTPException

from hub.context import Viewer
from hub.document.custom import seen
from hub.document.registry import spec as spec_of
from hub.document.spec import DocSpec
from hub.web.workbench.asking import ask
from hub.web.workbench.inputs import Form, custom_input, form_of
from hub.web.workbench.language import say, spoken
from hub.words import Label

RECORD, DEFINITION = "FormRecord", "FormDefinition"
_NAMED = "id code name englishName instructions fillPermission active"
_FORMS = f"{{ formDefinitions(where: {{active: {{eq: true}}}}, first: 500) {{ nodes {{ {_NAMED} }} }} }}"
_FORM = (
    f"query F($id: ID!) {{ formDefinition(id: $id) {{ {_NAMED} fields {{ section required customField {{ id }} }} }} }}"
)

Part = TypeVar("Part")
Asked = tuple[str, str, bool]
"""A section's name, the id of a custom field in it, whether it must be filled in."""


@dataclass(frozen=True)
class Offered:
    """A form that can be filled in."""

    name: str
    instructions: str
    href: str


async def forms_to_fill(viewer: Viewer, address: str) -> list[Offered]:
    """The forms that the viewer may fill in; `address` is the page that does it."""
    found = (await ask(_FORMS, {}, viewer))["formDefinitions"]["nodes"]
    return [
        Offered(_name(one), one["instructions"] or "", f"{address}?{urlencode({'form': one['id']})}")
        for one in found
        if viewer.may(one["fillPermission"])
    ]


async def new_form(spec: DocSpec, viewer: Viewer, chosen: str) -> Form:
    """The form of a new record by the definition `chosen`.

    Raises:
        HTTPException: 404 when there is none that the viewer may fill in.
    """
    found = (await ask(_FORM, {"id": chosen}, viewer))["formDefinition"]
    if found is None or not found["active"] or not viewer.may(found["fillPermission"]):
        raise HTTPException(404)
    open_ = [one for one in found["fields"] if one["customField"]]
    asked = [(one["section"] or "", one["customField"]["id"], one["required"]) for one in open_]
    heading = say(f"填写{found['name']}", f"Fill in: {found['englishName']}")
    form = _laid_out(spec, viewer, asked, found)
    return replace(form, heading=heading, instructions=found["instructions"] or "")


def stored_form(spec: DocSpec, viewer: Viewer, record: dict[str, Any]) -> Form:
    """The form of a stored record, by the layout that it was made with; of any other type its own form."""
    if spec.name != RECORD:
        return form_of(spec, viewer)
    return _laid_out(spec, viewer, list(_layout(record)), record["form"])


def _laid_out(spec: DocSpec, viewer: Viewer, asked: Sequence[Asked], definition: dict[str, Any] | None) -> Form:
    own = form_of(spec, viewer)
    known = {str(one.id): one for one in seen(viewer, spec.name)}
    main = [one for one in own.inputs if one.custom is None]
    custom = [custom_input(known[id_], name, required=needed) for name, id_, needed in asked if id_ in known]
    if definition is None:
        return replace(own, inputs=(*main, *custom))
    fixed = {"form": definition["id"], "form.text": definition["name"]}
    return replace(own, inputs=(*main, *custom), fixed=fixed)


def _layout(record: dict[str, Any]) -> Iterable[Asked]:
    for section in (record.get("layout") or {}).get("sections", ()):
        for one in section["fields"]:
            yield section["name"] or "", one["id"], one["required"]


def selection(spec: DocSpec) -> str:
    """What to ask of a record for its layout."""
    return "layout" if spec.name == RECORD else ""


def in_sections(
    spec: DocSpec, record: dict[str, Any], custom: Sequence[tuple[str, Part]]
) -> list[tuple[str, list[Part]]]:
    """What belongs to custom fields, given by their ids, under the headings of the record's page."""
    if spec.name != RECORD:
        return [(say("自定义字段", "Custom fields"), [one for _, one in custom])]
    found = dict(custom)
    asked = [(name, id_) for name, id_, _ in _layout(record) if id_ in found]
    other = spoken(Label("填写内容", "Filled in"))
    return [(name or other, [found[id_] for _, id_ in ids]) for name, ids in groupby(asked, key=lambda one: one[0])]


async def way_to_fill(spec: DocSpec, id_: str, viewer: Viewer) -> str | None:
    """From a definition's page: the address where it is filled in, None when the viewer may not."""
    record = spec_of(RECORD)
    if spec.name != DEFINITION or not viewer.may(record.access.write):
        return None
    found = (await ask(_FORM, {"id": id_}, viewer))["formDefinition"]
    open_ = found is not None and found["active"] and viewer.may(found["fillPermission"])
    return f"/form-records/create?{urlencode({'form': id_})}" if open_ else None


def _name(one: dict[str, Any]) -> str:
    return say(str(one["name"]), str(one["englishName"]))
