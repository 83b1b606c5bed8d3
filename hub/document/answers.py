"""The answers to requests that came with an idempotency key: kept with what they tell of, given again when asked again.

What is kept is the outcome (ids, counts, the problems of single rows), not the text that was sent: documents are read
anew, with the rights of that moment.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable
from typing import Any

from sqlalchemy import select, update
from sqlalchemy.dialects.postgresql import insert

from hub.context import Ctx
from hub.document import audit
from hub.errors import Conflict, Problem, problem
from hub.words import Label

Answer = dict[str, Any]
"""JSON: {"id": …} of one document, {"rows": […]} of many, the figures of a load."""


def answered(ctx: Ctx, key: str | None, body: Any, verb: Callable[[], Answer]) -> Answer:
    """Run `verb` unless this user has done so with this key; its answer either way. Without a key it just runs.

    The key is written first, so that of two requests at once the second waits for the first to be committed; a request
    that is refused leaves no key.

    Raises:
        Conflict: IDEMPOTENCY_KEY_REUSED, the key came with another body before.
    """
    if not key:
        return verb()
    digest = hashlib.sha256(json.dumps(body, sort_keys=True, default=str).encode()).hexdigest()
    kept = audit.idempotency
    mine = (kept.c.user_id == ctx.viewer.user_id) & (kept.c.key == key)
    taken = ctx.session.execute(
        insert(kept)
        .values(user_id=ctx.viewer.user_id, key=key, body_hash=digest)
        .on_conflict_do_nothing()
        .returning(kept.c.key)
    ).scalar_one_or_none()
    if taken is None:
        earlier = ctx.session.execute(select(kept.c.body_hash, kept.c.answer).where(mine)).one()
        if earlier.body_hash != digest or earlier.answer is None:
            raise Conflict(_reused())
        found: Answer = earlier.answer
        return found
    answer = verb()
    ctx.session.execute(update(kept).where(mine).values(answer=answer))
    return answer


def _reused() -> Problem:
    return problem(
        "IDEMPOTENCY_KEY_REUSED",
        "该幂等键已用于另一个请求。",
        "This idempotency key was used for another request.",
        "idempotencyKey",
        hint=("请换一个新的键。", "Use a new key."),
    )


def problem_to_json(found: Problem) -> Answer:
    """A problem as it is kept; the figures of `data` stay behind."""
    hint = list(found.hint) if found.hint else None
    return {"code": found.code, "message": list(found.message), "path": list(found.path), "hint": hint}


def problem_from_json(kept: Answer) -> Problem:
    """The problem that was kept."""
    hint = Label(*kept["hint"]) if kept["hint"] else None
    return Problem(kept["code"], Label(*kept["message"]), tuple(kept["path"]), hint)
