"""Custom values on their way in: what a request or a row says under `extra`, typed by what is declared.

Every problem has the path `extra.<key>`. What the viewer may not see does not exist for him: neither as a name nor
as a value that he would have to give.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC
from typing import Any
from uuid import UUID

from hub.context import Viewer
from hub.document.custom import EXTRA, LONGEST_TEXT, CustomSpec, Declared
from hub.document.links import Links, key_of
from hub.document.values import Unfit, coerce, missing
from hub.errors import Problem, problem

Stored = dict[str, Any]
"""What stands in the column: texts, whole numbers, truths and lists; decimals, days, moments and ids as text."""


def fields_of(declared: Declared | None, document_type: str, viewer: Viewer) -> dict[str, CustomSpec]:
    """The fields of a type that the viewer may see, as a unit of work knows them."""
    known = {} if declared is None else declared.all(document_type)
    return {key: one for key, one in known.items() if viewer.may(one.restricted)}


def want(fields: Mapping[str, CustomSpec], given: Any, links: Links) -> None:
    """Note the references among the given values, to be resolved with the others."""
    if isinstance(given, Mapping):
        for key, value in given.items():
            field = fields.get(key)
            if field is not None and field.target is not None:
                links.want_key(field.target, key_of(value) if isinstance(value, str | UUID) else None)


def read(
    fields: Mapping[str, CustomSpec], given: Any, problems: list[Problem], links: Links, path: tuple[str, ...] = ()
) -> Stored:
    """The given values as they are stored; None for one that is emptied. Problems are appended."""
    here = (*path, EXTRA)
    if given is None:
        return {}
    if not isinstance(given, Mapping):
        problems.append(problem("VALUE_INVALID", "extra 应为对象。", "extra: an object is expected.", *here))
        return {}
    found: Stored = {}
    for key, value in given.items():
        field = fields.get(key)
        if field is None:
            problems.append(_unknown(str(key)[:60], *here))
            continue
        try:
            found[key] = stored(field, value, links)
        except Unfit as unfit:
            problems.append(unfit.problem.under(*here, key))
    return found


def stored(field: CustomSpec, value: Any, links: Links | None = None) -> Any:
    """A value as it is stored, None for none; Unfit when it does not fit the field."""
    if field.target is not None:
        return _linked(field, value, links)
    if field.declared in ("choice", "multiple"):
        return _chosen(field, value)
    if isinstance(value, dict | list):
        raise Unfit(_misfit(field, value))
    found = coerce(field, value)
    if found is None:
        return None
    if field.kind == "text" and len(found) > LONGEST_TEXT:
        chinese, english = field.label
        raise Unfit(
            problem(
                "TOO_LONG",
                f"{chinese}最多 {LONGEST_TEXT} 个字。",
                f"{english}: at most {LONGEST_TEXT} characters.",
            )
        )
    writer = _WRITERS.get(field.kind)
    return found if writer is None else writer(field, found)


_WRITERS: dict[str, Callable[[CustomSpec, Any], Any]] = {
    "decimal": lambda field, one: f"{one:.{field.scale}f}",
    "date": lambda _, one: one.isoformat(),
    "moment": lambda _, one: one.astimezone(UTC).isoformat(),
}


def _linked(field: CustomSpec, value: Any, links: Links | None) -> str | None:
    key = key_of(value) if isinstance(value, str | UUID) else None
    if value is None or (isinstance(value, str) and not value.strip()):
        return None
    found = None if key is None or links is None or field.target is None else links.led(field.target, key)
    if found is None:
        chinese, english = field.label
        shown_key = str(value)[:80]
        raise Unfit(
            problem(
                "LINK_UNKNOWN",
                f"{chinese}“{shown_key}”不存在。",
                f"{english} {shown_key} does not exist.",
                target=field.target,
                key=shown_key,
            )
        )
    return str(found)


def _chosen(field: CustomSpec, value: Any) -> Any:
    """An option by its value or a label of it; of several, each once."""
    if value is None or value in ("", []):
        return None
    if field.declared == "choice":
        return option_of(field, value)
    if isinstance(value, str):
        value = [one for one in (part.strip() for part in value.replace("，", ",").split(",")) if one]
    if not isinstance(value, list | tuple):
        raise Unfit(_misfit(field, value))
    return list(dict.fromkeys(option_of(field, one) for one in value)) or None


def option_of(field: CustomSpec, value: Any) -> str:
    """The stored value of an option that is named by it or by a label; Unfit CHOICE_UNKNOWN."""
    said = str(value).strip()
    choices = list(field.choices or ())
    for choice in choices:
        if said == choice.value:
            return choice.value
    for choice in choices:
        if said.lower() in (choice.value.lower(), choice.label.chinese.lower(), choice.label.english.lower()):
            return choice.value
    allowed = "、".join(f"{choice.value}（{choice.label.chinese}）" for choice in choices)
    english = ", ".join(choice.value for choice in choices)
    raise Unfit(
        problem(
            "CHOICE_UNKNOWN",
            f"{field.label.chinese}没有“{said[:80]}”这个选项，可选：{allowed}。",
            f"{field.label.english}: {said[:80]} is none of {english}.",
        )
    )


def begun(
    fields: Mapping[str, CustomSpec], declared: Mapping[str, CustomSpec], values: Stored, problems: list[Problem]
) -> Stored:
    """The values of a new document: defaults filled in, also of fields that the viewer does not see; what people
    must fill in and did not is told.
    """
    complained = {found.path for found in problems}
    found = {key: value for key, value in values.items() if value is not None}
    for key, field in declared.items():
        if key in values or (EXTRA, key) in complained:
            continue
        if field.default is not None:
            found[key] = stored(field, field.default)
    return _complete(fields, found, problems, complained)


def changed(fields: Mapping[str, CustomSpec], before: Stored, values: Stored, problems: list[Problem]) -> Stored:
    """The values of a document that exists; one that is named as empty goes, the others stay."""
    found = {key: value for key, value in {**before, **values}.items() if value is not None}
    emptied = {key: field for key, field in fields.items() if key in values}
    return _complete(emptied, found, problems, {one.path for one in problems})


def _complete(
    fields: Mapping[str, CustomSpec], found: Stored, problems: list[Problem], complained: set[tuple[str, ...]]
) -> Stored:
    for key, field in fields.items():
        if field.needed and key not in found and (EXTRA, key) not in complained:
            problems.append(missing(*field.label, EXTRA, key))
    return found


@dataclass(frozen=True)
class Hidden:
    """A value that is compared and never told."""

    value: Any


def told(declared: Declared | None, document_type: str, values: Mapping[str, Any]) -> Iterator[tuple[str, Any]]:
    """Each stored value by its path; what asks for a permission, or is declared no more, hidden under one name."""
    known = {} if declared is None else declared.all(document_type)
    hidden = {}
    for key, value in values.items():
        field = known.get(key)
        if field is None or field.restricted is not None:
            hidden[key] = value
        else:
            yield f"{EXTRA}.{key}", value
    if hidden:
        yield EXTRA, Hidden(hidden)


def _unknown(key: str, *path: str) -> Problem:
    return problem("CUSTOM_FIELD_UNKNOWN", f"没有自定义字段 {key}。", f"There is no custom field {key}.", *path, key)


def _misfit(field: CustomSpec, value: Any) -> Problem:
    text = str(value)[:80]
    return problem(
        "VALUE_INVALID",
        f"{field.label.chinese}的值“{text}”无效。",
        f"{field.label.english}: {text} is not valid.",
    )
