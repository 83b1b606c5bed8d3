"""Signing in: passwords, tokens, and what a stolen or stale one is worth."""

from __future__ import annotations

import pytest
from sqlalchemy import Engine, text
from sqlalchemy.orm import Session

from hub import identity, writes
from hub.errors import Forbidden, NotFound
from tests.writing.conftest import Work


@pytest.fixture
def staffed(engine: Engine, work: Work) -> Engine:
    with work() as ctx:
        row = {
            "code": "zhangwei",
            "name": "张伟",
            "roles": ["sales"],
            "password_hash": identity.hash_password("correct horse"),
        }
        assert writes.load(ctx, "User", [row]).problems == []
    return engine


def test_login_and_password(staffed: Engine) -> None:
    with Session(staffed) as session:
        viewer = identity.authenticate(session, "zhangwei", "correct horse")
        assert viewer is not None
        assert viewer.may("sales.write")
        assert not viewer.may("people.private")
        assert identity.authenticate(session, "zhangwei", "wrong") is None
        assert identity.authenticate(session, "nobody", "correct horse") is None


def test_a_viewer_brings_the_time_zone_of_the_company(staffed: Engine) -> None:
    with Session(staffed) as session:
        session.execute(text("UPDATE hub.company SET time_zone = 'Europe/Berlin'"))
        viewer = identity.viewer_of(session, code="zhangwei")
    assert viewer is not None
    assert viewer.time_zone == "Europe/Berlin"


def test_a_user_without_password_cannot_sign_in(staffed: Engine, work: Work) -> None:
    with work() as ctx:
        writes.create(ctx, "User", {"code": "empty", "name": "无密码"})
    with Session(staffed) as session:
        assert identity.authenticate(session, "empty", "") is None


def test_a_token_stands_for_its_user_and_is_kept_as_a_hash(staffed: Engine) -> None:
    with Session(staffed) as session, session.begin():
        token = identity.issue_token(session, "zhangwei", purpose="test")
    with Session(staffed) as session:
        assert identity.viewer_of_token(session, token).code == "zhangwei"
        kept = session.execute(text("SELECT * FROM audit.access_token")).all()
    assert token not in str(kept)


@pytest.mark.parametrize(
    "spoil",
    [
        "UPDATE audit.access_token SET expires_at = now() - interval '1 second'",
        "UPDATE hub.user SET active = false",
        "DELETE FROM audit.access_token",
    ],
)
def test_an_expired_blocked_or_removed_token_is_worth_nothing(staffed: Engine, spoil: str) -> None:
    with Session(staffed) as session, session.begin():
        token = identity.issue_token(session, "zhangwei", purpose="test")
        session.execute(text(spoil))
    with Session(staffed) as session, pytest.raises(Forbidden):
        identity.viewer_of_token(session, token)


def test_a_token_for_nobody_is_not_issued(staffed: Engine) -> None:
    with Session(staffed) as session, pytest.raises(NotFound):
        identity.issue_token(session, "nobody", purpose="test")
