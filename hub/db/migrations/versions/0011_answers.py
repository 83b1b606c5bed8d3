"""The outcome of a request is kept with its idempotency key, of whatever verb it is.

Revision ID: 0011
Revises: 0010
"""

from __future__ import annotations

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision: str = "0011"
down_revision: str | None = "0010"
branch_labels: str | Sequence[str] | None = None
depends_on: str | Sequence[str] | None = None

BEFORE = "幂等键 (Idempotency keys): which request made which document"
AFTER = "幂等键 (Idempotency keys): which request had which outcome"


def upgrade() -> None:
    """Keys that were given keep their document."""
    op.add_column("idempotency", sa.Column("answer", postgresql.JSONB(), nullable=True), schema="audit")
    op.execute(
        "UPDATE audit.idempotency SET answer = jsonb_build_object('id', document_id) WHERE document_id IS NOT NULL"
    )
    op.drop_column("idempotency", "document_id", schema="audit")
    op.create_table_comment("idempotency", AFTER, existing_comment=BEFORE, schema="audit")


def downgrade() -> None:
    """Documents alone have a column again."""
    op.add_column("idempotency", sa.Column("document_id", sa.Uuid(), nullable=True), schema="audit")
    op.execute("UPDATE audit.idempotency SET document_id = (answer->>'id')::uuid")
    op.drop_column("idempotency", "answer", schema="audit")
    op.create_table_comment("idempotency", BEFORE, existing_comment=AFTER, schema="audit")
