"""One import as somebody asks for it, whatever the way: a page, a program, the command line.

The file is read before the transaction begins. What has been imported under a key is not imported again: the same
request gets the first answer's figures.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field, replace
from hashlib import sha256
from typing import Any

from sqlalchemy import Engine

from hub.context import Ctx, Viewer
from hub.document import audit
from hub.document.answers import answered
from hub.document.catalogue import informed
from hub.errors import Invalid, Problem, problem
from hub.exchange.columns import Plan, plan_for
from hub.exchange.importing import MODES, Importing, Mode, Outcome
from hub.exchange.mapping import Mapped, mapped, remember, remembered
from hub.exchange.reading import read_file, read_text
from hub.exchange.sheet import Sheet
from hub.words import Label
from hub.writes import persistently, unit_of_work

CHANNEL = "import"
FIGURES = ("rows", "documents", "created", "updated", "unchanged", "stepped")


@dataclass(frozen=True)
class Asked:
    """What is asked for. `columns` maps headings to paths, "" leaves one out; `key` makes a repetition harmless."""

    many: str
    content: bytes | str
    """A file's bytes, or pasted text."""
    file_name: str = ""
    sheet: str | None = None
    columns: Mapping[str, str | None] = field(default_factory=dict)
    mode: str = "both"
    step: str | None = None
    dry_run: bool = False
    key: str | None = None


def columns_in(given: Any) -> dict[str, str | None]:
    """What somebody says the headings stand for, as `Asked` has it; Invalid COLUMNS_UNREADABLE for anything else."""
    if not isinstance(given, dict) or not all(one is None or isinstance(one, str) for one in given.values()):
        sentences = "columns 须为 JSON 对象：列名到字段。", "columns must be a JSON object: heading to field."
        raise Invalid(problem("COLUMNS_UNREADABLE", *sentences, "columns"))
    return given


@dataclass(frozen=True)
class Answer:
    """What became of it; nothing is written when there are troubles or it was a dry run."""

    plan: Plan
    sheet: Sheet
    mapping: Sequence[Mapped]
    outcome: Outcome
    imported: bool
    repeated: bool = False

    @property
    def notes(self) -> list[Label]:
        """What was left alone in the file."""
        return self.sheet.notes


class _Stopped(Exception):
    """Rolls the unit of work back."""


def run(engine: Engine, viewer: Viewer, asked: Asked) -> Answer:
    """Try or do an import.

    Raises:
        NotFound, Forbidden, Refused: there is no such list, or not for this viewer. Invalid: the file or the mapping
        cannot be used. What is wrong with rows is in the answer's outcome, all of it.
    """
    viewer = informed(engine, viewer)
    plan, sheet = _read(viewer, asked)
    return persistently(lambda: _brought(engine, viewer, asked, plan, sheet))


def _brought(engine: Engine, viewer: Viewer, asked: Asked, plan: Plan, sheet: Sheet) -> Answer:
    """The unit of work of an import."""
    answer: Answer | None = None
    try:
        with unit_of_work(engine, viewer, CHANNEL, dry_run=asked.dry_run) as ctx:
            mapping = _mapping(ctx, plan, sheet, asked)
            found: list[Outcome] = []

            def bring() -> dict[str, int]:
                found.append(Importing(ctx, plan, mapping, _mode(asked.mode), asked.step).run(sheet))
                return _figures(ctx, plan, asked, found[0])

            figures = answered(ctx, None if asked.dry_run else asked.key, _body(asked, mapping), bring)
            repeated = not found
            if repeated:
                found.append(Outcome(**figures))
            imported = not found[0].troubles and not asked.dry_run
            answer = Answer(plan, sheet, mapping, found[0], imported, repeated)
            if found[0].troubles:
                raise _Stopped
    except _Stopped:
        assert answer is not None
    assert answer is not None
    return answer


def within(ctx: Ctx, asked: Asked) -> Outcome:
    """An import as part of a unit of work, whose caller rolls it back when there are troubles; raises as `run`."""
    ctx = replace(ctx, viewer=informed(ctx.session.get_bind().engine, ctx.viewer))
    plan, sheet = _read(ctx.viewer, asked)
    outcome = Importing(ctx, plan, _mapping(ctx, plan, sheet, asked), _mode(asked.mode), asked.step).run(sheet)
    _figures(ctx, plan, asked, outcome)
    return outcome


def _read(viewer: Viewer, asked: Asked) -> tuple[Plan, Sheet]:
    plan = plan_for(asked.many, viewer)
    if asked.mode not in MODES:
        known = " / ".join(MODES)
        raise Invalid(problem("MODE_UNKNOWN", f"方式须为 {known} 之一。", f"The mode is one of {known}.", "mode"))
    text, whole = asked.content, {one.path for one in plan.columns if one.field and one.field.kind == "json"}
    return plan, read_text(text) if isinstance(text, str) else read_file(text, asked.sheet, whole)


def _mode(name: str) -> Mode:
    return next(one for one in MODES if one == name)


def _mapping(ctx: Ctx, plan: Plan, sheet: Sheet, asked: Asked) -> list[Mapped]:
    """What the user says now comes before what he said the last time; what is no field any more is forgotten."""
    kept = {
        heading: path
        for heading, path in remembered(ctx.session, ctx.viewer, asked.many).items()
        if heading in sheet.headings and (not path or plan.column(path) in plan.open)
    }
    said = {heading: path for heading, path in asked.columns.items() if heading in sheet.headings}
    chosen = {path for path in said.values() if path}
    kept = {heading: path for heading, path in kept.items() if path not in chosen or heading in said}
    mapping = mapped(plan, sheet.headings, {**kept, **said})
    Invalid.raise_all(_unusable(plan, mapping, asked.mode))
    if not asked.dry_run:
        remember(ctx, asked.many, said)
    return mapping


def _unusable(plan: Plan, mapping: Sequence[Mapped], mode: str) -> list[Problem]:
    used = [one.used for one in mapping if one.used is not None]
    if not used:
        return [
            problem(
                "COLUMNS_UNKNOWN",
                "没有一列能识别为字段。",
                "None of the columns is a field.",
                hint=(
                    "请使用模板的列名，或在下方指定每一列。",
                    "Use the template's headings, or choose a field for each.",
                ),
            )
        ]
    keyed = any(one.name == plan.key and one.lines is None and one.field is not None for one in used)
    if not keyed and (mode == "update" or plan.of_lines):
        label = plan.spec.fields[plan.key].label
        return [
            problem(
                "KEY_MISSING",
                f"更新已有记录需要“{label.chinese}”列。",
                f"To update what exists, the column {label.english} is needed.",
            )
        ]
    return []


def _figures(ctx: Ctx, plan: Plan, asked: Asked, outcome: Outcome) -> dict[str, int]:
    """What became of the file; an audit entry says it as well, beside those of the documents."""
    figures = {name: getattr(outcome, name) for name in FIGURES}
    if outcome.created or outcome.updated:
        changes = {"file": [None, asked.file_name], **{name: [None, figure] for name, figure in figures.items()}}
        audit.record(ctx, plan.spec.name, None, "import", changes)
    return figures


def _body(asked: Asked, mapping: Sequence[Mapped]) -> dict[str, Any]:
    """What makes two requests the same one."""
    content = asked.content.encode() if isinstance(asked.content, str) else asked.content
    said = {one.heading: one.used.path if one.used else None for one in mapping}
    whole = {**asdict(asked), "content": sha256(content).hexdigest(), "columns": said}
    return {name: value for name, value in whole.items() if name not in ("key", "file_name", "dry_run")}
