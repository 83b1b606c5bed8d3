"""A full disk is one sentence, whoever meets it first, and nothing is lost: with room again, the next start goes on."""

from __future__ import annotations

import contextlib
import os
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

pytestmark = pytest.mark.skipif(os.geteuid() != 0, reason="only root can mount a small disk")
HUB = str(Path(sys.executable).with_name("hub"))


@pytest.fixture
def small_disk(new_folder: Callable[[], Path]) -> Iterator[Callable[[int], Path]]:
    """Mounts a disk of so many megabytes."""
    mounted: list[Path] = []

    def mount(megabytes: int) -> Path:
        folder = new_folder()
        command = ["mount", "-t", "tmpfs", "-o", f"size={megabytes}m,mode=755", "tmpfs", str(folder)]
        if subprocess.run(command, check=False, capture_output=True).returncode:
            pytest.skip("this container may not mount a small disk")
        mounted.append(folder)
        return folder

    yield mount
    for folder in mounted:
        hub(folder, "db", "stop")
        subprocess.run(["umount", "-l", str(folder)], check=True)


def hub(folder: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    """Runs the command line with its home on the small disk."""
    environment = {**os.environ, "HUB_HOME": str(folder / "home")}
    return subprocess.run([HUB, *arguments], env=environment, capture_output=True, text=True, check=False, timeout=120)


def fill(folder: Path) -> Path:
    """Takes all the space that is left."""
    filler = folder / "filler"
    with contextlib.suppress(OSError), filler.open("wb", buffering=0) as file:
        while True:
            file.write(b"\0" * 65536)
    return filler


def test_no_room_for_the_database(small_disk: Callable[[int], Path]) -> None:
    done = hub(small_disk(8), "db", "start")
    assert done.returncode == 1
    assert "磁盘已满" in done.stderr
    assert "Traceback" not in done.stderr


def test_the_disk_fills_up_while_it_runs_and_empties_again(small_disk: Callable[[int], Path]) -> None:
    folder = small_disk(160)
    assert hub(folder, "db", "start").returncode == 0
    filler = fill(folder)
    full = hub(folder, "migrate")
    assert full.returncode == 1
    assert "磁盘已满" in full.stderr
    assert "Traceback" not in full.stderr
    hub(folder, "db", "stop")
    refused = hub(folder, "db", "start")
    if refused.returncode:
        assert "磁盘已满" in refused.stderr
    filler.unlink()
    assert hub(folder, "migrate").returncode == 0, "with room again everything goes on"
