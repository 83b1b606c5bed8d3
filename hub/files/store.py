"""Where contents lie: HUB_HOME/files/<company>/<two letters>/<SHA-256>; the same content of a company once.

A content comes in beside its place, is flushed to the disk and renamed, so a crash leaves a whole file or a `.part`,
never half of one. Rows are written after their content and removed before it; `sweep` removes what no row names.
An advisory lock of PostgreSQL, shared by attaching and taken alone by sweeping, keeps the two apart.
"""

from __future__ import annotations

import os
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

from hub.errors import Refused, Unavailable, problem
from hub.files import blob
from hub.settings import settings

LOCK = 7_355_611
"""Advisory lock: whoever attaches shares it until the commit; whoever sweeps holds it alone."""
_PARTS_KEPT_SECONDS = 24 * 3600


@dataclass(frozen=True)
class Content:
    """What has come in: waiting as a file beside the place it belongs to."""

    company: str
    sha256: str
    size: int
    head: bytes
    part: Path


def folder(company: str) -> Path:
    """The folder of a company's contents."""
    return settings().home / "files" / company


def place(company: str, sha256: str) -> Path:
    """Where a content lies."""
    return folder(company) / sha256[:2] / sha256


class Incoming:
    """A content on its way in; `add` refuses what grows too large."""

    HEAD = 64 * 1024

    def __init__(self, company: str) -> None:
        folder(company).mkdir(parents=True, exist_ok=True, mode=0o700)
        number, name = tempfile.mkstemp(suffix=".part", dir=folder(company))
        self._company, self._part = company, Path(name)
        self._file: BinaryIO = os.fdopen(number, "wb")
        self._writer = blob.Writer(self._file, company)
        self._head = b""

    def add(self, data: bytes, *, checked: bool = False) -> None:
        """Take more; Refused FILE_TOO_LARGE, unless what comes was let in before."""
        if not checked:
            check_size(self._writer.size + len(data))
        if len(self._head) < self.HEAD:
            self._head += data[: self.HEAD - len(self._head)]
        self._writer.add(data)

    def finish(self) -> Content:
        """All is here: flush it to the disk."""
        sha256 = self._writer.finish()
        self._file.flush()
        os.fsync(self._file.fileno())
        self._file.close()
        return Content(self._company, sha256, self._writer.size, self._head, self._part)

    def drop(self) -> None:
        """Forget it, unless it was kept."""
        self._file.close()
        self._part.unlink(missing_ok=True)


@contextmanager
def incoming(company: str) -> Iterator[Incoming]:
    """A content on its way in; what was not kept by then is gone at the end."""
    one = Incoming(company)
    try:
        yield one
    finally:
        one.drop()


def check_size(size: int) -> None:
    """Refused FILE_TOO_LARGE for more than the settings allow."""
    limit = settings().file_limit_megabytes
    if size > limit * 1024 * 1024:
        raise Refused(
            problem(
                "FILE_TOO_LARGE",
                f"文件超过 {limit} MB 的上限。",
                f"The file is larger than the limit of {limit} MB.",
                "file",
            )
        )


def keep(content: Content) -> None:
    """Put a content to its place, under the shared lock; one that is there already stays."""
    target = place(content.company, content.sha256)
    if target.exists() and target.stat().st_size == blob.stored_size(content.size):
        return
    target.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    content.part.replace(target)
    for changed in (target.parent, target.parent.parent):
        _sync(changed)


def replace(content: Content, sha256: str) -> None:
    """Put the same content, sealed anew, in the place of the stored one; FILE_DAMAGED when it is not the same."""
    if content.sha256 != sha256:
        raise blob.damaged()
    target = place(content.company, sha256)
    content.part.replace(target)
    _sync(target.parent)


def opened(company: str, sha256: str, size: int) -> BinaryIO:
    """The stored file, open; Unavailable FILE_MISSING, or FILE_DAMAGED by its size."""
    try:
        file = place(company, sha256).open("rb")
    except OSError as error:
        raise Unavailable(
            problem(
                "FILE_MISSING",
                "附件内容不在存储中，请从备份恢复 files 文件夹。",
                "The content of this attachment is missing; restore the folder files from the backup.",
            )
        ) from error
    if os.fstat(file.fileno()).st_size != blob.stored_size(size):
        file.close()
        raise blob.damaged()
    return file


def stored() -> Iterator[tuple[str, str, Path]]:
    """Every content that lies here: company, SHA-256, path."""
    for path in (settings().home / "files").glob("*/??/*"):
        yield path.parent.parent.name, path.name, path


def remove_parts(now: float | None = None) -> int:
    """Remove what crashes left on its way in, once it is a day old; returns how many."""
    gone = 0
    for part in (settings().home / "files").glob("*/*.part"):
        if part.stat().st_mtime < (now or time.time()) - _PARTS_KEPT_SECONDS:
            part.unlink(missing_ok=True)
            gone += 1
    return gone


def _sync(directory: Path) -> None:
    number = os.open(directory, os.O_RDONLY)
    try:
        os.fsync(number)
    finally:
        os.close(number)
