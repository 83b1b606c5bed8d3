"""What SQL cannot see: whether the audit is what was written, and whether every stored content is whole.

`hub audit verify` and `hub files verify` are run every night and say what they find as the other checks do: a row
per fault in dq.failing_row, open until a run finds it no more.
"""

import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import islice
from typing import Any

import dagster as dg
import sqlalchemy as sa
from psycopg import sql

from hub import audit_proof
from hub.files import care
from quality_checks.database import HubDatabase
from quality_checks.rules import PROGRAM, Rule, RuleSet
from quality_checks.run import Outcome
from quality_checks.store import keep

MOST_TOLD = 10_000
"""Faults that are kept as rows; a folder that is not mounted has one for every content."""
ADMINISTRATOR = "系统管理员 / administrator"
Fault = Mapping[str, Any]


@dataclass(frozen=True)
class Proof:
    """A check that a program makes of what has no rule set; `faults` yields all that is wrong, by the rule's key."""

    schema: str
    table: str
    rule: Rule
    faults: Callable[[sa.Engine], Iterator[Fault]]

    @property
    def asset(self) -> tuple[str, str]:
        """The Dagster key of the table."""
        return (self.schema, self.table)


def _audit_faults(engine: sa.Engine) -> Iterator[Fault]:
    for one in audit_proof.verify(engine).breaks:
        about = {"document_type": one.document_type, "document_id": one.document_id}
        yield {"entry": one.entry, "problem_code": one.code, **about, "message": str(one.message)}


def _file_faults(engine: sa.Engine) -> Iterator[Fault]:
    for one in care.verify(engine):
        if one is not None:
            yield {
                "sha256": one.sha256,
                "file_name": one.name,
                "problem_code": one.problem.code,
                "message": str(one.problem.message),
            }


def _rule(code: str, chinese: str, english: str, key: tuple[str, ...]) -> Rule:
    return Rule(code, PROGRAM, {}, (chinese, english), "critical", ADMINISTRATOR, key)


PROOFS = (
    Proof(
        "audit",
        "audit_entry",
        _rule(
            "audit_is_as_written",
            "审计记录与其散列链和封存一致",
            "The audit is what was written: entries, chains and seals agree",
            ("entry", "problem_code", "message"),
        ),
        _audit_faults,
    ),
    Proof(
        "files",
        "content",
        _rule(
            "contents_are_whole",
            "每个附件的内容都在且未损坏",
            "The content of every attachment is there and whole",
            ("sha256", "problem_code"),
        ),
        _file_faults,
    ),
)


def prove(proof: Proof, engine: sa.Engine) -> tuple[Outcome, list[Fault]]:
    """Its outcome and its faults; the outcome's query holds them as values, as the store and the pages want rows."""
    faults = list(islice(proof.faults(engine), MOST_TOLD))
    if not faults:
        return Outcome(proof.rule, "passed"), []
    columns = sql.SQL(", ").join(sql.SQL("{} text").format(sql.Identifier(name)) for name in faults[0])
    rows = sql.Literal(json.dumps(faults, ensure_ascii=False))
    query = sql.SQL("select * from jsonb_to_recordset({}::jsonb) as found ({})").format(rows, columns)
    return Outcome(proof.rule, "failed", len(faults), query.as_string(None)), faults


def proof_assets() -> list[dg.AssetSpec]:
    """What is proven and is no document type's table."""
    told = {"audit": ("postgres", "审计记录 / Audit entries"), "files": ("file", "附件内容 / Contents of attachments")}
    return [
        dg.AssetSpec(list(one.asset), group_name="hub", kinds={told[one.schema][0]}, description=told[one.schema][1])
        for one in PROOFS
    ]


def checks_of_proof(
    proof: Proof, op_tags: Mapping[str, str], result_of: Callable[[dg.AssetKey, Outcome, Sequence[Fault]], Any]
) -> dg.AssetChecksDefinition:
    """The proof as an asset check; `result_of` shows an outcome."""
    asset = dg.AssetKey(proof.asset)
    told = {"owner": proof.rule.owner, "severity": proof.rule.severity, "expectation": proof.rule.expectation}
    spec = dg.AssetCheckSpec(proof.rule.code, asset=asset, description=" / ".join(proof.rule.label), metadata=told)

    @dg.multi_asset_check(name="__".join([*proof.asset, "proof"]), op_tags=op_tags, specs=[spec])
    def _check(
        context: dg.AssetCheckExecutionContext, hub: dg.ResourceParam[HubDatabase]
    ) -> Iterator[dg.AssetCheckResult]:
        with hub.engine() as engine:
            outcome, faults = prove(proof, engine)
            with engine.begin() as connection:
                keep(connection, context.run.run_id, RuleSet(proof.schema, proof.table, (proof.rule,)), [outcome])
        yield result_of(asset, outcome, faults)

    return _check
