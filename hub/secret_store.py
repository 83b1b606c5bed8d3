"""The passwords and tokens generated on this machine, in one file that only its owner can read.

A name that is asked for the first time gets a fresh random value. Several processes may ask at once: a lock file
makes them agree, and the file is replaced whole, so a crash leaves the old or the new one.
"""

from __future__ import annotations

import contextlib
import fcntl
import json
import os
import secrets
from collections.abc import Callable, Iterator
from pathlib import Path

from hub.trouble import Trouble, disk_trouble


def account_secret(login: str) -> str:
    """Under which name the store keeps the password of a demo account."""
    return f"user_{login}"


class SecretStore:
    """Named secrets in a JSON file with mode 0600."""

    def __init__(self, path: Path) -> None:
        self.path = path

    def get(self, name: str, make: Callable[[], str] = lambda: secrets.token_urlsafe(24)) -> str:
        """The secret of that name, made and kept when it is new (24 random bytes, URL-safe text)."""
        known = self._read().get(name)
        if known is not None:
            return known
        with self._locked():
            values = self._read()
            if name not in values:
                values[name] = make()
                self._write(values)
            return values[name]

    def put(self, name: str, value: str) -> None:
        """Keeps a secret that was made elsewhere."""
        with self._locked():
            self._write({**self._read(), name: value})

    def known(self, name: str) -> str | None:
        """The secret of that name, or None; never generates one."""
        return self._read().get(name)

    def _read(self) -> dict[str, str]:
        try:
            values = json.loads(self.path.read_text(encoding="utf-8"))
        except FileNotFoundError:
            return {}
        except PermissionError as error:
            raise Trouble(
                f"无权读取 {self.path}；请用启动枢纽的同一用户运行。",
                f"No permission to read {self.path}; run as the user who started the hub.",
            ) from error
        except ValueError as error:
            raise Trouble(
                f"密钥文件 {self.path} 已损坏，不是有效的 JSON；请从备份恢复。",
                f"The secrets file {self.path} is damaged, not valid JSON; restore it from a backup.",
            ) from error
        return {str(name): str(value) for name, value in values.items()}

    def _write(self, values: dict[str, str]) -> None:
        fresh = self.path.with_suffix(".new")
        with open(os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "w", encoding="utf-8") as file:
            json.dump(values, file, indent=2, sort_keys=True)
            file.flush()
            os.fsync(file.fileno())
        fresh.replace(self.path)

    @contextlib.contextmanager
    def _locked(self) -> Iterator[None]:
        try:
            self.path.parent.mkdir(parents=True, exist_ok=True)
            with open(os.open(self.path.with_suffix(".lock"), os.O_RDWR | os.O_CREAT, 0o600), "w") as lock:
                fcntl.flock(lock, fcntl.LOCK_EX)
                yield
        except OSError as error:
            raise (disk_trouble(error) or error) from error
