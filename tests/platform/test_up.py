"""`hub up` told from the first start to the last process: everything real, on free ports and an empty home folder."""

from __future__ import annotations

import contextlib
import json
import os
import re
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import httpx
import psycopg
import pytest

from hub.db.engine import connection_arguments, database_url
from hub.platform.lineup import PORTS
from hub.platform.programs import SUPERSET_SERVICE
from hub.settings import Settings, variable_of
from hub.stories import STORIES

FIRST_START, LATER_START = 480, 90
"""Seconds the issue allows; the tests' machine may be busy with other things, so they wait PATIENCE times as long."""
PATIENCE = 3
TABLE_END = "secrets.json"


class Installation:
    """One home folder with ports of its own; at most one `hub up` runs in it."""

    def __init__(self, home: Path, **more: str) -> None:
        self.home = home
        self.ports = dict(zip(PORTS.values(), _free_ports(len(PORTS)), strict=True))
        self.settings = Settings(home=home, **self.ports)  # type: ignore[arg-type]  # ports by name
        chosen = {variable_of(name): str(port) for name, port in self.ports.items()}
        self.environment = {**os.environ, "HUB_HOME": str(home), **chosen, **more}
        self.output = home.with_name("output.txt")

    def start(self) -> None:
        """Starts `hub up`."""
        with self.output.open("wb") as output:
            self.process = subprocess.Popen(
                [str(Path(sys.executable).with_name("hub")), "up", "--plain"],
                env=self.environment,
                stdout=output,
                stderr=subprocess.STDOUT,
                cwd="/",
            )

    def said(self) -> str:
        """What it printed so far."""
        return self.output.read_text()

    def wait_for(self, text: str, seconds: float) -> float:
        """Waits until it has printed `text`; how many seconds that took."""
        began = time.monotonic()
        while text not in self.said():
            assert self.process.poll() is None, self.said()
            assert time.monotonic() - began < seconds, self.said()
            time.sleep(0.1)
        return time.monotonic() - began

    def stop(self, number: signal.Signals) -> int:
        """Asks it to stop and waits; its exit code."""
        self.process.send_signal(number)
        return self.process.wait(90)

    def processes(self) -> dict[int, str]:
        """Every living process that belongs to this home folder: by its environment, arguments or working folder."""
        found = {}
        for entry in Path("/proc").iterdir():
            if entry.name.isdigit() and int(entry.name) != os.getpid():
                with contextlib.suppress(OSError):
                    arguments = (entry / "cmdline").read_bytes()
                    inside = [arguments, (entry / "environ").read_bytes(), os.fsencode((entry / "cwd").readlink())]
                    if any(os.fsencode(self.home) in one for one in inside) and arguments:
                        found[int(entry.name)] = arguments.replace(b"\0", b" ").decode(errors="replace")
        return found

    def pid_of(self, part: str) -> int:
        """The process of a part: a child of `hub up` whose arguments hold `part`."""
        for pid, arguments in self.processes().items():
            with contextlib.suppress(OSError):
                parent = Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()[1]
                if int(parent) == self.process.pid and part in arguments:
                    return pid
        raise AssertionError(f"{part} does not run: {self.processes()}")

    def secret(self, name: str) -> str:
        """A password generated on this machine."""
        return str(json.loads((self.home / "secrets.json").read_text())[name])

    def page(self, setting: str, path: str) -> httpx.Response:
        """A page of a part."""
        return httpx.get(f"http://127.0.0.1:{self.ports[setting]}{path}", timeout=30, follow_redirects=True)

    def is_ready(self) -> bool:
        """Whether the hub answers and reaches its database."""
        with contextlib.suppress(httpx.TransportError):
            return self.page("port", "/readyz").status_code == 200
        return False

    def count(self, query: str) -> int:
        """A figure from the database."""
        with psycopg.connect(**connection_arguments(database_url(chosen=self.settings))) as connection:
            row = connection.execute(query.encode()).fetchone()
            return int(str(row[0])) if row else 0


def _free_ports(count: int) -> list[int]:
    with contextlib.ExitStack() as stack:
        taken = [stack.enter_context(socket.socket()) for _ in range(count)]
        for one in taken:
            one.bind(("127.0.0.1", 0))
        return [int(one.getsockname()[1]) for one in taken]


@pytest.fixture(scope="module")
def running(new_folder: Callable[[], Path]) -> Iterator[Installation]:
    """An installation after its first start, everything running."""
    installation = Installation(new_folder() / "home")
    installation.start()
    try:
        seconds = installation.wait_for(TABLE_END, FIRST_START * PATIENCE)
        print(installation.said())  # noqa: T201 (the story, for the report)
        print(f"first start: {seconds:.0f} s")  # noqa: T201 (a figure worth keeping)
        yield installation
    finally:
        if installation.process.poll() is None:
            installation.stop(signal.SIGTERM)
        for pid in installation.processes():
            os.kill(pid, signal.SIGKILL)


