"""The hub's own statement of a question, to be run without the hub around it."""

from __future__ import annotations

from functools import cache

from psycopg.adapt import PyFormat, Transformer

from benchmarks.stand.questions import Question
from graph_schema.answer import core_schema
from graph_schema.document import understand
from graph_schema.queries import plan_query
from hub import identity
from hub.db.engine import make_engine

_VALUES = 32


@cache
def statement_of(question: Question, orders: int) -> tuple[str, list[list[str | None]]]:
    """The SQL with its parameters, and some requests' values as text."""
    from sqlalchemy.orm import Session

    engine = make_engine(pool_size=1)
    with Session(engine) as session:
        viewer = identity.viewer_of(session, code="sally")
    engine.dispose()
    assert viewer is not None
    known = understand(core_schema(), question.ours, None)
    statement, found = None, []
    for body in question.bodies(orders, None, count=_VALUES):
        given = known.variables(body["variables"])
        statement = plan_query(known, known.slots(given), viewer).statement
        assert statement is not None
        values = statement.values(given, viewer)
        shown = Transformer().dump_sequence(values, [PyFormat.TEXT] * len(values))
        found.append([None if one is None else bytes(one).decode() for one in shown])
    assert statement is not None
    return statement.sql, found
