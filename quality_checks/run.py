"""Runs the rules of one table through Great Expectations and says of each what came out.

Great Expectations is imported inside the functions: it costs eight seconds and 150 MB, and only a run that checks
something should pay. It drops a rule whose class it does not know and still reports success, so the number of
results is held against the rules.
"""

from collections.abc import Callable, Collection
from dataclasses import dataclass
from functools import cache
from typing import Any, Literal

import sqlalchemy as sa
from sqlalchemy.engine import URL

from quality_checks.rules import ROWS, Rule, RuleSet

Status = Literal["passed", "failed", "error"]
SAMPLE = 20
"""Failing rows shown on the check itself; all of them stand in dq.failing_row."""


@dataclass(frozen=True)
class Outcome:
    """What one rule found: how many rows fail, the SELECT that returns them all, and what it raised if it did."""

    rule: Rule
    status: Status
    failing: int = 0
    query: str | None = None
    raised: str | None = None


def run(rule_set: RuleSet, url: URL, codes: Collection[str] | None = None, *, time_zone: str) -> list[Outcome]:
    """The outcomes of a table's rules (or of those named), in their order.

    Raises:
        RuntimeError: Great Expectations did not answer for every rule.
    """
    import great_expectations as gx

    rules = [rule for rule in rule_set.rules if codes is None or rule.code in codes]
    if not rules:
        return []
    source = _context().data_sources.add_or_update_postgres(
        name=f"{rule_set.schema}.{rule_set.table}",
        connection_string=_acceptable(url),
        kwargs={"poolclass": sa.NullPool, "connect_args": {"options": f"-c timezone={time_zone}"}},
    )
    asset = source.add_table_asset(name=rule_set.table, table_name=rule_set.table, schema_name=rule_set.schema)
    suite = gx.ExpectationSuite(name=rule_set.table, expectations=[_expectation(rule) for rule in rules])
    batch = asset.add_batch_definition_whole_table("all").get_batch()
    results = batch.validate(
        suite,
        result_format={
            "result_format": "SUMMARY",
            "unexpected_index_column_names": ["id"],
            "partial_unexpected_count": SAMPLE,
            "return_unexpected_index_query": True,
        },
    ).results
    found = {result.expectation_config.meta["code"]: result for result in results}
    dropped = [rule.code for rule in rules if rule.code not in found]
    if dropped or len(results) != len(rules):
        raise RuntimeError(
            f"{rule_set.schema}.{rule_set.table}: Great Expectations dropped {', '.join(dropped)}; "
            f"{len(results)} results for {len(rules)} rules"
        )
    return [_outcome(rule_set, rule, found[rule.code]) for rule in rules]


@cache
def _context() -> Any:
    """An ephemeral context, without progress bars and without telemetry."""
    import great_expectations as gx
    from great_expectations.data_context.types.base import ProgressBarsConfig

    context = gx.get_context(mode="ephemeral")
    context.enable_analytics(enable=False)
    context.variables.progress_bars = ProgressBarsConfig(globally=False)
    return context


def _acceptable(url: URL) -> str:
    """The URL as Great Expectations takes it: it refuses an empty host, and the query's `host` wins anyway."""
    return (url if url.host else url.set(host="localhost")).render_as_string(hide_password=False)


@cache
def _failing_rows() -> Callable[..., Any]:
    """The expectation of a rule that is a query; counts its rows in every result format."""
    import great_expectations.expectations as gxe

    class FailingRows(gxe.UnexpectedRowsExpectation):  # type: ignore[misc,name-defined]  # it ships no types
        """No row may come out of the query."""

        def _validate(self, metrics: Any, runtime_configuration: Any = None, execution_engine: Any = None) -> Any:  # noqa: ARG002
            count = metrics["unexpected_rows_query.row_count"]
            return {"success": count == 0, "result": {"unexpected_count": count}}

    return FailingRows


def _expectation(rule: Rule) -> Any:
    """The rule as an instance: severity and words given to a class are lost."""
    import great_expectations.expectations as gxe

    kind = _failing_rows() if rule.expectation == ROWS else getattr(gxe, rule.expectation)
    return kind(**rule.arguments, severity=rule.severity, description=rule.label[1], meta={"code": rule.code})


def _outcome(rule_set: RuleSet, rule: Rule, result: Any) -> Outcome:
    """One result, read with care: a rule that raised has neither passed nor failed."""
    raised = _raised(result.exception_info or {})
    if raised:
        return Outcome(rule, "error", raised=raised)
    detail = result.to_json_dict()["result"]
    failing = int(detail.get("unexpected_count") or 0)
    if result.success:
        return Outcome(rule, "passed")
    return Outcome(rule, "failed", failing, _query(rule_set, rule, detail))


def _raised(info: dict[str, Any]) -> str | None:
    """What a rule raised: the library gives it flat or once per metric."""
    for one in [info] if "raised_exception" in info else info.values():
        if isinstance(one, dict) and one.get("raised_exception"):
            return str(one.get("exception_message") or "unknown error")
    return None


def _query(rule_set: RuleSet, rule: Rule, detail: dict[str, Any]) -> str:
    """The SELECT that returns every failing row."""
    if rule.expectation == ROWS:
        table = f'"{rule_set.schema}"."{rule_set.table}"'
        return str(rule.arguments["unexpected_rows_query"]).format(batch=table).strip()
    return str(detail["unexpected_index_query"]).strip().rstrip(";")
