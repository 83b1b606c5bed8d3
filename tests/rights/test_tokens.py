"""Bearer tokens: scoped, expiring, revocable, with their last use; whatever is wrong with one, the answer is one."""

from __future__ import annotations

import itertools
import re
from collections.abc import Iterator
from datetime import timedelta

import pytest
from click.testing import CliRunner
from sqlalchemy import text
from sqlalchemy.orm import Session
from starlette.testclient import TestClient

from hub.cli import hub
from hub.context import Viewer
from hub.document.access import ALL_ROWS, ROLES, all_permissions, limited
from hub.errors import Forbidden, HubError
from hub.identity import TOUCHED_EVERY, issue_token, revoke_token, tokens, viewer_of_token
from hub.web.app import create_app
from tests.rights.conftest import Plant


def _issue(plant: Plant, login: str, **more: object) -> str:
    with Session(plant.engine) as session, session.begin():
        return issue_token(session, f"r-{login}", purpose="tests", **more)  # type: ignore[arg-type]


def _viewer(plant: Plant, token: str) -> Viewer:
    with Session(plant.engine) as session, session.begin():
        return viewer_of_token(session, token)


@pytest.mark.parametrize("role", ROLES)
def test_scopes_cut_rights_and_leave_the_reach(role: str) -> None:
    """What a token may is in its scopes and of its user, or is the user's reach; without scopes it is its user."""
    held = ROLES[role].permissions
    for scopes in itertools.chain(
        [()], itertools.combinations(sorted(all_permissions()), 1), [tuple(all_permissions())]
    ):
        may = limited(held, scopes)
        assert "*" not in may
        for one in may:
            assert "*" in held or one in held
            assert one in scopes or one.endswith(ALL_ROWS)
        assert set(scopes) & (all_permissions() if "*" in held else held) <= may
    assert limited(held, None) == held


def test_a_scoped_token_reads_what_its_scope_says(plant: Plant) -> None:
    viewer = _viewer(plant, _issue(plant, "executive", scopes=["sales.read"]))
    found = plant.ask(
        viewer, "{ salesOrders { totalCount nodes { customer { code } } } purchaseOrders { totalCount } }"
    )
    assert found["data"]["salesOrders"]["totalCount"] == 24
    assert {str(one["customer"]) for one in found["data"]["salesOrders"]["nodes"]} == {"None"}
    assert found["data"]["purchaseOrders"] is None
    south = _viewer(plant, _issue(plant, "south", scopes=["sales.read"]))
    assert plant.data(south, "{ salesOrders { totalCount } }")["salesOrders"]["totalCount"] == 9
    writing = plant.ask(south, 'mutation { createSalesOrder(input: {customer: "K1"}) { problems { code } } }')
    assert writing["data"]["createSalesOrder"]["problems"] == [{"code": "FORBIDDEN"}]


@pytest.mark.parametrize(
    ("login", "scopes", "code"),
    [
        ("south", ["sales.fly"], "SCOPE_UNKNOWN"),
        ("south", ["people.private"], "SCOPE_NOT_HELD"),
        ("nobody", None, "USER_UNKNOWN"),
    ],
)
def test_a_token_that_could_not_do_what_it_says_is_not_issued(
    plant: Plant, login: str, scopes: list[str] | None, code: str
) -> None:
    with pytest.raises(HubError) as raised:
        _issue(plant, login, scopes=scopes)
    assert [one.code for one in raised.value.problems] == [code]


SPOILT = {
    "unknown": "UPDATE audit.access_token SET token_hash = 'x' WHERE id = :id",
    "expired": "UPDATE audit.access_token SET expires_at = now() - interval '1 second' WHERE id = :id",
    "revoked": "UPDATE audit.access_token SET revoked_at = now() WHERE id = :id",
    "blocked": "UPDATE hub.user SET active = false WHERE id = (SELECT user_id FROM audit.access_token WHERE id = :id)",
}


@pytest.fixture(scope="module")
def client(plant: Plant) -> Iterator[TestClient]:
    with TestClient(create_app(), follow_redirects=False) as client:
        yield client


