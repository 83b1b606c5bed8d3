"""Where a record came from: the records of source systems that it mirrors.

Everybody who may read a record sees which source it came from; what the source said, word for word, only those
who may read source records and nothing of the record is closed to.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from hub.context import Viewer
from hub.document.registry import spec as spec_of
from hub.document.rows import open_types
from hub.document.spec import DocSpec
from hub.web.workbench import values

_WITHOUT = ("SourceRecord", "SyncRun", "SourceSystem")
_MOST = 10


@dataclass(frozen=True)
class Source:
    """One record of a source system; `payload` are its names and values in order."""

    system: str
    table: str
    key: str
    at: str
    payload: list[tuple[str, str]]


def has_provenance(spec: DocSpec) -> bool:
    """Whether records of this type can come from a source."""
    return spec.kind != "line" and spec.name not in _WITHOUT


def selections(spec: DocSpec, viewer: Viewer) -> tuple[str, str]:
    """What to ask for inside the record, and beside it (with the variable `$id`)."""
    if not has_provenance(spec):
        return "", ""
    whole = viewer.may(spec_of("SourceRecord").access.read) and spec.name in open_types(viewer.permissions)
    if not whole:
        return "provenance { sourceName table key at }", ""
    return "", (
        f'sources: sourceRecords(where: {{documentType: {{eq: "{spec.name}"}}, documentId: {{eq: $id}}}}, '
        f"first: {_MOST}) {{ nodes {{ source {{ name }} tableName recordKey payload recordedAt }} }}"
    )


def sources_of(answer: dict[str, Any], record: dict[str, Any]) -> list[Source]:
    """The sources that came with an answer, the latest first."""
    if "sources" in answer:
        return [_full(one) for one in answer["sources"]["nodes"]]
    short = record.get("provenance") or []
    return [Source(one["sourceName"], one["table"], one["key"], values.moment(one["at"]), []) for one in short]


def _full(one: dict[str, Any]) -> Source:
    shown = [(str(name), "" if value is None else str(value)) for name, value in (one["payload"] or {}).items()]
    return Source(one["source"]["name"], one["tableName"], one["recordKey"], values.moment(one["recordedAt"]), shown)
