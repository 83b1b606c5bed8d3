"""A real hub on a free port over its own database, and a real Chromium that must not leave the machine."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, ViewportSize

from hub.db.embedded import EmbeddedServer
from tests.browser.factory import PASSWORD, tell
from tests.chromium import headless
from tests.conftest import Database, copy_of_template
from tests.serving import serving

DESKTOP = ViewportSize(width=1360, height=860)
PHONE = ViewportSize(width=390, height=844)


@dataclass(frozen=True)
class Hub:
    """The running hub: its address and its database."""

    url: str
    database: Database


@contextmanager
def factory(server: EmbeddedServer, name: str, log: Path) -> Iterator[Hub]:
    """The hub as its own process over a database of that name, with the small factory told to it."""
    with copy_of_template(server, name) as database:
        tell(database.engine)
        with serving(database, log) as url:
            yield Hub(url, database)


@pytest.fixture(scope="session")
def hub(migrated_server: EmbeddedServer, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Hub]:
    """The hub of all tests that leave the factory as it is."""
    with factory(migrated_server, "hub_browser", tmp_path_factory.mktemp("hub") / "hub.log") as found:
        yield found


@pytest.fixture(scope="package")  # its event loop runs in this thread: no longer than these tests
def chromium() -> Iterator[Browser]:
    """The browser of these tests."""
    with headless() as browser:
        yield browser


@pytest.fixture
def context(chromium: Browser, hub: Hub) -> Iterator[BrowserContext]:
    """A fresh browser profile. At the end: every request went to the hub, and no page had a script error."""
    context = chromium.new_context(viewport=DESKTOP, base_url=hub.url, locale="zh-CN", accept_downloads=True)
    context.set_default_timeout(15_000)
    asked: list[str] = []
    troubles: list[str] = []
    context.on("request", lambda request: asked.append(request.url))
    context.on("weberror", lambda error: troubles.append(str(error.error)))
    yield context
    context.close()
    here = urlsplit(hub.url).netloc
    foreign = [url for url in asked if urlsplit(url).scheme in ("http", "https") and urlsplit(url).netloc != here]
    assert asked
    assert not foreign, f"asked elsewhere: {foreign}"
    assert not troubles, troubles


@pytest.fixture
def page(context: BrowserContext) -> Page:
    """A page where nobody has signed in."""
    return context.new_page()


@pytest.fixture
def admin(page: Page) -> Page:
    """A page on which the administrator has signed in."""
    return sign_in(page, "admin")


@pytest.fixture
def lina(page: Page) -> Page:
    """A page on which somebody of the sales department has signed in."""
    return sign_in(page, "lina")


def sign_in(page: Page, login: str, password: str = PASSWORD) -> Page:
    """Fill in the sign-in page and send it."""
    page.goto("/")
    page.get_by_label("账号").fill(login)
    page.get_by_label("密码").fill(password)
    page.get_by_role("button", name="登录").click()
    return page


@pytest.fixture
def picture(tmp_path: Path, page: Page) -> object:
    """`picture("name")` keeps a screenshot in the folder SCREENSHOTS, if that variable names one."""
    folder = Path(os.environ.get("SCREENSHOTS", tmp_path))
    folder.mkdir(parents=True, exist_ok=True)
    return lambda name: page.screenshot(path=folder / f"{name}.png", full_page=True, animations="disabled")
