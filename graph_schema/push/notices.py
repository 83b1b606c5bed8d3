"""Notices: an event becomes a notice for everybody whom a rule names and who may see the document.

What a notice says is filled in for its recipient: a field that he may not read stays a dash.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterator, Sequence
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, any_, insert, or_, select

from graph_schema.push.outbox import Event, Told
from graph_schema.push.selection import read
from hub.context import SYSTEM, Viewer
from hub.document.registry import spec as spec_of
from hub.document.spec import DocSpec, FieldSpec
from hub.errors import HubError
from hub.identity import departments_below
from hub.words import Label, camel, snake

PLACEHOLDER = re.compile(r"\{([A-Za-z][A-Za-z0-9.]*)\}")
_WORDS = ("actor", "event")
MENTION = "mention"
PAPERS = {
    "attach": Label("添加附件", "attached a file"),
    "detach": Label("移除附件", "removed a file"),
    "comment": Label("评论", "commented"),
    "edit_comment": Label("修改评论", "changed a comment"),
    "remove_comment": Label("删除评论", "removed a comment"),
    MENTION: Label("提到您", "mentioned you"),
}
"""What is done about a document and not with it (`hub.papers`)."""
_VERBS = {
    "create": Label("新建", "created"),
    "update": Label("修改", "updated"),
    "discard": Label("删除", "discarded"),
    "load": Label("批量导入", "loaded"),
    **PAPERS,
}


def notify(told: Told, events: Sequence[Event]) -> None:
    """Write the notices that the rules ask for."""
    rule = spec_of("NotificationRule").table
    rules: dict[tuple[Any, str], list[Any]] = defaultdict(list)
    for row in told.session.execute(select(rule).where(rule.c.active).order_by(rule.c.code)):
        rules[row.company_id, row.document_type].append(row)
    found = []
    for event in events:
        new = [one for one in rules[event.company_id, event.type] if _concerns(one, event)]
        notices = [notice for one in new for notice in _notices(told, one, event)]
        found += [{**one, "number": f"NT-{event.id}-{at}"} for at, one in enumerate(notices, 1)]
    if found:
        told.session.execute(insert(spec_of("Notice").table), found)


def selection_of(*templates: str) -> str:
    """The GraphQL selection that the placeholders of templates need: {customer.name} → customer { name }."""
    tree: dict[str, Any] = {"id": {}}
    for path in _paths(*templates):
        below = tree
        for name in path.split("."):
            below = below.setdefault(name, {})
    return _written(tree)


def _written(tree: dict[str, Any]) -> str:
    return " ".join(f"{name} {{ {_written(below)} }}" if below else name for name, below in tree.items())


def _paths(*templates: str) -> list[str]:
    found = dict.fromkeys(path for template in templates for path in PLACEHOLDER.findall(template))
    return [path for path in found if path not in _WORDS]


def _concerns(rule: Any, event: Event) -> bool:
    changed = {camel(one) for one in event.payload.get("fields") or ()}
    return (
        event.at >= rule.created_at
        and (not rule.events or event.verb in rule.events)
        and (not rule.changed_fields or not changed.isdisjoint(map(camel, rule.changed_fields)))
    )


def _notices(told: Told, rule: Any, event: Event) -> Iterator[dict[str, Any]]:
    spec = spec_of(event.type)
    for user_id in _recipients(told, rule, event):
        viewer = told.viewer(user_id)
        if viewer is None or str(user_id) == event.payload.get("actor_id"):
            continue
        document = _seen(told, spec, rule, event, viewer)
        if document is not None:
            yield {
                "company_id": event.company_id,
                "state": "unread",
                "recipient_id": user_id,
                "title": _filled(rule.title, spec, event, document, viewer),
                "text": _filled(rule.text, spec, event, document, viewer),
                "rule_id": rule.id,
                "event_id": event.id,
                "event": event.event,
                "document_type": event.type,
                "document_id": event.document_id,
                "created_by": SYSTEM,
                "updated_by": SYSTEM,
            }


def _seen(told: Told, spec: DocSpec, rule: Any, event: Event, viewer: Viewer) -> dict[str, Any] | None:
    """What the recipient may know of the document; an empty one for a batch or a discarded document of an open type."""
    if event.document_id is None or event.verb == "discard":
        return {} if viewer.may(spec.access.read) else None
    try:
        with told.session.begin_nested():
            return read(told.session, spec, selection_of(rule.title, rule.text), event.document_id, viewer)
    except HubError:
        return {}  # a rule whose fields have gone still tells that something happened


def _recipients(told: Told, rule: Any, event: Event) -> list[UUID]:
    """The users whom a rule names, each once, in order of their login."""
    line, user = spec_of("NotificationRecipient").table, spec_of("User").table
    named: list[ColumnElement[bool]] = []
    for one in told.session.execute(select(line).where(line.c.notification_rule_id == rule.id)):
        if one.user_id:
            named.append(user.c.id == one.user_id)
        if one.role:
            named.append(one.role == any_(user.c.roles))
        if one.department_id:
            named.append(user.c.department_id.in_(departments_below(told.session, one.department_id)))
        if one.writer and event.document_id is not None:
            row = spec_of(event.type).table
            named.append(user.c.id == select(row.c.created_by).where(row.c.id == event.document_id).scalar_subquery())
        if one.follower and event.document_id is not None:
            follower = spec_of("Follower").table
            named.append(user.c.id.in_(select(follower.c.user_id).where(follower.c.document_id == event.document_id)))
        if one.mentioned and event.verb == MENTION:
            named.append(user.c.id.in_([UUID(one) for one in event.payload.get("users") or ()]))
    found = select(user.c.id).where(user.c.active, user.c.company_id == rule.company_id, or_(*named))
    return list(told.session.scalars(found.order_by(user.c.code))) if named else []


def _filled(template: str, spec: DocSpec, event: Event, document: dict[str, Any], viewer: Viewer) -> str:
    def value(found: re.Match[str]) -> str:
        path = found[1]
        if path == "actor":
            return str(event.payload.get("actor") or "—")
        if path == "event":
            return _label(spec, event.verb).in_language(viewer.language)
        reached: Any = document
        for name in path.split("."):
            reached = reached.get(name) if isinstance(reached, dict) else None
        return "—" if reached is None else _shown(spec, path, reached, viewer)

    return PLACEHOLDER.sub(value, template)


def _label(spec: DocSpec, verb: str) -> Label:
    step = spec.steps.get(verb)
    return step.label if step else _VERBS.get(verb, Label(verb, verb))


def _shown(spec: DocSpec, path: str, value: Any, viewer: Viewer) -> str:
    """A choice by its label; anything else as GraphQL gives it."""
    field: FieldSpec | None = spec.fields.get(snake(path))
    if field is not None and field.choices is not None:
        return next((one.label.in_language(viewer.language) for one in field.choices if one.name == value), str(value))
    return str(value)
