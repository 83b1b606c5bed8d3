"""`hub up`: checks, prepares and starts everything in the order that shows the hub first, then waits for the stop.

Two cores are assumed: the hub starts alone, light parts next, then the pipeline and Dagster in one lane and Superset in
another. A part that cannot run is one sentence; the others run.
"""

from __future__ import annotations

import asyncio
import contextlib
import hashlib
import json
import signal
import sys
from pathlib import Path

from hub.platform.checks import busy_port, little_space, only_one
from hub.platform.closing import Account, closing_rows
from hub.platform.lineup import PORTS, lineup
from hub.platform.programs import dagster_environment
from hub.platform.progress import Progress
from hub.platform.supervisor import Part, Supervisor
from hub.settings import ROOT, Settings, inherited_environment, settings
from hub.trouble import Trouble

SLOW = 180.0
"""Seconds a part may take to answer at its first start on a loaded machine."""


def run(*, plain: bool = False) -> int:
    """Runs until SIGINT, SIGTERM or SIGHUP.

    Returns:
        0 after an orderly stop, 1 when nothing could be started.

    Raises:
        Trouble: the home folder is in use or cannot be written.
    """
    chosen = settings()
    progress = Progress(plain=plain or chosen.no_color)
    with only_one(chosen):
        return asyncio.run(Launch(chosen, progress).run())


