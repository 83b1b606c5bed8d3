"""Reads a SELECT file without running it: which tables it reads and which columns it gives.

The pipeline's order and its lineage come from the SQL itself, so nobody keeps a second list of dependencies by hand.
"""

from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

import sqlglot
from sqlglot import exp
from sqlglot.errors import SqlglotError


class SelectError(Exception):
    """A SELECT file that cannot be used; carries one sentence in Chinese and one in English."""

    def __init__(self, message_zh: str, message_en: str) -> None:
        super().__init__(f"{message_zh} {message_en}")
        self.message_zh, self.message_en = message_zh, message_en


@dataclass(frozen=True)
class Select:
    """One SELECT statement of PostgreSQL and what can be said about it before it runs."""

    name: str
    sql: str

    @cached_property
    def _tree(self) -> exp.Query:
        """The parsed statement; SelectError when it is not exactly one query."""
        try:
            statements = [s for s in sqlglot.parse(self.sql, dialect="postgres") if s is not None]
        except SqlglotError as error:
            reason = str(error).splitlines()[0]
            raise SelectError(
                f"{self.name} 中的 SQL 无法解析:{reason}", f"The SQL in {self.name} cannot be parsed: {reason}"
            ) from error
        if len(statements) != 1 or not isinstance(statements[0], exp.Query):
            raise SelectError(
                f"{self.name} 必须恰好包含一条 SELECT 语句。", f"{self.name} must hold exactly one SELECT statement."
            )
        return statements[0]

    @cached_property
    def reads(self) -> frozenset[str]:
        """The schema-qualified tables that the statement reads, e.g. `raw.crm__orders`."""
        named = {cte.alias for cte in self._tree.find_all(exp.CTE)}
        return frozenset(f"{t.db}.{t.name}" for t in self._tree.find_all(exp.Table) if t.db and t.name not in named)

    @cached_property
    def columns(self) -> tuple[str, ...]:
        """The names of the columns that the statement gives, in order; SelectError for a bare `*`."""
        names = tuple(self._tree.named_selects)
        if any(name in ("*", "") for name in names):
            raise SelectError(
                f"{self.name} 的每一列都必须有名称,不能使用 *。",
                f"{self.name} must name every column; * is not allowed.",
            )
        return names


def read_select(path: Path) -> Select:
    """The SELECT in a UTF-8 file, without its closing semicolon; SelectError when the file is missing."""
    try:
        text = path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise SelectError(f"找不到或无法读取文件 {path}。", f"File {path} is missing or unreadable.") from error
    return Select(path.name, text.strip().rstrip(";"))
