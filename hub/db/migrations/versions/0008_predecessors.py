"""A document made in place of a cancelled one names its predecessor.

Revision ID: 0008
Revises: 0007
"""

from __future__ import annotations

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op

revision: str = "0008"
down_revision: str | None = "0007"
branch_labels: str | Sequence[str] | None = None
depends_on: str | Sequence[str] | None = None

TABLES = ("production_order", "purchase_order", "inspection", "sales_order", "purchase_receipt", "delivery")


def upgrade() -> None:
    """Add the link; few documents have one, so only those are indexed."""
    for table in TABLES:
        column = sa.Column("predecessor_id", sa.Uuid(), nullable=True, comment="原单据 (Predecessor)")
        op.add_column(table, column, schema="hub")
        names = (["predecessor_id"], ["id"])
        key = op.f(f"fk_{table}_predecessor_id")
        op.create_foreign_key(key, table, table, *names, source_schema="hub", referent_schema="hub")
        op.create_index(
            f"uq_{table}_predecessor_id",
            table,
            ["predecessor_id"],
            unique=True,
            schema="hub",
            postgresql_where=sa.text("predecessor_id IS NOT NULL"),
        )


def downgrade() -> None:
    """Drop it."""
    for table in TABLES:
        op.drop_column(table, "predecessor_id", schema="hub")
