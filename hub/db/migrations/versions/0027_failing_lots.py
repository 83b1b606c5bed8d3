"""How many lots have failed in a row."""

import sqlalchemy as sa
from alembic import op

revision = "0027"
down_revision = "0026"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Told by an inspection from the second lot on."""
    op.add_column(
        "inspection",
        sa.Column("failed_in_a_row", sa.Integer(), nullable=True, comment="连续不合格批数 (Failed in a row)"),
        schema="hub",
    )


def downgrade() -> None:
    """Without it."""
    op.drop_column("inspection", "failed_in_a_row", schema="hub")
