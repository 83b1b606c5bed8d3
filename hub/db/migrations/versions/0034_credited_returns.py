"""Whether goods that came back were credited: then they are not owed again."""

import sqlalchemy as sa
from alembic import op

revision = "0034"
down_revision = "0033"
branch_labels = None
depends_on = None

# Returns of requests that ask for money and none for goods; what else was returned stays owed, as it was.
_CREDITED = """
UPDATE hub.sales_return_line l SET credited = true FROM hub.sales_return r, hub.return_request q
WHERE r.id = l.sales_return_id AND q.id = r.return_request_id AND NOT EXISTS (
  SELECT FROM hub.return_request_line x WHERE x.return_request_id = q.id
  AND coalesce(x.resolution, q.resolution) NOT IN ('credit', 'refund'))
"""


def upgrade() -> None:
    op.add_column(
        "sales_return_line",
        sa.Column(
            "credited",
            sa.Boolean(),
            server_default=sa.false(),
            nullable=False,
            comment="折让退款，不补发 (Credited, not replaced)",
        ),
        schema="hub",
    )
    op.alter_column("sales_return_line", "credited", server_default=None, schema="hub")
    op.execute("ALTER TABLE hub.sales_return_line DISABLE TRIGGER USER")
    op.execute(_CREDITED)
    op.execute("ALTER TABLE hub.sales_return_line ENABLE TRIGGER USER")


def downgrade() -> None:
    op.drop_column("sales_return_line", "credited", schema="hub")
