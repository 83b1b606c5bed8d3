"""What PostgreSQL's own functions refuse, told as the hub tells it.

A function of ours raises SQLSTATE HU002 with a JSON list of problems in its detail: code, both sentences, data. So the
last wall speaks as clearly as the code before it, also when rows come over a path that knows no business.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import contextmanager

import psycopg
from sqlalchemy.exc import DBAPIError

from hub.errors import Refused, problem

REFUSED_CODE = "HU002"


def refusal(error: BaseException) -> Refused | None:
    """The refusal that an error of the database carries, or None when it is another error."""
    original = error.orig if isinstance(error, DBAPIError) else error
    if not isinstance(original, psycopg.Error) or original.sqlstate != REFUSED_CODE:
        return None
    found = json.loads(original.diag.message_detail or "[]")
    return Refused(problem(one["code"], one["chinese"], one["english"], **one.get("data", {})) for one in found)


@contextmanager
def told() -> Iterator[None]:
    """Run statements; what a wall refuses is raised as Refused with its problems."""
    try:
        yield
    except (DBAPIError, psycopg.Error) as error:
        refused = refusal(error)
        if refused is None:
            raise
        raise refused from error
