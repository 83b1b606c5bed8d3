"""What is looked at before anything starts: ports, disk space, another `hub up` on the same home."""

from __future__ import annotations

import asyncio
import contextlib
import errno
import fcntl
import os
import shutil
import socket
from collections.abc import Iterator
from pathlib import Path

from hub.settings import Settings, variable_of
from hub.trouble import Trouble, disk_trouble


def busy_port(host: str, port: int, label: tuple[str, str], setting: str) -> Trouble | None:
    """The sentence for a port that something else holds, or None when it is free."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    with socket.socket(family, socket.SOCK_STREAM) as trial:
        trial.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            trial.bind((host, port))
            return None
        except OSError as error:
            reason = _why_not(error)
    variable = variable_of(setting)
    return Trouble(
        f"端口 {port}{reason[0]}，{label[0]}没有启动；用 {variable} 换一个端口。",
        f"Port {port} {reason[1]}, {label[1]} is not started; choose another with {variable}.",
    )


def _why_not(error: OSError) -> tuple[str, str]:
    if error.errno == errno.EADDRINUSE:
        return "已被占用", "is in use"
    if error.errno == errno.EACCES:
        return "需要管理员权限", "needs administrator rights"
    return "不可用", "cannot be used"


def little_space(home: Path, minimum_megabytes: int) -> Trouble | None:
    """The sentence for a disk that is nearly full, or None."""
    free = shutil.disk_usage(_existing(home)).free // 1_000_000
    if free >= minimum_megabytes:
        return None
    return Trouble(
        f"{home} 所在磁盘只剩 {free} MB，建议至少 {minimum_megabytes} MB；请尽快腾出空间。",
        f"The disk of {home} has only {free} MB left, at least {minimum_megabytes} MB is advised; free some space.",
    )


@contextlib.contextmanager
def only_one(chosen: Settings) -> Iterator[None]:
    """Holds the home folder for one `hub up`.

    Raises:
        Trouble: another one runs, or the folder cannot be written.
    """
    path = chosen.home / "up.lock"
    try:
        chosen.home.mkdir(parents=True, exist_ok=True)
        lock = os.fdopen(os.open(path, os.O_RDWR | os.O_CREAT, 0o600), "r+")
    except OSError as error:
        raise (disk_trouble(error) or error) from error
    with lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError as error:
            holder = lock.read().strip() or "?"
            raise Trouble(
                f"枢纽已在运行（进程 {holder}，文件夹 {chosen.home}）；另起一套请用 HUB_HOME 指定别的文件夹。",
                f"The hub runs already (process {holder}, folder {chosen.home}); for a second one set HUB_HOME.",
            ) from error
        lock.truncate(0)
        lock.write(str(os.getpid()))
        lock.flush()
        yield


async def answers_http(url: str, timeout: float = 2) -> bool:
    """Whether a GET of `url` (http://host:port/path) is answered with 200."""
    host, _, rest = url.removeprefix("http://").partition(":")
    port, _, path = rest.partition("/")
    request = f"GET /{path} HTTP/1.0\r\nHost: {host}:{port}\r\n\r\n".encode()
    with contextlib.suppress(OSError, TimeoutError, asyncio.IncompleteReadError):
        async with asyncio.timeout(timeout):
            reader, writer = await asyncio.open_connection(host, int(port))
            try:
                writer.write(request)
                return b" 200 " in await reader.readline()
            finally:
                writer.close()
    return False


async def answers_tcp(host: str, port: int) -> bool:
    """Whether something takes connections on a port."""
    with contextlib.suppress(OSError):
        _, writer = await asyncio.open_connection(host, port)
        writer.close()
        return True
    return False


async def answers_socket(path: Path) -> bool:
    """Whether something takes connections on a Unix socket."""
    with contextlib.suppress(OSError):
        _, writer = await asyncio.open_unix_connection(str(path))
        writer.close()
        return True
    return False


def _existing(path: Path) -> Path:
    while not path.exists():
        path = path.parent
    return path
