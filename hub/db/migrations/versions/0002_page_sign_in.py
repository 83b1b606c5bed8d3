"""Sign-ins of the other pages."""

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "page_sign_in",
        sa.Column("code_hash", sa.Text(), nullable=False),
        sa.Column("token_hash", sa.Text(), nullable=True),
        sa.Column("session_hash", sa.Text(), nullable=False),
        sa.Column("client", sa.Text(), nullable=False),
        sa.Column("user_id", sa.Uuid(), nullable=False),
        sa.Column("redirect_uri", sa.Text(), nullable=False),
        sa.Column("scope", sa.Text(), nullable=False),
        sa.Column("nonce", sa.Text(), nullable=True),
        sa.Column("code_challenge", sa.Text(), nullable=False),
        sa.Column("signed_in_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("code_hash", name=op.f("pk_page_sign_in")),
        sa.UniqueConstraint("token_hash", name=op.f("uq_page_sign_in_token_hash")),
        schema="audit",
        comment="其他页面的登录 (Sign-ins of the other pages), as hashes",
    )
    op.create_index(op.f("ix_page_sign_in_session_hash"), "page_sign_in", ["session_hash"], schema="audit")


def downgrade() -> None:
    op.drop_index(op.f("ix_page_sign_in_session_hash"), table_name="page_sign_in", schema="audit")
    op.drop_table("page_sign_in", schema="audit")
