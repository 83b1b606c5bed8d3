"""What PostgreSQL has for custom fields: functions that read a value as its type, indexes on demand, views for marts.

A value that does not fit reads as none instead of failing, so former rows and changed declarations harm no query.
The functions never change what they give: indexes hold what they gave. Indexes and views follow the declarations
outside of any unit of work, for an index that is made CONCURRENTLY stops no writer.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from typing import Any

from psycopg import Cursor, sql
from sqlalchemy import Connection, Engine, text

from hub.document.custom import CustomSpec, read
from hub.document.registry import specs
from hub.document.spec import DocSpec

SUFFIX = "_custom"
"""How the names of these indexes end; Alembic leaves them alone."""
VIEW_PREFIX = "custom_"
"""How the names of the views in schema `mart` begin."""
_LOCK = 7_402_311

_FUNCTIONS = (
    """CREATE OR REPLACE FUNCTION hub.extra_text(extra jsonb, key text) RETURNS text
LANGUAGE sql IMMUTABLE PARALLEL SAFE RETURN
CASE WHEN jsonb_typeof(extra -> key) IN ('string', 'number', 'boolean') THEN extra ->> key END""",
    r"""CREATE OR REPLACE FUNCTION hub.extra_decimal(extra jsonb, key text) RETURNS numeric
LANGUAGE sql IMMUTABLE PARALLEL SAFE RETURN
CASE WHEN extra ->> key ~ '^-?[0-9]{1,20}(\.[0-9]{1,10})?$' THEN (extra ->> key)::numeric END""",
    """CREATE OR REPLACE FUNCTION hub.extra_integer(extra jsonb, key text) RETURNS integer
LANGUAGE sql IMMUTABLE PARALLEL SAFE RETURN
CASE WHEN extra ->> key ~ '^-?[0-9]{1,10}$' THEN
  CASE WHEN abs((extra ->> key)::bigint) <= 2147483647 THEN (extra ->> key)::integer END
END""",
    """CREATE OR REPLACE FUNCTION hub.extra_boolean(extra jsonb, key text) RETURNS boolean
LANGUAGE sql IMMUTABLE PARALLEL SAFE RETURN
CASE extra ->> key WHEN 'true' THEN true WHEN 'false' THEN false END""",
    """CREATE OR REPLACE FUNCTION hub.iso_date(value text) RETURNS date
LANGUAGE sql IMMUTABLE PARALLEL SAFE RETURN
CASE WHEN value ~ '^(19|[2-9][0-9])[0-9]{2}-(0[1-9]|1[0-2])-(0[1-9]|[12][0-9]|3[01])$' THEN
  CASE WHEN substr(value, 9, 2)::integer <= extract(day FROM
    make_date(left(value, 4)::integer, substr(value, 6, 2)::integer, 1) + interval '1 month' - interval '1 day')
  THEN make_date(left(value, 4)::integer, substr(value, 6, 2)::integer, substr(value, 9, 2)::integer) END
END""",
    """CREATE OR REPLACE FUNCTION hub.extra_date(extra jsonb, key text) RETURNS date
LANGUAGE sql IMMUTABLE PARALLEL SAFE RETURN hub.iso_date(extra ->> key)""",
    r"""CREATE OR REPLACE FUNCTION hub.extra_moment(extra jsonb, key text) RETURNS timestamptz
LANGUAGE sql IMMUTABLE PARALLEL SAFE RETURN
CASE WHEN substr(extra ->> key, 11) ~ '^T([01][0-9]|2[0-3]):[0-5][0-9]:[0-5][0-9](\.[0-9]{1,6})?\+00:00$' THEN
  timezone('UTC', hub.iso_date(left(extra ->> key, 10)) + make_time(
    substr(extra ->> key, 12, 2)::integer, substr(extra ->> key, 15, 2)::integer,
    split_part(substr(extra ->> key, 18), '+', 1)::double precision))
END""",
    """CREATE OR REPLACE FUNCTION hub.extra_list(extra jsonb, key text) RETURNS text[]
