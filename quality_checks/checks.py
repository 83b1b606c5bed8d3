"""The rules as Dagster asset checks: one step per table, one check per rule.

A failing rule never stops the pipeline: the marts must be there in the morning, with the failing rows beside them.
Critical rules that fail, or raise, are errors; the others warn.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence

import dagster as dg

from hub.document.spec import DocSpec
from quality_checks.books import BOOKS
from quality_checks.database import HubDatabase
from quality_checks.from_specs import shapes_of
from quality_checks.proofs import PROOFS, checks_of_proof
from quality_checks.reconciliations import RECONCILIATIONS
from quality_checks.references import REFERENCES
from quality_checks.rules import PROGRAM, RuleSet
from quality_checks.run import Outcome, run
from quality_checks.shown_rows import SHOWN, Row, first_rows, table_of
from quality_checks.store import keep
from quality_checks.stores import STORES


def all_rule_sets(specs: Iterable[DocSpec]) -> tuple[RuleSet, ...]:
    """Every rule of the product, one set per table."""
    together: dict[tuple[str, str], RuleSet] = {}
    for one in (*shapes_of(specs), *REFERENCES, *RECONCILIATIONS, *BOOKS, *STORES):
        rules = together[one.asset].rules if one.asset in together else ()
        together[one.asset] = RuleSet(one.schema, one.table, (*rules, *one.rules))
    return tuple(together.values())


def checks_of(rule_set: RuleSet, op_tags: Mapping[str, str]) -> dg.AssetChecksDefinition:
    """The checks of one table; `op_tags` place the step in the order of a run."""
    asset = dg.AssetKey(rule_set.asset)

    @dg.multi_asset_check(
        name="__".join([*rule_set.asset, "quality"]),
        can_subset=True,
        op_tags=op_tags,
        specs=[
            dg.AssetCheckSpec(
                rule.code,
                asset=asset,
                description=" / ".join(rule.label),
                metadata={"owner": rule.owner, "severity": rule.severity, "expectation": rule.expectation},
            )
            for rule in rule_set.rules
        ],
    )
    def _checks(
        context: dg.AssetCheckExecutionContext, hub: dg.ResourceParam[HubDatabase]
    ) -> Iterator[dg.AssetCheckResult]:
        codes = {key.name for key in context.selected_asset_check_keys}
        outcomes = run(rule_set, hub.url, codes, time_zone=hub.time_zone)
        with hub.engine() as engine, engine.begin() as connection:
            keep(connection, context.run.run_id, rule_set, outcomes)
            samples = {one.rule.code: first_rows(connection, one.query) for one in outcomes if one.query}
        for outcome in outcomes:
            yield result_of(asset, outcome, samples.get(outcome.rule.code, ()))

    return _checks


def proofs(op_tags: Mapping[str, str]) -> list[dg.AssetChecksDefinition]:
    """The checks that programs make, see `quality_checks.proofs`."""
    return [checks_of_proof(one, op_tags, result_of) for one in PROOFS]


def result_of(asset: dg.AssetKey, outcome: Outcome, sample: Sequence[Row] = ()) -> dg.AssetCheckResult:
    """An outcome as Dagster shows it, with the first of its failing rows."""
    critical = outcome.rule.severity == "critical"
    metadata: dict[str, dg.MetadataValue] = {"failing": dg.MetadataValue.int(outcome.failing)}
    if outcome.query:
        rows = f"{table_of(sample[:SHOWN], outcome.failing)}\n\n" if sample else ""
        found_by = f"```sql\n{outcome.query}\n```" if outcome.rule.expectation != PROGRAM else ""
        metadata["failing rows"] = dg.MetadataValue.md(f"{rows}{found_by}")
    return dg.AssetCheckResult(
        asset_key=asset,
        check_name=outcome.rule.code,
        passed=outcome.status == "passed",
        severity=dg.AssetCheckSeverity.ERROR if critical else dg.AssetCheckSeverity.WARN,
        description=outcome.raised or _sentence(outcome, sample),
        metadata=metadata,
    )


def _sentence(outcome: Outcome, sample: Sequence[Row]) -> str:
    """How many rows fail, and the first of them by its key."""
    sentence = f"{outcome.failing} 行不合格 / {outcome.failing} failing rows"
    keys = [" ".join(str(row[name]) for name in outcome.rule.key if name != "id") for row in sample[:3]]
    named = ", ".join(key for key in keys if key)
    return f"{sentence}: {named}{' …' if outcome.failing > len(keys) else ''}" if named else sentence
