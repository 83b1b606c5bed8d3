"""An external PostgreSQL: used as far as its user may; every way to fail has one sentence that says what to mend."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import psycopg
import pytest
from psycopg import sql

from hub.db import roles
from hub.db.embedded import EmbeddedServer
from hub.db.engine import connection_arguments, database_url
from hub.db.roles import prepare_external
from hub.settings import Settings
from hub.trouble import Trouble

OWNER, PASSWORD = "factory_owner", "a p@ss/word"


@pytest.fixture
def external(server: EmbeddedServer, tmp_path: Path) -> Iterator[Settings]:
    """The test server as somebody else's: a database whose owner may make roles, role names of its own."""
    with server.connect() as connection:
        connection.execute(sql.SQL("CREATE ROLE factory_owner LOGIN CREATEROLE PASSWORD {}").format(PASSWORD))
        connection.execute("CREATE DATABASE factory OWNER factory_owner")
    url = f"postgresql://{OWNER}:a%20p%40ss%2Fword@/factory?host={server.sockets}"
    yield Settings(home=tmp_path, database_url=url, mart_role="factory_mart", superset_role="factory_superset")
    with server.connect() as connection:
        connection.execute("DROP DATABASE factory WITH (FORCE)")
        connection.execute("DROP ROLE IF EXISTS factory_mart, factory_superset")
        connection.execute("DROP ROLE factory_owner")


def _as(chosen: Settings, role: str) -> psycopg.Connection[tuple[object, ...]]:
    return psycopg.connect(**connection_arguments(database_url(role, chosen=chosen)), autocommit=True)


def test_schemas_roles_and_rights_are_made(external: Settings) -> None:
    assert prepare_external(external) == []
    with roles.connect_external(external) as owner:
        owner.execute("CREATE TABLE mart.x AS SELECT 1 AS a")
        owner.execute("CREATE TABLE hub.y AS SELECT 1 AS a")
    with _as(external, "factory_mart") as reader:
        assert reader.execute("SELECT a FROM x").fetchone() == (1,)
        assert reader.execute("SHOW statement_timeout").fetchone() == ("30s",)
        with pytest.raises(psycopg.errors.InsufficientPrivilege):
            reader.execute("SELECT a FROM hub.y")
    with _as(external, "factory_superset") as superset:
        superset.execute("CREATE TABLE mine (a int)")


def test_a_second_start_changes_nothing(external: Settings) -> None:
    assert prepare_external(external) == []
    before = external.secrets_file.read_text()
    assert prepare_external(external) == []
    assert external.secrets_file.read_text() == before


def test_without_the_right_to_make_roles_only_dashboards_are_missing(
    external: Settings, server: EmbeddedServer
) -> None:
    with server.connect() as connection:
        connection.execute("ALTER ROLE factory_owner NOCREATEROLE")
    troubles = prepare_external(external)
    assert [trouble.en for trouble in troubles] == [
        f"User factory_owner may not create the role {role}, so there are no dashboards; "
        "run: ALTER ROLE factory_owner CREATEROLE."
        for role in ("factory_superset", "factory_mart")
    ]
    with roles.connect_external(external) as owner:
        owner.execute("CREATE TABLE hub.y AS SELECT 1 AS a")


def test_without_the_right_to_make_schemas_the_sentence_says_what_to_grant(
    external: Settings, server: EmbeddedServer
) -> None:
    with server.connect() as connection:
        connection.execute("ALTER DATABASE factory OWNER TO postgres")
    with pytest.raises(Trouble, match="GRANT CREATE ON DATABASE factory TO factory_owner"):
        prepare_external(external)


def test_a_role_of_another_installation_is_left_alone(external: Settings, server: EmbeddedServer) -> None:
    with server.connect() as connection:
        connection.execute("CREATE ROLE factory_mart LOGIN PASSWORD 'theirs'")
    troubles = prepare_external(external)
    assert [trouble.zh for trouble in troubles] == [
        "角色 factory_mart 已存在，但口令不是本机生成的；请用 HUB_MART_ROLE 换一个名称。"
    ]


def test_a_server_that_is_too_old_is_refused(external: Settings, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(
        roles, "MINIMUM_VERSION", 990000
    )  # no older server is at hand; the figure compared is the real one
    with pytest.raises(Trouble, match="18 or newer is needed"):
        prepare_external(external)


@pytest.mark.parametrize(
    ("url", "sentence"),
    [
        ("postgresql://factory_owner:wrong@/factory?host={host}", "refuses the password of user factory_owner"),
        ("postgresql://factory_owner:{password}@/nothing?host={host}", "has no database nothing"),
        ("postgresql://hub:x@127.0.0.1:1/hub", "Cannot reach the database at 127.0.0.1:1"),
        ("postgresql://hub:x@no-such-host.invalid/hub", "Cannot reach the database at no-such-host.invalid:5432"),
        ("mysql://hub:x@localhost/hub", "is no PostgreSQL database"),
        ("localhost", "is no PostgreSQL database"),
        ("postgresql://hub:x@localhost", "is no PostgreSQL database"),
        ("postgresql://hub:x@localhost:port/hub", "is no PostgreSQL database"),
    ],
)
def test_a_wrong_url_is_one_sentence(external: Settings, server: EmbeddedServer, url: str, sentence: str) -> None:
    given = url.format(host=server.sockets, password="a%20p%40ss%2Fword")
    with pytest.raises(Trouble, match=sentence) as caught:
        prepare_external(external.model_copy(update={"database_url": given}))
    assert "a p@ss" not in str(caught.value)
    assert "\n" not in str(caught.value)
