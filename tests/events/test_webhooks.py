"""Webhooks: signed, at least once with one id, in order per document, given up after a day, replayed by hand."""

from __future__ import annotations

import base64
import hashlib
import hmac
import random
import subprocess
import sys
import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest

from graph_schema.push.duty import DUTY
from graph_schema.push.sending import MOST_ATTEMPTS, pause_after, secret_of
from hub import writes
from hub.duties import run_once
from hub.errors import HubError
from tests.events.conftest import Factory, Receiver

HOOK = {"code": "H9", "name": "门户", "url": "https://x.cn/", "document_type": "SalesOrder"}
HAND_ON = """
import sys
import hub.domains
from graph_schema.push.duty import hand_on
from sqlalchemy.engine import make_url
from hub.db.engine import make_engine
hand_on(make_engine(make_url(sys.argv[1])))
"""
"""What one process of the hub does every second."""
STATES = "SELECT number, state, attempts, status_code FROM hub.webhook_delivery ORDER BY event_id"


def test_an_event_arrives_once_signed_and_as_its_user_sees_it(factory: Factory, receiver: Receiver) -> None:
    hook = factory.webhook(receiver.url, events=["create", "confirm"], user="zhang")
    factory.hand_on()
    seen, hidden = factory.order(note="交期紧"), factory.order("boss", department="north")
    factory.do(lambda ctx: writes.update(ctx, "SalesOrder", seen, {"note": "不在事件中"}))
    factory.step("SalesOrder", seen, "confirm")
    factory.hand_on()
    factory.hand_on()
    bodies = [body for _, body in receiver.arrived]
    assert [body["type"] for body in bodies] == ["SalesOrder.create", "SalesOrder.confirm"]
    assert {body["documentId"] for body in bodies} == {str(seen)} != {str(hidden)}
    (number,) = factory.rows(f"SELECT number FROM hub.sales_order WHERE id = '{seen}'")[0]
    assert bodies[-1]["data"] == {
        "number": number,
        "state": "CONFIRMED",
        "note": "不在事件中",
        "customer": {"name": "海天客户"},
    }
    assert bodies[-1]["version"] == 3
    key = base64.b64decode(secret_of(hook, 1).removeprefix("whsec_"))
    assert key != base64.b64decode(secret_of(hook, 2).removeprefix("whsec_"))
    for (headers, body), raw in zip(receiver.arrived, receiver.raw, strict=True):
        assert headers["webhook-id"] == str(body["id"])
        signed = f"{body['id']}.{headers['webhook-timestamp']}.{raw}".encode()
        expected = base64.b64encode(hmac.new(key, signed, hashlib.sha256).digest()).decode()
        assert headers["webhook-signature"] == f"v1,{expected}"


def test_a_document_that_is_gone_is_told_of_without_content(factory: Factory, receiver: Receiver) -> None:
    factory.webhook(receiver.url, events=["discard"])
    factory.hand_on()
    order = factory.order()
    factory.do(lambda ctx: writes.discard(ctx, "SalesOrder", order))
    factory.hand_on()
    assert [(body["type"], body["data"]) for _, body in receiver.arrived] == [("SalesOrder.discard", None)]


def test_of_one_document_nothing_overtakes_and_others_go_on(factory: Factory, receiver: Receiver) -> None:
    factory.webhook(receiver.url)
    factory.hand_on()
    slow, other = factory.order(), factory.order()
    factory.step("SalesOrder", slow, "confirm")
    refused = str(slow)
    receiver.refuse = lambda body: 500 if body["documentId"] == refused and body["type"].endswith("create") else None
    for _ in range(3):
        factory.hand_on()
    assert {body["documentId"] for _, body in receiver.arrived} == {str(other)}
    receiver.refuse = lambda _: None
    factory.hand_on()
    mine = [(body["type"], body["id"]) for _, body in receiver.arrived if body["documentId"] == refused]
    assert [type_ for type_, _ in mine] == ["SalesOrder.create", "SalesOrder.confirm"]
    tries = [raw for raw in receiver.raw if f'"documentId": "{slow}"' in raw and "SalesOrder.create" in raw]
    assert len(tries) >= 4
    assert len(set(tries)) == 1, "a retry carries the same id and the same bytes"


def test_what_is_refused_for_a_day_is_a_dead_letter_that_can_be_replayed(factory: Factory, receiver: Receiver) -> None:
    factory.webhook(receiver.url, events=["create"])
    factory.hand_on()
    factory.order()
    receiver.refuse = lambda _: 500
    for _ in range(MOST_ATTEMPTS + 3):
        factory.hand_on()
    assert [row[1:] for row in factory.rows(STATES)] == [("dead", MOST_ATTEMPTS, 500)]
    assert len(receiver.raw) == MOST_ATTEMPTS
    (id_,) = factory.rows("SELECT id FROM hub.webhook_delivery")[0]
    receiver.refuse = lambda _: None
    factory.step("WebhookDelivery", id_, "replay")
    factory.hand_on()
    assert [row[1:] for row in factory.rows(STATES)] == [("delivered", 1, 204)]
    assert len(set(receiver.raw)) == 1


