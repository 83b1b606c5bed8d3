"""The real browser of the tests: Debian's Chromium, headless, that asks the internet nothing by itself.

A fixture keeps it no longer than its package or module: the driver's event loop runs in the tests' thread.
"""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, sync_playwright

CHROMIUM = Path("/usr/bin/chromium")
QUIET = (
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--lang=zh-CN",
)


@contextlib.contextmanager
def headless() -> Iterator[Browser]:
    """A running Chromium; without one the tests fail and say what to install."""
    if not CHROMIUM.exists():
        pytest.fail("Chromium is missing; install it: apt-get install chromium fonts-noto-cjk", pytrace=False)
    with sync_playwright() as driver:
        browser = driver.chromium.launch(executable_path=CHROMIUM, args=list(QUIET))
        yield browser
        browser.close()