@pytest.mark.timeout(FIRST_START * PATIENCE + 120)
def test_every_part_answers(running: Installation) -> None:
    assert "还没有响应" not in running.said()
    assert "意外停止" not in running.said()
    assert running.page("port", "/readyz").status_code == 200
    assert running.page("port", "/healthz").status_code == 200
    assert running.page("dagster_port", "/server_info").status_code == 200
    assert running.page("superset_port", "/health").text == "OK"
    assert running.page("jupyter_port", "/api/kernels").status_code == 403
    token = running.secret("jupyter_token")
    assert running.page("jupyter_port", f"/api/kernels?token={token}").json() == []
    socket.create_connection(("127.0.0.1", running.ports["simulator_port"]), 5).close()


def test_the_table_holds_addresses_and_working_passwords(running: Installation) -> None:
    said = running.said()
    for setting in ("port", "dagster_port", "superset_port", "jupyter_port", "simulator_port"):
        assert f"127.0.0.1:{running.ports[setting]}" in said
    assert running.secret("user_fanyuxuan") in said
    for name in ("superset_service", "jupyter_token"):
        assert running.secret(name) not in said  # people come through the hub
    signed = httpx.post(
        f"http://127.0.0.1:{running.ports['superset_port']}/api/v1/security/login",
        json={"username": SUPERSET_SERVICE, "password": running.secret("superset_service"), "provider": "db"},
        timeout=30,
    )
    assert signed.json()["access_token"]


def test_the_pipeline_ran_and_the_collector_delivers(running: Installation) -> None:
    said = running.said()
    assert "数据管道完成" in said
    for stage in ("拉取 24 表", "拉取 24/24 表", "载入 客户订单 2,166", "建集市 4/4", "检查 "):
        assert stage in said, said
    assert re.search(r"Checked (\d+) of \1 tables", said), said
    assert running.count("SELECT count(*) FROM mart.sales_order_line") > 1000
    before = running.count("SELECT count(*) FROM hub.reading")
    deadline = time.monotonic() + 120
    while running.count("SELECT count(*) FROM hub.reading") <= before:
        assert time.monotonic() < deadline, "no reading arrived"
        time.sleep(1)


def test_a_token_from_the_command_line_asks_graphql(running: Installation) -> None:
    command = [str(Path(sys.executable).with_name("hub")), "token", "--as", "zhangwei"]
    token = subprocess.run(command, env=running.environment, capture_output=True, text=True, check=True, timeout=60)
    answer = httpx.post(
        f"http://127.0.0.1:{running.ports['port']}/graphql",
        json={"query": "{ salesOrders(first: 1) { totalCount } }"},
        headers={"Authorization": f"Bearer {token.stdout.strip()}"},
        timeout=30,
    )
    assert answer.json()["data"]["salesOrders"]["totalCount"] > 0


def test_the_demo_lives_the_stories(running: Installation) -> None:
    """In companies of their own, with people who have their rights; the demo company's figures stay as they are."""
    said = running.said()
    for label, _ in STORIES.values():
        assert f"● {label.chinese}" in said
    assert re.search(r"公司 故事1：\d{3,} 处影响得到证实", said), said
    demo = "(SELECT id FROM hub.company WHERE code = 'XINGSHU')"
    figures = f"SELECT count(*) FROM hub.sales_order WHERE company_id = {demo}"
    before = running.count(figures)
    command = [str(Path(sys.executable).with_name("hub")), "story", "mould"]
    told = subprocess.run(
        command, env=running.environment, capture_output=True, text=True, check=False, timeout=300 * PATIENCE
    )
    assert told.returncode == 0, told.stderr
    assert told.stdout.count("●") == 1
    assert "公司 故事2" in told.stdout
    assert running.count(figures) == before > 0


def test_no_secret_stands_on_a_command_line(running: Installation) -> None:
    secrets = json.loads((running.home / "secrets.json").read_text()).values()
    for arguments in running.processes().values():
        assert not any(secret in arguments for secret in secrets), arguments


def test_kernels_and_superset_are_given_no_key_to_the_hubs_tables(running: Installation) -> None:
    owner = running.secret("database_hub").encode()
    for part in ("jupyter-lab", "gunicorn", "edge run", "edge simulate"):
        assert owner not in Path(f"/proc/{running.pid_of(part)}/environ").read_bytes(), part


def test_a_second_hub_up_on_the_same_folder_is_refused(running: Installation) -> None:
    command = [str(Path(sys.executable).with_name("hub")), "up"]
    second = subprocess.run(command, env=running.environment, capture_output=True, text=True, check=False, timeout=60)
    assert second.returncode == 1
    assert "枢纽已在运行" in second.stderr


