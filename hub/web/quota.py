"""What a user may spend on GraphQL per minute, by whatever token, in units of cost: a bucket each, filled steadily.

A request is let in while its bucket is not empty and pays afterwards what it has cost; so nobody is refused for an
estimate, and what was overspent is waited for. Counted in each process by itself.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass
from uuid import UUID

from hub.context import Viewer
from hub.settings import Settings

MINUTE = 60.0
PARTNER = "partner"
_MOST_BUCKETS = 10_000


@dataclass
class Bucket:
    """What is left, and when that was so."""

    level: float
    at: float


class Quotas:
    """The buckets of all who ask this process."""

    def __init__(self, chosen: Settings, clock: Callable[[], float] = time.monotonic) -> None:
        self._users, self._partners = chosen.quota_per_minute, chosen.partner_quota_per_minute
        self._clock = clock
        self._buckets: dict[UUID, Bucket] = {}

    def allowance(self, viewer: Viewer) -> int:
        """Units per minute; 0 when they are not counted."""
        return self._partners if PARTNER in viewer.roles else self._users

    def wait(self, viewer: Viewer) -> float:
        """Seconds until the viewer may ask again, 0 when at once."""
        allowance = self.allowance(viewer)
        if not allowance:
            return 0.0
        level = self._filled(viewer, allowance).level
        return 0.0 if level > 0 else (1.0 - level) * MINUTE / allowance

    def spend(self, viewer: Viewer, cost: int) -> None:
        """Take what a request has cost; every request costs something."""
        allowance = self.allowance(viewer)
        if allowance:
            self._filled(viewer, allowance).level -= max(cost, 1)

    def headers(self, viewer: Viewer) -> dict[str, str]:
        """The quota as the header fields RateLimit-Policy and RateLimit tell it."""
        allowance = self.allowance(viewer)
        if not allowance:
            return {}
        left = max(0, int(self._filled(viewer, allowance).level))
        return {"RateLimit-Policy": f'"cost";q={allowance};w=60', "RateLimit": f'"cost";r={left};t=60'}

    def _filled(self, viewer: Viewer, allowance: int) -> Bucket:
        now = self._clock()
        bucket = self._buckets.get(viewer.user_id)
        if bucket is None:
            if len(self._buckets) >= _MOST_BUCKETS:
                self._forget(now)
            bucket = self._buckets[viewer.user_id] = Bucket(float(allowance), now)
        bucket.level = min(float(allowance), bucket.level + (now - bucket.at) * allowance / MINUTE)
        bucket.at = now
        return bucket

    def _forget(self, now: float) -> None:
        """Buckets that nobody took from for a minute are full or nearly so; a new one is as good."""
        self._buckets = {key: one for key, one in self._buckets.items() if now - one.at < MINUTE}
