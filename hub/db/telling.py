"""Triggers by which the database tells what was changed: who listens hears it when the transaction commits.

Each transaction names the tables it has changed. Audit and outbox are written one transaction after the other, so
that their ids are in the order of commit; NOTIFY lets committing transactions queue in the same way, so the lock
costs nothing.
"""

from __future__ import annotations

from collections.abc import Iterator

from psycopg import sql

from hub.document.audit import CHANNEL, audit_entry, outbox
from hub.document.registry import metadata


def telling() -> Iterator[sql.Composed]:
    """The functions and triggers; the lock is held from a transaction's first event to its commit."""
    yield sql.SQL(
        "CREATE OR REPLACE FUNCTION audit.tell_touched() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN "
        "PERFORM pg_notify({}, TG_TABLE_NAME); RETURN NULL; END $$"
    ).format(sql.Literal(CHANNEL))
    yield sql.SQL(
        "CREATE OR REPLACE FUNCTION audit.one_after_the_other() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN "
        "PERFORM pg_advisory_xact_lock(hashtext('audit.outbox')); RETURN NULL; END $$"
    ).format()
    for table in (*(one for one in metadata.tables.values() if one.schema == "hub"), outbox):
        yield sql.SQL(
            "CREATE OR REPLACE TRIGGER tell_touched AFTER INSERT OR UPDATE OR DELETE ON {} "
            "FOR EACH STATEMENT EXECUTE FUNCTION audit.tell_touched()"
        ).format(sql.Identifier(table.schema or "hub", table.name))
    for ordered in (audit_entry, outbox):
        yield sql.SQL(
            "CREATE OR REPLACE TRIGGER one_after_the_other BEFORE INSERT ON {} "
            "FOR EACH STATEMENT EXECUTE FUNCTION audit.one_after_the_other()"
        ).format(sql.Identifier("audit", ordered.name))