LANGUAGE sql IMMUTABLE PARALLEL SAFE RETURN
CASE WHEN jsonb_typeof(extra -> key) = 'array' THEN ARRAY(SELECT jsonb_array_elements_text(extra -> key)) END""",
    """CREATE OR REPLACE FUNCTION hub.extra_id(extra jsonb, key text) RETURNS uuid
LANGUAGE sql IMMUTABLE PARALLEL SAFE RETURN
CASE WHEN extra ->> key ~ '^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$' THEN (extra ->> key)::uuid END""",
)


def recreate_custom(cursor: Cursor[Any]) -> None:
    """Make the functions."""
    for function in _FUNCTIONS:
        cursor.execute(function)


def reader_of(field: CustomSpec) -> str:
    """The function that reads a field: extra_decimal."""
    if field.target is not None:
        return "extra_id"
    return "extra_text" if field.kind == "choice" else f"extra_{field.kind}"


def _indexes(spec: DocSpec, field: CustomSpec) -> Iterator[tuple[str, sql.Composed]]:
    """Name and definition of a field's indexes: by order, of a list by what it has, of a text by its terms too."""
    table = sql.Identifier("hub", spec.table.name)
    value = sql.SQL("hub.{}(extra, {})").format(sql.Identifier(reader_of(field)), sql.Literal(field.name))
    forms = [("gin" if field.kind == "list" else "btree", sql.SQL("({})").format(value))]
    if field.searched:
        forms.append(("gin", sql.SQL("hub.terms({})").format(value)))
    for method, expression in forms:
        mark = hashlib.blake2s(f"{spec.name} {field.name} {reader_of(field)}".encode(), digest_size=4).hexdigest()
        name = f"ix_{spec.table.name[:20]}_{field.name[:15]}_{mark}_{method}{SUFFIX}"
        yield name, sql.SQL("ON {} USING {} ({})").format(table, sql.SQL(method), expression)


_PRESENT = """SELECT c.relname, i.indisvalid FROM pg_index i JOIN pg_class c ON c.oid = i.indexrelid
JOIN pg_namespace n ON n.oid = c.relnamespace WHERE n.nspname = 'hub' AND right(c.relname, %s) = %s"""


def align(engine: Engine) -> list[str]:
    """Make what the declarations want and drop what they want no more; the names of what was made or dropped.

    One process at a time; an index that was left half made is made again. Whoever reads marts reads the views.
    """
    done: list[str] = []
    with engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        connection.execute(text("SELECT pg_advisory_lock(:key)"), {"key": _LOCK})
        try:
            cursor = connection.connection.cursor()
            assert isinstance(cursor, Cursor)
            declared = _declared(connection)
            done += _align_indexes(cursor, declared)
            done += _align_views(cursor, declared)
        finally:
            connection.execute(text("SELECT pg_advisory_unlock(:key)"), {"key": _LOCK})
    return done


def _declared(connection: Connection) -> dict[str, dict[str, CustomSpec]]:
    """The fields of each type over all companies; where two differ, the first one's kind is what is indexed."""
    found: dict[str, dict[str, CustomSpec]] = {}
    for types in read(connection).values():
        for type_name, fields in types.items():
            for key, field in fields.items():
                found.setdefault(type_name, {}).setdefault(key, field)
    return found


def _align_indexes(cursor: Cursor[Any], declared: dict[str, dict[str, CustomSpec]]) -> list[str]:
    wanted = {
        name: definition
        for type_name, fields in declared.items()
        for field in fields.values()
        if field.indexed
        for name, definition in _indexes(specs()[type_name], field)
    }
    present = dict(cursor.execute(_PRESENT, (len(SUFFIX), SUFFIX)).fetchall())
    done = []
    for name in sorted(present):
        if name not in wanted or not present[name]:
            cursor.execute(sql.SQL("DROP INDEX CONCURRENTLY IF EXISTS {}").format(sql.Identifier("hub", name)))
            done.append(name)
    for name in sorted(wanted):
        if not present.get(name):
            cursor.execute(
                sql.SQL("CREATE INDEX CONCURRENTLY IF NOT EXISTS {} {}").format(sql.Identifier(name), wanted[name])
            )
            done.append(name)
    for table in sorted({specs()[type_name].table.name for type_name in declared} if done else ()):
        cursor.execute(sql.SQL("ANALYZE {}").format(sql.Identifier("hub", table)))
    return done


