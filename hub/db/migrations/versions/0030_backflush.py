"""Materials that leave the stores by themselves: how each is issued, and which paper caused an issue."""

import sqlalchemy as sa
from alembic import op

revision = "0030"
down_revision = "0029"
branch_labels = None
depends_on = None

TABLES = ("bom_line", "production_order_material")
CAUSES = {
    "operation_report": "倒冲报工 (Backflushed by report)",
    "product_receipt": "倒冲入库 (Backflushed by receipt)",
}


def upgrade() -> None:
    for table in TABLES:
        op.add_column(
            table,
            sa.Column(
                "issue_method",
                sa.Enum("issue", "backflush", name="issuemethod", native_enum=False, create_constraint=True, length=40),
                nullable=False,
                server_default="issue",
                comment="发料方式 (How it is issued)",
            ),
            schema="hub",
        )
        op.alter_column(table, "issue_method", server_default=None, schema="hub")
    for cause, comment in CAUSES.items():
        column = f"{cause}_id"
        op.add_column("material_issue", sa.Column(column, sa.Uuid(), nullable=True, comment=comment), schema="hub")
        op.create_foreign_key(
            op.f(f"fk_material_issue_{column}"),
            "material_issue",
            cause,
            [column],
            ["id"],
            source_schema="hub",
            referent_schema="hub",
        )


def downgrade() -> None:
    for cause in CAUSES:
        op.drop_column("material_issue", f"{cause}_id", schema="hub")
    for table in TABLES:
        op.drop_column(table, "issue_method", schema="hub")
