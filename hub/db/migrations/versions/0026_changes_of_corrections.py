"""An engineering change names the corrective action that it comes from."""

import sqlalchemy as sa
from alembic import op

revision = "0026"
down_revision = "0025"
branch_labels = None
depends_on = None

TABLE, COLUMN = "engineering_change", "corrective_action_id"


def upgrade() -> None:
    """The link, with its index."""
    op.add_column(
        TABLE, sa.Column(COLUMN, sa.Uuid(), nullable=True, comment="改进计划 (Corrective action)"), schema="hub"
    )
    op.create_index(f"ix_{TABLE}_{COLUMN}", TABLE, [COLUMN], unique=False, schema="hub")
    op.create_foreign_key(
        f"fk_{TABLE}_{COLUMN}", TABLE, "corrective_action", [COLUMN], ["id"], source_schema="hub", referent_schema="hub"
    )


def downgrade() -> None:
    """Without it."""
    op.drop_constraint(f"fk_{TABLE}_{COLUMN}", TABLE, schema="hub", type_="foreignkey")
    op.drop_index(f"ix_{TABLE}_{COLUMN}", table_name=TABLE, schema="hub")
    op.drop_column(TABLE, COLUMN, schema="hub")
