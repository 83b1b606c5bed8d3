"""Which number or code a new document gets: the series of its class, or a row of CodeRule that stands in its place.

Rules are data of a company. They are read again every ten seconds, and at once in the process that changes one, so
writing asks the database for nothing more while no rule is in use.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Any
from uuid import UUID
from weakref import WeakKeyDictionary

from sqlalchemy import Engine, select
from sqlalchemy.orm import Session

from hub.context import Ctx
from hub.document.fields import Choice, today
from hub.document.patterns import Pattern
from hub.document.registry import spec as spec_of
from hub.document.registry import specs
from hub.document.series import Counting, Series
from hub.document.spec import DocSpec
from hub.document.values import missing
from hub.errors import Invalid, Problem, Refused, problem

RULES = "CodeRule"
PROVISIONAL = "草稿-"
"""How the name begins that a draft bears until a step takes its number; the end of its id follows."""
KEPT_FOR = 10.0
"""Seconds after which another process's change of a rule is seen."""


@dataclass(frozen=True)
class Rule:
    """A row of CodeRule: the series for documents of a type, or only for those whose `field` has this `value`."""

    code: str
    series: Series
    field: str | None
    value: str | None


@dataclass
class _Kept:
    """The rules of each company as last read, by type, those for a value first."""

    by_company: dict[UUID, tuple[float, dict[str, list[Rule]]]] = field(default_factory=dict)


_kept: WeakKeyDictionary[Engine, _Kept] = WeakKeyDictionary()


def forget_rules(session: Session) -> None:
    """Rules were changed: this process reads them again."""
    _kept.pop(session.get_bind().engine, None)


def numbered(ctx: Ctx, spec: DocSpec, company_id: UUID | None) -> bool:
    """Whether documents of this type may be made without their number or code."""
    return spec.series is not None or bool(_rules(ctx.session, company_id).get(spec.name))


def gives(ctx: Ctx, spec: DocSpec, company_id: UUID | None, row: Mapping[str, Any]) -> bool:
    """Whether a document with these stored values gets its number or code from a series."""
    return _series(ctx.session, spec, company_id, row.get) is not None


def give(ctx: Ctx, spec: DocSpec, document: Any) -> None:
    """Name a new document that has no number or code yet; one that was given stays.

    Where a step takes the number, the draft gets a provisional name.

    Raises:
        Refused: CODE_RULE_BROKEN, the rule's pattern no longer fits the type. Invalid: NUMBER_FROM_SERIES.
    """
    if spec.natural_key not in ("number", "code"):
        return
    given = getattr(document, spec.natural_key)
    later = spec.series is not None and spec.series.at is not None
    if later and (given is None or given.startswith(PROVISIONAL)):
        document.number = f"{PROVISIONAL}{document.id.hex[-12:]}"
    elif given is None:
        _count(ctx, spec, document)
    else:
        Invalid.raise_all(given_ahead(ctx, spec, document, given))


def settle(ctx: Ctx, document: Any) -> None:
    """Take the number of a document that bears a provisional name; the step does so at the latest when it ends.

    What writes the number down, a ledger, asks for it before, when it has locked what it needs: the lock of gapless
    numbers, for which every posting of the company waits, comes last.
    """
    if document.number.startswith(PROVISIONAL):
        _count(ctx, spec_of(type(document).__name__), document)


def _count(ctx: Ctx, spec: DocSpec, document: Any) -> None:
    counting = _counting(ctx, spec, document)
    if counting is not None:
        setattr(document, spec.natural_key, counting.take(ctx.session))


def _counting(ctx: Ctx, spec: DocSpec, document: Any) -> Counting | None:
    return counting_of(ctx.session, spec, document.company_id, lambda name: getattr(document, name, None))


def given_ahead(ctx: Ctx, spec: DocSpec, document: Any, number: str) -> Iterator[Problem]:
    """NUMBER_FROM_SERIES when a draft is given by hand a number that is its gapless series' to give."""
    if _is_gapless(ctx, spec, document, number):
        yield problem(
            "NUMBER_FROM_SERIES",
            f"{number} 是不断号系列的单号，由系统编排，不能自填。",
            f"{number} is a number of a gapless series, which the hub gives; it cannot be chosen.",
            "number",
            hint=("请留空。", "Leave it out."),
        )


def kept_for_good(ctx: Ctx, spec: DocSpec, document: Any) -> Iterator[Problem]:
    """NUMBER_TAKEN when discarding a draft would leave a hole in a gapless series."""
    if spec.kind == "document" and _is_gapless(ctx, spec, document, document.number):
        yield problem(
            "NUMBER_TAKEN",
            f"单号 {document.number} 不得断号，不能删除。",
            f"Number {document.number} is of a gapless series; the document cannot be discarded.",
            "number",
            hint=("请改用取消或作废，单号保留。", "Cancel it instead; it keeps its number."),
        )


def _is_gapless(ctx: Ctx, spec: DocSpec, document: Any, number: str) -> bool:
    """Whether a number is one of a document's gapless series; masters' codes are not what the law is about."""
    if spec.kind != "document" or not numbered(ctx, spec, document.company_id):
        return False
    counting = _counting(ctx, spec, document)
    return counting is not None and counting.series.gapless and counting.may_have_given(number)


