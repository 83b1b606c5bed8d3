"""What a type's rows add up to: the aggregate functions, the fields each takes, the kind and scale of the result.

The builder of the schema and the compiler both read it, so a function of a field exists in one only if in both.
"""

from __future__ import annotations

from dataclasses import dataclass

from graph_schema.naming import members
from hub.document.spec import DerivedSpec, DocSpec, FieldSpec, LinkSpec

FUNCTIONS = {
    "sum": "合计，小数位与字段相同，没有行时为 0 · Sum, with the field's decimals; 0 of no rows",
    "avg": "平均，比字段多两位小数 · Average, with two more decimals than the field",
    "stddev": "样本标准差，比字段多两位小数 · Sample standard deviation, two more decimals; null of one value",
    "min": "最小 · Smallest",
    "max": "最大 · Largest",
    "distinct": "不同值的个数，空值不计 · How many different values; missing ones do not count",
}
"""The functions of a field; `count` counts rows and takes none."""

COUNT = "行数 · How many rows"
_NUMERIC = ("integer", "decimal")
_KINDS = {
    **dict.fromkeys(("sum", "avg", "stddev"), _NUMERIC),
    **dict.fromkeys(("min", "max"), (*_NUMERIC, "text", "date", "moment")),
    "distinct": (*_NUMERIC, "text", "date", "moment", "choice", "boolean", "id"),
}
_MORE_DECIMALS = 2

Measured = FieldSpec | DerivedSpec | LinkSpec
"""What a function may take; of links the different targets are counted."""


def measured(spec: DocSpec, function: str) -> dict[str, Measured]:
    """The members that a function takes, by GraphQL name. Of what the hub keeps for itself only moments."""
    return {
        name: member
        for name, member in members(spec).items()
        if (isinstance(member, LinkSpec) and function == "distinct")
        or (isinstance(member, FieldSpec | DerivedSpec) and _takes(member, function))
    }


def _takes(member: FieldSpec | DerivedSpec, function: str) -> bool:
    inner = isinstance(member, FieldSpec) and member.system and member.kind != "moment"
    return member.kind in _KINDS[function] and not inner


def functions(spec: DocSpec) -> list[str]:
    """The functions that have a field to work on."""
    return [name for name in FUNCTIONS if measured(spec, name)]


def groupable(spec: DocSpec) -> dict[str, Measured]:
    """The members by which rows can be grouped; of a link the fields of its target."""
    return {
        name: member
        for name, member in members(spec).items()
        if isinstance(member, LinkSpec)
        or (isinstance(member, FieldSpec | DerivedSpec) and (member.kind == "id" or _takes(member, "distinct")))
    }


@dataclass(frozen=True)
class Measure:
    """A function of a field; `count` of none."""

    function: str
    member: Measured | None = None

    @property
    def name(self) -> str:
        """sum of total."""
        return self.function if self.member is None else f"{self.function} of {self.member.name}"

    @property
    def kind(self) -> str:
        """The kind of the result, as fields have it. Sums are decimals, for those of integers may be long."""
        if self.function in ("count", "distinct"):
            return "integer"
        assert isinstance(self.member, FieldSpec | DerivedSpec)
        return self.member.kind if self.function in ("min", "max") else "decimal"

    @property
    def scale(self) -> int:
        """The decimals of a sum, average or deviation."""
        assert isinstance(self.member, FieldSpec | DerivedSpec)
        return (self.member.scale or 0) + (0 if self.function == "sum" else _MORE_DECIMALS)
