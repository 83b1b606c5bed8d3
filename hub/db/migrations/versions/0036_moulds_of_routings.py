"""The mould of a routing's operation is an asset; what was named by a code and is none yet becomes one."""

import sqlalchemy as sa
from alembic import op

revision = "0036"
down_revision = "0035"
branch_labels = None
depends_on = None

_BECOME_ASSETS = """
INSERT INTO hub.asset (company_id, version, code, name, name_pinyin, active, state, cost, opening_depreciation,
  opening_months, is_mould, shots, created_by, updated_by)
SELECT DISTINCT r.company_id, 1, l.mould, l.mould, lower(l.mould), true, 'in_use', 0, 0, 0, true, 0,
  '00000000-0000-7000-8000-000000000001'::uuid, '00000000-0000-7000-8000-000000000001'::uuid
FROM hub.routing_operation l JOIN hub.routing r ON r.id = l.routing_id
WHERE l.mould IS NOT NULL
  AND NOT EXISTS (SELECT FROM hub.asset a WHERE a.company_id = r.company_id AND a.code = l.mould)
"""
_LINK = """
UPDATE hub.routing_operation l SET mould_id = a.id FROM hub.routing r, hub.asset a
WHERE r.id = l.routing_id AND a.company_id = r.company_id AND a.code = l.mould
"""
_NAME = "UPDATE hub.routing_operation l SET mould = a.code FROM hub.asset a WHERE a.id = l.mould_id"
_LINK_FORMER = """
DO $$ BEGIN
  IF EXISTS (SELECT FROM information_schema.columns WHERE table_schema = 'history'
      AND table_name = 'routing_operation' AND column_name = 'mould') THEN
    ALTER TABLE history.routing_operation ADD COLUMN IF NOT EXISTS mould_id uuid;
    UPDATE history.routing_operation l SET mould_id = a.id FROM hub.routing r, hub.asset a
    WHERE r.id = l.routing_id AND a.company_id = r.company_id AND a.code = l.mould;
  END IF;
END $$
"""
"""Former rows too, as far as their mould is an asset; what they called it stays beside."""


def upgrade() -> None:
    column = sa.Column("mould_id", sa.Uuid(), nullable=True, comment="模具 (Mould)")
    op.add_column("routing_operation", column, schema="hub")
    op.execute(_BECOME_ASSETS)
    op.execute("ALTER TABLE hub.routing_operation DISABLE TRIGGER USER")  # what it says stays, only how it is written
    op.execute(_LINK)
    op.execute("ALTER TABLE hub.routing_operation ENABLE TRIGGER USER")
    op.execute(_LINK_FORMER)
    op.drop_column("routing_operation", "mould", schema="hub")
    op.create_index(
        op.f("ix_routing_operation_mould_id"), "routing_operation", ["mould_id"], unique=False, schema="hub"
    )
    op.create_foreign_key(
        op.f("fk_routing_operation_mould_id"),
        "routing_operation",
        "asset",
        ["mould_id"],
        ["id"],
        source_schema="hub",
        referent_schema="hub",
    )


def downgrade() -> None:
    op.add_column(
        "routing_operation", sa.Column("mould", sa.String(), nullable=True, comment="模具 (Mould)"), schema="hub"
    )
    op.execute("ALTER TABLE hub.routing_operation DISABLE TRIGGER USER")
    op.execute(_NAME)
    op.execute("ALTER TABLE hub.routing_operation ENABLE TRIGGER USER")
    op.drop_column("routing_operation", "mould_id", schema="hub")
