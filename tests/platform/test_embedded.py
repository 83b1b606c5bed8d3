"""The embedded server: passwords are asked for, rights hold, and a killed server comes back with its data."""

from __future__ import annotations

import os
import signal
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import psycopg
import pytest

from hub.db.embedded import LONGEST_SOCKET_PATH, EmbeddedServer, socket_directory
from hub.db.engine import connection_arguments, database_url
from hub.db.roles import embedded_server, prepare_embedded
from hub.secret_store import SecretStore
from hub.settings import Settings
from hub.trouble import Trouble

OWN = {"shared_buffers": "16MB"}  # durable: a kill must lose nothing


def _connect(chosen: Settings, role: str | None = None, **more: str) -> psycopg.Connection[tuple[object, ...]]:
    return psycopg.connect(**connection_arguments(database_url(role, chosen=chosen), **more), autocommit=True)


@pytest.fixture(scope="module")
def own_home(new_folder: Callable[[], Path]) -> Settings:
    return Settings(home=new_folder() / "home")


@pytest.fixture(scope="module")
def own_server(own_home: Settings) -> Iterator[EmbeddedServer]:
    server = embedded_server(own_home, OWN)
    assert server.start()
    prepare_embedded(server, own_home)
    yield server
    server.stop()


def test_a_wrong_password_is_refused(own_server: EmbeddedServer, own_home: Settings) -> None:
    with _connect(own_home) as connection:
        assert connection.execute("SELECT current_user").fetchone() == ("hub",)
    for role in (None, own_home.mart_role, own_home.superset_role):
        with pytest.raises(psycopg.OperationalError, match="password authentication failed"):
            _connect(own_home, role, password="guessed")
    with pytest.raises(psycopg.OperationalError, match="no password supplied"):
        _connect(own_home, password="", passfile="/nowhere")


def test_passwords_are_kept_as_scram_and_the_file_is_private(own_server: EmbeddedServer, own_home: Settings) -> None:
    with own_server.connect() as connection:
        kept = connection.execute("SELECT rolpassword FROM pg_authid WHERE rolcanlogin").fetchall()
    assert len(kept) == 4
    assert all(str(password).startswith("SCRAM-SHA-256$") for (password,) in kept)
    assert own_home.secrets_file.stat().st_mode & 0o777 == 0o600
    assert own_server.data.stat().st_mode & 0o777 == 0o700


def test_the_server_has_no_network_port(own_server: EmbeddedServer) -> None:
    with own_server.connect() as connection:
        assert connection.execute("SHOW listen_addresses").fetchone() == ("",)


def test_the_mart_role_reads_the_mart_and_nothing_else(own_server: EmbeddedServer, own_home: Settings) -> None:
    with _connect(own_home) as owner:
        owner.execute("CREATE TABLE mart.open_order AS SELECT 1 AS number")
        owner.execute("CREATE TABLE mart_restricted.pay AS SELECT 1 AS number")
        owner.execute("CREATE TABLE hub.secret AS SELECT 1 AS number")
    with _connect(own_home, own_home.mart_role) as reader:
        assert reader.execute("SELECT number FROM open_order").fetchone() == (1,)
        assert reader.execute("SHOW statement_timeout").fetchone() == ("30s",)
        assert reader.execute("SHOW timezone").fetchone() == ("Asia/Shanghai",)
        for forbidden in ("SELECT * FROM mart_restricted.pay", "SELECT * FROM hub.secret", "SELECT * FROM pg_authid"):
            with pytest.raises(psycopg.errors.InsufficientPrivilege):
                reader.execute(forbidden.encode())
        with pytest.raises(psycopg.errors.ReadOnlySqlTransaction):
            reader.execute("DELETE FROM open_order")
        reader.execute("SET default_transaction_read_only = off")
        for forbidden in (
            "DELETE FROM mart.open_order",
            "CREATE TABLE mart.mine (a int)",
            "CREATE TEMP TABLE t (a int)",
        ):
            with pytest.raises(psycopg.errors.InsufficientPrivilege):
                reader.execute(forbidden.encode())