class Launch:
    """One `hub up`: what is decided while starting lives here."""

    def __init__(self, chosen: Settings, progress: Progress) -> None:
        self.chosen, self.progress = chosen, progress
        self.absent: dict[str, Trouble] = {}
        self.accounts: list[Account] = []
        self.pipeline = "first"
        """Whether the pipeline's first run is due, due again, or done: as `prepare` found it."""
        self.stories = True
        """Whether the stories were lived or are not wanted any more."""
        self.environment = {**inherited_environment(), "PATH": _path(), "HUB_HOME": str(chosen.home)}

    async def run(self) -> int:
        """Starts, waits, stops."""
        self.supervisor = Supervisor(self.progress, ROOT, self.chosen.logs)
        self.parts = lineup(self.chosen, self.environment)
        stopping = self.supervisor.stopping
        loop = asyncio.get_running_loop()
        for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
            loop.add_signal_handler(number, self._interrupted)
        tasks = [asyncio.create_task(self.supervisor.tend()), asyncio.create_task(self._watch_disk())]
        launch = asyncio.create_task(self._launch())
        waiting = asyncio.create_task(stopping.wait())
        try:
            await asyncio.wait([launch, waiting], return_when=asyncio.FIRST_COMPLETED)
            if launch.done() and not launch.cancelled():
                launch.result()
                await waiting
            return 0
        except Trouble as trouble:
            self.progress.bad(trouble.zh, trouble.en)
            return 1
        finally:
            for task in (launch, waiting, *tasks):
                task.cancel()
            await asyncio.gather(launch, waiting, *tasks, return_exceptions=True)
            self.progress.step("正在停止全部组件……", "Stopping everything …")
            await self.supervisor.stop()
            self.progress.good("已全部停止，没有留下进程。", "All stopped, no process is left.")

    def _interrupted(self) -> None:
        if self.supervisor.stopping.is_set():
            self.supervisor.hurry()
        self.supervisor.stopping.set()

    # -- the order -----------------------------------------------------------------------------------------------

    async def _launch(self) -> None:
        self._check()
        if self.chosen.embedded:
            await self._start_and_wait("database", 90)
        if self._schema_is_known():
            self._start("hub")  # its start and the checks of the database go side by side
        self._start("simulator")
        await self._prepare()
        self._schema_file().write_text(self._schema_mark(), encoding="utf-8")
        await self._start_and_wait("hub", SLOW)
        if "hub" not in self.absent:
            self.progress.good(
                f"枢纽与工作台已就绪：{self._page('port')}/", f"Hub and workbench are ready: {self._page('port')}/"
            )
        self._start("collector")
        self._start("jupyter")
        pipeline = asyncio.Event()
        lanes = [asyncio.create_task(self._dagster_lane(pipeline))]
        lanes.append(asyncio.create_task(self._superset_lane(pipeline)))
        try:
            await asyncio.gather(*lanes)
        finally:
            for lane in lanes:
                lane.cancel()
        for part in self.supervisor.parts.values():
            if not await self.supervisor.wait_ready(part, SLOW):
                self.absent[part.name] = self._slow(part)
        if not self.stories and "hub" not in self.absent:
            await self._live_stories()
        self._close()

    def _check(self) -> None:
        for name, setting in PORTS.items():
            port: int = getattr(self.chosen, setting)
            trouble = busy_port(self.chosen.host, port, self.parts[name].label, setting)
            if trouble is not None:
                self.absent[name] = trouble
                self.progress.bad(trouble.zh, trouble.en)
        space = little_space(self.chosen.home, self.chosen.minimum_free_megabytes)
        if space is not None:
            self.progress.bad(space.zh, space.en)

    async def _prepare(self) -> None:
        """Schema, demo company, tokens; an unreachable database is asked again."""
        self.progress.step("检查数据库结构与演示数据", "Checking the database and the demo company")
        said = ""
        while True:
            code, trouble = await self._errand("prepare", [sys.executable, "-m", "hub.platform.prepare"])
            if code == 0:
                break
            if self.chosen.embedded or trouble is None:
                raise trouble or self._failed("prepare", "准备数据库", "Preparing the database")
            if trouble.zh != said:
                said = trouble.zh
                self.progress.bad(f"{trouble.zh}每 10 秒重试。", f"{trouble.en} Trying again every 10 s.")
            await asyncio.sleep(10)
        self.progress.good("数据库就绪", "The database is ready")

    async def _dagster_lane(self, pipeline: asyncio.Event) -> None:
        try:
            if self.pipeline != "done":
                await self._run_pipeline()
        finally:
            pipeline.set()
        await self._start_and_wait("dagster-code", SLOW)
        self._start("dagster-web")
        self._start("dagster-daemon")

    async def _run_pipeline(self) -> None:
        if self.pipeline == "again":
            self.progress.step(
                "上次的数据管道没有成功跑完，现在重新运行",
                "The last run of the pipeline did not succeed, running it again",
            )
        else:
            self.progress.step(
                "运行数据管道：拉取各部门数据、入库、检查、建集市",
                "Running the pipeline: pull, load, check, build marts",
            )
        command = [sys.executable, "-m", "hub.platform.pipeline"]
        code, trouble = await self._errand("pipeline", command, dagster_environment(self.chosen))
        if code:
            trouble = trouble or Trouble(
                "数据管道中断，下次启动时会重新运行。", "The pipeline broke off; it runs again at the next start."
            )
            log = self.supervisor.log_of("pipeline")
            self.progress.bad(f"{trouble.zh}详见 {log} 或 Dagster。", f"{trouble.en} See {log} or Dagster.")
        else:
            self.progress.good("数据管道完成", "The pipeline is done")

    async def _live_stories(self) -> None:
        self.progress.step("演示业务故事（重演：hub story）", "Living the stories of a business (again: hub story)")
        code, trouble = await self._errand("stories", [sys.executable, "-m", "hub.platform.stories"])
        if code:
            trouble = trouble or self._failed("stories", "演示业务故事", "Living the stories")
            self.progress.bad(trouble.zh, trouble.en)

    async def _superset_lane(self, pipeline: asyncio.Event) -> None:
        if "superset" in self.absent:
            return
        if not await self._superset_errand("prepare", "准备 Superset", "Preparing Superset"):
            return
        await self._start_and_wait("superset", SLOW)
        await pipeline.wait()
        await self._superset_errand("provision", "导入看板", "Importing the dashboards")

    async def _superset_errand(self, errand: str, zh: str, en: str) -> bool:
        self.progress.step(zh, en)
        command = [sys.executable, "-m", "hub.platform.dashboards", errand]
        code, trouble = await self._errand(f"superset-{errand}", command)
        if code:
            trouble = trouble or self._failed(f"superset-{errand}", zh, en)
            self.absent["superset"] = trouble
            more = ("", "") if "其余" in trouble.zh else ("其余组件照常运行。", " Everything else runs.")
            self.progress.bad(trouble.zh + more[0], trouble.en + more[1])
        return code == 0

    def _close(self) -> None:
        self.progress.table(
            "枢纽正在运行 · The hub is running（Ctrl-C 停止 stops everything）",
            closing_rows(self.chosen, self.absent, self.accounts),
        )

    # -- small steps ---------------------------------------------------------------------------------------------

    def _schema_file(self) -> Path:
        return self.chosen.home / "schema.txt"

    def _schema_mark(self) -> str:
        """Which migrations were last applied to which database."""
        migrations = sorted(path.name for path in (ROOT / "hub" / "db" / "migrations" / "versions").glob("*.py"))
        return hashlib.sha256("\n".join([self.chosen.database_url, *migrations]).encode()).hexdigest()

    def _schema_is_known(self) -> bool:
        with contextlib.suppress(OSError):
            return self._schema_file().read_text(encoding="utf-8") == self._schema_mark()
        return False

    def _start(self, name: str) -> Part | None:
        """Starts a part unless it cannot run or runs already."""
        if name in self.absent:
            return None
        return self.supervisor.parts.get(name) or self.supervisor.start(self.parts[name])

    async def _start_and_wait(self, name: str, timeout: float) -> None:
        part = self._start(name)
        if part is not None and not await self.supervisor.wait_ready(part, timeout):
            trouble = self._slow(part)
            self.absent[name] = trouble
            self.progress.bad(trouble.zh, trouble.en)

    async def _errand(
        self, name: str, command: list[str], environment: dict[str, str] | None = None, *, quiet: bool = False
    ) -> tuple[int, Trouble | None]:
        """Runs a command, showing its lines; a JSON line is the trouble it ended with."""
        found: list[Trouble] = []

        def show(line: str) -> None:
            if line.startswith('{"'):
                told = json.loads(line)
                if "accounts" in told:
                    self.accounts = [Account(*one) for one in told["accounts"]]
                    self.pipeline, self.stories = told["pipeline"], told["stories"]
                else:
                    found.append(Trouble(told["zh"], told["en"]))
                return
            zh, _, en = line.partition("\t")
            self.progress.say(f"  {zh}", en)

        code = await self.supervisor.errand(name, command, environment or self.environment, None if quiet else show)
        return code, found[-1] if found else None

    async def _watch_disk(self) -> None:
        """One sentence when the disk runs full while we run."""
        warned = False
        while True:
            await asyncio.sleep(15)
            trouble = little_space(self.chosen.home, min(200, self.chosen.minimum_free_megabytes))
            if trouble is not None and not warned:
                self.progress.bad(trouble.zh, trouble.en)
            warned = trouble is not None

    def _slow(self, part: Part) -> Trouble:
        log = self.supervisor.log_of(part.name)
        return Trouble(f"{part.label[0]}还没有响应；日志 {log}。", f"{part.label[1]} does not answer yet; log {log}.")

    def _failed(self, name: str, zh: str, en: str) -> Trouble:
        log = self.supervisor.log_of(name)
        return Trouble(f"{zh}失败；日志 {log}。", f"{en} failed; log {log}.")

    def _page(self, setting: str) -> str:
        return f"http://{self.chosen.host}:{getattr(self.chosen, setting)}"


def _path() -> str:
    """The children's PATH: our own environment's programs first."""
    return f"{Path(sys.executable).parent}:{inherited_environment().get('PATH', '/usr/bin:/bin')}"
