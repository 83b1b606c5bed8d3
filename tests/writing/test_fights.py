"""Writers at the same time: one wins each version, no change is lost, one key is carried out once."""

from __future__ import annotations

import contextlib
import threading
from collections import Counter
from collections.abc import Callable
from decimal import Decimal
from typing import Any
from uuid import UUID

import pytest
from sqlalchemy import Engine, text

from hub import writes
from hub.batches import create_many, update_many
from hub.context import system_viewer
from hub.errors import Conflict, HubError
from tests.writing.conftest import Work

WRITERS = 8


def _together(engine: Engine, verbs: list[Callable[[Any], Any]]) -> list[Any]:
    """Run every verb in a unit of work of its own, all at once; what each gave, or the code of its refusal."""
    outcomes: list[Any] = [None] * len(verbs)
    start = threading.Barrier(len(verbs))

    def one(index: int) -> None:
        start.wait(30)
        try:
            with writes.unit_of_work(engine, system_viewer("test"), "test") as ctx:
                outcomes[index] = verbs[index](ctx)
        except HubError as error:
            outcomes[index] = error.problems[0].code

    threads = [threading.Thread(target=one, args=(index,)) for index in range(len(verbs))]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(120)
    return outcomes


@pytest.fixture
def made(work: Work, order: dict[str, Any]) -> UUID:
    """An order to fight for."""
    with work() as ctx:
        return UUID(str(writes.create(ctx, "SalesOrder", order).id))


def _noting(made: UUID, note: str, version: int) -> Callable[[Any], Any]:
    return lambda ctx: writes.update(ctx, "SalesOrder", made, {"note": note}, expected_version=version).note


def test_exactly_one_writer_wins_a_version(engine: Engine, made: UUID, proof_count: Callable[[int, int], int]) -> None:
    for version in range(1, proof_count(4, 100)):
        verbs = [_noting(made, f"{version} {index}", version) for index in range(WRITERS)]
        outcomes = _together(engine, verbs)
        told = Counter(one if one == "VERSION_STALE" else "won" for one in outcomes)
        assert told == {"won": 1, "VERSION_STALE": WRITERS - 1}
        with engine.connect() as connection:
            row = connection.execute(text("SELECT note, version FROM hub.sales_order")).one()
        assert row.version == version + 1
        assert row.note == next(one for one in outcomes if one != "VERSION_STALE")


def test_no_update_is_lost(engine: Engine, work: Work, made: UUID, proof_count: Callable[[int, int], int]) -> None:
    """Everybody adds one to a line, again and again, reading first and trying once more when somebody was faster."""
    rounds = proof_count(3, 25)
    with engine.connect() as connection:
        line = connection.execute(text("SELECT id, quantity FROM hub.sales_order_line WHERE position = 1")).one()

    def add(_ctx: Any) -> None:
        for _ in range(rounds):
            while True:
                with engine.connect() as connection:
                    query = text(
                        "SELECT o.version, l.quantity FROM hub.sales_order o, hub.sales_order_line l WHERE l.id = :id"
                    )
                    seen = connection.execute(query, {"id": line.id}).one()
                change = {"lines": {"change": [{"id": line.id, "quantity": seen.quantity + 1}]}}
                with contextlib.suppress(Conflict), work() as ctx:
                    writes.update(ctx, "SalesOrder", made, change, expected_version=seen.version)
                    break

    _together(engine, [add] * 4)
    with engine.connect() as connection:
        row = connection.execute(
            text("SELECT l.quantity, o.version FROM hub.sales_order_line l, hub.sales_order o WHERE l.position = 1")
        ).one()
    assert row.quantity == Decimal(line.quantity) + 4 * rounds
    assert row.version == 1 + 4 * rounds


def test_of_a_step_taken_by_many_one_takes_it(engine: Engine, made: UUID) -> None:
    step = lambda ctx: writes.run_step(ctx, "SalesOrder", made, "confirm").state.value  # noqa: E731
    assert Counter(_together(engine, [step] * WRITERS)) == {"confirmed": 1, "STEP_NOT_ALLOWED": WRITERS - 1}


def test_a_key_used_by_many_at_once_is_carried_out_once(engine: Engine, order: dict[str, Any]) -> None:
    def make(ctx: Any) -> str:
        answer = writes.answered(ctx, "one key", order, lambda: {"id": str(writes.create(ctx, "SalesOrder", order).id)})
        return str(answer["id"])

    assert len(set(_together(engine, [make] * WRITERS))) == 1
    with engine.connect() as connection:
        assert connection.execute(text("SELECT count(*) FROM hub.sales_order")).scalar_one() == 1


def test_a_refused_request_leaves_its_key_to_the_next(work: Work, order: dict[str, Any]) -> None:
    def make(body: dict[str, Any]) -> str:
        with work() as ctx:
            return str(
                writes.answered(ctx, "key", body, lambda: {"id": str(writes.create(ctx, "SalesOrder", body).id)})["id"]
            )

    with pytest.raises(HubError, match="LINK_UNKNOWN"):
        make({**order, "customer": "K9"})
    first = make(order)
    assert make(order) == first


def test_batches_with_the_same_documents_in_other_orders_do_not_deadlock(
    engine: Engine, work: Work, order: dict[str, Any]
) -> None:
    with work() as ctx:
        ids = [one.id for one in create_many(ctx, "SalesOrder", [order] * 20) if one.id is not None]

    def rename(ids: list[UUID], note: str) -> Callable[[Any], Any]:
        rows = [(id_, {"note": note}, None) for id_ in ids]
        return lambda ctx: len(update_many(ctx, "SalesOrder", rows))

    outcomes = _together(engine, [rename(ids[:: 1 if index % 2 else -1], f"n{index}") for index in range(4)])
    assert outcomes == [20] * 4
