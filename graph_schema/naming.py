"""Every name of the GraphQL schema, made here and nowhere else, and what stands behind each name.

`members` is the dictionary between GraphQL and a DocSpec: the compiler looks a field up in it, the builders walk
it, so a field can exist in one and not in the other by no mistake.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache

from hub.document.registry import spec as spec_of
from hub.document.spec import DerivedSpec, DocSpec, FieldSpec, InverseSpec, LinesSpec, LinkSpec
from hub.words import Label, camel, pascal

AVAILABLE_STEPS = "availableSteps"
PROVENANCE = "provenance"
HISTORY = "history"
AS_OF = "asOf"
COMPANY = "Company"
LOAD_PAYLOAD = "LoadPayload"
IMPORT_PAYLOAD = "ImportPayload"
CUSTOM_FILTER = "CustomFieldFilter"
CUSTOM_ORDER = "CustomFieldOrder"
WITHOUT_PROVENANCE = frozenset({"SourceRecord", "SyncRun", "SourceSystem"})


@dataclass(frozen=True)
class Special:
    """A field that every type has and no class declares: its steps of the moment, where it came from."""

    name: str
    label: Label


@dataclass(frozen=True)
class LinesConnection:
    """The sibling of owned lines: the same rows in pages, counted, added up and grouped."""

    name: str
    label: Label
    lines: LinesSpec


Member = FieldSpec | LinkSpec | LinesSpec | InverseSpec | DerivedSpec | LinesConnection | Special
STEPS_MEMBER = Special(AVAILABLE_STEPS, Label("当前可执行的操作", "Steps that can be taken now"))
HISTORY_MEMBER = Special(HISTORY, Label("修订历史，最新的在前", "Its revisions, newest first"))
PROVENANCE_MEMBER = Special(PROVENANCE, Label("数据来源", "Where the data came from"))


def members(spec: DocSpec) -> dict[str, Member]:
    """The fields of a type by their GraphQL names, in order: columns, derived values, lists, specials."""
    return _members(spec.name)


@cache
def _members(name: str) -> dict[str, Member]:
    spec = spec_of(name)
    found = [*_columns(spec), *spec.derived.values(), *spec.lines.values()]
    found += [_lines_connection(one) for one in spec.lines.values()]
    found += spec.inverses.values()
    if spec.steps:
        found.append(STEPS_MEMBER)
    if spec.kind not in ("line", "companion") and name not in WITHOUT_PROVENANCE:
        found.append(PROVENANCE_MEMBER)
    if spec.kind != "ledger":
        found.append(HISTORY_MEMBER)
    named = {camel(member.name): member for member in found}
    if len(named) != len(found):
        raise RuntimeError(f"{name}: two fields would have the same GraphQL name")
    return named


def _columns(spec: DocSpec) -> list[Member]:
    """Fields and links in the order of the table's columns; secrets do not exist here."""
    links = {link.column: link for link in spec.links.values()}
    found: list[Member] = []
    for column in spec.table.columns:
        if column.name == "company_id":
            found.append(LinkSpec("company", Label("公司", "Company"), COMPANY, "company_id", required=True))
        elif column.name in links:
            found.append(links[column.name])
        elif not spec.fields[column.name].secret:
            found.append(spec.fields[column.name])
    return found


def _lines_connection(lines: LinesSpec) -> LinesConnection:
    chinese, english = lines.label
    label = Label(f"{chinese}，可分页、汇总", f"{english}, in pages and added up")
    return LinesConnection(f"{lines.name}_connection", label, lines)


def description(label: Label, *more: str | None) -> str:
    """`客户 · Customer`, then whatever else there is to say."""
    return " — ".join([f"{label.chinese} · {label.english}", *(text for text in more if text)])


def dotted(path: tuple[str, ...]) -> str:
    """("customer", "credit_limit") → customer.creditLimit, for sentences."""
    return ".".join(camel(name) for name in path)


_VALUES = {
    "sum": "Numbers", "avg": "Numbers", "stddev": "Numbers",
    "min": "Extremes", "max": "Extremes", "distinct": "Distinct",
}  # fmt: skip


