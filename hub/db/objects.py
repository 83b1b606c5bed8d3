"""What the database holds beyond tables, made anew from the specs after each migration.

History: the former rows of every master, document and line, with the time they were valid, kept by a trigger.
Ledgers: a trigger that refuses change and deletion, whoever asks. Comments: the words of every table and column.
"""

from __future__ import annotations

from collections.abc import Iterator

from psycopg import sql
from sqlalchemy import Connection, Dialect

from hub.document.audit import audit_entry, outbox
from hub.document.registry import metadata, specs
from hub.document.spec import DocSpec

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


def _statements(dialect: Dialect) -> Iterator[sql.Composed]:
    for spec in specs().values():
        if spec.kind == "ledger":
            yield from _append_only("hub", spec.table.name)
        else:
            yield from _history(spec, dialect)
    yield from _append_only("audit", audit_entry.name)
    yield from _append_only("audit", outbox.name)
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


def history_columns(spec: DocSpec) -> list[str]:
    """The columns history keeps: all but secrets."""
    return [c.name for c in spec.table.columns if c.name not in spec.fields or not spec.fields[c.name].secret]


def _history(spec: DocSpec, dialect: Dialect) -> Iterator[sql.Composed]:
    """The table of former rows and the trigger that fills it.

    Only what was visible to others is kept: a row changed twice in one transaction leaves one former row.
    """
    names = history_columns(spec)
    now, then = sql.Identifier("hub", spec.table.name), sql.Identifier("history", spec.table.name)
    keep = sql.Identifier("history", f"keep_{spec.table.name}")
    yield sql.SQL("CREATE TABLE IF NOT EXISTS {} (valid_from timestamptz, valid_to timestamptz)").format(then)
    for name in names:
        type_ = spec.table.columns[name].type.compile(dialect=dialect)
        yield sql.SQL("ALTER TABLE {} ADD COLUMN IF NOT EXISTS {} {}").format(
            then, sql.Identifier(name), sql.SQL(type_)
        )
    yield sql.SQL("CREATE INDEX IF NOT EXISTS {} ON {} (id, valid_to)").format(
        sql.Identifier(f"ix_{spec.table.name}_id_valid_to"), then
    )
    columns = sql.SQL(", ").join(map(sql.Identifier, names))
    old = sql.SQL(", ").join(sql.SQL("OLD.{}").format(sql.Identifier(name)) for name in names)
    yield sql.SQL(
        "CREATE OR REPLACE FUNCTION {}() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN "
        "IF OLD.updated_at < now() THEN "
        "INSERT INTO {} (valid_from, valid_to, {}) VALUES (OLD.updated_at, now(), {}); "
        "END IF; RETURN NULL; END $$"
    ).format(keep, then, columns, old)
    yield sql.SQL(
        "CREATE OR REPLACE TRIGGER keep_history AFTER UPDATE OR DELETE ON {} FOR EACH ROW EXECUTE FUNCTION {}()"
    ).format(now, keep)


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
