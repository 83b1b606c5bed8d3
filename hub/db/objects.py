"""What the database holds beyond tables, made anew from the specs after each migration.

Text search: see `hub.db.search`; encrypted columns: `hub.db.sealed_columns`; the audit's hashes: `hub.db.chain`.
History: see `hub.db.history`; who is told of changes: `hub.db.telling`; late orders: `hub.db.lateness`.
Ledgers: a trigger that refuses change and deletion, whoever asks. Comments: the words of every table and column.
"""

from __future__ import annotations

from collections.abc import Iterator

from psycopg import Cursor, sql
from sqlalchemy import Connection, Dialect

from hub.db.books import kept_books
from hub.db.chain import chained
from hub.db.custom import recreate_custom
from hub.db.history import commit_moments, kept_history
from hub.db.lateness import told_lateness
from hub.db.sealed_columns import seal_columns
from hub.db.search import recreate_search
from hub.db.stock import kept_sums
from hub.db.telling import telling
from hub.document.audit import audit_entry, audit_seal, commit_moment, outbox
from hub.document.registry import metadata, specs

APPEND_ONLY_CODE = "HU001"
"""SQLSTATE with which PostgreSQL refuses to change a ledger."""

_REFUSE = f"""
CREATE OR REPLACE FUNCTION hub.refuse_change() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  RAISE EXCEPTION '账本只能追加 (%.% is append-only)', TG_TABLE_SCHEMA, TG_TABLE_NAME
    USING ERRCODE = '{APPEND_ONLY_CODE}';
END $$"""


def recreate(connection: Connection) -> None:
    """Create or replace everything made from the specs; needs the tables to be there."""
    cursor = connection.connection.cursor()
    cursor.execute(_REFUSE)
    for statement in _statements(connection.dialect):
        cursor.execute(statement)
    assert isinstance(cursor, Cursor)
    recreate_search(cursor)
    seal_columns(cursor)
    recreate_custom(cursor)


def _statements(dialect: Dialect) -> Iterator[sql.Composed]:
    for spec in specs().values():
        if spec.kind == "ledger":
            yield from _append_only("hub", spec.table.name)
        else:
            yield from kept_history(spec, dialect)
    for table in (audit_entry, audit_seal, outbox, commit_moment):
        yield from _append_only("audit", table.name)
    yield from commit_moments()
    yield from chained()
    yield from telling()
    yield from kept_books()
    yield from kept_sums()
    yield from told_lateness()
    yield from _comments()


def _append_only(schema: str, table: str) -> Iterator[sql.Composed]:
    name = sql.Identifier(schema, table)
    for trigger, event, level in (
        ("refuse_change", "UPDATE OR DELETE", "ROW"),
        ("refuse_empty", "TRUNCATE", "STATEMENT"),
    ):
        yield sql.SQL(
            "CREATE OR REPLACE TRIGGER {} BEFORE {} ON {} FOR EACH {} EXECUTE FUNCTION hub.refuse_change()"
        ).format(sql.Identifier(trigger), sql.SQL(event), name, sql.SQL(level))


def _comments() -> Iterator[sql.Composed]:
    for table in metadata.tables.values():
        name = sql.Identifier(table.schema or "hub", table.name)
        if table.comment:
            yield sql.SQL("COMMENT ON TABLE {} IS {}").format(name, sql.Literal(table.comment))
        for column in table.columns:
            if column.comment:
                yield sql.SQL("COMMENT ON COLUMN {}.{} IS {}").format(
                    name, sql.Identifier(column.name), sql.Literal(column.comment)
                )
