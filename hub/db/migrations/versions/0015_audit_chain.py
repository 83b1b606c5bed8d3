"""Hashes of audit entries, each chained to the one before it of its document, and seals of batches of them."""

import sqlalchemy as sa
from alembic import op

revision = "0015"
down_revision = "0014"
branch_labels = None
depends_on = None

_CHAIN_WHAT_IS_THERE = """
DO $$
DECLARE
  entry record;
  before bytea;
BEGIN
  FOR entry IN SELECT * FROM audit.audit_entry ORDER BY id LOOP
    before := (SELECT hash FROM audit.audit_entry
      WHERE document_type = entry.document_type AND document_id IS NOT DISTINCT FROM entry.document_id
        AND id < entry.id ORDER BY id DESC LIMIT 1);
    UPDATE audit.audit_entry SET previous_hash = before, hash = sha256(convert_to(jsonb_build_array(
      entry.id, entry.company_id, extract(epoch FROM entry.at), entry.actor_id, entry.actor, entry.channel,
      entry.document_type, entry.document_id, entry.version, entry.verb, entry.changes, encode(before, 'hex'))::text,
      'UTF8')) WHERE id = entry.id;
  END LOOP;
END $$"""


def upgrade() -> None:
    """The entries that are there are chained as they are."""
    op.add_column("audit_entry", sa.Column("previous_hash", sa.LargeBinary(), nullable=True), schema="audit")
    op.add_column("audit_entry", sa.Column("hash", sa.LargeBinary(), nullable=True), schema="audit")
    op.drop_index("ix_audit_entry_document", table_name="audit_entry", schema="audit")
    op.create_index(
        "ix_audit_entry_document", "audit_entry", ["document_type", "document_id", "id"], unique=False, schema="audit"
    )
    op.execute("ALTER TABLE audit.audit_entry DISABLE TRIGGER USER")
    op.execute(_CHAIN_WHAT_IS_THERE)
    op.execute("ALTER TABLE audit.audit_entry ENABLE TRIGGER USER")
    op.alter_column("audit_entry", "hash", nullable=False, schema="audit")
    op.create_table(
        "audit_seal",
        sa.Column("id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("first_entry", sa.BigInteger(), nullable=False),
        sa.Column("last_entry", sa.BigInteger(), nullable=False),
        sa.Column("manifest", sa.LargeBinary(), nullable=False),
        sa.Column("previous_digest", sa.LargeBinary(), nullable=True),
        sa.Column("digest", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_audit_seal")),
        schema="audit",
        comment="审计封存 (Audit seal): the hashes of a batch of entries, chained from seal to seal",
    )


def downgrade() -> None:
    """Forget the hashes and seals."""
    op.drop_table("audit_seal", schema="audit")
    op.drop_index("ix_audit_entry_document", table_name="audit_entry", schema="audit")
    op.create_index(
        "ix_audit_entry_document", "audit_entry", ["document_type", "document_id"], unique=False, schema="audit"
    )
    op.drop_column("audit_entry", "hash", schema="audit")
    op.drop_column("audit_entry", "previous_hash", schema="audit")
