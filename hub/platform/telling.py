"""Tells a run of the pipeline while it goes: Dagster's events become a line per source, load, mart and share of checks.

Knows which step does what from the definitions themselves, and at the end which steps failed.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

import dagster as dg

from assets.loads import load_key
from assets.models import MARTS, read_models
from assets.pulls import raw_key
from assets.sources import Source
from hub.document.registry import spec
from hub.words import Label

Kind = Literal["pull", "load", "mart", "check"]
WORDS: Mapping[Kind, Label] = {
    "pull": Label("拉取", "Pulled"),
    "load": Label("载入", "Loaded"),
    "mart": Label("建集市", "Built mart"),
    "check": Label("检查", "Checked"),
}
SHARES = 4
"""In how many lines the checks are told."""


@dataclass(frozen=True)
class Step:
    """What one step does: `name` for people, `group` of steps that are told in one line."""

    kind: Kind
    name: Label
    group: str = ""


class Telling:
    """Listens to one run of `definitions`; `say` gets every line in Chinese and English."""

    def __init__(self, definitions: dg.Definitions, sources: Sequence[Source], say: Callable[[str, str], None]) -> None:
        self._say = say
        self._steps = steps_of(definitions, sources)
        self._totals = Counter(step.kind for step in self._steps.values())
        self._left = dict(self._steps)
        self._begun: set[Kind] = set()
        self._ended: Counter[Kind] = Counter()
        self._waiting = Counter(step.group for step in self._steps.values() if step.group)
        self._rows: Counter[str] = Counter()
        self._figures: dict[str, dict[str, int]] = {}
        self._checks = self._unmet = 0
        self.failed: list[Step] = []
        """Steps that failed; a rule that is not met is no failed step."""

    def hear(self, entry: dg.EventLogEntry) -> None:
        """Takes one event of the run."""
        event = entry.dagster_event
        step = self._steps.get(event.step_key or "") if event is not None else None
        if event is None or step is None or event.step_key is None:
            return
        if event.is_step_success or event.is_step_failure:
            self._left.pop(event.step_key, None)
        if event.event_type is dg.DagsterEventType.ASSET_MATERIALIZATION:
            found = event.step_materialization_data.materialization.metadata
            self._figures[event.step_key] = {
                name: value.value
                for name, value in found.items()
                if isinstance(value, dg.IntMetadataValue) and value.value
            }
        elif event.event_type is dg.DagsterEventType.ASSET_CHECK_EVALUATION:
            self._checks += 1
            self._unmet += not event.asset_check_evaluation_data.passed
        elif event.is_step_start:
            self._begin(step)
        elif event.is_step_success:
            self._end(step, self._figures.pop(event.step_key, {}))
        elif event.is_step_failure:
            self._fail(step, event)

    def close(self) -> None:
        """Tells of the steps that were not taken because what they read was not there; Dagster says nothing then."""
        for step in self._left.values():
            zh, en = _doing(step)
            self._say(f"✗ 没有{zh}：它要读的没有到", f"Left out {en}: what it reads is not there")

    def _begin(self, step: Step) -> None:
        """Announces the first of the pulls and of the checks, which take a while until their first line."""
        if step.kind in self._begun or step.kind not in ("pull", "check"):
            return
        self._begun.add(step.kind)
        total = self._totals[step.kind]
        if step.kind == "pull":
            loads, marts, checks = (self._totals[kind] for kind in ("load", "mart", "check"))
            self._say(
                f"拉取 {total} 表，随后载入 {loads} 项、建 {marts} 个集市、检查 {checks} 表",
                f"Pulling {total} tables; then {loads} loads, {marts} marts, checks of {checks} tables",
            )
        else:
            self._say(f"检查 {total} 表", f"Checking {total} tables")

    def _fail(self, step: Step, event: dg.DagsterEvent) -> None:
        self.failed.append(step)
        data = event.step_failure_data
        given = data.user_failure_data.description if data.user_failure_data is not None else None
        error = data.error.cause if data.error is not None and data.error.cause is not None else data.error
        reason = " ".join((given or (error.message if error is not None else "?")).split())[:300]
        self._say(f"✗ {_doing(step)[0]}失败：{reason}", f"Failed {_doing(step)[1]}")
        self._end(step, {}, told=True)

    def _end(self, step: Step, figures: Mapping[str, int], *, told: bool = False) -> None:
        """Counts a step that ended, and says so when its line is due; `told` when it has been said already."""
        self._ended[step.kind] += not (told and step.kind == "pull")  # a table that failed was not pulled
        ended, total = self._ended[step.kind], self._totals[step.kind]
        zh, en = WORDS[step.kind]
        if step.kind == "pull":
            self._waiting[step.group] -= 1
            self._rows[step.group] += figures.get("rows read", 0)
            if not self._waiting[step.group] and not (told and self._rows[step.group] == 0):
                rows = self._rows[step.group]
                self._say(
                    f"{zh} {ended}/{total} 表：{step.name[0]} {rows:,} 行",
                    f"{en} {ended} of {total} tables: {step.name[1]} {rows:,} rows",
                )
        elif step.kind == "check":
            if ended == total or ended % -(-total // SHARES) == 0:
                unmet_zh = f"，{self._unmet} 项不合格" if self._unmet else ""
                unmet_en = f", {self._unmet} not met" if self._unmet else ""
                self._say(
                    f"{zh} {ended}/{total} 表：{self._checks} 项{unmet_zh}",
                    f"{en} {ended} of {total} tables: {self._checks} rules{unmet_en}",
                )
        elif not told:
            self._say(*_loaded(step, figures) if step.kind == "load" else _built(step, figures, ended, total))


def steps_of(definitions: dg.Definitions, sources: Sequence[Source]) -> dict[str, Step]:
    """Every step of the whole pipeline by its key in Dagster."""
    pulls = {
        raw_key(source, table.name): Step("pull", Label(source.name, source.name_en), source.code)
        for source in sources
        for table in source.tables
    }
    loads = {
        load_key(source, load): Step("load", spec(load.document).label) for source in sources for load in source.loads
    }
    marts = {dg.AssetKey(["mart", model.table]): Step("mart", Label(*model.label)) for model in read_models(MARTS)}
    known = {**pulls, **loads, **marts}
    found: dict[str, Step] = {}
    for one in [*(definitions.assets or ()), *(definitions.asset_checks or ())]:
        if isinstance(one, dg.AssetChecksDefinition):
            asset = next(iter(one.check_specs)).asset_key
            found[one.node_def.name] = Step("check", Label(asset.path[-1], asset.path[-1]))
        elif isinstance(one, dg.AssetsDefinition):
            name = one.key.path[-1]  # a source that cannot be read has nothing but its file's name
            found[one.node_def.name] = known.get(one.key) or Step("pull", Label(name, name), one.key.to_user_string())
    return found


def _doing(step: Step) -> tuple[str, str]:
    gerund = {"pull": "pulling", "load": "loading", "mart": "building mart", "check": "checking"}[step.kind]
    return f"{WORDS[step.kind].chinese} {step.name.chinese}", f"{gerund} {step.name.english}"


def _loaded(step: Step, figures: Mapping[str, int]) -> tuple[str, str]:
    rows = sum(figures.get(name, 0) for name in ("inserted", "updated", "unchanged"))
    out = figures.get("problems", 0)
    zh, en = (f"，{out:,} 行未载入", f", kept out: {out:,}") if out else ("", "")
    return f"载入 {step.name[0]} {rows:,}{zh}", f"Loaded {step.name[1]} {rows:,}{en}"


def _built(step: Step, figures: Mapping[str, int], ended: int, total: int) -> tuple[str, str]:
    rows = figures.get("dagster/row_count", 0)
    return f"建集市 {ended}/{total}：{step.name[0]} {rows:,} 行", f"Built mart {ended} of {total}: {rows:,} rows"
