"""Where the stock ledger keeps its sums: what each key holds now, and how each day and month changed it.

A key is an item in a warehouse with its location, lot, serial and status. `stock_change` holds differences, not
levels: an entry dated in the past alters the sum of its day and of its month and nothing after it, so it costs the
same whatever followed. PostgreSQL keeps both from the entries themselves (`hub.db.stock`), whoever appends them.
"""

from __future__ import annotations

from sqlalchemy import (
    BigInteger,
    Boolean,
    CheckConstraint,
    Column,
    Date,
    ForeignKey,
    Identity,
    Index,
    Numeric,
    String,
    Table,
    Text,
    Uuid,
    text,
)

from hub.document.registry import metadata

KEY = ("company_id", "item_id", "warehouse_id", "location_id", "lot", "serial", "status")
"""What a balance is kept by; location, lot and serial may be NULL, which is a value like others here."""

stock_balance = Table(
    "stock_balance",
    metadata,
    Column("id", BigInteger, Identity(always=True), primary_key=True),
    Column("company_id", Uuid, nullable=False),
    Column("item_id", Uuid, nullable=False),
    Column("warehouse_id", Uuid, nullable=False),
    Column("location_id", Uuid),
    Column("lot", String),
    Column("serial", String),
    Column("status", String(40), nullable=False),
    Column("quantity", Numeric(20, 4), nullable=False),
    Column("first_day", Date, nullable=False),
    Column("last_day", Date, nullable=False),
    Column("may_be_negative", Boolean, nullable=False),
    Index("ix_stock_balance_key", *KEY, unique=True, postgresql_nulls_not_distinct=True),
    Index("ix_stock_balance_place", "company_id", "warehouse_id", "item_id", postgresql_where=text("quantity <> 0")),
    schema="hub",
    comment="库存结存 (Stock on hand, kept from the entries)",
)

stock_change = Table(
    "stock_change",
    metadata,
    Column(
        "balance_id",
        BigInteger,
        ForeignKey("hub.stock_balance.id"),
        primary_key=True,
        autoincrement=False,
    ),
    Column("span", Text, primary_key=True),
    Column("begins", Date, primary_key=True),
    Column("quantity", Numeric(20, 4), nullable=False),
    CheckConstraint("span IN ('day', 'month')", name="span"),
    schema="hub",
    comment="库存日月变动 (What a day or month changed of a balance)",
)
