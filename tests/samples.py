"""Sample requests for every declared type: each field a value that fits, each link the sample record of its target."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any
from zoneinfo import ZoneInfo

from hub import writes
from hub.context import Ctx
from hub.document.registry import spec as spec_of
from hub.document.registry import specs
from hub.document.spec import DocSpec, FieldSpec

CHINA = ZoneInfo("Asia/Shanghai")
CODES = {
    ("FiscalPeriod", "SAMPLE"): "2026-05",
    ("FiscalPeriod", "NEW"): "2026-06",
    ("PostingRule", "SAMPLE"): "SalesInvoice.revenue",
    ("PostingRule", "NEW"): "SalesInvoice.tax",
}
"""Codes that mean something."""
MEANT: dict[str, dict[str, Any]] = {
    "InspectionStandard": {"acceptance_quality_limit": "2.5"},
    "Customer": {"uscc": "91350100M000100Y43"},
    "CodeRule": {
        "document_type": "SalesOrder",
        "field_name": "customer",
        "field_value": "nobody",
        "pattern": "R{seq:05}",
    },
    "ApprovalFlow": {"document_type": "SalesOrder", "step_name": "confirm", "condition": "total > 1000"},
    "ApprovalFlowStep": {"kind": "role", "who": ["sales"], "condition": None, "escalate_to": "finance"},
    "Delegation": {"principal_login": "SAMPLE", "delegate_login": "SECOND", "document_type": None, "ends_at": None},
    "Shift": {"starts_at": "20:00", "ends_at": "08:00", "break_minutes": 60},
    "WorkCalendar": {"weekdays": ["1", "6"]},
    "Webhook": {"url": "https://example.com/", "document_type": "SalesOrder", "events": [], "selection": "number"},
    "NotificationRule": {"document_type": "SalesOrder", "events": ["confirm"], "changed_fields": []},
    "NotificationRecipient": {"role": "sales"},
    "Supplier": {"admission": "admitted"},
    "PayItem": {"formula": None},
    "PurchaseInvoice": {"tax_invoice_kind": "digital_special", "tax_invoice_number": "25332000000012345678"},
}
"""Other values that must mean something."""
NAMED: dict[str, Any] = {
    "document_type": "FormRecord",
    "required": False,
    "target_type": None,
    "read_permission": "base.read",
    "fill_permission": "base.read",
}
"""Texts that must name something there is."""


def sample(field: FieldSpec) -> Any:
    """A value that fits a field."""
    if field.name in NAMED:
        return NAMED[field.name]
    if field.choices:
        return next(iter(field.choices)).value
    return {
        "text": "值",
        "integer": 3,
        "decimal": "3",
        "boolean": True,
        "date": date(2026, 5, 1),
        "moment": datetime(2026, 5, 1, 8, tzinfo=CHINA),
        "list": ["a"],
        "json": {},
    }[field.kind]


def values_for(spec: DocSpec, serial: str) -> dict[str, Any]:
    """A complete request for a type: every field a value, every link the sample record of its target."""
    values: dict[str, Any] = {
        name: sample(field)
        for name, field in spec.fields.items()
        if not (field.system or field.computed or field.secret) and name not in ("state", "number")
    }
    if "key" in spec.fields:
        values["key"] = serial.lower()
    if spec.kind == "master":
        values |= {"code": CODES.get((spec.name, serial), serial), "name": f"名称{serial}"}
    values |= MEANT.get(spec.name, {})
    values |= {
        name: "SAMPLE"
        for name, link in spec.links.items()
        if spec_of(link.target).kind == "master" and link.target != spec.parent and not link.system
    }
    for name, lines in spec.lines.items():
        line_spec = spec_of(lines.target)
        needs_line = any(
            link.required and spec_of(link.target).kind in ("line", "document")
            for link in line_spec.links.values()
            if link.target != line_spec.parent
        )
        if not needs_line:
            values[name] = [values_for(line_spec, serial) for _ in range(2)]
            for line in values[name]:
                line.pop("position", None)
    return values


def masters(ctx: Ctx) -> None:
    """A record SAMPLE of every master but the company, each after those that it needs, and a second user."""
    waiting = [spec for spec in specs().values() if spec.by_hand and spec.kind == "master" and spec.name != "Company"]
    while waiting:
        spec = waiting.pop(0)
        needed = [link.target for link in spec.links.values() if link.required]
        needed += [link.target for one in spec.lines.values() for link in spec_of(one.target).links.values()]
        if any(one.name in needed for one in waiting if one is not spec):
            waiting.append(spec)
            continue
        body = {name: value for name, value in values_for(spec, "SAMPLE").items() if name not in spec.links}
        body |= {name: "SAMPLE" for name, link in spec.links.items() if link.required}
        writes.create(ctx, spec.name, body)
    writes.create(ctx, "User", {"code": "SECOND", "name": "第二人"})


def documents(ctx: Ctx, but: set[str]) -> None:
    """A draft of every document type but those named; needs the masters."""
    for spec in specs().values():
        if spec.by_hand and spec.kind == "document" and spec.name not in but:
            writes.create(ctx, spec.name, values_for(spec, "SAMPLE"))
