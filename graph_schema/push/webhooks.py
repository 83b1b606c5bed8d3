"""Webhooks: an event becomes a delivery for each webhook that asked for it, with the content as it is then.

Tried again, it is the same delivery: the same id and the same bytes. A document that the webhook's user does not
see is not told of.
"""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Sequence
from typing import Any

from sqlalchemy import insert, select

from graph_schema.push.outbox import Event, Told
from graph_schema.push.selection import read
from hub.context import SYSTEM
from hub.document.registry import spec as spec_of
from hub.document.registry import specs
from hub.errors import HubError

NOT_TOLD = frozenset({"Webhook", "WebhookDelivery", "Notice"})
"""What is made by telling is not told of."""


def queue(told: Told, events: Sequence[Event]) -> None:
    """Write a delivery for each event and each webhook that wants it."""
    webhook = spec_of("Webhook").table
    wanted: dict[tuple[Any, str], list[Any]] = defaultdict(list)
    for row in told.session.execute(select(webhook).where(webhook.c.active).order_by(webhook.c.code)):
        wanted[row.company_id, row.document_type].append(row)
    asked = [
        _delivery(told, hook, event)
        for event in events
        for hook in wanted[event.company_id, event.type]
        if event.at >= hook.created_at and (not hook.events or event.verb in hook.events)
    ]
    rows = [one for one in asked if one is not None]
    if rows:
        told.session.execute(insert(spec_of("WebhookDelivery").table), rows)


def _delivery(told: Told, hook: Any, event: Event) -> dict[str, Any] | None:
    """The row of a delivery; dead at once when its content cannot be read; None when there is nothing to tell."""
    message, data = None, None
    viewer = told.viewer(hook.user_id)
    try:
        if viewer is None:
            message = "该回调的用户已停用 The webhook's user is no longer active"
        elif not viewer.may(specs()[event.type].access.read):
            return None
        elif event.document_id is not None:
            with told.session.begin_nested():
                data = read(told.session, specs()[event.type], hook.selection, event.document_id, viewer)
            if data is None and event.verb != "discard":
                return None
    except HubError as error:
        message = str(error)
    return {
        "company_id": event.company_id,
        "number": f"{hook.code}-{event.id}",
        "state": "waiting" if message is None else "dead",
        "webhook_id": hook.id,
        "event_id": event.id,
        "event": event.event,
        "document_type": event.type,
        "document_id": event.document_id,
        "message": message,
        "body": _body(event, data),
        "created_by": SYSTEM,
        "updated_by": SYSTEM,
    }


def _body(event: Event, data: dict[str, Any] | None) -> str:
    told = {
        "id": event.id,
        "type": event.event,
        "timestamp": event.at.isoformat(),
        "documentType": event.type,
        "documentId": event.document_id and str(event.document_id),
        "version": event.payload.get("version"),
        "data": data,
    }
    return json.dumps(told, ensure_ascii=False)
