"""The rules of the data quality checks that failed when they were last tried. Synchronous: call it in a thread."""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy import Engine, text

from hub.context import Viewer
from hub.document.registry import spec as spec_of
from hub.words import Label


@dataclass(frozen=True)
class Finding:
    """A rule that failed, and on how many rows."""

    label: Label
    asset: str
    severity: str
    rows: int


_LATEST_FAILURES = """
    SELECT label_zh, label_en, asset, severity, failing_count
    FROM (SELECT DISTINCT ON (asset, code) * FROM dq.result ORDER BY asset, code, checked_at DESC) latest
    WHERE status <> 'passed'
    ORDER BY array_position(ARRAY['critical', 'warning', 'info'], severity), failing_count DESC
"""


def findings(engine: Engine, viewer: Viewer) -> list[Finding] | None:
    """The rules whose latest result is a failure; None before the first check, and for whom they do not concern."""
    if not viewer.may(spec_of("SourceRecord").access.read):
        return None
    with engine.connect() as connection:
        there = connection.scalar(text("SELECT to_regclass('dq.result')")) is not None
        if not there or not connection.scalar(text("SELECT EXISTS (SELECT FROM dq.result)")):
            return None
        rows = connection.execute(text(_LATEST_FAILURES)).all()
    return [Finding(Label(row[0], row[1]), row[2], row[3], row[4]) for row in rows]
