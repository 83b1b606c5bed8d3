"""What a check is: a rule in plain data, and the rules of one table.

Great Expectations is not imported here: it takes eight seconds and 150 MB, and a rule only names the expectation
that it wants. The words of the severities are its own: critical, warning, info.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Literal

Severity = Literal["critical", "warning", "info"]

ROWS = "FailingRows"
"""The expectation of a rule that is a query: no row may come out of it."""
PROGRAM = "Program"
"""The expectation of a rule that a program holds, see `quality_checks.proofs`."""


@dataclass(frozen=True)
class Rule:
    """One rule. `key` names the columns by which a failing row is known; `owner` the department that looks after it."""

    code: str
    expectation: str
    arguments: Mapping[str, Any]
    label: tuple[str, str]
    severity: Severity = "critical"
    owner: str = "数据管家 / data steward"
    key: tuple[str, ...] = ("id",)


@dataclass(frozen=True)
class RuleSet:
    """The rules of one table, checked together; `asset` is the Dagster key that they belong to."""

    schema: str
    table: str
    rules: tuple[Rule, ...] = field(default_factory=tuple)

    @property
    def asset(self) -> tuple[str, str]:
        """The Dagster key of the table."""
        return (self.schema, self.table)


def rows(
    code: str,
    query: str,
    chinese: str,
    english: str,
    key: tuple[str, ...],
    *,
    severity: Severity = "critical",
    owner: str,
) -> Rule:
    """A rule that is a query over `{batch}` (the table) and others; what it returns is wrong, both sides in one row."""
    return Rule(code, ROWS, {"unexpected_rows_query": query}, (chinese, english), severity, owner, key)
