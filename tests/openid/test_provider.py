"""The hub as OpenID provider, asked over HTTP as Authlib's client asks: the happy path and every way it can fail."""

from __future__ import annotations

import stat
import time
from collections.abc import Callable
from urllib.parse import parse_qs, urlsplit

import httpx
import pytest
from authlib.common.security import generate_token
from authlib.integrations.requests_client import OAuth2Session
from joserfc import jwt
from joserfc.jwk import KeySet
from sqlalchemy import text

from hub.sign_ins import CODE_SECONDS
from hub.web.openid.clients import Client
from tests.openid.conftest import PEOPLE, Provider, Visitor, answered
from tests.serving import free_port, serving

SignedIn = Callable[..., Visitor]


def exchange(provider: Provider, page: Client, code: str, verifier: str, /, **changed: str) -> httpx.Response:
    """What a page sends for a code."""
    form = {
        "grant_type": "authorization_code",
        "code": code,
        "redirect_uri": page.redirect_uri,
        "client_id": page.client_id,
        "client_secret": page.secret,
        "code_verifier": verifier,
        **changed,
    }
    return httpx.post(f"{provider.url}/oauth/token", data=form, trust_env=False)


def userinfo(provider: Provider, token: str) -> httpx.Response:
    return httpx.get(f"{provider.url}/oauth/userinfo", headers={"Authorization": f"Bearer {token}"}, trust_env=False)


def token_of(provider: Provider, visitor: Visitor, page: Client) -> dict[str, str]:
    """A page's tokens for whoever sits at the browser."""
    verifier = generate_token(48)
    answer = exchange(provider, page, visitor.code(page, verifier), verifier)
    assert answer.status_code == 200, answer.text
    tokens: dict[str, str] = answer.json()
    return tokens


@pytest.mark.parametrize("method", ["client_secret_basic", "client_secret_post"])
@pytest.mark.parametrize(
    ("login", "client_id"), [("boss", "superset"), ("steward", "dagster"), ("admin", "jupyterlab")]
)
def test_authlibs_client_learns_who_has_signed_in(
    provider: Provider, visitor: SignedIn, login: str, client_id: str, method: str
) -> None:
    page, browser = provider.page(client_id), visitor(login)
    known = httpx.get(f"{provider.url}/.well-known/openid-configuration", trust_env=False).json()
    assert known["issuer"] == provider.url
    client = OAuth2Session(
        page.client_id,
        page.secret,
        token_endpoint_auth_method=method,
        scope="openid profile email",
        redirect_uri=page.redirect_uri,
        code_challenge_method="S256",
    )
    client.trust_env = False
    verifier, nonce = generate_token(48), generate_token(20)
    url, state = client.create_authorization_url(known["authorization_endpoint"], code_verifier=verifier, nonce=nonce)
    began = time.time()
    given = browser.http.get(url)
    assert given.status_code == 302
    assert given.headers["location"].startswith(f"{page.redirect_uri}?")
    tokens = client.fetch_token(
        known["token_endpoint"], authorization_response=given.headers["location"], state=state, code_verifier=verifier
    )
    keys = KeySet.import_key_set(httpx.get(known["jwks_uri"], trust_env=False).json())
    assert "d" not in keys.keys[0].as_dict()
    claims = jwt.decode(tokens["id_token"], keys, algorithms=["RS256"]).claims
    name, roles, language = PEOPLE[login]
    expected = {
        "preferred_username": login,
        "name": name,
        "email": f"{login}@factory.example",
        "email_verified": False,
        "roles": sorted(roles),
        "locale": "en" if language == "en" else "zh-CN",
    }
    assert {key: claims[key] for key in expected} == expected
    jwt.JWTClaimsRegistry(
        iss={"essential": True, "value": provider.url},
        aud={"essential": True, "value": page.client_id},
        nonce={"essential": True, "value": nonce},
    ).validate(claims)
    assert began - 60 < claims["auth_time"] <= time.time()
    assert claims["exp"] > time.time()
    said = client.get(known["userinfo_endpoint"]).json()
    client.close()
    assert said == {**expected, "sub": claims["sub"]}


