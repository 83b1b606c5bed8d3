"""A breaker per device: a meter that keeps silent is asked rarely, so it does not hold up its line.

A silent unit blocks its line for the whole timeout; with ten meters on a serial line one dead meter would otherwise
take most of the bus time.
"""

from __future__ import annotations


class Breaker:
    """Closed, it lets every request pass; after `failures` silences in a row only one per growing pause (seconds)."""

    def __init__(self, failures: int = 3, pause: float = 10.0, longest: float = 600.0) -> None:
        self._failures = failures
        self._first_pause = pause
        self._longest = longest
        self._silences = 0
        self._pause = 0.0
        self.retry_at = 0.0

    @property
    def is_open(self) -> bool:
        """Whether the device has been silent too often in a row."""
        return self._silences >= self._failures

    def allows(self, now: float) -> bool:
        """Whether the device may be asked at `now` (a steady clock)."""
        return not self.is_open or now >= self.retry_at

    def answered(self) -> None:
        """The device answered, be it with an exception: it is there."""
        self._silences = 0
        self._pause = 0.0

    def silent(self, now: float) -> None:
        """The device kept silent once more, each time the pause doubles."""
        self._silences += 1
        if self.is_open:
            self._pause = min(self._pause * 2 or self._first_pause, self._longest)
            self.retry_at = now + self._pause
