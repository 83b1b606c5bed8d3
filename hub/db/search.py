"""What makes text search fast: characters and pairs of them, in a GIN index per field that people search by.

Indexes of trigrams find nothing for one or two characters, and a Chinese word has two. So a text is indexed by its
characters and by each two neighbours, in lower case; a search asks for all pairs of what was typed, and the exact
comparison follows. The two functions must never change what they give: the indexes hold what they gave.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from psycopg import Cursor, sql

from hub.document.registry import specs
from hub.document.spec import DocSpec

SUFFIX = "_terms"
"""How the names of these indexes end; Alembic leaves them alone."""
_LONGEST_NAME = 63  # PostgreSQL cuts longer names

_TERMS = """
CREATE OR REPLACE FUNCTION hub.terms(value text) RETURNS text[]
LANGUAGE plpgsql IMMUTABLE STRICT PARALLEL SAFE COST 100 AS $$
DECLARE
  terms text[] := string_to_array(lower(value), NULL);
BEGIN
  FOR place IN 1 .. cardinality(terms) - 1 LOOP
    terms := terms || (terms[place] || terms[place + 1]);
  END LOOP;
  RETURN terms;
END $$"""

_QUERY_TERMS = """
CREATE OR REPLACE FUNCTION hub.query_terms(value text) RETURNS text[]
LANGUAGE plpgsql IMMUTABLE STRICT PARALLEL SAFE AS $$
DECLARE
  letters text[] := string_to_array(left(lower(value), 100), NULL);
  terms text[];
BEGIN
  IF cardinality(letters) < 2 THEN
    RETURN letters;
  END IF;
  FOR place IN 1 .. cardinality(letters) - 1 LOOP
    terms := terms || (letters[place] || letters[place + 1]);
  END LOOP;
  RETURN terms;
END $$"""

_KNOWN = "SELECT indexname FROM pg_indexes WHERE schemaname = 'hub' AND right(indexname, 6) = %s"


def searched_columns(spec: DocSpec) -> Iterator[str]:
    """The columns with such an index: the searched fields and what holds their pinyin."""
    for field in spec.fields.values():
        if field.searched:
            yield field.name
            if field.pinyin:
                yield field.pinyin


def recreate_search(cursor: Cursor[Any]) -> None:
    """Make the functions and the indexes that are missing; drop those of fields that are searched no more."""
    cursor.execute(_TERMS)
    cursor.execute(_QUERY_TERMS)
    known = {str(row[0]) for row in cursor.execute(_KNOWN, (SUFFIX,)).fetchall()}
    wanted = {
        f"ix_{spec.table.name}_{column}"[: _LONGEST_NAME - len(SUFFIX)] + SUFFIX: (spec.table.name, column)
        for spec in specs().values()
        for column in searched_columns(spec)
    }
    for name in sorted(known - set(wanted)):
        cursor.execute(sql.SQL("DROP INDEX {}").format(sql.Identifier("hub", name)))
    for name in sorted(set(wanted) - known):
        table, column = wanted[name]
        cursor.execute(
            sql.SQL("CREATE INDEX {} ON {} USING gin (hub.terms({}))").format(
                sql.Identifier(name), sql.Identifier("hub", table), sql.Identifier(column)
            )
        )
