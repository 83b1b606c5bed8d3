"""Short names get their pinyin, and all pinyin the form in which each way of typing it has a line of its own.

Revision ID: 0006
Revises: 0005
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import LiteralString

import sqlalchemy as sa
from alembic import op
from psycopg import sql
from pypinyin import lazy_pinyin

revision: str = "0006"
down_revision: str | None = "0005"
branch_labels: str | Sequence[str] | None = None
depends_on: str | Sequence[str] | None = None

NAMED = (
    *("company", "customer", "department", "employee", "energy_meter", "item", "location"),
    *("source_system", "supplier", "unit_of_measure", "user", "warehouse"),
)
SHORT_NAMED = ("customer", "supplier")


def upgrade() -> None:
    """Add the columns and spell all names anew; history keeps former rows, and these are no change of anybody's."""
    for table in SHORT_NAMED:
        comment = "简称拼音 (Short name in pinyin)"
        op.add_column(table, sa.Column("short_name_pinyin", sa.Text(), nullable=True, comment=comment), schema="hub")
    for table in NAMED:
        _triggers("DISABLE", table)
        _spell(table, "name")
        if table in SHORT_NAMED:
            _spell(table, "short_name")
        _triggers("ENABLE", table)


def downgrade() -> None:
    """Drop the columns; the names' pinyin is left as it is."""
    for table in SHORT_NAMED:
        op.drop_column(table, "short_name_pinyin", schema="hub")


def _triggers(change: LiteralString, table: str) -> None:
    statement = sql.SQL("ALTER TABLE {} " + change + " TRIGGER USER").format(sql.Identifier("hub", table))
    op.get_bind().connection.cursor().execute(statement)


def _spell(table: str, column: str) -> None:
    names = sa.table(table, *(sa.column(name) for name in ("id", column, f"{column}_pinyin")), schema="hub")
    connection = op.get_bind()
    rows = connection.execute(sa.select(names.c.id, names.c[column]).where(names.c[column].is_not(None))).all()
    if rows:
        connection.execute(
            sa.update(names)
            .where(names.c.id == sa.bindparam("key"))
            .values({f"{column}_pinyin": sa.bindparam("said")}),
            [{"key": id_, "said": _pinyin(name)} for id_, name in rows],
        )


def _pinyin(text: str) -> str:
    plain = " ".join(text.lower().split())
    parts = lazy_pinyin(plain, errors=lambda foreign: f"\n{foreign}")
    if all(part.startswith("\n") for part in parts):
        return plain
    words = " ".join(word for part in parts if (word := part.strip()))
    joined = "".join(part.strip() for part in parts)
    initials = "".join(part.strip() if part.startswith("\n") else part[:1] for part in parts)
    return "\n".join((words, joined.replace(" ", ""), initials.replace(" ", "")))
