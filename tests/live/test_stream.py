"""Subscriptions as server-sent events of a real hub: the protocol, resume by Last-Event-ID, who is told what."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import httpx
import pytest

from tests.live.conftest import PATIENCE, Works

pytestmark = pytest.mark.timeout(120)
ALL = "subscription { salesOrdersChanged { kind id token } }"
Event = tuple[str, str | None, Any]
"""The event's name, its id and its data."""


@contextmanager
def streamed(hub: str, token: str, query: str, **headers: str) -> Iterator[Iterator[Event]]:
    """The events of a query."""
    sent = {"Authorization": f"Bearer {token}", "Accept": "text/event-stream", **headers}
    with httpx.stream(
        "POST", f"{hub}/graphql", json={"query": query}, headers=sent, trust_env=False, timeout=PATIENCE
    ) as response:
        assert response.status_code == 200
        assert response.headers["content-type"].startswith("text/event-stream")
        yield _events(response.iter_lines())


def _events(lines: Iterator[str]) -> Iterator[Event]:
    fields: dict[str, str] = {}
    for line in lines:
        if line:
            name, _, value = line.partition(":")
            fields[name] = value.removeprefix(" ")
        elif "event" in fields:
            yield fields["event"], fields.get("id"), json.loads(fields["data"]) if fields["data"] else None
            fields = {}


def test_events_have_their_tokens_and_resume(hub: str, works: Works) -> None:
    with streamed(hub, works.tokens["sally"], ALL) as events:
        assert next(events)[2]["data"]["salesOrdersChanged"]["kind"] == "OPENED"
        made = works.order()
        name, id_, data = next(events)
        change = data["data"]["salesOrdersChanged"]
        assert (name, change["kind"], change["id"], change["token"]) == ("next", "ENTERED", str(made), id_)
    works.note(made, "unterwegs")
    with streamed(hub, works.tokens["sally"], ALL, **{"Last-Event-ID": str(id_)}) as events:
        assert next(events)[2]["data"]["salesOrdersChanged"]["token"] == id_
        assert next(events)[2]["data"]["salesOrdersChanged"]["kind"] == "CHANGED"


def test_any_operation_is_one_event_and_the_end(hub: str, works: Works) -> None:
    for query, code in (
        ("{ me { code } }", None),
        ("{ nothing }", "GRAPHQL_VALIDATION_FAILED"),
        ("subscription { syncRuns { totalCount } }", "FORBIDDEN"),
    ):
        with streamed(hub, works.tokens["sally"], query) as events:
            first, last = list(events)
        assert (first[0], last[0], last[2]) == ("next", "complete", None)
        assert first[2].get("errors", [{"extensions": {"code": None}}])[0]["extensions"]["code"] == code
    with streamed(hub, works.tokens["sally"], ALL, **{"Last-Event-ID": "x"}) as events:
        assert next(events)[2]["errors"][0]["extensions"]["code"] == "RESUME_IMPOSSIBLE"


def test_a_browsers_event_source_reads_and_does_not_write(hub: str, works: Works) -> None:
    headers = {"Authorization": f"Bearer {works.tokens['sally']}", "Accept": "text/event-stream"}
    for query, expected in (("{ me { code } }", '"sally"'), ("mutation { __typename }", "MUTATION_OVER_GET")):
        answer = httpx.get(f"{hub}/graphql", params={"query": query}, headers=headers, trust_env=False)
        assert expected in answer.text
        assert answer.text.endswith("event: complete\ndata:\n\n")
    assert httpx.post(f"{hub}/graphql", json={"query": ALL}, headers={"Accept": "text/event-stream"}).status_code == 401
