"""The supervisor: what dies comes back with one sentence, and a stop leaves no process, however children hide."""

from __future__ import annotations

import asyncio
import itertools
import os
import signal
import socket
import subprocess
import sys
import textwrap
import time
from collections.abc import Callable, Iterator
from contextlib import suppress
from pathlib import Path

import pytest

from hub.platform.checks import busy_port, little_space, only_one
from hub.platform.progress import Progress
from hub.platform.supervisor import Part, Supervisor
from hub.settings import ROOT, Settings
from hub.trouble import Trouble

RUN = textwrap.dedent(
    """
    import asyncio, os, signal, sys
    from pathlib import Path
    from hub.platform.progress import Progress
    from hub.platform.supervisor import Part, Supervisor

    async def main(folder, commands):
        supervisor = Supervisor(Progress(plain=True), folder, folder / "logs")
        for number in (signal.SIGINT, signal.SIGTERM):
            asyncio.get_running_loop().add_signal_handler(number, supervisor.stopping.set)
        tending = asyncio.create_task(supervisor.tend())
        for name, command in commands.items():
            label = (f"零件{name}", f"Part {name}")
            supervisor.start(Part(name, label, command, dict(os.environ), last=name == "last"))
        await supervisor.stopping.wait()
        await supervisor.stop(patience=2)
        await tending
        print("stopped", flush=True)

    asyncio.run(main(Path(sys.argv[1]), dict(one.split("=", 1) for one in sys.argv[2:])))
    """
)


class Run:
    """A supervisor in a process of its own, with stand-in commands that leave a marker in their environment."""

    def __init__(self, folder: Path, **commands: str) -> None:
        self.mark = f"SHUNIU_TEST={folder}"
        environment = {**os.environ, "SHUNIU_TEST": str(folder), "PYTHONPATH": str(ROOT)}
        self.output = folder / "output.txt"
        with self.output.open("wb") as output:
            self.process = subprocess.Popen(
                [sys.executable, "-c", RUN, str(folder), *(f"{name}={command}" for name, command in commands.items())],
                env=environment,
                stdout=output,
                stderr=subprocess.STDOUT,
            )

    def marked(self) -> list[int]:
        """Every living process that came from this run, found by its environment in /proc."""
        found = []
        for entry in os.scandir("/proc"):
            if entry.name.isdigit():
                try:
                    inside = self.mark.encode() in Path(entry.path, "environ").read_bytes()
                    state = Path(entry.path, "stat").read_text().rsplit(")", 1)[1].split()[0]
                except OSError:
                    continue
                if inside and state not in "ZX":
                    found.append(int(entry.name))
        return found

    def said(self) -> str:
        """What the supervisor printed so far."""
        return self.output.read_text()

    def stop(self, number: signal.Signals = signal.SIGTERM) -> None:
        """Asks it to stop and waits."""
        self.process.send_signal(number)
        self.process.wait(20)


@pytest.fixture
def start(tmp_path: Path) -> Iterator[Callable[..., Run]]:
    runs: list[Run] = []

    def begin(**commands: str) -> Run:
        runs.append(Run(tmp_path, **commands))
        return runs[-1]

    yield begin
    for run in runs:
        for pid in run.marked():
            with suppress(ProcessLookupError):
                os.kill(pid, signal.SIGKILL)
        run.process.wait()


def until(true: Callable[[], object], seconds: float = 15) -> None:
    """Waits until something holds, or fails."""
    deadline = time.monotonic() + seconds
    while not true():
        assert time.monotonic() < deadline, "did not happen in time"
        time.sleep(0.05)


def pid_in(file: Path) -> int:
    """The process id a stand-in wrote down."""
    until(lambda: file.exists() and file.read_text().strip())
    return int(file.read_text())


def alive(pid: int) -> bool:
    try:
        return Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()[0] not in "ZX"
    except OSError:
        return False


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_a_stop_leaves_no_process(start: Callable[..., Run], tmp_path: Path, number: signal.Signals) -> None:
    run = start(
        plain=f"sh -c 'echo $$ > {tmp_path}/plain; sleep 300'",
        hidden=f"sh -c 'setsid sh -c \"echo \\$\\$ > {tmp_path}/hidden; sleep 300\" & wait'",
        orphan=f"sh -c 'setsid sh -c \"sleep 300 & echo \\$! > {tmp_path}/orphan\"; sleep 300'",
        deaf=f"sh -c 'trap \"\" TERM INT; echo $$ > {tmp_path}/deaf; while :; do sleep 1; done'",
        last=f"sh -c 'echo $$ > {tmp_path}/last; exec sleep 300'",
    )
    pids = {name: pid_in(tmp_path / name) for name in ("plain", "hidden", "orphan", "deaf", "last")}
    assert all(alive(pid) for pid in pids.values())
    run.stop(number)
    assert run.process.returncode == 0
    assert "stopped" in run.said()
    assert run.marked() == []