def test_scopes_decide_what_is_said(provider: Provider, visitor: SignedIn) -> None:
    page, verifier = provider.page("superset"), generate_token(48)
    code = visitor("boss").code(page, verifier, scope="openid")
    tokens = exchange(provider, page, code, verifier).json()
    assert tokens["scope"] == "openid"
    assert userinfo(provider, tokens["access_token"]).json().keys() == {"sub"}


def test_who_has_not_signed_in_types_the_password_and_goes_on(provider: Provider, visitor: SignedIn) -> None:
    page, browser, verifier = provider.page("superset"), visitor(), generate_token(48)
    asked = browser.ask(page, verifier)
    assert asked.status_code == 303
    parts = urlsplit(asked.headers["location"])
    assert parts.path == "/login"
    onward = parse_qs(parts.query)["next"][0]
    assert onward.startswith("/oauth/authorize?")
    signed = browser.sign_in("boss", onward)
    assert signed.headers["location"] == onward
    given = answered(browser.http.get(onward))
    assert given["state"] == "the state"
    assert exchange(provider, page, given["code"], verifier).status_code == 200


WRONG_REQUESTS: list[tuple[dict[str, str | None], str]] = [
    ({"client_id": "stranger"}, "invalid_client"),
    ({"client_id": None}, "invalid_client"),
    ({"redirect_uri": "https://evil.example/"}, "invalid_request"),
    ({"redirect_uri": "//evil.example/"}, "invalid_request"),
    ({"redirect_uri": "javascript:alert(1)"}, "invalid_request"),
]
TOLD_TO_THE_PAGE: list[tuple[dict[str, str | None], str]] = [
    ({"response_type": "token"}, "unsupported_response_type"),
    ({"response_type": "code id_token"}, "unsupported_response_type"),
    ({"code_challenge": None}, "invalid_request"),
    ({"code_challenge_method": "plain"}, "invalid_request"),
    ({"code_challenge_method": None}, "invalid_request"),
    ({"code_challenge": "short"}, "invalid_request"),
    ({"prompt": "none login"}, "invalid_request"),
]


@pytest.mark.parametrize(("changed", "error"), WRONG_REQUESTS)
@pytest.mark.parametrize("login", [None, "boss"])
def test_nobody_is_sent_to_a_stranger(
    provider: Provider, visitor: SignedIn, login: str | None, changed: dict[str, str | None], error: str
) -> None:
    answer = visitor(login).ask(provider.page("superset"), **changed)
    assert answer.status_code == 400
    assert "location" not in answer.headers
    assert f"（{error}）" in answer.text
    assert "evil" not in answer.text
    assert "javascript" not in answer.text


def test_redirects_are_letter_for_letter_and_not_another_pages(provider: Provider, visitor: SignedIn) -> None:
    browser, page = visitor("admin"), provider.page("superset")
    address = page.redirect_uri
    others = [provider.page(name).redirect_uri for name in ("jupyterlab", "dagster")]
    tricks = [f"{address}/", f"{address}?x=1", f"{address}#x", address.upper(), f"{address}/../x", address[:-1]]
    tricks += [address.replace("127.0.0.1", name) for name in ("localhost", "127.0.0.1.evil.example", "a@127.0.0.1")]
    for tried in [*others, *tricks]:
        answer = browser.ask(page, redirect_uri=tried)
        assert (answer.status_code, "location" in answer.headers) == (400, False), tried


@pytest.mark.parametrize(("changed", "error"), TOLD_TO_THE_PAGE)
def test_the_page_is_told_what_was_wrong(
    provider: Provider, visitor: SignedIn, changed: dict[str, str | None], error: str
) -> None:
    page = provider.page("superset")
    answer = visitor("boss").ask(page, **changed)
    assert answer.headers["location"].startswith(f"{page.redirect_uri}?")
    told = answered(answer)
    assert (told["error"], told["state"]) == (error, "the state")
    assert "code" not in told


def test_a_parameter_may_come_once(provider: Provider, visitor: SignedIn) -> None:
    page = provider.page("superset")
    query = [("client_id", page.client_id), ("client_id", "dagster"), ("response_type", "code")]
    answer = visitor("boss").http.get("/oauth/authorize", params=[*query, ("redirect_uri", page.redirect_uri)])
    assert answer.status_code == 400


