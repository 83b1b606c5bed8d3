"""The demo company: a fictional injection moulder with a year of business, told into the hub and into four silos.

`run` is what `hub seed` calls. `contradictions` lists what was planted in the silos, for the checks to be measured by.
"""

from __future__ import annotations

from hub.seed.contradictions import Contradiction
from hub.seed.story import run

__all__ = ["Contradiction", "contradictions", "run"]


def contradictions() -> tuple[Contradiction, ...]:
    """Every contradiction planted in the demo company's silos, by kind and key."""
    from hub.seed.silos import demo

    return demo()[2]
