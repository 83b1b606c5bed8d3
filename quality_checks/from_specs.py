"""The shape of every document type as rules, made from its DocSpec: required values, listed values, natural keys once.

The database refuses most of this already. The checks say it again in words a steward reads, on whatever stands in
the tables: a constraint that a migration lost, or a row that a restore brought, is found here.
"""

from collections.abc import Iterable

from hub.document.spec import DocSpec
from quality_checks.rules import ROWS, Rule, RuleSet

OWNER = "数据管家 / data steward"


def shape_of(spec: DocSpec) -> RuleSet:
    """The rule set of one document type's table."""
    rules = [*_required(spec), *_choices(spec), *_once(spec)]
    return RuleSet("hub", spec.table.name, tuple(rules))


def shapes_of(specs: Iterable[DocSpec]) -> tuple[RuleSet, ...]:
    """One rule set per document type that has anything to check."""
    return tuple(one for one in map(shape_of, specs) if one.rules)


def _required(spec: DocSpec) -> Iterable[Rule]:
    """Every field and link that must be there, but for what the hub itself sets."""
    named = {one.name: one.label for one in spec.fields.values() if one.required and not one.system}
    linked = {one.column: one.label for one in spec.links.values() if one.required}
    for column, label in {**named, **linked}.items():
        yield Rule(
            f"{column}_required",
            "ExpectColumnValuesToNotBeNull",
            {"column": column},
            (
                f"{spec.label.chinese}必须有{label.chinese}",
                f"{spec.label.english}: {label.english} is required",
            ),
            owner=OWNER,
        )


def _choices(spec: DocSpec) -> Iterable[Rule]:
    """Every field with a fixed list of values."""
    for one in spec.fields.values():
        if one.choices is not None:
            yield Rule(
                f"{one.name}_listed",
                "ExpectColumnValuesToBeInSet",
                {"column": one.name, "value_set": [choice.value for choice in one.choices]},
                (
                    f"{spec.label.chinese}的{one.label.chinese}必须是规定的值",
                    f"{spec.label.english}: {one.label.english} is one of the listed values",
                ),
                owner=OWNER,
            )


def _once(spec: DocSpec) -> Iterable[Rule]:
    """The natural key once per company; a query, because Great Expectations names no keys for compound ones."""
    name = spec.natural_key
    if spec.kind not in ("master", "document"):
        return
    company = "company_id, " if "company_id" in spec.table.c else ""
    query = (
        "with l as (select * from {batch}) "  # noqa: S608 (names come from our own specs)
        f"select {company}{name}, count(*) as times from l group by {company}{name} having count(*) > 1"
    )
    yield Rule(
        f"{name}_once",
        ROWS,
        {"unexpected_rows_query": query},
        (f"{spec.label.chinese}的{spec.fields[name].label.chinese}不重复", f"{spec.label.english}: {name} occurs once"),
        owner=OWNER,
        key=(name,),
    )
