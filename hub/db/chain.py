"""The trigger that chains audit entries: each bears the hash of its content and of the entry before it of its document.

Entries are written one transaction after the other, so the one before is known for certain. The content is the text
of a JSON array of all columns, as PostgreSQL writes jsonb; `hub.audit_seals` makes the same text in Python. Neither may
ever be changed: entries that were hashed the former way would count as forged.
"""

from __future__ import annotations

from collections.abc import Iterator

from psycopg import sql

_CHAIN = """
CREATE OR REPLACE FUNCTION audit.chain_entry() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF NEW.document_id IS NULL THEN
    NEW.previous_hash := (SELECT hash FROM audit.audit_entry
      WHERE document_type = NEW.document_type AND document_id IS NULL ORDER BY id DESC LIMIT 1);
  ELSE
    NEW.previous_hash := (SELECT hash FROM audit.audit_entry
      WHERE document_type = NEW.document_type AND document_id = NEW.document_id ORDER BY id DESC LIMIT 1);
  END IF;
  NEW.hash := sha256(convert_to(jsonb_build_array(
    NEW.id, NEW.company_id, extract(epoch FROM NEW.at), NEW.actor_id, NEW.actor, NEW.channel, NEW.document_type,
    NEW.document_id, NEW.version, NEW.verb, NEW.changes, encode(NEW.previous_hash, 'hex'))::text, 'UTF8'));
  RETURN NEW;
END $$"""


def chained() -> Iterator[sql.Composed]:
    """The function and its trigger."""
    yield sql.SQL(_CHAIN).format()
    yield sql.SQL(
        "CREATE OR REPLACE TRIGGER chain_entry BEFORE INSERT ON {} FOR EACH ROW EXECUTE FUNCTION audit.chain_entry()"
    ).format(sql.Identifier("audit", "audit_entry"))
