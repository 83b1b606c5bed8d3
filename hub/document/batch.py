"""Many rows through one verb: all or nothing with every row's problems, or each row by itself.

A row runs behind a savepoint, so that what a refused row began is undone and the next is judged on its own.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import Any, TypeVar
from uuid import UUID

from sqlalchemy import func, select
from sqlalchemy.exc import IntegrityError

from hub.context import Ctx
from hub.document import remembering
from hub.document.fields import Choice
from hub.document.holding import explained
from hub.document.registry import table
from hub.document.rows import Me, visible
from hub.document.spec import DocSpec
from hub.errors import HubError, Invalid, Problem, Refused, problem

Row = TypeVar("Row")
MOST_ROWS = 1_000
"""Rows of one bulk request; whoever has more sends more requests, or loads."""
MOST_LOADED = 10_000
"""Rows of one load that comes by request."""


class BatchPolicy(Choice):
    """What becomes of the good rows of a batch when others are refused."""

    ALL = "all", "全部成功或全部不办", "All rows or none"
    EACH = "each", "逐行办理，合格的保存", "Each row by itself"


@dataclass(frozen=True)
class Outcome:
    """What became of a row: the document's id, or the problems for which it was refused."""

    id: UUID | None
    problems: tuple[Problem, ...] = ()


class BatchRefused(Refused):
    """A batch of which no row was kept; `rows` holds each row's problems, `problems` all, led by name and index."""

    def __init__(self, name: str, outcomes: Sequence[Outcome]) -> None:
        self.rows = [one.problems for one in outcomes]
        super().__init__(told(name, self.rows))


def told(name: str, rows: Iterable[Sequence[Problem]]) -> list[Problem]:
    """The problems of all rows, their paths led by the argument and the row: inputs.3.lines.0.quantity."""
    return [found.under(name, str(index)) for index, row in enumerate(rows) for found in row]


def each(ctx: Ctx, name: str, rows: Sequence[Row], verb: Callable[[Row], Any], policy: BatchPolicy) -> list[Outcome]:
    """Run `verb` on every row; an outcome per row, in order. `name` is what the rows are called in paths.

    Raises:
        Invalid: TOO_MANY_ROWS. BatchRefused: a row was refused and the policy is ALL.
    """
    check_size(name, rows)
    outcomes = [_one(ctx, row, verb) for row in rows]
    if policy is BatchPolicy.ALL and any(one.problems for one in outcomes):
        raise BatchRefused(name, outcomes)
    return outcomes


def check_size(name: str, rows: Sequence[Any], most: int = MOST_ROWS) -> None:
    """Invalid TOO_MANY_ROWS beyond what one request may bring."""
    if len(rows) > most:
        raise Invalid(
            problem(
                "TOO_MANY_ROWS",
                f"一次最多 {most:,} 行，收到 {len(rows):,} 行。",
                f"One request has at most {most:,} rows, this one {len(rows):,}.",
                name,
                hint=("请分批提交。", "Send them in several requests."),
            )
        )


def lock_in_order(ctx: Ctx, spec: DocSpec, ids: Iterable[UUID]) -> None:
    """Lock documents in the order of their ids, so that two batches with the same documents cannot deadlock."""
    mine = spec.table
    wanted = select(mine.c.id).where(mine.c.id == func.any(list(set(ids)))).order_by(mine.c.id)
    wanted = wanted.where(*visible(spec, mine, table, Me.of(ctx.viewer, ctx.viewer.company_id)))
    ctx.session.execute(wanted.with_for_update(of=mine, key_share=True))


def _one(ctx: Ctx, row: Row, verb: Callable[[Row], Any]) -> Outcome:
    events = len(ctx.events)
    try:
        with ctx.session.begin_nested():
            done = verb(row)
            ctx.session.flush()
    except IntegrityError as error:
        refused: HubError = explained(error)
    except HubError as error:
        refused = error
    else:
        return Outcome(done if isinstance(done, UUID) else UUID(str(done.id)))
    del ctx.events[events:]
    remembering.forget(ctx.session)
    return Outcome(None, tuple(refused.problems))
