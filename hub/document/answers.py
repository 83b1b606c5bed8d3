"""The answers to requests that came with an idempotency key: kept with what they tell of, given again when asked again.

What is kept is the outcome (ids, counts, the problems of single rows), not the text that was sent: documents are read
anew, with the rights of that moment.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable
from typing import Any

from hub.context import Ctx
from hub.document import direct
from hub.errors import Conflict, Problem, problem
from hub.words import Label

Answer = dict[str, Any]
"""JSON: {"id": …} of one document, {"rows": […]} of many, the figures of a load."""
_TAKE = b"""INSERT INTO audit.idempotency (user_id, key, body_hash) VALUES ($1, $2, $3)
  ON CONFLICT DO NOTHING RETURNING true"""
_EARLIER = b"SELECT body_hash, answer FROM audit.idempotency WHERE user_id = $1 AND key = $2"


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
    mine = [ctx.viewer.user_id, key]
    if not direct.run(ctx.session, _TAKE, [*mine, digest]):
        [(body_hash, answer)] = direct.run(ctx.session, _EARLIER, mine)
        found: Answer | None = answer or ctx.answers.get(key)
        if body_hash != digest or found is None:
            raise Conflict(_reused())
        return found
    ctx.answers[key] = given = verb()
    return given


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