def test_whatever_is_wrong_the_answer_is_one(plant: Plant, client: TestClient) -> None:
    """Over HTTP: bytes, status and headers are the same for an unknown, expired, revoked and blocked token."""
    answers = set()
    for spoil in SPOILT.values():
        token = _issue(plant, "collector")
        with plant.engine.begin() as connection:
            newest = connection.scalar(text("SELECT id FROM audit.access_token ORDER BY id DESC LIMIT 1"))
            connection.execute(text(spoil), {"id": newest})
        answer = client.post(
            "/graphql", json={"query": "{ me { code } }"}, headers={"Authorization": f"Bearer {token}"}
        )
        told = {name: value for name, value in answer.headers.items() if name not in ("date", "x-request-id")}
        answers.add((answer.status_code, answer.content, str(told)))
        with pytest.raises(Forbidden):
            _viewer(plant, token)
    with plant.engine.begin() as connection:
        connection.execute(text("UPDATE hub.user SET active = true WHERE code = 'r-collector'"))
    assert len(answers) == 1
    assert next(iter(answers))[0] == 401


def test_the_last_use_is_written_once_a_minute(plant: Plant) -> None:
    token = _issue(plant, "planner")
    query = text("SELECT last_used_at FROM audit.access_token ORDER BY id DESC LIMIT 1")
    seen = []
    for _ in range(3):
        _viewer(plant, token)
        with plant.engine.connect() as connection:
            seen.append(connection.scalar(query))
    assert seen[0] is not None
    assert len(set(seen)) == 1
    earlier = "UPDATE audit.access_token SET last_used_at = last_used_at - :gap WHERE last_used_at = :seen"
    with plant.engine.begin() as connection:
        connection.execute(text(earlier), {"gap": TOUCHED_EVERY + timedelta(seconds=1), "seen": seen[0]})
    _viewer(plant, token)
    with plant.engine.connect() as connection:
        assert connection.scalar(query) >= seen[0]


def test_listed_and_revoked_by_id(plant: Plant) -> None:
    token = _issue(plant, "quality", scopes=["quality.read"], days=None)
    with Session(plant.engine) as session, session.begin():
        (listed,) = tokens(session, "r-quality")
        assert (listed.purpose, listed.scopes, listed.expires_at) == ("tests", ["quality.read"], None)
        revoke_token(session, listed.id)
        assert tokens(session, "r-quality") == []
        with pytest.raises(HubError):
            revoke_token(session, listed.id)
    with pytest.raises(Forbidden):
        _viewer(plant, token)


def test_the_command_line(plant: Plant) -> None:
    """`hub token`, `hub token list`, `hub token revoke`, `hub password`, on the database of the settings."""
    run = CliRunner()
    made = run.invoke(
        hub, ["token", "--as", "r-finance", "--name", "ERP partner", "--scope", "sales.read", "--days", "30"]
    )
    assert made.exit_code == 0, made.output
    assert _viewer(plant, made.output.strip()).may("sales.read")
    listed = run.invoke(hub, ["token", "list", "--as", "r-finance"])
    assert "ERP partner" in listed.output
    assert "sales.read" in listed.output
    assert made.output.strip() not in listed.output
    found = re.search(r"^[0-9a-f-]{36}", listed.output)
    assert found is not None
    assert run.invoke(hub, ["token", "revoke", found[0]]).exit_code == 0
    with pytest.raises(Forbidden):
        _viewer(plant, made.output.strip())
    assert run.invoke(hub, ["token"]).exit_code == 2
    assert run.invoke(hub, ["password", "r-finance", "--password", "a long enough one"]).exit_code == 0
    from hub.identity import authenticate

    with Session(plant.engine) as session:
        assert authenticate(session, "r-finance", "a long enough one") is not None
        assert authenticate(session, "r-finance", "a long enough two") is None
    with plant.engine.connect() as connection:
        query = text("SELECT verb, changes FROM audit.audit_entry ORDER BY id DESC LIMIT 3")
        password, ended, issued = connection.execute(query).all()
    assert password == ("set_password", {"password_hash": ["***", "***"]})
    assert (ended.verb, ended.changes["token"], ended.changes["purpose"]) == (
        "revoke_token", [found[0], None], ["ERP partner", None]
    )  # fmt: skip
    assert (issued.verb, issued.changes["token"], issued.changes["scopes"]) == (
        "issue_token", [None, found[0]], [None, ["sales.read"]]
    )  # fmt: skip
    assert made.output.strip() not in str([issued.changes, ended.changes])
    assert run.invoke(hub, ["password", "r-finance", "--password", "short"]).exit_code != 0