def test_the_pauses_grow_to_hours_and_last_a_day() -> None:
    pauses = [pause_after(attempts) for attempts in range(1, MOST_ATTEMPTS)]
    assert pauses == sorted(pauses)
    assert pauses[0] == 5
    assert pauses[-1] <= 6 * 3600
    assert 20 * 3600 < sum(pauses) < 30 * 3600


def test_a_webhook_that_is_away_holds_up_nobody(factory: Factory, receiver: Receiver) -> None:
    factory.webhook("http://127.0.0.1:9/nobody", code="away")
    factory.webhook(receiver.url, code="here")
    factory.hand_on()
    for _ in range(5):
        factory.order()
    factory.hand_on()
    assert len(receiver.arrived) == 5
    states = factory.rows("SELECT state, count(*), sum(attempts) FROM hub.webhook_delivery GROUP BY 1 ORDER BY 1")
    assert [tuple(row) for row in states] == [("delivered", 5, 5), ("waiting", 5, 1)]


def test_what_was_being_sent_when_the_hub_was_killed_is_sent_again_as_it_was(
    factory: Factory, receiver: Receiver
) -> None:
    factory.webhook(receiver.url, selection="number")
    factory.hand_on()
    factory.order()
    arrived, go_on = threading.Event(), threading.Event()

    def hold(_: object) -> None:
        arrived.set()
        go_on.wait(30)

    receiver.refuse = hold
    url = factory.engine.url.render_as_string(hide_password=False)
    process = subprocess.Popen([sys.executable, "-c", HAND_ON, url], start_new_session=True)
    try:
        assert arrived.wait(60), "nothing was sent"
    finally:
        process.kill()  # the receiver has it, and nobody has noted that
        process.wait(timeout=20)
        go_on.set()
    receiver.refuse = lambda _: None
    factory.hand_on()
    assert len(receiver.raw) == 2
    assert receiver.raw[0] == receiver.raw[1], "the same id and the same bytes"
    states = factory.rows("SELECT state FROM hub.webhook_delivery")
    assert [row[0] for row in states] == ["delivered"]


def test_whatever_fails_every_event_arrives_and_each_document_keeps_its_order(
    factory: Factory, receiver: Receiver, proof_count: Callable[[int, int], int]
) -> None:
    """Random refusals, writers at work, several that would hand on: nothing is lost, nothing overtakes."""
    chance, events = random.Random(5), proof_count(30, 300)  # noqa: S311
    factory.webhook(receiver.url, selection="number note")
    factory.hand_on()
    receiver.refuse = lambda _: 502 if chance.random() < 0.3 else None
    orders = [factory.order() for _ in range(4)]

    def change(index: int) -> None:
        order = orders[index % 4]
        factory.do(lambda ctx: writes.update(ctx, "SalesOrder", order, {"note": f"{index}"}))

    with ThreadPoolExecutor(4) as pool:
        work: list[Any] = [pool.submit(change, index) for index in range(events)]
        work += [pool.submit(run_once, factory.engine, DUTY) for _ in range(8)]
        for one in work:
            one.result()
    for _ in range(60):
        factory.hand_on()
    written = [row[0] for row in factory.rows("SELECT id FROM audit.outbox WHERE document_type = 'SalesOrder'")]
    assert sorted(set(receiver.ids)) == sorted(written)
    assert len(receiver.ids) == len(written), "what was answered with success is not sent again"
    for order in orders:
        versions = [body["version"] for _, body in receiver.arrived if body["documentId"] == str(order)]
        assert versions == sorted(versions)


def test_what_cannot_work_is_refused_with_everything_that_is_wrong(factory: Factory) -> None:
    values = {"url": "ftp://x", "user": "boss", "selection": "number } customers { nodes { id }", "events": ["explode"]}
    with pytest.raises(HubError) as refused:
        factory.do(lambda ctx: writes.create(ctx, "Webhook", HOOK | values), as_="steward")
    codes = {one.code for one in refused.value.problems}
    assert codes == {"URL_INVALID", "USER_OF_ANOTHER", "EVENT_UNKNOWN", "SELECTION_INVALID"}
    with pytest.raises(HubError) as refused:
        factory.webhook("http://127.0.0.1/", document_type="Notice", selection="id")
    assert [one.code for one in refused.value.problems] == ["DOCUMENT_TYPE_UNKNOWN"]
    hook = factory.do(lambda ctx: writes.create(ctx, "Webhook", HOOK | {"user": "steward"}), as_="steward").id
    with pytest.raises(HubError):
        factory.do(lambda ctx: writes.update(ctx, "Webhook", hook, {"url": "x"}))
