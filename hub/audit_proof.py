"""`hub audit verify`: whether the audit is what was written, and if not, where it was changed and how.

Three things are held against each other: every entry against its own hash, every entry against the one before it of
its document, every seal against the entries it sealed, the seal before, and the digests noted beside the database.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import Connection, Engine, String, cast, extract, func, select

from hub.audit_seals import Seal, remembered, seals
from hub.document.audit import audit_entry
from hub.words import Label

_AT_ONCE = 2_000
HASHED = (
    "id",
    "company_id",
    "at",
    "actor_id",
    "actor",
    "channel",
    "document_type",
    "document_id",
    "version",
    "verb",
    "changes",
    "previous_hash",
)
"""What an entry's hash is made of, in this order: every column but the hash itself."""


@dataclass(frozen=True)
class Break:
    """One thing that is not as it was written; entry and document where they are known."""

    code: str
    message: Label
    entry: int | None = None
    document_type: str | None = None
    document_id: str | None = None

    def __str__(self) -> str:
        """The line that is printed."""
        where = f"#{self.entry} " if self.entry is not None else ""
        document = f"{self.document_type or '?'} {self.document_id or '—'}: " if self.entry is not None else ""
        return f"✗ {where}{document}{self.message.chinese} {self.message.english} [{self.code}]"


@dataclass
class Proof:
    """What was looked at and what was found."""

    entries: int = 0
    documents: int = 0
    seals: int = 0
    unsealed: int = 0
    remembered: int = 0
    last: Seal | None = None
    breaks: list[Break] = field(default_factory=list)


def verify(engine: Engine) -> Proof:
    """Check everything as of one moment; writers are not held up."""
    proof = Proof()
    reading = engine.connect().execution_options(isolation_level="REPEATABLE READ", stream_results=True)
    with reading as connection, connection.begin():
        proof.breaks += _contents(connection, proof)
        proof.breaks += _order(connection, proof)
        proof.breaks += _seals(connection, proof)
    return proof


def _contents(connection: Connection, proof: Proof) -> Iterator[Break]:
    """Entries that do not have the hash of what they say."""
    kept = audit_entry.c
    said = {
        "id": cast(kept.id, String),
        "at": cast(extract("epoch", kept.at), String),
        "version": cast(kept.version, String),
        "changes": cast(kept.changes, String),
        "previous_hash": func.encode(kept.previous_hash, "hex"),
    }
    columns = [said.get(name, cast(kept[name], String)).label(name) for name in HASHED]
    for row in connection.execute(select(*columns, kept.hash).order_by(kept.id)).yield_per(_AT_ONCE):
        proof.entries += 1
        if hashlib.sha256(content(row).encode()).digest() != row.hash:
            yield _at_entry(
                "ENTRY_CHANGED", row, "内容与其散列不符，记录被改过。", "It was changed: its hash is another."
            )


def content(row: Sequence[Any]) -> str:
    """The text that is hashed: a JSON array of all columns, written as PostgreSQL writes jsonb."""
    plain = {"id", "at", "version", "changes"}
    parts = [
        "null" if value is None else value if name in plain else json.dumps(value, ensure_ascii=False)
        for name, value in zip(HASHED, row, strict=False)
    ]
    return f"[{', '.join(parts)}]"


def _order(connection: Connection, proof: Proof) -> Iterator[Break]:
    """Entries whose predecessor is not the one that stands before them."""
    kept = audit_entry.c
    document = [kept.document_type, kept.document_id]
    proof.documents = connection.execute(
        select(func.count()).select_from(select(*document).distinct().subquery())
    ).scalar_one()
    before = func.lag(kept.hash).over(partition_by=document, order_by=kept.id).label("before")
    earlier = func.lag(kept.id).over(partition_by=document, order_by=kept.id).label("earlier")
    chain = select(kept.id, *document, kept.previous_hash, before, earlier).subquery()
    broken = select(chain).where(chain.c.previous_hash.is_distinct_from(chain.c.before)).order_by(chain.c.id)
    for row in connection.execute(broken):
        if row.earlier is None:
            chinese, english = "它之前的记录不见了。", "The entries before it are gone."
        elif row.previous_hash is None:
            chinese = f"它自称是第一条，但之前有 #{row.earlier}：有一条是后来插入的。"
            english = f"It says it is the first, but #{row.earlier} comes before: one of them was inserted."
        else:
            chinese = f"它与前一条 #{row.earlier} 接不上：其间有记录被删除、插入、改动或调换。"
            english = f"It does not follow #{row.earlier}: an entry was deleted, inserted, changed or swapped here."
        yield _at_entry("CHAIN_BROKEN", row, chinese, english)


def _seals(connection: Connection, proof: Proof) -> Iterator[Break]:
    """Seals that were changed or are missing, and entries that are not those that were sealed."""
    known, last = remembered(connection), None
    proof.remembered = len(known)
    for one in seals(connection):
        proof.seals += 1
        yield from _seal(connection, one, last)
        if known.pop(one.id, one.digest.hex()) != one.digest.hex():
            yield _of_seal(
                "SEAL_REPLACED", one.id, "与数据库外记下的散列不同", "is not the one noted beside the database"
            )
        last = one
    for number in known:
        yield _of_seal("SEAL_MISSING", number, "曾记在数据库外，现已不见", "was noted beside the database and is gone")
    proof.last = last
    to = last.last_entry if last else 0
    proof.unsealed = connection.execute(
        select(func.count()).select_from(audit_entry).where(audit_entry.c.id > to)
    ).scalar_one()


def _seal(connection: Connection, one: Seal, last: Seal | None) -> Iterator[Break]:
    number, before, from_ = (last.id + 1, last.digest, last.last_entry + 1) if last else (1, None, 1)
    if one.id != number:
        yield _of_seal("SEAL_MISSING", number, f"不见了，其后是 {one.id}", f"is gone; the next one is {one.id}")
    elif (one.previous_digest, one.first_entry) != (before, from_):
        yield _of_seal("SEAL_CHAIN_BROKEN", one.id, "与前一个封存接不上", "does not follow the seal before it")
    if one.right_digest() != one.digest:
        yield _of_seal("SEAL_CHANGED", one.id, "被改过", "was changed")
    sealed = one.entries()
    kept = audit_entry.c
    there = select(kept.id, kept.document_type, kept.document_id, kept.hash).order_by(kept.id)
    for row in connection.execute(there.where(kept.id.between(one.first_entry, one.last_entry))).yield_per(_AT_ONCE):
        was = sealed.pop(row.id, None)
        if was is None:
            chinese, english = (
                f"封存 {one.id} 时没有它，是后来插入的。",
                f"Seal {one.id} does not have it: it was inserted later.",
            )
            yield _at_entry("ENTRY_INSERTED", row, chinese, english)
        elif was.hash != row.hash:
            chinese, english = f"与封存 {one.id} 的散列不符。", f"It is not the one that seal {one.id} has."
            yield _at_entry("ENTRY_REPLACED", row, chinese, english)
    for gone in sealed.values():
        message = Label(f"封存 {one.id} 中有它，现已被删除。", f"Seal {one.id} has it; it was deleted.")
        yield Break("ENTRY_DELETED", message, gone.id, None, str(gone.document_id) if gone.document_id else None)


def _at_entry(code: str, row: Any, chinese: str, english: str) -> Break:
    document = None if row.document_id is None else str(row.document_id)
    return Break(code, Label(chinese, english), int(row.id), row.document_type, document)


def _of_seal(code: str, number: int, chinese: str, english: str) -> Break:
    return Break(code, Label(f"封存 {number} {chinese}。", f"Seal {number} {english}."))
