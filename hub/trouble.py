"""What went wrong with the installation, in one clear sentence in Chinese and English.

Raised where the machine, not the data, is at fault: a busy port, a wrong URL, a full disk. The command line prints
the sentence and no traceback.
"""

from __future__ import annotations

import errno


class Trouble(Exception):
    """One clear sentence in both languages; `str()` gives both, Chinese first."""

    def __init__(self, zh: str, en: str) -> None:
        super().__init__(f"{zh} {en}")
        self.zh = zh
        self.en = en


def disk_trouble(error: OSError) -> Trouble | None:
    """The sentence for a full or unwritable disk, or None when the error is another one."""
    place = error.filename or ""
    if error.errno in (errno.ENOSPC, errno.EDQUOT):
        return Trouble(
            f"磁盘已满，无法写入 {place}；请腾出空间后重新运行，已完成的步骤不会重做。",
            f"The disk is full, cannot write {place}; free some space and run again, finished steps are kept.",
        )
    if error.errno in (errno.EACCES, errno.EROFS, errno.EPERM):
        return Trouble(
            f"没有写入 {place} 的权限；请修改其所有者，或用 HUB_HOME 指定另一个文件夹。",
            f"No permission to write {place}; change its owner or name another folder with HUB_HOME.",
        )
    return None
