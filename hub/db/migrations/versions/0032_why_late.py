"""Why a scheduled run is late: a code and what causes it, beside the sentence."""

import sqlalchemy as sa
from alembic import op

revision = "0032"
down_revision = "0031"
branch_labels = None
depends_on = None

COLUMNS = {
    "reason_code": (sa.String(), "延误原因代码 (Code of the reason)"),
    "cause": (sa.Text(), "延误起因 (What makes it late)"),
}


def upgrade() -> None:
    for name, (type_, comment) in COLUMNS.items():
        op.add_column("schedule_run", sa.Column(name, type_, nullable=True, comment=comment), schema="hub")


def downgrade() -> None:
    for name in COLUMNS:
        op.drop_column("schedule_run", name, schema="hub")