def test_a_wrong_role_is_refused_with_a_page_for_people(provider: Provider, visitor: SignedIn) -> None:
    allowed = {
        "superset": {"admin", "boss", "steward"},
        "jupyterlab": {"admin", "boss", "steward"},
        "dagster": {"admin", "steward"},
    }
    for client_id, logins in allowed.items():
        for login in PEOPLE:
            answer = visitor(login).ask(provider.page(client_id))
            assert answer.status_code == (302 if login in logins else 403), (client_id, login)
            if login not in logins:
                assert "只对这些角色开放" in answer.text
                assert "are open to these roles only: Administrator" in answer.text
    silent = visitor("seller").ask(provider.page("dagster"), prompt="none")
    assert answered(silent)["error"] == "access_denied"


def test_prompt_and_max_age(provider: Provider, visitor: SignedIn) -> None:
    page = provider.page("superset")
    assert answered(visitor().ask(page, prompt="none"))["error"] == "login_required"
    assert "code" in answered(visitor("boss").ask(page, prompt="none"))
    assert "code" in answered(visitor("boss").ask(page, prompt="consent", max_age="600"))
    for wish in ({"prompt": "login"}, {"max_age": "0"}):
        browser = visitor("boss", fresh=True)
        time.sleep(1.1 if "max_age" in wish else 0)
        asked = browser.ask(page, **wish)
        assert asked.headers["location"].startswith("/login?")
        onward = parse_qs(urlsplit(asked.headers["location"]).query)["next"][0]
        browser.sign_in("boss", onward)
        assert "code" in answered(browser.http.get(onward))


def test_a_code_works_once_and_a_second_try_ends_the_sign_in(provider: Provider, visitor: SignedIn) -> None:
    page, verifier = provider.page("superset"), generate_token(48)
    code = visitor("boss").code(page, verifier)
    first = exchange(provider, page, code, verifier)
    token = first.json()["access_token"]
    assert first.headers["cache-control"] == "no-store"
    assert userinfo(provider, token).status_code == 200
    second = exchange(provider, page, code, verifier)
    assert (second.status_code, second.json()["error"]) == (400, "invalid_grant")
    assert userinfo(provider, token).status_code == 401


def test_what_is_wrong_with_a_code_is_told_and_uses_it_up(provider: Provider, visitor: SignedIn) -> None:
    page, other = provider.page("superset"), provider.page("jupyterlab")
    wrong: list[tuple[dict[str, str], str, bool]] = [
        ({"code_verifier": generate_token(48)}, "invalid_grant", True),
        ({"code_verifier": ""}, "invalid_request", True),
        ({"redirect_uri": other.redirect_uri}, "invalid_grant", True),
        ({"redirect_uri": ""}, "invalid_grant", True),
        ({"client_secret": "guessed"}, "invalid_client", False),
        ({"client_id": "stranger"}, "invalid_client", False),
        ({"client_id": other.client_id, "client_secret": other.secret}, "invalid_grant", False),
        ({"code": "guessed"}, "invalid_grant", False),
        ({"grant_type": "password"}, "unsupported_grant_type", False),
    ]
    for changed, error, is_used_up in wrong:
        verifier = generate_token(48)
        code = visitor("boss").code(page, verifier)
        answer = exchange(provider, page, code, verifier, **changed)
        assert (answer.status_code in (400, 401), answer.json()["error"]) == (True, error), changed
        assert "access_token" not in answer.json()
        again = exchange(provider, page, code, verifier)
        assert again.status_code == (400 if is_used_up else 200), changed


def test_codes_expire(provider: Provider, visitor: SignedIn) -> None:
    page, verifier = provider.page("superset"), generate_token(48)
    code = visitor("boss").code(page, verifier)
    with provider.database.engine.begin() as connection:
        left = connection.scalar(
            text("SELECT max(expires_at) - now() FROM audit.page_sign_in WHERE token_hash IS NULL")
        )
        assert 0 < left.total_seconds() <= CODE_SECONDS
        connection.execute(text("UPDATE audit.page_sign_in SET expires_at = now() - interval '1 second'"))
    answer = exchange(provider, page, code, verifier)
    assert (answer.status_code, answer.json()["error"]) == (400, "invalid_grant")


