"""What chaining costs a write: the same work with the audit's trigger as it is and with one that hashes nothing."""

from __future__ import annotations

from sqlalchemy import text

from benchmarks.rounds import compare
from benchmarks.stand.writing import Figure, Stand
from hub import writes
from hub.db.chain import chained

DOCUMENTS, ENTRIES = 150, 10_000
NAME = f"the audit's hash chain: {DOCUMENTS} documents, created and changed in a transaction each"
_UNCHAINED = """
CREATE OR REPLACE FUNCTION audit.chain_entry() RETURNS trigger LANGUAGE plpgsql AS
$$ BEGIN NEW.hash := ''; RETURN NEW; END $$
"""
_ENTRIES = text(
    "INSERT INTO audit.audit_entry (actor_id, actor, channel, document_type, document_id, version, verb, changes) "
    "SELECT uuidv7(), 'bench', 'bench', 'Item', md5((n / 4)::text)::uuid, 1, 'update', "
    "jsonb_build_object('name', jsonb_build_array('甲', n::text)) FROM generate_series(1, :entries) AS n"
)


def run(stand: Stand) -> list[Figure]:
    """The ratio of both, 1 when the chain costs nothing."""

    def trigger(*, is_chained: bool) -> None:
        with stand.engine.begin() as connection:
            cursor = connection.connection.cursor()
            if is_chained:
                for statement in chained():
                    cursor.execute(statement)
            else:
                cursor.execute(_UNCHAINED)

    def write(index: int, *, is_chained: bool) -> None:
        trigger(is_chained=is_chained)
        for number in range(DOCUMENTS):
            with writes.unit_of_work(stand.engine, stand.viewer, "bench") as ctx:
                made = writes.create(ctx, "Warehouse", {"code": f"A{index}-{number}-{is_chained}", "name": "仓库"})
                writes.update(ctx, "Warehouse", made.id, {"name": "仓"})

    def append(*, is_chained: bool) -> None:
        trigger(is_chained=is_chained)
        with stand.engine.begin() as connection:
            connection.execute(_ENTRIES, {"entries": ENTRIES})

    documents = compare(lambda index: write(index, is_chained=True), lambda index: write(index, is_chained=False))
    entries = compare(lambda _: append(is_chained=True), lambda _: append(is_chained=False))
    trigger(is_chained=True)
    each = (entries.ours - entries.peer) / ENTRIES * 1_000
    return [
        Figure("without the chain / with it", documents.ratio, note=str(documents)),
        Figure("the chain, per entry", each, "ms", note=f"{ENTRIES} entries: {entries}"),
    ]
