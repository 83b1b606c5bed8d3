"""From a filled-in form to one write verb, and the verb's problems back to the inputs they belong to.

Verbs are synchronous; callers run these functions in a thread. What is raised is always a HubError whose paths are
the names of inputs ("lines", "1", "quantity").
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

from sqlalchemy import Engine

from hub.context import Viewer
from hub.errors import HubError, Problem
from hub.web.workbench.inputs import Form, Input, LineInputs
from hub.web.workbench.typed import ID, Texts, Typed, values_of
from hub.words import snake
from hub.writes import amend, convert, create, discard, once, persistently, run_step, unit_of_work, update

CHANNEL = "workbench"


def save_new(engine: Engine, viewer: Viewer, form: Form, typed: Typed, *, key: str) -> UUID:
    """Create the document of a filled-in form; the same `key` twice makes it once.

    Raises:
        HubError: every problem found, by the names of inputs.
    """
    body = values_of(form.inputs, typed.header)
    for one in form.lines:
        body[snake(one.name)] = [values_of(one.inputs, row) for row in typed.lines[one.name]]
    with unit_of_work(engine, viewer, CHANNEL) as ctx:
        return once(ctx, key, [form.spec.name, body], lambda: UUID(str(create(ctx, form.spec.name, body).id)))


@dataclass
class _LineChanges:
    """A list of lines as `update` takes it, and which row of the form each entry is."""

    body: dict[str, list[Any]] = field(default_factory=lambda: {"add": [], "change": [], "remove": []})
    rows: dict[tuple[str, str], str] = field(default_factory=dict)


def save_changes(
    engine: Engine,
    viewer: Viewer,
    form: Form,
    typed: Typed,
    *,
    id_: UUID,
    version: int,
    editable: frozenset[str],
    stored_lines: Mapping[str, list[str]],
    key: str,
    sent: Typed,
) -> None:
    """Update the inputs named in `editable`; `stored_lines` are the ids that the form was opened with.

    The same `key` twice changes it once; by what was `sent` the second is known to be the same as the first.

    Raises:
        HubError: every problem found, by the names of inputs.
    """
    body = values_of([one for one in form.inputs if one.name in editable], typed.header)
    lists = {one.name: _line_changes(one, typed.lines[one.name], stored_lines[one.name]) for one in form.lines}
    lists = {name: changes for name, changes in lists.items() if name in editable}
    body |= {snake(name): changes.body for name, changes in lists.items()}
    asked = {"version", *(one.name for one in form.inputs)}
    said = {name: text for name, text in sent.header.items() if name.removesuffix(".text") in asked}
    try:
        with unit_of_work(engine, viewer, CHANNEL) as ctx:

            def changed() -> UUID:
                update(ctx, form.spec.name, id_, body, expected_version=version)
                return id_

            once(ctx, key, ["update", form.spec.name, str(id_), said, sent.lines], changed)
    except HubError as error:
        raise type(error)([_at_row(found, lists) for found in error.problems]) from error


def _line_changes(lines: LineInputs, rows: list[Texts], stored: list[str]) -> _LineChanges:
    changes = _LineChanges()
    for index, row in enumerate(rows):
        known = row.get(ID, "") in stored
        entries = changes.body["change" if known else "add"]
        changes.rows["change" if known else "add", str(len(entries))] = str(index)
        entries.append(values_of(lines.inputs, row) | ({"id": row[ID]} if known else {}))
    kept = {row.get(ID) for row in rows}
    changes.body["remove"] = [one for one in stored if one not in kept]
    return changes


def _at_row(found: Problem, lists: Mapping[str, _LineChanges]) -> Problem:
    """("lines", "add", "0", "quantity") → ("lines", "2", "quantity"), the row as the form shows it."""
    if len(found.path) < 3 or found.path[0] not in lists:
        return found
    name, entry, index, *rest = found.path
    row = lists[name].rows.get((entry, index))
    path = (name, row, *rest) if row is not None else (name,)
    return Problem(found.code, found.message, path, found.hint, found.data)


def throw_away(engine: Engine, viewer: Viewer, document_type: str, id_: UUID, *, version: int | None, key: str) -> None:
    """Delete a draft; the same `key` twice deletes it once.

    Raises:
        HubError: what speaks against it.
    """
    with unit_of_work(engine, viewer, CHANNEL) as ctx:

        def gone() -> UUID:
            discard(ctx, document_type, id_, expected_version=version)
            return id_

        once(ctx, key, ["discard", document_type, str(id_)], gone)


def drafted(
    engine: Engine, viewer: Viewer, source: str, id_: UUID, target: str | None, *, version: int | None, key: str
) -> UUID:
    """The draft of `target` that a document leads to, or, without one, its amendment; the same `key` gives the same.

    Raises:
        HubError: what speaks against it.
    """
    with unit_of_work(engine, viewer, CHANNEL) as ctx:

        def made() -> UUID:
            if target is None:
                return UUID(str(amend(ctx, source, id_, expected_version=version).id))
            return UUID(str(convert(ctx, source, id_, target, expected_version=version).id))

        return once(ctx, key, ["draft", source, str(id_), target], made)


def take_step(
    engine: Engine,
    viewer: Viewer,
    document_type: str,
    id_: UUID,
    step: str,
    inputs: tuple[Input, ...],
    texts: Texts,
    *,
    version: int | None,
    key: str,
) -> None:
    """Run a step with what its dialog asked for; the same `key` twice takes it once.

    Raises:
        HubError: every problem found.
    """
    arguments = values_of(inputs, texts)

    def work() -> None:
        with unit_of_work(engine, viewer, CHANNEL) as ctx:

            def taken() -> UUID:
                run_step(ctx, document_type, id_, step, arguments, expected_version=version)
                return id_

            once(ctx, key, [document_type, str(id_), step, arguments], taken)

    persistently(work)
