"""The same server as an ordinary user, as root, and one after the other on the same folder."""

from __future__ import annotations

import multiprocessing
import os
import pwd
import subprocess
import traceback
from collections.abc import Callable, Iterator
from multiprocessing.connection import Connection
from pathlib import Path

import psutil  # noqa: F401 (loaded before rights are dropped: this Python may lie where only root can read)
import psycopg
import pytest

from hub.db.engine import connection_arguments, database_url
from hub.db.roles import embedded_server, prepare_embedded
from hub.settings import Settings

USER = f"shuniu_tests_{os.getpid()}"


@pytest.fixture(scope="module")
def ordinary() -> Iterator[pwd.struct_passwd]:
    """An ordinary user: ourselves, or when we are root one made for these tests."""
    if os.geteuid() != 0:
        yield pwd.getpwuid(os.geteuid())
        return
    subprocess.run(["useradd", "--no-create-home", USER], check=True)
    yield pwd.getpwnam(USER)
    subprocess.run(["userdel", USER], check=True)


def as_user(user: pwd.struct_passwd, work: Callable[[], object]) -> object:
    """What `work` returns in a child process that has only the rights of `user`."""
    context = multiprocessing.get_context("fork")
    here, there = context.Pipe(duplex=False)
    child = context.Process(target=_drop_and_do, args=(user, work, there))
    child.start()
    there.close()
    answer = here.recv()
    child.join(30)
    assert not isinstance(answer, _Failed), answer.text
    return answer


class _Failed:
    def __init__(self, text: str) -> None:
        self.text = text


def _drop_and_do(user: pwd.struct_passwd, work: Callable[[], object], answer: Connection) -> None:
    try:
        if os.geteuid() == 0:
            os.setgroups([])
            os.setgid(user.pw_gid)
            os.setuid(user.pw_uid)
        answer.send(work())
    except BaseException:  # noqa: BLE001 (whatever it is belongs into the report of the parent)
        answer.send(_Failed(traceback.format_exc()))


def _select(chosen: Settings, **more: str) -> object:
    arguments = connection_arguments(database_url(chosen=chosen), **more)
    with psycopg.connect(**arguments) as connection:
        return connection.execute("SELECT current_user").fetchone()


@pytest.fixture
def chosen(ordinary: pwd.struct_passwd, new_folder: Callable[[], Path]) -> Iterator[Settings]:
    folder = new_folder()
    os.chown(folder, ordinary.pw_uid, ordinary.pw_gid)
    made = Settings(home=folder / "home")
    yield made
    embedded_server(made).stop()


def _start_and_ask(chosen: Settings) -> object:
    server = embedded_server(chosen, {"shared_buffers": "16MB"})
    assert server.start()
    prepare_embedded(server, chosen)
    refused = False
    try:
        _select(chosen, password="guessed")
    except psycopg.OperationalError:
        refused = True
    return _select(chosen), refused, server.stop()


def test_an_ordinary_user_runs_the_server(ordinary: pwd.struct_passwd, chosen: Settings) -> None:
    assert as_user(ordinary, lambda: _start_and_ask(chosen)) == (("hub",), True, True)
    assert (chosen.home / "postgres").stat().st_uid == ordinary.pw_uid


@pytest.mark.skipif(os.geteuid() != 0, reason="is about what root does")
def test_root_leaves_a_users_data_to_the_user(ordinary: pwd.struct_passwd, chosen: Settings) -> None:
    as_user(ordinary, lambda: _start_and_ask(chosen))
    assert _start_and_ask(chosen) == (("hub",), True, True)
    assert as_user(ordinary, lambda: _start_and_ask(chosen)) == (("hub",), True, True)


@pytest.mark.skipif(os.geteuid() != 0, reason="is about what root does")
def test_what_root_started_is_reached_by_others_with_the_password(
    ordinary: pwd.struct_passwd, new_folder: Callable[[], Path]
) -> None:
    chosen = Settings(home=new_folder() / "home")
    server = embedded_server(chosen, {"shared_buffers": "16MB"})
    server.start()
    try:
        prepare_embedded(server, chosen)
        arguments = connection_arguments(database_url(chosen.mart_role, chosen=chosen))
        assert as_user(ordinary, lambda: _who(arguments)) == "hub_mart"
        assert as_user(ordinary, lambda: _who({**arguments, "password": "guessed"})) == "refused"
        assert as_user(ordinary, lambda: os.access(chosen.secrets_file, os.R_OK)) is False
    finally:
        server.stop()


def _who(arguments: dict[str, object]) -> object:
    try:
        with psycopg.connect(**arguments) as connection:  # type: ignore[arg-type]  # libpq's keywords
            row = connection.execute("SELECT current_user").fetchone()
            return row[0] if row else None
    except psycopg.OperationalError:
        return "refused"
