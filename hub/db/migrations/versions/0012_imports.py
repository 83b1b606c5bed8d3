"""How users map the columns of their files.

Revision ID: 0012
Revises: 0011
"""

from __future__ import annotations

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision: str = "0012"
down_revision: str | None = "0011"
branch_labels: str | Sequence[str] | None = None
depends_on: str | Sequence[str] | None = None


def upgrade() -> None:
    """Make the table."""
    op.create_table(
        "import_mapping",
        sa.Column("user_id", sa.Uuid(), nullable=False),
        sa.Column("list", sa.Text(), nullable=False),
        sa.Column("columns", postgresql.JSONB(), nullable=False),
        sa.PrimaryKeyConstraint("user_id", "list", name=op.f("pk_import_mapping")),
        schema="hub",
        comment="导入列对应 (Which heading is which field, as a user said last, per list)",
    )


def downgrade() -> None:
    """Drop it."""
    op.drop_table("import_mapping", schema="hub")
