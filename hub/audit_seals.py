"""Seals over the audit: a batch of entries at a time, chained, so that what was deleted or changed later is known.

A seal holds a manifest (id, document and hash of every entry of its batch) and the digest of it all with the digest of
the seal before. Entry ids are in the order of commit, so a batch is everything between two ids. The digests are also
appended to a file beside the database: whoever rewrites history in the database with new hashes and seals would have
to rewrite that too, and every copy of it.
"""

from __future__ import annotations

import hashlib
import logging
import struct
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path
from uuid import UUID

from sqlalchemy import Connection, Engine, func, insert, select, text

from hub.document.audit import audit_entry, audit_seal
from hub.settings import settings

log = logging.getLogger("hub.audit")

BATCH = 20_000
"""The most entries under one seal."""
_HEAD, _ENTRY = struct.Struct(">qqqq"), struct.Struct(">q16s32s")
_NO_DOCUMENT = UUID(int=0)
_IDENTITY = """
SELECT system_identifier || '/' || oid || '/' || datname
FROM pg_control_system(), pg_database WHERE datname = current_database()
"""


@dataclass(frozen=True)
class Sealed:
    """One entry as a manifest holds it."""

    id: int
    document_id: UUID | None
    hash: bytes


@dataclass(frozen=True)
class Seal:
    """A seal as it is kept; `digest` should be that of `right_digest()`."""

    id: int
    at: datetime
    first_entry: int
    last_entry: int
    manifest: bytes
    previous_digest: bytes | None
    digest: bytes = b""

    def right_digest(self) -> bytes:
        """SHA-256 over the digest before, the seal's own figures and the manifest."""
        microseconds = int((self.at - datetime(1970, 1, 1, tzinfo=UTC)).total_seconds() * 1_000_000)
        head = _HEAD.pack(self.id, self.first_entry, self.last_entry, microseconds)
        return hashlib.sha256((self.previous_digest or bytes(32)) + head + self.manifest).digest()

    def entries(self) -> dict[int, Sealed]:
        """The manifest by id; of one that was cut, what is whole."""
        whole = self.manifest[: len(self.manifest) // _ENTRY.size * _ENTRY.size]
        found = (Sealed(id_, UUID(bytes=document), hash_) for id_, document, hash_ in _ENTRY.iter_unpack(whole))
        return {
            one.id: replace(one, document_id=None if one.document_id == _NO_DOCUMENT else one.document_id)
            for one in found
        }


def seal(engine: Engine) -> int:
    """Seal what is not sealed yet; returns the number of seals made. Nobody who writes waits for it."""
    made = 0
    while (fresh := _seal_batch(engine)) is not None:
        made += 1
        _remember(engine, fresh)
    return made


def _seal_batch(engine: Engine) -> Seal | None:
    with engine.begin() as connection:
        connection.execute(text("SELECT pg_advisory_xact_lock(hashtext('audit.audit_seal'))"))
        last = next(seals(connection, newest=True), None)
        sealed_to = last.last_entry if last else 0
        kept = audit_entry.c
        batch = select(kept.id, kept.document_id, kept.hash).where(kept.id > sealed_to).order_by(kept.id).limit(BATCH)
        rows = connection.execute(batch).all()
        if not rows:
            return None
        manifest = b"".join(_ENTRY.pack(row.id, (row.document_id or _NO_DOCUMENT).bytes, row.hash) for row in rows)
        number, before = (last.id + 1, last.digest) if last else (1, None)
        now = connection.execute(select(func.now())).scalar_one()
        fresh = Seal(number, now, sealed_to + 1, rows[-1].id, manifest, before)
        fresh = replace(fresh, digest=fresh.right_digest())
        connection.execute(insert(audit_seal).values(**vars(fresh)))
        return fresh


def seals(connection: Connection, *, newest: bool = False) -> Iterator[Seal]:
    """All seals in order, or from the newest back."""
    order = audit_seal.c.id.desc() if newest else audit_seal.c.id
    query = select(audit_seal).order_by(order).limit(1 if newest else None)
    for row in connection.execute(query).yield_per(20):
        yield Seal(**row._mapping)


def memory() -> Path:
    """The file of digests beside the database; worth a copy elsewhere."""
    return settings().home / "audit_seals.log"


def remembered(connection: Connection) -> dict[int, str]:
    """The digests of this database's seals that the file knows, by number."""
    database = _database(connection)
    try:
        lines = memory().read_text(encoding="utf-8").splitlines()
    except FileNotFoundError:
        return {}
    found = [line.split(" ") for line in lines]
    return {int(parts[1]): parts[2] for parts in found if len(parts) == 4 and parts[0] == database}


def _remember(engine: Engine, fresh: Seal) -> None:
    with engine.connect() as connection:
        line = f"{_database(connection)} {fresh.id} {fresh.digest.hex()} {fresh.at.isoformat()}\n"
    try:
        with memory().open("a", encoding="utf-8") as file:
            file.write(line)
    except OSError as error:  # the seal stands; what is missing is its copy outside
        log.warning("the seal %s is not noted in %s: %s", fresh.id, memory(), error)


def _database(connection: Connection) -> str:
    """Server and number of the database: one that was dropped and made again is another one."""
    return str(connection.execute(text(_IDENTITY)).scalar_one()).replace(" ", "_")
