"""The first run of the pipeline: a child of `hub up`, which shows its lines and is told when steps failed.

Only a run whose pulls, loads and marts all succeeded is noted as done, for the database it was made for; any other is
run again at the next start.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Sequence
from uuid import uuid4

import dagster as dg

from assets.definitions import build_defs, read_folder
from assets.schedules import NIGHTLY
from hub.db.engine import make_engine
from hub.platform.done import BEGUN, PIPELINE, Done
from hub.platform.prepare import say
from hub.platform.telling import Step, Telling
from hub.settings import Settings, settings

NAMED = 3
"""Failed steps that the closing sentence names."""


def run(chosen: Settings, *, checks: bool = True) -> bool:
    """Runs everything once, telling it on standard output; whether it counts as done.

    A failed check is a finding about the data, not a failed run. Without `checks` they are left out.
    """
    engine = make_engine(pool_size=1, name="hub-pipeline")
    try:
        done = Done(chosen, engine)
        done.add(BEGUN)
        definitions = build_defs(chosen, checks=checks)
        telling = Telling(definitions, read_folder(chosen.sources)[0], say)
        with dg.DagsterInstance.get() as instance:
            run_id = str(uuid4())
            instance.add_event_listener(run_id, telling.hear)
            job = definitions.resolve_job_def(NIGHTLY.name)
            result = job.execute_in_process(instance=instance, run_id=run_id, raise_on_error=False)
        telling.close()
        failed = [step for step in telling.failed if step.kind != "check"]
        if failed or not (result.success or telling.failed):
            print(json.dumps(sentence(failed)), flush=True)  # noqa: T201 (the parent reads it)
            return False
        done.add(PIPELINE)
        return True
    finally:
        engine.dispose()


def sentence(failed: Sequence[Step]) -> dict[str, str]:
    """What to say about failed steps, without the place of the log, which the parent knows."""
    names_zh = "、".join(dict.fromkeys(step.name.chinese for step in failed[:NAMED]))
    names_en = ", ".join(dict.fromkeys(step.name.english for step in failed[:NAMED]))
    more_zh, more_en = ("等", " and more") if len(failed) > NAMED else ("", "")
    zh = f"数据管道有 {len(failed)} 个步骤失败（{names_zh}{more_zh}）" if failed else "数据管道没有跑完"
    en = (
        f"Steps of the pipeline that failed: {len(failed)} ({names_en}{more_en})"
        if failed
        else "The pipeline did not finish"
    )
    return {"zh": f"{zh}，下次启动时会重新运行。", "en": f"{en}; it runs again at the next start."}


if __name__ == "__main__":
    sys.exit(0 if run(settings()) else 1)
