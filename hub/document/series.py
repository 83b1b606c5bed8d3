"""Number series: SO-202611-00042, one counter per rendered prefix, without gaps.

The counter's row is locked from the taking to the commit, so two writers never get one number and a roll-back
gives it back.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date
from uuid import UUID

from sqlalchemy import BigInteger, Column, String, Table, Uuid
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from hub.document.registry import metadata

counter = Table(
    "series_counter",
    metadata,
    Column("company_id", Uuid, primary_key=True),
    Column("prefix", String, primary_key=True),
    Column("last", BigInteger, nullable=False),
    schema="hub",
    comment="编号计数器 (Last number taken per rendered prefix)",
)
_SEQUENCE = re.compile(r"\{seq:0?(\d+)\}")


@dataclass(frozen=True)
class Series:
    """A pattern such as `SO-{yyyy}{mm}-{seq:05}`; `yyyy`, `yy`, `mm`, `dd` come from the document's date."""

    pattern: str

    def take(self, session: Session, company_id: UUID, day: date) -> str:
        """The next number for `day`; it is the caller's when the transaction commits."""
        rendered = self.pattern.replace("{yyyy}", f"{day:%Y}").replace("{yy}", f"{day:%y}")
        rendered = rendered.replace("{mm}", f"{day:%m}").replace("{dd}", f"{day:%d}")
        taking = (
            insert(counter)
            .values(company_id=company_id, prefix=rendered, last=1)
            .on_conflict_do_update(index_elements=["company_id", "prefix"], set_={"last": counter.c.last + 1})
            .returning(counter.c.last)
        )
        last = session.execute(taking).scalar_one()
        return _SEQUENCE.sub(lambda found: str(last).zfill(int(found[1])), rendered)
