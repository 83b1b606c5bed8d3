"""One sign-in for all pages, in a real browser: the hub, JupyterLab and Dagster's page as `hub up` starts them."""

from __future__ import annotations

import contextlib
import json
import os
import shutil
import subprocess
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import httpx
import pytest
from playwright.sync_api import Browser, BrowserContext, Page, expect
from websockets.exceptions import InvalidStatus
from websockets.sync.client import connect

from hub.platform import page_sign_in, programs
from hub.platform.programs import program_of
from hub.secret_store import SecretStore
from hub.settings import Settings
from superset_config import run
from superset_config.client import Superset
from superset_config.errors import SupersetError
from tests.chromium import headless
from tests.openid.conftest import PASSWORD, Provider, Visitor
from tests.superset.running import VENV, RunningSuperset

SLOW = 40_000


@contextlib.contextmanager
def running(part: str, chosen: Settings, answers: str, log: Path) -> Iterator[str]:
    """A part of the Procfile as its own process; `answers` is the path by which it is known to be up."""
    program = program_of(part, chosen)
    setting = {"jupyter": "jupyter_port", "dagster-web": "dagster_port"}[part]
    url = f"http://127.0.0.1:{getattr(chosen, setting)}"
    own = {name: value for name, value in program.environment.items() if not name.startswith("HUB_")}
    told = {"HUB_DATABASE_URL": chosen.database_url, "HUB_HOME": str(chosen.home)} if part == "dagster-web" else {}
    told |= {f"HUB_{name.upper()}": str(getattr(chosen, name)) for name in ("port", setting)} if told else {}
    with (
        log.open("wb") as output,
        subprocess.Popen(
            program.arguments, env={**own, **told}, cwd=program.folder, stdout=output, stderr=output
        ) as process,
    ):
        try:
            until = time.monotonic() + 120
            while time.monotonic() < until and process.poll() is None:
                with contextlib.suppress(httpx.HTTPError):
                    if httpx.get(url + answers, trust_env=False).status_code == 200:
                        break
                time.sleep(0.3)
            else:
                pytest.fail(f"{part} did not start:\n{log.read_text()[-3000:]}")
            yield url
        finally:
            process.terminate()
            process.wait(timeout=30)


