"""Fixtures of the collector's tests: a hub that runs, a folder, and processes that are ended whatever happens."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from tests.edge.stand_in import Edge, StandInHub


@pytest.fixture
def hub() -> Iterator[StandInHub]:
    stand_in = StandInHub()
    stand_in.start()
    yield stand_in
    stand_in.stop()


@pytest.fixture
def start_edge(tmp_path: Path) -> Iterator[Callable[..., Edge]]:
    """Starts `edge …` in the test's folder; every one still running at the end is killed."""
    started: list[Edge] = []

    def start(*arguments: str, **environment: str) -> Edge:
        run = Edge(tmp_path, *arguments, **environment)
        started.append(run)
        return run

    yield start
    for run in started:
        if run.process.poll() is None:
            run.kill()
