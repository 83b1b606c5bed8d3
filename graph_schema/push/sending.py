"""Deliveries sent: signed as Standard Webhooks say, at least once, in order per document, with growing pauses.

Of one document's deliveries to one webhook only the earliest is tried; the next waits until that one has arrived or
is given up. A webhook that does not answer holds up nobody else. https://www.standardwebhooks.com
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import time
from collections import defaultdict
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from functools import cache
from typing import Any
from uuid import UUID

import httpx
from sqlalchemy import Engine, Interval, Select, and_, cast, exists, func, literal, null, or_, select, update

from hub.context import SYSTEM
from hub.document.registry import spec as spec_of
from hub.document.registry import table
from hub.secret_store import SecretStore
from hub.settings import settings

PAGE = 200
AT_ONCE = 8
TIMEOUT_SECONDS = 10.0
MOST_ATTEMPTS = 12
"""With the pauses below the last one is about a day after the first."""
FIRST_PAUSE_SECONDS, GROWTH, LONGEST_PAUSE_SECONDS = 5, 3, 6 * 3600
LONGEST_MESSAGE = 300
PREFIX = "whsec_"
_AWAY = (None, httpx.codes.TOO_MANY_REQUESTS, httpx.codes.SERVICE_UNAVAILABLE)


def send_due(engine: Engine) -> int:
    """Send everything that is due, round by round; returns how many were tried."""
    tried = 0
    due = _due(engine)
    if not due:
        return 0  # without a client, which reads the certificates first: 20 ms every second for nothing
    with (
        httpx.Client(timeout=TIMEOUT_SECONDS, trust_env=False, follow_redirects=False) as http,
        ThreadPoolExecutor(AT_ONCE) as pool,
    ):
        while due:
            by_webhook: dict[UUID, list[Any]] = defaultdict(list)
            for one in due:
                by_webhook[one.webhook_id].append(one)
            tried += sum(pool.map(lambda rows: _send_all(engine, http, rows), by_webhook.values()))
            due = _due(engine)
    return tried


def pause_after(attempts: int) -> int:
    """Seconds until the next try after this many have failed."""
    return int(min(FIRST_PAUSE_SECONDS * GROWTH ** (attempts - 1), LONGEST_PAUSE_SECONDS))


def secret_of(webhook_id: UUID, number: int) -> str:
    """The secret shared with a webhook's receiver: whsec_ and the base64 of 32 bytes; made from the hub's own."""
    own = SecretStore(settings().secrets_file).get("webhooks")
    key = hmac.new(own.encode(), f"{webhook_id}.{number}".encode(), hashlib.sha256).digest()
    return PREFIX + base64.b64encode(key).decode()


def signature(secret: str, id_: int, timestamp: int, body: str) -> str:
    """The header webhook-signature: v1 and the base64 of HMAC-SHA256 over id.timestamp.body."""
    key = base64.b64decode(secret.removeprefix(PREFIX))
    digest = hmac.new(key, f"{id_}.{timestamp}.{body}".encode(), hashlib.sha256).digest()
    return "v1," + base64.b64encode(digest).decode()


def _due(engine: Engine) -> Sequence[Any]:
    with engine.connect() as connection:
        return connection.execute(_due_now()).all()


@cache
def _due_now() -> Select[Any]:
    delivery, webhook, earlier = table("WebhookDelivery"), table("Webhook"), table("WebhookDelivery")
    held_up = exists().where(
        earlier.c.webhook_id == delivery.c.webhook_id,
        earlier.c.state == "waiting",
        earlier.c.document_id == delivery.c.document_id,
        or_(
            earlier.c.event_id < delivery.c.event_id,
            and_(earlier.c.event_id == delivery.c.event_id, earlier.c.id < delivery.c.id),
        ),
    )
    return (
        select(delivery, webhook.c.url, webhook.c.secret_number)
        .join_from(delivery, webhook, webhook.c.id == delivery.c.webhook_id)
        .where(
            delivery.c.state == "waiting",
            webhook.c.active,
            func.coalesce(delivery.c.next_attempt_at, func.now()) <= func.now(),
            ~held_up,
        )
        .order_by(delivery.c.event_id)
        .limit(PAGE)
    )


def _send_all(engine: Engine, http: httpx.Client, rows: Sequence[Any]) -> int:
    """One webhook's; when it is away or overloaded, the others wait as well."""
    for index, one in enumerate(rows):
        code, message = _send(http, one)
        delivered = code is not None and 200 <= code < 300
        _note(engine, one, code, message, delivered=delivered)
        if code in _AWAY:
            _hold(engine, [row.id for row in rows[index + 1 :]], pause_after(1))
            return index + 1
    return len(rows)


def _send(http: httpx.Client, one: Any) -> tuple[int | None, str | None]:
    """The answer's status and what is wrong with it."""
    now, secret = int(time.time()), secret_of(one.webhook_id, one.secret_number)
    headers = {
        "content-type": "application/json; charset=utf-8",
        "webhook-id": str(one.event_id),
        "webhook-timestamp": str(now),
        "webhook-signature": signature(secret, one.event_id, now, one.body),
    }
    try:
        answer = http.post(one.url, content=one.body.encode(), headers=headers)
    except (httpx.HTTPError, httpx.InvalidURL, OSError) as error:
        return None, f"{type(error).__name__}: {error}"[:LONGEST_MESSAGE]
    return answer.status_code, None if answer.is_success else f"HTTP {answer.status_code} {answer.reason_phrase}"


def _note(engine: Engine, one: Any, code: int | None, message: str | None, *, delivered: bool) -> None:
    """Keep the outcome, unless somebody has given the delivery up meanwhile."""
    delivery, attempts = spec_of("WebhookDelivery").table, one.attempts + 1
    dead = not delivered and (attempts >= MOST_ATTEMPTS or code == httpx.codes.GONE)
    pause = null() if delivered or dead else func.now() + _seconds(pause_after(attempts))
    outcome = {
        "state": "delivered" if delivered else "dead" if dead else "waiting",
        "attempts": attempts,
        "next_attempt_at": pause,
        "answered_at": null() if code is None else func.now(),
        "status_code": code,
        "message": message,
        "version": delivery.c.version + 1,
        "updated_at": func.now(),
        "updated_by": SYSTEM,
    }
    with engine.begin() as connection:
        waiting = update(delivery).where(delivery.c.id == one.id, delivery.c.state == "waiting")
        connection.execute(waiting.values(outcome))


def _hold(engine: Engine, ids: Sequence[UUID], seconds: int) -> None:
    """Let deliveries wait, without counting it as a try."""
    delivery = spec_of("WebhookDelivery").table
    if ids:
        with engine.begin() as connection:
            held = update(delivery).where(delivery.c.id.in_(ids), delivery.c.state == "waiting")
            connection.execute(held.values(next_attempt_at=func.now() + _seconds(seconds)))


def _seconds(seconds: int) -> Any:
    return cast(literal(f"{seconds} seconds"), Interval())