def where_type(name: str) -> str:
    """SalesOrder → SalesOrderWhere."""
    return f"{name}Where"


def list_where_type(name: str) -> str:
    """SalesOrderLine → SalesOrderLineListWhere (some, every, none, aggregate)."""
    return f"{name}ListWhere"


def aggregate_filter_type(name: str) -> str:
    """SalesOrderLine → SalesOrderLineAggregateFilter (where, count, sum, avg, min, max)."""
    return f"{name}AggregateFilter"


def order_type(name: str) -> str:
    """SalesOrder → SalesOrderOrderBy."""
    return f"{name}OrderBy"


def connection_type(name: str) -> str:
    """SalesOrder → SalesOrderConnection."""
    return f"{name}Connection"


def edge_type(name: str) -> str:
    """SalesOrder → SalesOrderEdge."""
    return f"{name}Edge"


def aggregate_type(name: str) -> str:
    """SalesOrder → SalesOrderAggregate (count, distinct, sum, avg, min, max, stddev)."""
    return f"{name}Aggregate"


def values_type(name: str, function: str) -> str:
    """("SalesOrder", "avg") → SalesOrderNumbers: one type for functions of the same fields."""
    return f"{name}{_VALUES[function]}"


def values_filter_type(name: str, function: str) -> str:
    """("SalesOrder", "min") → SalesOrderExtremesFilter."""
    return f"{values_type(name, function)}Filter"


def values_order_type(name: str, function: str) -> str:
    """("SalesOrder", "distinct") → SalesOrderDistinctOrder."""
    return f"{values_type(name, function)}Order"


def group_type(name: str) -> str:
    """SalesOrder → SalesOrderGroup (key, count, sum, …)."""
    return f"{name}Group"


def group_key_type(name: str) -> str:
    """SalesOrder → SalesOrderGroupKey."""
    return f"{name}GroupKey"


def group_by_type(name: str) -> str:
    """SalesOrder → SalesOrderGroupBy."""
    return f"{name}GroupBy"


def group_order_type(name: str) -> str:
    """SalesOrder → SalesOrderGroupOrder."""
    return f"{name}GroupOrder"


def having_type(name: str) -> str:
    """SalesOrder → SalesOrderHaving."""
    return f"{name}Having"


def change_type(name: str) -> str:
    """SalesOrder → SalesOrderChange."""
    return f"{name}Change"


def changed(spec: DocSpec) -> str:
    """SalesOrder → salesOrdersChanged."""
    return f"{spec.many}Changed"


def box_field(spec: DocSpec, box: str) -> str:
    """(Approval, "to_do") → approvalsToDo."""
    return f"{spec.many}{pascal(box)}"


def create_type(name: str) -> str:
    """SalesOrder → CreateSalesOrderInput."""
    return f"Create{name}Input"


def update_type(name: str) -> str:
    """SalesOrder → UpdateSalesOrderInput."""
    return f"Update{name}Input"


def changes_type(name: str) -> str:
    """SalesOrderLine → SalesOrderLineChanges (add, change, remove)."""
    return f"{name}Changes"


def payload_type(name: str) -> str:
    """SalesOrder → SalesOrderPayload."""
    return f"{name}Payload"


def batch_payload_type(name: str) -> str:
    """SalesOrder → SalesOrderBatchPayload (done, results, problems)."""
    return f"{name}BatchPayload"


def update_row_type(name: str) -> str:
    """SalesOrder → UpdateSalesOrderRow (id, expectedVersion, input)."""
    return f"Update{name}Row"


def conversion_mutation(source: DocSpec, target: DocSpec, *, many: bool = False) -> str:
    """(SalesOrder, Delivery) → convertSalesOrderToDelivery; of many convertSalesOrdersToDeliveries."""
    one = f"convert{source.name}To{target.name}"
    return f"convert{source.plural}To{target.plural}" if many else one


def mutation(verb: str, spec: DocSpec, *, many: bool = False) -> str:
    """("confirm", SalesOrder) → confirmSalesOrder; of many confirmSalesOrders."""
    return f"{camel(verb)}{spec.plural if many else spec.name}"