def test_the_database_holds_hashes_only(provider: Provider, visitor: SignedIn) -> None:
    page, verifier = provider.page("superset"), generate_token(48)
    code = visitor("boss").code(page, verifier)
    token = exchange(provider, page, code, verifier).json()["access_token"]
    with provider.database.engine.connect() as connection:
        rows = str(connection.execute(text("SELECT * FROM audit.page_sign_in")).all())
    assert code not in rows
    assert token not in rows
    assert stat.S_IMODE(provider.settings.secrets_file.stat().st_mode) == 0o600


def test_another_process_of_the_hub_takes_the_code_and_signs_with_the_same_key(
    provider: Provider, visitor: SignedIn, tmp_path_factory: pytest.TempPathFactory
) -> None:
    page, verifier = provider.page("superset"), generate_token(48)
    code = visitor("boss").code(page, verifier)
    with serving(provider.database, tmp_path_factory.mktemp("second") / "hub.log", free_port()) as url:
        form = {"grant_type": "authorization_code", "code": code, "redirect_uri": page.redirect_uri}
        told = httpx.post(
            f"{url}/oauth/token",
            data={**form, "code_verifier": verifier},
            auth=(page.client_id, page.secret),
            trust_env=False,
        )
        assert told.status_code == 200
        assert (
            httpx.get(f"{url}/oauth/jwks", trust_env=False).json()
            == httpx.get(f"{provider.url}/oauth/jwks", trust_env=False).json()
        )
    assert userinfo(provider, told.json()["access_token"]).json()["preferred_username"] == "boss"


def test_a_pages_token_opens_nothing_but_userinfo(provider: Provider, visitor: SignedIn) -> None:
    token = token_of(provider, visitor("admin"), provider.page("dagster"))["access_token"]
    headers = {"Authorization": f"Bearer {token}"}
    asked = httpx.post(f"{provider.url}/graphql", json={"query": "{ __typename }"}, headers=headers, trust_env=False)
    assert asked.status_code == 401
    for wrong in ("guessed", "x" * 4000):
        refused = userinfo(provider, wrong)
        assert (refused.status_code, refused.json()) == (401, {"error": "invalid_token"})
        assert "invalid_token" in refused.headers["www-authenticate"]


def test_signing_out_at_the_hub_ends_every_page(provider: Provider, visitor: SignedIn) -> None:
    browser, elsewhere = visitor("admin", fresh=True), visitor("admin", fresh=True)
    tokens = [token_of(provider, browser, provider.page(name)) for name in ("superset", "jupyterlab", "dagster")]
    other = token_of(provider, elsewhere, provider.page("superset"))
    assert browser.sign_out().status_code == 303
    assert [userinfo(provider, one["access_token"]).status_code for one in tokens] == [401, 401, 401]
    assert userinfo(provider, other["access_token"]).status_code == 200
    assert browser.ask(provider.page("superset")).headers["location"].startswith("/login?")


@pytest.mark.parametrize("loss", ["active = false", "roles = '{sales}'"])
def test_who_loses_the_right_loses_the_page(provider: Provider, visitor: SignedIn, loss: str) -> None:
    page, verifier, browser = provider.page("dagster"), generate_token(48), visitor("steward")
    token = token_of(provider, browser, page)["access_token"]
    code = browser.code(page, verifier)
    with provider.database.engine.begin() as connection:
        connection.execute(text(f"UPDATE hub.\"user\" SET {loss} WHERE code = 'steward'"))
    try:
        assert userinfo(provider, token).status_code == 401
        assert exchange(provider, page, code, verifier).json()["error"] == "invalid_grant"
    finally:
        with provider.database.engine.begin() as connection:
            as_before = "UPDATE hub.\"user\" SET active = true, roles = '{steward,workshop}' WHERE code = 'steward'"
            connection.execute(text(as_before))


