"""commit moments."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "commit_moment",
        sa.Column("transaction", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("during", postgresql.TSTZRANGE(), nullable=False),
        sa.PrimaryKeyConstraint("transaction", name=op.f("pk_commit_moment")),
        schema="audit",
        comment="事务起止 (Commit moment): from when to when each writing transaction ran; its rows bear the beginning",
    )
    op.create_index("ix_commit_moment_during", "commit_moment", ["during"], schema="audit", postgresql_using="gist")


def downgrade() -> None:
    op.drop_index("ix_commit_moment_during", table_name="commit_moment", schema="audit")
    op.drop_table("commit_moment", schema="audit")