def test_a_long_query_of_the_mart_role_is_ended(own_server: EmbeddedServer, own_home: Settings) -> None:
    quick = own_home.model_copy(update={"mart_statement_timeout_seconds": 1})
    prepare_embedded(own_server, quick)
    with _connect(own_home, own_home.mart_role) as reader, pytest.raises(psycopg.errors.QueryCanceled):
        reader.execute("SELECT pg_sleep(20)")
    prepare_embedded(own_server, own_home)


def test_superset_owns_its_schema_only(own_server: EmbeddedServer, own_home: Settings) -> None:
    with _connect(own_home, own_home.superset_role) as connection:
        connection.execute("CREATE TABLE ab_user (id int)")
        found = connection.execute("SELECT schemaname FROM pg_tables WHERE tablename = 'ab_user'").fetchone()
        assert found == ("superset",)
        with pytest.raises(psycopg.errors.InsufficientPrivilege):
            connection.execute("CREATE TABLE hub.mine (a int)")
        with pytest.raises(psycopg.errors.InsufficientPrivilege):
            connection.execute("SELECT * FROM mart.open_order")


def test_chinese_is_searched_by_trigrams(own_server: EmbeddedServer, own_home: Settings) -> None:
    with _connect(own_home) as connection:
        connection.execute("CREATE EXTENSION IF NOT EXISTS pg_trgm")
        assert connection.execute("SELECT show_trgm('注塑机') <> '{}'").fetchone() == (True,)


def test_a_killed_server_comes_back_with_what_was_committed(own_server: EmbeddedServer, own_home: Settings) -> None:
    with _connect(own_home) as connection:
        connection.execute("CREATE TABLE hub.kept AS SELECT 42 AS number")
    before = own_server.pid()
    assert before is not None
    os.kill(before, signal.SIGKILL)
    deadline = time.monotonic() + 10
    while own_server.pid() is not None and time.monotonic() < deadline:
        time.sleep(0.02)
    assert (own_server.data / "postmaster.pid").exists(), "the kill should leave the stale file this test is about"
    assert own_server.start()
    assert own_server.pid() not in (None, before)
    with _connect(own_home) as connection:
        assert connection.execute("SELECT number FROM hub.kept").fetchone() == (42,)


def test_a_stale_pid_file_naming_another_living_process_is_no_obstacle(
    own_server: EmbeddedServer, own_home: Settings
) -> None:
    assert own_server.stop()
    stale = f"{os.getpid()}\n{own_server.data}\n1700000000\n5432\n{own_server.sockets}\n\n  123 456\nready   \n"
    (own_server.data / "postmaster.pid").write_text(stale)
    assert own_server.pid() is None
    assert own_server.start()


def test_start_and_stop_say_whether_they_did_anything(own_server: EmbeddedServer) -> None:
    own_server.start()
    assert not own_server.start()
    assert own_server.stop()
    assert not own_server.stop()
    assert own_server.start()


def test_a_long_path_gets_a_short_socket(new_folder: Callable[[], Path]) -> None:
    long = Settings(home=new_folder() / ("很长的文件夹名" * 5) / ("x" * 60) / "home")
    assert len(os.fsencode(socket_directory(long.home) / ".s.PGSQL.5432")) <= LONGEST_SOCKET_PATH
    server = embedded_server(long, OWN)
    try:
        server.start()
        prepare_embedded(server, long)
        with _connect(long) as connection:
            assert connection.execute("SELECT 1").fetchone() == (1,)
    finally:
        server.stop()
        server.sockets.rmdir()


@pytest.mark.skipif(os.geteuid() != 0, reason="only root can make a folder that belongs to somebody else")
def test_a_foreign_socket_folder_is_refused(tmp_path: Path) -> None:
    chosen = Settings(home=tmp_path / "home")
    folder = socket_directory(chosen.home)
    folder.mkdir(parents=True)
    os.chown(folder, 12345, 12345)
    with pytest.raises(Trouble, match="belongs to another user"):
        embedded_server(chosen, OWN).start()


def test_two_processes_agree_on_one_secret(tmp_path: Path) -> None:
    from concurrent.futures import ProcessPoolExecutor

    path = tmp_path / "secrets.json"
    with ProcessPoolExecutor(4) as pool:
        answers = set(pool.map(_one_secret, [path] * 16))
    assert len(answers) == 1
    assert path.stat().st_mode & 0o777 == 0o600


def _one_secret(path: Path) -> str:
    return SecretStore(path).get("token")