def test_a_page_signs_out_with_its_id_token_and_a_stranger_must_ask(provider: Provider, visitor: SignedIn) -> None:
    page, browser = provider.page("superset"), visitor("boss", fresh=True)
    tokens = token_of(provider, browser, page)
    home = f"{page.origin}/"
    stranger = browser.http.get("/oauth/end-session", params={"post_logout_redirect_uri": "https://evil.example/"})
    assert stranger.status_code == 200
    assert "确定要退出" in stranger.text
    forged = browser.http.get("/oauth/end-session", params={"id_token_hint": tokens["id_token"][:-4] + "AAAA"})
    assert forged.status_code == 400
    for origin in ("https://evil.example", page.origin):
        asked = browser.http.post("/oauth/end-session", data={"confirmed": "yes"}, headers={"Origin": origin})
        assert asked.status_code == 200, origin
    assert userinfo(provider, tokens["access_token"]).status_code == 200
    evil = {"id_token_hint": tokens["id_token"], "post_logout_redirect_uri": "https://evil.example/"}
    for params, onward in ((evil, "/"), ({**evil, "post_logout_redirect_uri": home, "state": "s"}, f"{home}?state=s")):
        gone = browser.http.get("/oauth/end-session", params=params)
        assert (gone.status_code, gone.headers["location"]) == (303, onward)
    assert userinfo(provider, tokens["access_token"]).status_code == 401
    confirmed = visitor("boss", fresh=True)
    gone = confirmed.http.post("/oauth/end-session", data={"confirmed": "yes"}, headers={"Origin": provider.url})
    assert gone.headers["location"] == "/"
    assert confirmed.ask(page).headers["location"].startswith("/login?")


@pytest.mark.parametrize(
    "onward",
    [
        "https://evil.example/",
        "//evil.example",
        "/\\evil.example",
        "javascript:alert(1)",
        "http:evil.example",
        "\t//evil",
    ],
)
def test_the_sign_in_page_sends_nobody_away(provider: Provider, visitor: SignedIn, onward: str) -> None:
    signed = visitor().sign_in("boss", onward)
    assert signed.headers["location"].rstrip("/") in ("", provider.url)


def test_another_name_of_this_machine_works_from_end_to_end(provider: Provider, visitor: SignedIn) -> None:
    """A browser that says localhost stays at localhost: its cookies lie there."""
    browser = visitor()
    browser.http.base_url = httpx.URL(provider.url.replace("127.0.0.1", "localhost"))
    browser.sign_in("boss")
    page, verifier = provider.page("superset"), generate_token(48)
    address = page.redirect_uri.replace("127.0.0.1", "localhost")
    code = browser.code(page, verifier, redirect_uri=address)
    assert exchange(provider, page, code, verifier, redirect_uri=address).status_code == 200


def test_behind_a_proxy_the_public_address_rules(
    provider: Provider, visitor: SignedIn, tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HUB_PUBLIC_URL", "https://hub.example.com:9443/")
    port = provider.settings.superset_port
    with serving(provider.database, tmp_path_factory.mktemp("proxied") / "hub.log", superset_port=port) as url:
        known = httpx.get(f"{url}/.well-known/openid-configuration", trust_env=False).json()
        assert known["issuer"] == "https://hub.example.com:9443"
        assert known["authorization_endpoint"] == "https://hub.example.com:9443/oauth/authorize"
        behind = visitor()
        behind.http.base_url = httpx.URL(url)
        signed = behind.sign_in("boss")
        cookie = next(one for one in signed.headers.get_list("set-cookie") if one.startswith("hub_session="))
        assert "; secure" in cookie
        session = cookie.partition(";")[0]
        asked = {"response_type": "code", "client_id": "superset", "scope": "openid", "code_challenge": "a" * 43}
        asked |= {"code_challenge_method": "S256", "state": "s"}
        for redirect, status in ((f"https://hub.example.com:{port}/oauth-authorized/hub", 302), (None, 302)):
            wanted = {**asked, "redirect_uri": redirect} if redirect else asked
            given = behind.http.get("/oauth/authorize", params=wanted, headers={"Cookie": session})
            assert given.status_code == status
            assert given.headers["location"].startswith("https://hub.example.com:")
        plain = {**asked, "redirect_uri": f"http://127.0.0.1:{port}/oauth-authorized/hub"}
        assert behind.http.get("/oauth/authorize", params=plain, headers={"Cookie": session}).status_code == 400
