"""What users map and what they have imported.

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

FIGURES = ("rows", "documents", "created", "updated", "unchanged", "stepped")


def upgrade() -> None:
    """Make both tables."""
    op.create_table(
        "import_mapping",
        sa.Column("user_id", sa.Uuid(), nullable=False),
        sa.Column("list", sa.Text(), nullable=False),
        sa.Column("columns", postgresql.JSONB(), nullable=False),
        sa.PrimaryKeyConstraint("user_id", "list", name=op.f("pk_import_mapping")),
        schema="hub",
        comment="导入列对应 (Which heading is which field, as a user said last, per list)",
    )
    op.create_table(
        "import_run",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("user_id", sa.Uuid(), nullable=False),
        sa.Column("list", sa.Text(), nullable=False),
        sa.Column("file_name", sa.Text(), nullable=False),
        *(sa.Column(name, sa.BigInteger(), nullable=False) for name in FIGURES),
        sa.Column("at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_import_run")),
        schema="hub",
        comment="导入记录 (Imports: whose, of which file, what became of it)",
    )


def downgrade() -> None:
    """Drop them."""
    op.drop_table("import_run", schema="hub")
    op.drop_table("import_mapping", schema="hub")