def test_a_killed_child_comes_back_and_the_others_stay(start: Callable[..., Run], tmp_path: Path) -> None:
    run = start(
        killed=f"sh -c 'echo $$ > {tmp_path}/killed; exec sleep 300'",
        other=f"sh -c 'echo $$ > {tmp_path}/other; exec sleep 300'",
    )
    first, other = pid_in(tmp_path / "killed"), pid_in(tmp_path / "other")
    os.kill(first, signal.SIGKILL)
    until(lambda: (tmp_path / "killed").read_text().strip() not in ("", str(first)))
    assert alive(pid_in(tmp_path / "killed"))
    assert int((tmp_path / "other").read_text()) == other
    assert alive(other)
    assert run.said().count("零件killed意外停止（信号 9），0.5 秒后重新启动") == 1
    assert "Part killed stopped unexpectedly (signal 9)" in run.said()
    until(lambda: "零件killed已恢复" in run.said())


def test_workers_left_by_a_killed_child_are_gone_before_it_returns(start: Callable[..., Run], tmp_path: Path) -> None:
    run = start(server=f"sh -c 'sleep 300 & echo $! >> {tmp_path}/workers; wait'")
    worker = pid_in(tmp_path / "workers")
    leader = int(Path(f"/proc/{worker}/stat").read_text().rsplit(")", 1)[1].split()[1])
    os.kill(leader, signal.SIGKILL)
    until(lambda: len((tmp_path / "workers").read_text().split()) == 2)
    assert not alive(worker)
    assert "意外停止" in run.said()


def test_what_keeps_dying_waits_longer_each_time_and_does_not_flood(start: Callable[..., Run], tmp_path: Path) -> None:
    run = start(broken=f"sh -c 'date +%s.%N >> {tmp_path}/times; exit 3'")
    until(lambda: (tmp_path / "times").exists() and len((tmp_path / "times").read_text().split()) >= 4)
    times = [float(one) for one in (tmp_path / "times").read_text().split()]
    pauses = [later - sooner for sooner, later in itertools.pairwise(times)]
    assert pauses[0] < pauses[1] < pauses[2]
    until(lambda: "退出码 3" in run.said())
    time.sleep(0.3)
    assert run.said().count("意外停止") == 3


def test_children_end_when_the_supervisor_is_killed(start: Callable[..., Run], tmp_path: Path) -> None:
    run = start(plain=f"sh -c 'echo $$ > {tmp_path}/plain; exec sleep 300'")
    child = pid_in(tmp_path / "plain")
    run.process.kill()
    run.process.wait()
    until(lambda: not alive(child), 5)


def test_a_busy_port_names_the_variable() -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        trouble = busy_port("127.0.0.1", port, ("枢纽", "The hub"), "port")
        assert trouble is not None
        assert f"端口 {port}已被占用" in trouble.zh
        assert "HUB_PORT" in trouble.zh
        assert "HUB_PORT" in trouble.en
    assert busy_port("127.0.0.1", port, ("枢纽", "The hub"), "port") is None


def test_a_nearly_full_disk_is_one_sentence(tmp_path: Path) -> None:
    assert little_space(tmp_path / "not" / "yet", 0) is None
    trouble = little_space(tmp_path, 10**9)
    assert trouble is not None
    assert "MB" in trouble.zh


def test_a_second_hub_up_on_one_home_is_refused(tmp_path: Path) -> None:
    chosen = Settings(home=tmp_path)
    with only_one(chosen), pytest.raises(Trouble, match="runs already"), only_one(chosen):
        pass
    with only_one(chosen):
        pass


def test_a_question_that_fails_is_asked_again(tmp_path: Path) -> None:
    """The database is asked before its folder exists; the error once ended the asking."""
    answers: list[object] = [FileNotFoundError("not yet"), False, True]

    async def ready() -> bool:
        answer = answers.pop(0)
        if isinstance(answer, Exception):
            raise answer
        return bool(answer)

    async def run() -> bool:
        supervisor = Supervisor(Progress(plain=True), tmp_path, tmp_path / "logs")
        part = Part("one", ("一", "One"), "true", {}, ready)
        await asyncio.wait_for(supervisor._watch(part), 10)  # without a process: a stop would end the tests' own
        return await supervisor.wait_ready(part, 0)

    assert asyncio.run(run())


def test_an_errand_that_a_stop_interrupts_is_asked_to_end(tmp_path: Path) -> None:
    """It was once left to run until the patience was over, and wrote to a database that was stopping."""
    script = f"trap 'echo asked > {tmp_path}/asked; exit' TERM; echo begun; while :; do sleep 0.1; done"

    async def run() -> None:
        supervisor = Supervisor(Progress(plain=True), tmp_path, tmp_path / "logs")
        begun = asyncio.Event()
        errand = supervisor.errand("one", ["/bin/sh", "-c", script], dict(os.environ), lambda _: begun.set())
        task = asyncio.create_task(errand)
        await asyncio.wait_for(begun.wait(), 10)
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)
        for _ in range(300):  # inside the loop: its end kills what is still running
            if (tmp_path / "asked").exists() and children() <= before:
                return
            await asyncio.sleep(0.05)
        raise AssertionError("the errand was not asked to end, or did not")

    def children() -> set[str]:
        return set(Path(f"/proc/self/task/{os.getpid()}/children").read_text(encoding="ascii").split())

    before = children()
    former = signal.signal(signal.SIGTERM, signal.SIG_IGN)  # as when started by something that ignores it
    try:
        asyncio.run(run())
    finally:
        signal.signal(signal.SIGTERM, former)
