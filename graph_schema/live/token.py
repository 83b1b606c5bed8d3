"""Resume tokens: a place in the outbox, opaque to clients, recognised by what lies at that place.

Events are numbered in the order of commit, so whoever has seen one has seen all before it. A token carries the
event's id and its moment; one of another hub, or of an event that is no longer kept, does not fit and is refused.
"""

from __future__ import annotations

import base64
import binascii
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from hub.errors import Invalid, problem

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


@dataclass(frozen=True)
class Place:
    """After the event `id`, which happened at `at` (microseconds since 1970); 0, 0 is before the first."""

    id: int
    at: int


START = Place(0, 0)


def place_of(id_: int, at: datetime) -> Place:
    """The place of an outbox row."""
    return Place(id_, (at - _EPOCH) // timedelta(microseconds=1))


def written(place: Place) -> str:
    """The token of a place."""
    return base64.urlsafe_b64encode(f"{place.id}.{place.at}".encode()).decode().rstrip("=")


def read(token: str) -> Place:
    """The place that a token says; Invalid RESUME_IMPOSSIBLE when it says none."""
    try:
        text = base64.b64decode(token + "=" * (-len(token) % 4), altchars=b"-_", validate=True).decode("ascii")
        id_, _, at = text.partition(".")
        place = Place(int(id_), int(at))
    except (ValueError, binascii.Error) as error:
        raise impossible() from error
    if not 0 <= place.id < 2**63 or written(place) != token:
        raise impossible()
    return place


def impossible() -> Invalid:
    """What to answer to a token from which nothing can be resumed."""
    return Invalid(
        problem(
            "RESUME_IMPOSSIBLE",
            "续传标记无效、来自别处或已过期；请重新读取数据后再订阅。",
            "The resume token is invalid, foreign or too old; read the data anew, then subscribe without it.",
            "after",
        )
    )
