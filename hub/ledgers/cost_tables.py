"""Where the cost ledger keeps its sums: what each day moved of an item, at given prices and at the average."""

from __future__ import annotations

from sqlalchemy import Column, Date, Numeric, Table, Uuid

from hub.document.registry import metadata

cost_day = Table(
    "cost_day",
    metadata,
    Column("company_id", Uuid, primary_key=True),
    Column("item_id", Uuid, primary_key=True),
    Column("day", Date, primary_key=True),
    Column("given_quantity", Numeric(20, 4), nullable=False),
    Column("given_value", Numeric(20, 4), nullable=False),
    Column("average_quantity", Numeric(20, 4), nullable=False),
    Column("average_value", Numeric(20, 4), nullable=False),
    schema="hub",
    comment="存货成本日变动 (What a day changed of an item's quantity and value)",
)
