"""The duty that hands events on: first what has come is queued and told, then what is due is sent."""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy import Engine

from graph_schema.push.notices import notify
from graph_schema.push.outbox import Event, Told, read_on
from graph_schema.push.sending import send_due
from graph_schema.push.webhooks import NOT_TOLD, queue
from hub.duties import Duty


def _tell(told: Told, events: Sequence[Event]) -> None:
    known = [one for one in events if one.type not in NOT_TOLD]
    queue(told, known)
    notify(told, known)


def hand_on(engine: Engine) -> None:
    """Everything there is to hand on now."""
    read_on(engine, "push", _tell)
    send_due(engine)


DUTY = Duty("hand events on", 1.0, hand_on)
