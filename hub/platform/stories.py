"""The stories of a business, lived once at the end of the first start: a child of `hub up`, which shows its lines."""

from __future__ import annotations

import json
import sys

import hub.domains  # noqa: F401 (the company and its people are document types)
from hub.db.engine import make_engine
from hub.platform.done import STORIES, Done
from hub.platform.prepare import say
from hub.platform.programs import hub_address
from hub.settings import Settings, settings
from hub.stories import live
from hub.trouble import Trouble


def run(chosen: Settings) -> None:
    """Lives them all in a company of their own and notes it, for the database they were lived in.

    Raises:
        Trouble: the hub cannot be reached, or a story went astray.
    """
    engine = make_engine(pool_size=2, name="hub-stories")
    try:
        closing = live(engine, hub_address(chosen), (), begins=lambda zh, en: say(f"● {zh}", en), aloud=_kept_short)
        Done(chosen, engine).add(STORIES)
        say(*closing)
    finally:
        engine.dispose()


def _kept_short(_chinese: str, _english: str) -> None:
    """Their sentences are for `hub story`."""


def main() -> int:
    """Exit code 1 with the trouble as a JSON line `{"zh", "en"}`."""
    try:
        run(settings())
    except Trouble as trouble:
        print(json.dumps({"zh": trouble.zh, "en": trouble.en}), flush=True)  # noqa: T201 (the parent reads it)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
