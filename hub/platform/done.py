"""Which steps of the first start are done, per database: another HUB_DATABASE_URL begins anew.

Kept in a small file and not in the database, because the steps are about this machine's demo, not about the company.
"""

from __future__ import annotations

import json
from pathlib import Path

from sqlalchemy import Engine, text

from hub.settings import Settings

SEED, BEGUN, PIPELINE, STORIES = "seed", "pipeline begun", "pipeline", "stories"
"""The demo company is told; the pipeline's first run has begun; it is done; the stories were lived."""

_IDENTITY = """
SELECT system_identifier || '/' || oid || '/' || datname
FROM pg_control_system(), pg_database WHERE datname = current_database()
"""
"""Server, number and name: a database that was dropped and made again under its name is another one."""


class Done:
    """The finished steps of one database."""

    def __init__(self, chosen: Settings, engine: Engine) -> None:
        self._file: Path = chosen.home / "steps.json"
        with engine.connect() as connection:
            self._database = str(connection.execute(text(_IDENTITY)).scalar_one())

    def has(self, step: str) -> bool:
        """Whether the step was finished for this database."""
        return step in self._all().get(self._database, [])

    def add(self, step: str) -> None:
        """Notes that the step is finished."""
        everything = self._all()
        steps = everything.setdefault(self._database, [])
        if step in steps:
            return
        steps.append(step)
        fresh = self._file.with_suffix(".new")
        fresh.write_text(json.dumps(everything, indent=2), encoding="utf-8")
        fresh.replace(self._file)

    def _all(self) -> dict[str, list[str]]:
        try:
            found: dict[str, list[str]] = json.loads(self._file.read_text(encoding="utf-8"))
        except (FileNotFoundError, ValueError):
            return {}
        return found
