"""What a unit of work of many documents keeps in mind: answers that hold to its end, and work that waits for it.

A single write asks the database each time, for nothing else would be safe between two requests. A unit of work that
writes hundreds of documents asks the same again and again: which period a day is in, which items it has locked already.
What it holds, or has read of what others may not change meanwhile, it asks once; what sums up many documents it does
once.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Hashable, Iterable
from typing import Any, TypeVar
from uuid import UUID

from sqlalchemy.orm import Session

T = TypeVar("T")
_MEMORY = "remembered"


class _Memory:
    """Answers by the types that they are read from, the documents held here, and what is to be done at the end."""

    def __init__(self) -> None:
        self.answers: dict[tuple[str, ...], dict[Hashable, Any]] = defaultdict(dict)
        self.held: dict[UUID, Any] = {}
        self.last: dict[Hashable, Callable[[], None]] = {}


def begin(session: Session) -> None:
    """Let this unit of work remember; without it every question is asked anew."""
    session.info[_MEMORY] = _Memory()


def remembers(session: Session) -> bool:
    """Whether this unit of work is one of many documents."""
    return _MEMORY in session.info


def recall(session: Session, read_from: tuple[str, ...], key: Hashable, ask: Callable[[], T]) -> T:
    """The answer to a question about these types, asked once until a verb changes one of them."""
    memory: _Memory | None = session.info.get(_MEMORY)
    if memory is None:
        return ask()
    known = memory.answers[read_from]
    if key not in known:
        known[key] = ask()
    found: T = known[key]
    return found


def recall_each(
    session: Session, read_from: tuple[str, ...], keys: Iterable[Any], ask: Callable[[list[Any]], dict[Any, T]]
) -> dict[Any, T]:
    """The same for many keys at once: asked are those that are not known; what `ask` does not answer is left out."""
    wanted = sorted(set(keys))
    memory: _Memory | None = session.info.get(_MEMORY)
    if memory is None:
        return ask(wanted) if wanted else {}
    known = memory.answers[read_from]
    unknown = [key for key in wanted if key not in known]
    if unknown:
        known.update(ask(unknown))
    return {key: known[key] for key in wanted if key in known}


def answers(session: Session, read_from: tuple[str, ...]) -> dict[Hashable, Any]:
    """What is known of these types, to be added to; nothing that lasts where nothing is remembered."""
    memory: _Memory | None = session.info.get(_MEMORY)
    return {} if memory is None else memory.answers[read_from]


def forget(session: Session, changed: str | None = None) -> None:
    """A document of a type was changed, or, without one, a savepoint taken back and with it who knows what."""
    memory: _Memory | None = session.info.get(_MEMORY)
    if memory is None:
        return
    if changed is None:
        memory.answers.clear()
        memory.held.clear()
        return
    for types, known in memory.answers.items():
        if changed in types:
            known.clear()


def keep(session: Session, document: Any) -> None:
    """A document that this unit of work has made or locked, with its lines: nobody else changes it until the end."""
    memory: _Memory | None = session.info.get(_MEMORY)
    if memory is not None:
        memory.held[document.id] = document


def held_here(session: Session, document_id: UUID) -> Any | None:
    """The document as this unit of work holds it, or None."""
    memory: _Memory | None = session.info.get(_MEMORY)
    return None if memory is None else memory.held.get(document_id)


def let_go(session: Session, document_ids: Iterable[UUID]) -> None:
    """Documents were changed past the session: what it holds of them is old."""
    memory: _Memory | None = session.info.get(_MEMORY)
    if memory is not None:
        for document_id in document_ids:
            memory.held.pop(document_id, None)


def at_the_end(session: Session, key: Hashable, work: Callable[[], None]) -> None:
    """Do a work at the end of this unit of work, once for all that ask for it under the same key; else now."""
    memory: _Memory | None = session.info.get(_MEMORY)
    if memory is None:
        work()
    else:
        memory.last[key] = work


def finish(session: Session) -> None:
    """Do what has waited."""
    memory: _Memory | None = session.info.get(_MEMORY)
    while memory is not None and memory.last:
        memory.last.pop(next(iter(memory.last)))()