_VIEWS = """SELECT c.relname, coalesce(obj_description(c.oid), '') FROM pg_class c
JOIN pg_namespace n ON n.oid = c.relnamespace
WHERE n.nspname = 'mart' AND c.relkind = 'v' AND starts_with(c.relname, %s)"""


def _align_views(cursor: Cursor[Any], declared: dict[str, dict[str, CustomSpec]]) -> list[str]:
    """A view per type with a typed column per field that needs no permission; anew only when it would differ."""
    present = dict(cursor.execute(_VIEWS, (VIEW_PREFIX,)).fetchall())
    wanted = {}
    for type_name, fields in declared.items():
        open_ = [field for field in fields.values() if field.restricted is None]
        if open_:
            wanted[f"{VIEW_PREFIX}{specs()[type_name].table.name}"] = (specs()[type_name], open_)
    done = [name for name in present if name not in wanted]
    for name in done:
        cursor.execute(sql.SQL("DROP VIEW {}").format(sql.Identifier("mart", name)))
    for name, (spec, open_) in wanted.items():
        definition, comments = _view(name, spec, open_)
        mark = hashlib.blake2s(definition.as_bytes(cursor) + repr(comments).encode(), digest_size=8).hexdigest()
        if present.get(name, "").endswith(f"[{mark}]"):
            continue
        cursor.execute("BEGIN")
        cursor.execute(sql.SQL("DROP VIEW IF EXISTS {}").format(sql.Identifier("mart", name)))
        cursor.execute(definition)
        whole = f"{spec.label.chinese}自定义字段 / Custom fields: {spec.label.english} [{mark}]"
        cursor.execute(sql.SQL("COMMENT ON VIEW {} IS {}").format(sql.Identifier("mart", name), sql.Literal(whole)))
        for column, words in comments.items():
            target = sql.Identifier("mart", name, column)
            cursor.execute(sql.SQL("COMMENT ON COLUMN {} IS {}").format(target, sql.Literal(words)))
        cursor.execute("COMMIT")
        done.append(name)
    return done


def _view(name: str, spec: DocSpec, fields: list[CustomSpec]) -> tuple[sql.Composed, dict[str, str]]:
    """The view's definition, and its columns' words: the record's own key first, then a column per field."""
    key = sql.Identifier(spec.natural_key)
    columns = [sql.SQL("own.id AS record_id"), sql.SQL("own.{} AS record_key").format(key)]
    comments = {"record_id": "标识 / Id", "record_key": str(spec.fields[spec.natural_key].label)}
    for field in fields:
        if field.name in comments:
            continue
        columns.append(sql.SQL("{} AS {}").format(_column(field), sql.Identifier(field.name)))
        comments[field.name] = str(field.label)
    return (
        sql.SQL("CREATE VIEW {} AS SELECT {} FROM {} AS own").format(
            sql.Identifier("mart", name), sql.SQL(", ").join(columns), sql.Identifier("hub", spec.table.name)
        ),
        comments,
    )


def _column(field: CustomSpec) -> sql.Composed:
    """A field as a column: of a link the other's code or number, of a choice its Chinese label."""
    value = sql.SQL("hub.{}(own.extra, {})").format(sql.Identifier(reader_of(field)), sql.Literal(field.name))
    if field.target is not None:
        target = specs()[field.target]
        return sql.SQL("(SELECT other.{} FROM {} AS other WHERE other.id = {})").format(
            sql.Identifier(target.natural_key), sql.Identifier("hub", target.table.name), value
        )
    if field.kind == "choice":
        whens = [
            sql.SQL("WHEN {} THEN {}").format(sql.Literal(one.value), sql.Literal(one.label.chinese))
            for one in field.choices or ()
        ]
        return sql.SQL("CASE {} {} ELSE {} END").format(value, sql.SQL(" ").join(whens), value)
    if field.kind == "decimal":
        return sql.SQL("{}::numeric(30, {})").format(value, sql.Literal(field.scale))
    return value
