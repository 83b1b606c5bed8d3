"""The former rows of every master, document and line, kept by a trigger, and the moments at which changes were seen.

A row's validity is half-open: from the moment of the transaction that wrote it to that of the one that replaced or
deleted it. All rows of a transaction bear one moment, its beginning; `audit.commit_moment` says until when it ran,
so that `graph_schema.read.as_of` can leave out what had begun but was not yet committed.
"""

from __future__ import annotations

from collections.abc import Iterator

from psycopg import sql
from sqlalchemy import Dialect

from hub.document.audit import audit_entry, commit_moment
from hub.document.spec import DocSpec
from hub.words import snake


def history_columns(spec: DocSpec) -> list[str]:
    """The columns history keeps: all but secrets."""
    return [c.name for c in spec.table.columns if c.name not in spec.fields or not spec.fields[c.name].secret]


def kept_history(spec: DocSpec, dialect: Dialect) -> Iterator[sql.Composed]:
    """A type's table of former rows with its indexes, and the trigger that fills it."""
    then = sql.Identifier("history", spec.table.name)
    yield sql.SQL("CREATE TABLE IF NOT EXISTS {} (valid_from timestamptz, valid_to timestamptz)").format(then)
    for name in history_columns(spec):
        type_ = spec.table.columns[name].type.compile(dialect=dialect)
        yield sql.SQL("ALTER TABLE {} ADD COLUMN IF NOT EXISTS {} {}").format(
            then, sql.Identifier(name), sql.SQL(type_)
        )
    for columns in _indexed(spec):
        yield sql.SQL("CREATE INDEX IF NOT EXISTS {} ON {} ({})").format(
            sql.Identifier("_".join(["ix", spec.table.name, *columns])[:63]), then, _names(columns)
        )
    yield from _keeping(spec, then)


def _indexed(spec: DocSpec) -> Iterator[tuple[str, ...]]:
    """What former rows are looked up by: as the table itself, by id, by the time they ended, by number and parent."""
    yield ("id", "valid_to")
    yield ("valid_to",)
    if spec.natural_key in ("code", "number"):
        yield (spec.natural_key,)
    if spec.parent is not None:
        yield (f"{snake(spec.parent)}_id",)
    for name, (mark, _, _) in spec.model.links.items():
        if mark.inverse is not None:
            yield (f"{name}_id",)


def _names(columns: tuple[str, ...] | list[str], prefix: str = "") -> sql.Composed:
    return sql.SQL(", ").join(sql.SQL(prefix + "{}").format(sql.Identifier(name)) for name in columns)


def _keeping(spec: DocSpec, then: sql.Identifier) -> Iterator[sql.Composed]:
    """The trigger. A row that this transaction wrote itself was visible to nobody else and is not kept.

    It also dates the new row, so that no writer can leave two rows valid at one moment.
    """
    keep, names = sql.Identifier("history", f"keep_{spec.table.name}"), history_columns(spec)
    yield sql.SQL(
        "CREATE OR REPLACE FUNCTION {}() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN "
        "IF OLD.updated_at <> now() THEN "
        "INSERT INTO {} (valid_from, valid_to, {}) VALUES (OLD.updated_at, now(), {}); "
        "END IF; "
        "IF TG_OP = 'DELETE' THEN RETURN OLD; END IF; "
        "NEW.updated_at := now(); RETURN NEW; END $$"
    ).format(keep, then, _names(names), _names(names, "OLD."))
    yield sql.SQL(
        "CREATE OR REPLACE TRIGGER keep_history BEFORE UPDATE OR DELETE ON {} FOR EACH ROW EXECUTE FUNCTION {}()"
    ).format(sql.Identifier("hub", spec.table.name), keep)


def commit_moments() -> Iterator[sql.Composed]:
    """The trigger that notes when a transaction ended: deferred to the commit, once for however many verbs."""
    moments, entries = sql.Identifier("audit", commit_moment.name), sql.Identifier("audit", audit_entry.name)
    yield sql.SQL(
        "CREATE OR REPLACE FUNCTION audit.note_commit() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN "
        "INSERT INTO {} (transaction, during) "
        "VALUES (pg_current_xact_id()::text::bigint, tstzrange(now(), clock_timestamp())) ON CONFLICT DO NOTHING; "
        "RETURN NULL; END $$"
    ).format(moments)
    yield sql.SQL(
        "DO $$ BEGIN IF NOT EXISTS (SELECT FROM pg_trigger WHERE tgname = 'note_commit') THEN "
        "CREATE CONSTRAINT TRIGGER note_commit AFTER INSERT ON {} DEFERRABLE INITIALLY DEFERRED "
        "FOR EACH ROW EXECUTE FUNCTION audit.note_commit(); END IF; END $$"
    ).format(entries)
