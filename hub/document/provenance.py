"""Which record of which source a document mirrors: written by `load`, one row per version of the record."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from psycopg import sql
from psycopg.types.json import Jsonb
from sqlalchemy import select

from hub.context import Ctx
from hub.document.edit import company_of
from hub.document.registry import spec as spec_of
from hub.document.spec import DocSpec
from hub.errors import NotFound, problem

Place = tuple[str, str]
"""Table and key at the source."""

_COLUMNS = (
    "company_id",
    "source_id",
    "table_name",
    "record_key",
    "payload",
    "payload_hash",
    "document_type",
    "document_id",
    "run_key",
    "recorded_by",
)


def digest(payload: dict[str, Any]) -> str:
    """The hash by which a changed record is told from an unchanged one."""
    return hashlib.sha256(json.dumps(payload, sort_keys=True, default=str).encode()).hexdigest()


@dataclass(frozen=True)
class Origin:
    """One source in one run."""

    source_id: UUID
    run_key: str | None

    @classmethod
    def of(cls, ctx: Ctx, code: str, run_key: str | None) -> Origin:
        """The source system with that code; NotFound SOURCE_UNKNOWN."""
        source = spec_of("SourceSystem").table
        found = ctx.session.execute(select(source.c.id).where(source.c.code == code)).scalar_one_or_none()
        if found is None:
            raise NotFound(
                problem("SOURCE_UNKNOWN", f"没有来源系统 {code}。", f"There is no source system {code}.", "source")
            )
        return cls(found, run_key)

    def known(self, ctx: Ctx, spec: DocSpec, places: Sequence[Place]) -> dict[Place, str]:
        """The newest payload hash of each record that has been loaded before."""
        cursor = ctx.session.connection().connection.cursor()
        cursor.execute(
            "SELECT DISTINCT ON (table_name, record_key) table_name, record_key, payload_hash FROM hub.source_record "
            "JOIN unnest(%s::text[], %s::text[]) AS wanted (wanted_table, wanted_key) "
            "ON table_name = wanted_table AND record_key = wanted_key "
            "WHERE source_id = %s AND document_type = %s ORDER BY table_name, record_key, id DESC",
            ([place[0] for place in places], [place[1] for place in places], self.source_id, spec.name),
        )
        return {(row[0], row[1]): row[2] for row in cursor.fetchall()}

    def keep(
        self, ctx: Ctx, spec: DocSpec, records: Iterable[tuple[Place | None, UUID | None, dict[str, Any]]]
    ) -> None:
        """Add the records that are new or changed."""
        company_id = company_of(ctx)
        cursor = ctx.session.connection().connection.cursor()
        cursor.execute(
            sql.SQL("CREATE TEMP TABLE stage_record AS SELECT {} FROM hub.source_record WITH NO DATA").format(
                _columns()
            )
        )
        with cursor.copy(sql.SQL("COPY stage_record ({}) FROM STDIN").format(_columns())) as copy:
            for place, document_id, payload in records:
                if place is None or document_id is None:
                    continue
                copy.write_row(
                    (
                        company_id,
                        self.source_id,
                        *place,
                        Jsonb(payload, dumps=_dumps),
                        digest(payload),
                        spec.name,
                        document_id,
                        self.run_key,
                        ctx.viewer.user_id,
                    )
                )
        cursor.execute(
            sql.SQL("INSERT INTO hub.source_record ({0}) SELECT {0} FROM stage_record ON CONFLICT DO NOTHING").format(
                _columns()
            )
        )
        cursor.execute("DROP TABLE stage_record")


def _columns() -> sql.Composed:
    return sql.SQL(", ").join(map(sql.Identifier, _COLUMNS))


def _dumps(payload: Any) -> str:
    return json.dumps(payload, default=str, ensure_ascii=False).replace("\\u0000", "")