@pytest.mark.parametrize(
    ("part", "sentence"),
    [("edge run", "采集器意外停止"), ("granian", "枢纽意外停止"), ("bin/postgres", "数据库意外停止")],
)
def test_what_is_killed_comes_back(running: Installation, part: str, sentence: str) -> None:
    others = {name: running.pid_of(name) for name in ("jupyter-lab", "gunicorn", "edge simulate")}
    os.kill(running.pid_of(part), signal.SIGKILL)
    running.wait_for(sentence, 20)
    recovered = sentence.replace("意外停止", "已恢复")
    running.wait_for(recovered, 60 * PATIENCE)
    deadline = time.monotonic() + 60
    while not running.is_ready():
        assert time.monotonic() < deadline
        time.sleep(0.5)
    assert running.said().count(sentence) == 1
    assert {name: running.pid_of(name) for name in others} == others


def test_ctrl_c_leaves_no_process_and_a_second_start_continues(running: Installation) -> None:
    readings = running.count("SELECT count(*) FROM hub.reading")
    assert running.stop(signal.SIGINT) == 0
    assert "没有留下进程" in running.said()
    assert running.processes() == {}
    running.start()
    seconds = running.wait_for("枢纽与工作台已就绪", 10 * PATIENCE * 2)
    everything = running.wait_for(TABLE_END, LATER_START * PATIENCE) + seconds
    print(f"later start: hub {seconds:.1f} s, everything {everything:.0f} s")  # noqa: T201 (a figure worth keeping)
    assert "载入演示公司" not in running.said()
    assert "运行数据管道" not in running.said()
    assert "演示业务故事" not in running.said()
    assert running.count("SELECT count(*) FROM hub.reading") >= readings
    assert running.stop(signal.SIGTERM) == 0
    assert running.processes() == {}


@pytest.mark.timeout(300)
def test_busy_ports_and_a_wrong_url_leave_the_rest_running(new_folder: Callable[[], Path]) -> None:
    installation = Installation(new_folder() / "home", HUB_DATABASE_URL="postgresql://hub:x@127.0.0.1:1/hub")
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", installation.ports["superset_port"]))
        taken.listen()
        installation.start()
        installation.wait_for("无法连接数据库 127.0.0.1:1", 60)
        time.sleep(1)
        said = installation.said()
        port = installation.ports["superset_port"]
        assert f"端口 {port}已被占用，Superset没有启动；用 HUB_SUPERSET_PORT" in said
        assert "Traceback" not in said
        socket.create_connection(("127.0.0.1", installation.ports["simulator_port"]), 5).close()
        assert installation.stop(signal.SIGTERM) == 0
    assert installation.processes() == {}


@pytest.mark.timeout(FIRST_START * PATIENCE)
def test_what_is_missing_is_a_sentence_and_what_failed_is_run_again(new_folder: Callable[[], Path]) -> None:
    """No Python for Superset, no silo that can be read: the rest runs, and the next start tries both again."""
    folder = new_folder()
    (folder / "sources").mkdir()
    (folder / "sources" / "broken.toml").write_text('code = "broken"\n', encoding="utf-8")
    (folder / "bin").mkdir()
    uv = folder / "bin" / "uv"
    uv.write_text("#!/bin/sh\necho 'error: No interpreter found for Python 3.11' >&2\nexit 2\n")
    uv.chmod(0o755)  # uv as it answers where there is no Python and no network: this machine has both
    installation = Installation(
        folder / "home",
        HUB_SOURCES=str(folder / "sources"),
        HUB_SUPERSET_ENVIRONMENT=str(folder / "superset"),
        PATH=f"{folder / 'bin'}:{os.environ['PATH']}",
    )
    try:
        installation.start()
        installation.wait_for(TABLE_END, FIRST_START)
        said = installation.said()
        assert said.count("没有找到 Python 3.11 或 3.12") == 2, said  # when it is noticed, and in the table
        assert "数据管道有 1 个步骤失败（broken），下次启动时会重新运行" in said
        assert "数据管道完成" not in said
        assert "Traceback" not in said
        assert installation.is_ready()
        assert installation.page("jupyter_port", "/api").status_code == 200
        assert installation.page("dagster_port", "/server_info").status_code == 200
        assert installation.stop(signal.SIGINT) == 0
        (folder / "sources" / "broken.toml").unlink()
        installation.environment["HUB_SUPERSET_PYTHON"] = "/nowhere/python3.11"
        installation.start()
        installation.wait_for(TABLE_END, FIRST_START)
        said = installation.said()
        assert "HUB_SUPERSET_PYTHON 指定的 /nowhere/python3.11 不是 Python 3.11 或 3.12" in said
        assert said.count("上次的数据管道没有成功跑完，现在重新运行") == 1
        assert "数据管道完成" in said
        assert installation.is_ready()
    finally:
        if installation.process.poll() is None:
            installation.stop(signal.SIGTERM)
    assert installation.processes() == {}
