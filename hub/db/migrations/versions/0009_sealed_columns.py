"""The ID number becomes a text that holds ciphertext; hub.db.sealed_columns seals what is plain, after this.

Revision ID: 0009
Revises: 0008
"""

from __future__ import annotations

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op

revision: str = "0009"
down_revision: str | None = "0008"
branch_labels: str | Sequence[str] | None = None
depends_on: str | Sequence[str] | None = None


def upgrade() -> None:
    """Ciphertext is longer than a code; the index of its characters goes, for it holds what was plain."""
    op.execute("DROP INDEX IF EXISTS hub.ix_employee_id_number_terms")
    op.alter_column("employee", "id_number", type_=sa.Text(), existing_type=sa.String(), schema="hub")
    op.execute("ALTER TABLE IF EXISTS history.employee ALTER COLUMN id_number TYPE text")


def downgrade() -> None:
    """Back to a code, which is a name for the same: what is sealed stays sealed."""
    op.alter_column("employee", "id_number", type_=sa.String(), existing_type=sa.Text(), schema="hub")