def counting_of(
    session: Session, spec: DocSpec, company_id: UUID | None, stored: Callable[[str], Any]
) -> Counting | None:
    """How the number of a document with these stored values is counted, None when nothing numbers it."""
    found = _series(session, spec, company_id, stored)
    if found is None or company_id is None:
        return None
    series, rule = found
    if rule is not None and any(Pattern(series.pattern).problems(series.reset, numbering_fields(spec))):
        raise Refused(
            problem(
                "CODE_RULE_BROKEN",
                f"编码规则 {rule.code} 的格式与{spec.label.chinese}不符，请修改或停用。",
                f"The pattern of code rule {rule.code} does not fit {spec.label.english}; mend it or make it inactive.",
            )
        )
    scope = "" if rule is None else f"{spec.name} "
    day = _day(spec, stored)
    column = spec.table.columns[spec.natural_key]
    return Counting(series, company_id, day, lambda name: _text(session, spec, name, stored), column, scope)


def numbering_fields(spec: DocSpec) -> list[str]:
    """What a pattern may show of a type, and a rule may go by: choices, texts, links to what has a code."""
    found = [
        one.name
        for one in spec.fields.values()
        if one.kind in ("choice", "text") and not (one.system or one.secret or one.restricted or one.computed)
    ]
    links = [one.name for one in spec.links.values() if spec_of(one.target).natural_key in ("code", "number")]
    return [name for name in (*found, *links) if name not in ("state", spec.natural_key)]


def rule_problems(rule: Any) -> Iterator[Problem]:
    """What is wrong with a row of CodeRule, every problem at once: its type, its condition, its pattern."""
    spec = specs().get(rule.document_type)
    if spec is None or spec.natural_key not in ("number", "code"):
        yield problem(
            "TYPE_NOT_NUMBERED",
            f"没有可编号的单据类型 {rule.document_type}，应为如 SalesOrder、Item。",
            f"There is no type {rule.document_type} with numbers or codes; write SalesOrder, Item.",
            "documentType",
        )
    if spec is not None and spec.series is not None and spec.series.gapless and not rule.gapless:
        yield problem(
            "GAPLESS_NEEDED",
            f"{spec.label.chinese}的单号不得断号，请勾选不断号。",
            f"No number of {spec.label.english} may be missing: the rule must be gapless.",
            "gapless",
            hint=("法律要求发票和凭证连续编号。", "The law wants invoices and vouchers numbered without a gap."),
        )
    known = [] if spec is None else numbering_fields(spec)
    if spec is not None and rule.field_name is not None and rule.field_name not in known:
        yield problem(
            "FIELD_UNKNOWN",
            f"{spec.label.chinese}没有可作条件的字段 {rule.field_name}，可用：{'、'.join(known)}。",
            f"{spec.label.english} has no field {rule.field_name} to go by, only: {', '.join(known)}.",
            "fieldName",
        )
    if (rule.field_name is None) != (rule.field_value is None):
        lacking = ("条件值", "Value", "fieldValue") if rule.field_value is None else ("条件字段", "Field", "fieldName")
        yield missing(*lacking)
    pattern = Pattern(rule.pattern)
    yield from pattern.problems(rule.reset, pattern.fields if spec is None else known)


def _series(
    session: Session, spec: DocSpec, company_id: UUID | None, stored: Callable[[str], Any]
) -> tuple[Series, Rule | None] | None:
    for rule in _rules(session, company_id).get(spec.name, ()):
        if rule.field is None or _text(session, spec, rule.field, stored) == rule.value:
            return rule.series, rule
    return None if spec.series is None else (spec.series, None)


def _rules(session: Session, company_id: UUID | None) -> dict[str, list[Rule]]:
    """The active rules of a company by type."""
    if company_id is None or RULES not in specs():
        return {}
    kept = _kept.setdefault(session.get_bind().engine, _Kept())
    read_at, rules = kept.by_company.get(company_id, (float("-inf"), {}))
    if time.monotonic() - read_at > KEPT_FOR:
        read_at, rules = time.monotonic(), _read(session, company_id)
        kept.by_company[company_id] = (read_at, rules)
    return rules


def _read(session: Session, company_id: UUID) -> dict[str, list[Rule]]:
    rule = spec_of(RULES).table.c
    query = (
        select(rule.code, rule.document_type, rule.pattern, rule.gapless, rule.reset, rule.field_name, rule.field_value)
        .where(rule.company_id == company_id, rule.active)
        .order_by(rule.field_name.is_(None), rule.code)
    )
    found: dict[str, list[Rule]] = {}
    for row in session.execute(query):
        series = Series(row.pattern, row.gapless, row.reset)
        found.setdefault(row.document_type, []).append(Rule(row.code, series, row.field_name, row.field_value))
    return found


def _text(session: Session, spec: DocSpec, name: str, stored: Callable[[str], Any]) -> str:
    """A field's value as numbers show it: a link's is the code of what it leads to; nothing is nothing."""
    link = spec.links.get(name)
    if link is None:
        value = stored(name)
        return "" if value is None else value.value if isinstance(value, Choice) else str(value)
    target = spec_of(link.target)
    id_ = stored(link.column)
    if id_ is None:
        return ""
    code = target.table.c[target.natural_key]
    return str(session.execute(select(code).where(target.table.c.id == id_)).scalar_one())


def _day(spec: DocSpec, stored: Callable[[str], Any]) -> date:
    """The day a number belongs to: the document's own first date, or today."""
    for name, one in spec.fields.items():
        if one.kind == "date" and one.required:
            value = stored(name)
            if isinstance(value, date):
                return value
    return today()
