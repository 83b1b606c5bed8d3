"""On whose behalf the pipeline writes: the hub itself, for the company whose silos these are."""

from uuid import UUID

import sqlalchemy as sa

from assets.sources import SourceError
from hub.context import Viewer, system_viewer
from hub.document.registry import spec


def pipeline_viewer(engine: sa.Engine) -> Viewer:
    """The pipeline as a viewer of its company; SourceError while there is no company at all."""
    return system_viewer("pipeline", pipeline_company(engine))


def pipeline_company(engine: sa.Engine) -> UUID:
    """The first company: its silos are pulled, its marts are built. SourceError while there is none."""
    company = spec("Company").table
    with engine.connect() as connection:
        found: UUID | None = connection.execute(
            sa.select(company.c.id).order_by(company.c.created_at, company.c.id).limit(1)
        ).scalar()
    if found is None:
        raise SourceError(
            "COMPANY_MISSING",
            "还没有公司档案,请先创建公司再抽取数据。",
            "There is no company yet; create one before data is pulled.",
        )
    return found