@pytest.fixture(scope="module")
def dagster(provider: Provider, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """Dagster's page."""
    log = tmp_path_factory.mktemp("dagster") / "dagster.log"
    with running("dagster-web", provider.settings, "/server_info", log) as url:
        yield url


@pytest.fixture(scope="module")
def jupyter(provider: Provider, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """JupyterLab."""
    log = tmp_path_factory.mktemp("jupyter") / "jupyter.log"
    with running("jupyter", provider.settings, "/api", log) as url:
        yield url


@pytest.fixture(scope="module")
def dashboards(
    provider: Provider, superset: RunningSuperset, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[str]:
    """The tests' Superset a second time over the same metadata, now with the hub's sign-in."""
    chosen, home = provider.settings, tmp_path_factory.mktemp("dashboards")
    told = json.loads(programs.superset_environment(chosen)["SUPERSET_HUB"]) | {"service": "admin"}
    own = {"SUPERSET_HUB": json.dumps(told), "SUPERSET_PORT": str(chosen.superset_port), "SUPERSET_HOME": str(home)}
    command = run.command(venv=VENV, home=home, port=chosen.superset_port)
    log = home / "server.log"
    with (
        log.open("wb") as output,
        subprocess.Popen(
            command, env={**superset.environment, **own}, stdout=output, stderr=subprocess.STDOUT
        ) as process,
    ):
        try:
            run.wait_until_ready(chosen.superset_port, 120, lambda: process.poll() is None)
            yield f"http://127.0.0.1:{chosen.superset_port}"
        finally:
            process.terminate()
            process.wait(20)
            if folder := os.environ.get("SCREENSHOTS"):
                shutil.copy(log, folder)


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    """The browser of these tests."""
    with headless() as chromium:
        yield chromium


@pytest.fixture
def context(browser: Browser) -> Iterator[BrowserContext]:
    """A fresh profile."""
    context = browser.new_context(locale="zh-CN", viewport={"width": 1300, "height": 900})
    context.set_default_timeout(SLOW)
    yield context
    context.close()


def type_password(page: Page, login: str) -> None:
    """The hub's sign-in page, filled in and sent."""
    page.get_by_label("账号").fill(login)
    page.get_by_label("密码").fill(PASSWORD)
    page.get_by_role("button", name="登录").click()


def picture(page: Page, name: str) -> None:
    """Kept in the folder SCREENSHOTS, if that variable names one."""
    if folder := os.environ.get("SCREENSHOTS"):
        page.screenshot(path=Path(folder) / f"{name}.png")


def test_one_sign_in_opens_every_page_and_one_sign_out_ends_them(
    context: BrowserContext, provider: Provider, dagster: str, jupyter: str, dashboards: str
) -> None:
    page = context.new_page()
    page.goto(f"{provider.url}/")
    type_password(page, "steward")
    page.get_by_text("石慧，您好").wait_for()
    typed: list[str] = []
    page.on(
        "request",
        lambda request: typed.append(request.url) if request.method == "POST" and "/login" in request.url else None,
    )
    page.goto(f"{dagster}/runs?view=all")
    page.get_by_text("Runs", exact=True).first.wait_for()
    assert page.url.startswith(f"{dagster}/runs")
    picture(page, "openid_dagster")
    page.goto(f"{jupyter}/lab")
    page.locator("#jp-top-bar, #jp-menu-panel").first.wait_for()
    page.locator(".jp-DirListing-item").first.wait_for()
    me = page.request.get(f"{jupyter}/api/me").json()["identity"]
    assert (me["username"], me["display_name"]) == ("steward", "石慧")
    assert "token" not in me
    assert SecretStore(provider.settings.secrets_file).get("jupyter_token") not in page.content()
    picture(page, "openid_jupyter")
    page.goto(f"{dashboards}/dashboard/list/")
    page.get_by_role("menuitem", name="看板").first.wait_for()
    assert page.url.startswith(f"{dashboards}/dashboard/list/")
    known = page.request.get(f"{dashboards}/api/v1/me/roles/").json()["result"]
    assert (known["username"], known["firstName"], list(known["roles"])) == ("steward", "石慧", ["管家"])
    picture(page, "openid_superset")
    assert typed == []
    page.goto(f"{provider.url}/")
    page.locator("[data-wb=user-name]:visible").click()
    page.locator("[data-wb=sign-out]:visible").click()
    page.locator("input[name=password]").wait_for()
    wait_until_forgotten(page, f"{dagster}/runs", "/login")
    wait_until_forgotten(page, f"{jupyter}/lab", "/login")
    wait_until_forgotten(page, f"{dashboards}/dashboard/list/", f"{provider.url}/login")


def wait_until_forgotten(page: Page, url: str, where: str) -> None:
    """Within seconds the page asks the hub again, and the hub asks for the password."""
    until = time.monotonic() + page_sign_in.ASK_AGAIN_SECONDS + 15
    while time.monotonic() < until:
        found = page.request.get(url, headers={"Accept": "text/html"})
        if where in found.url:
            return
        time.sleep(1)
    pytest.fail(f"{url} is still open: {found.url} {found.status} {found.text()[:1000]}")


def test_signing_in_at_a_page_leads_back_to_it(context: BrowserContext, provider: Provider, jupyter: str) -> None:
    page = context.new_page()
    page.goto(f"{jupyter}/lab/tree/10_order_to_cash.ipynb")
    type_password(page, "boss")
    page.wait_for_url(f"{jupyter}/lab/tree/10_order_to_cash.ipynb")
    page.locator(".jp-Notebook").first.wait_for()
    page.on("dialog", lambda dialog: dialog.accept())  # the notebook asks before it is left
    page.goto(f"{jupyter}/logout")
    page.locator("input[name=password]").wait_for()
    assert page.url.startswith(provider.url)
    page.goto(f"{jupyter}/lab")
    page.locator("input[name=password]").wait_for()
    assert page.url.startswith(provider.url)


def test_a_wrong_role_is_told_which_roles_may(
    context: BrowserContext, provider: Provider, dagster: str, jupyter: str, dashboards: str
) -> None:
    page = context.new_page()
    page.goto(f"{provider.url}/")
    type_password(page, "seller")
    page.get_by_text("李娜，您好").wait_for()
    opened = {dagster: "管理员、数据管家", f"{jupyter}/lab": "管理员、高管、数据管家", dashboards: "管理员、高管、财务"}
    for url, opened_to in opened.items():
        page.goto(url)
        expect(page.get_by_role("heading")).to_have_text("不能打开这个页面 · This page is not open to you")
        expect(page.locator("main")).to_contain_text(opened_to)
        picture(page, "openid_refused")
        page.get_by_role("link").click()
        page.get_by_text("李娜，您好").wait_for()


def test_superset_takes_roles_from_the_hub_and_passwords_from_programs_only(
    dashboards: str, superset: RunningSuperset, visitor: Callable[..., Visitor], provider: Provider
) -> None:
    roles = {"boss": ["高管"], "admin": []}  # the service account's name is nobody's login
    for login, expected in roles.items():
        with httpx.Client(trust_env=False, base_url=dashboards) as page:
            away = page.get("/login/", params={"next": "//evil.example/"})
            back = visitor(login).http.get(away.headers["location"])
            done = page.get(back.headers["location"])
            if expected:
                assert done.headers["location"] == "/superset/welcome/" or "evil" not in done.headers["location"]
                assert list(page.get("/api/v1/me/roles/").json()["result"]["roles"]) == expected
                out = page.get("/logout/").headers["location"]
                assert out.startswith(f"{provider.url}/oauth/end-session?id_token_hint=ey")
            else:
                assert done.status_code == 403
                assert "未能登录" in done.text
            assert page.get("/api/v1/me/").status_code == 401
            assert page.get("/oauth-authorized/hub?code=x&state=y").status_code == 403
            assert page.post("/login/", data={"username": "boss", "password": "x"}).status_code in (400, 404, 405)
    with Superset(dashboards, "admin", superset.password("admin")) as client:
        assert client.get("me/roles/")["result"]["username"] == "admin"
    for password in ("", PASSWORD):
        with pytest.raises(SupersetError):
            Superset(dashboards, "steward", password)


def test_dagster_shows_strangers_nothing(dagster: str) -> None:
    with httpx.Client(base_url=dagster, trust_env=False) as stranger:
        assert stranger.get("/server_info").status_code == 200
        asked = {"query": "{ version }"}
        assert stranger.post("/graphql", json=asked).status_code == 401
        assert stranger.get("/graphql", params=asked, headers={"Accept": "text/html"}).status_code == 401
        assert stranger.get("/server_info/../graphql").status_code == 401
        sent = stranger.get("//evil.example/x", headers={"Accept": "text/html"})
        assert sent.status_code in (303, 400, 401)
        for path in ("/hub-sign-in", "/hub-sign-in?code=x&state=y", "/hub-sign-in?error=access_denied&state=y"):
            answer = stranger.get(path)
            assert answer.status_code == 400
            assert "重新登录" in answer.text
        forged = {"Cookie": "dagster_session=eyJ0b2tlbiI6ICJ4In0=.aaaa.bbbb"}
        assert stranger.post("/graphql", json=asked, headers=forged).status_code == 401
    with pytest.raises(InvalidStatus), connect(dagster.replace("http", "ws") + "/graphql"):
        pass


def test_dagsters_socket_and_its_neighbours(visitor: Callable[..., Visitor], dagster: str, provider: Provider) -> None:
    """Signed in, the page's own requests pass; those of another port of this host do not, though the cookie is sent."""
    cookie = entered(visitor("admin", fresh=True), dagster)
    asked, headers = {"query": "{ version }"}, {"Cookie": cookie}
    elsewhere = {**headers, "Origin": provider.url}
    assert "data" in httpx.post(f"{dagster}/graphql", json=asked, headers=headers, trust_env=False).json()
    assert httpx.post(f"{dagster}/graphql", json=asked, headers=elsewhere, trust_env=False).status_code == 403
    linked = {**headers, "Sec-Fetch-Site": "same-site", "Sec-Fetch-Mode": "navigate", "Accept": "text/html"}
    assert httpx.get(f"{dagster}/graphql", params=asked, headers=linked, trust_env=False).status_code == 403
    socket = dagster.replace("http", "ws") + "/graphql"
    with pytest.raises(InvalidStatus), connect(socket, additional_headers=elsewhere, subprotocols=["graphql-ws"]):  # type: ignore[list-item]
        pass
    with connect(socket, additional_headers=headers, subprotocols=["graphql-ws"]) as opened:  # type: ignore[list-item]
        opened.send('{"type": "connection_init"}')
        assert "connection_ack" in str(opened.recv(timeout=10))


def entered(browser: Visitor, url: str) -> str:
    """Walks through the sign-in of a page without a screen; the page's cookie."""
    with httpx.Client(trust_env=False) as page:
        away = page.get(url, headers={"Accept": "text/html"})
        back = browser.http.get(away.headers["location"])
        done = page.get(back.headers["location"])
        assert done.status_code == 303, done.text
        return "; ".join(f"{name}={value}" for name, value in page.cookies.items())


def test_a_code_of_another_browser_signs_nobody_in(visitor: Callable[..., Visitor], dagster: str) -> None:
    """Sign-in forced upon a victim: the attacker's code, the victim's browser."""
    with httpx.Client(trust_env=False) as attacker, httpx.Client(trust_env=False) as victim:
        away = attacker.get(dagster, headers={"Accept": "text/html"})
        back = visitor("admin").http.get(away.headers["location"]).headers["location"]
        victim.get(dagster, headers={"Accept": "text/html"})
        assert victim.get(back).status_code == 400
        assert victim.post(f"{dagster}/graphql", json={"query": "{ version }"}).status_code == 401


def test_programs_enter_jupyter_by_its_token_and_kernels_are_not_told(provider: Provider, jupyter: str) -> None:
    token = SecretStore(provider.settings.secrets_file).get("jupyter_token")
    secrets = SecretStore(provider.settings.secrets_file).path.read_text()
    assert httpx.get(f"{jupyter}/api/kernels", trust_env=False).status_code == 403
    by_token = httpx.get(f"{jupyter}/api/kernels", headers={"Authorization": f"token {token}"}, trust_env=False)
    assert by_token.status_code == 200
    environment = program_of("jupyter", provider.settings).environment
    assert not [value for value in environment.values() if len(value) > 16 and value in secrets]
    config = Path(environment["JUPYTER_CONFIG_DIR"]) / "jupyter_server_config.json"
    assert config.stat().st_mode & 0o077 == 0
    for onward in ("https://evil.example/", "//evil.example", "/\\evil.example"):
        asked = httpx.get(f"{jupyter}/login", params={"next": onward, "token": token}, trust_env=False)
        assert asked.headers["location"].startswith("/"), asked.headers
        assert not asked.headers["location"].startswith("//")
