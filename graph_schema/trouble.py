"""Errors as GraphQL shows them: a code, one sentence in the reader's language, and never an inside of ours.

What nobody foresaw is logged with a reference and shown as that reference only.
"""

from __future__ import annotations

import logging
import secrets
from collections.abc import Iterable, Sequence
from typing import Any

import psycopg
from graphql import GraphQLError
from psycopg_pool import PoolClosed, PoolTimeout
from sqlalchemy.exc import DBAPIError

from hub.errors import HubError, Invalid, Problem, Unavailable, problem

log = logging.getLogger("hub.graphql")

Error = dict[str, Any]
"""An entry of the response's `errors`."""

MOST_DETAIL = 300
"""Characters of GraphQL's own words that are passed on: they quote the request, which may be long."""
_WORDS = {
    "GRAPHQL_PARSE_FAILED": ("查询语法有误", "The document cannot be parsed."),
    "GRAPHQL_VALIDATION_FAILED": ("查询不符合接口的定义", "The document does not fit the schema."),
}


class Faulty(Exception):
    """A document that cannot be executed at all; carries GraphQL's own errors."""

    def __init__(self, errors: list[GraphQLError]) -> None:
        super().__init__(errors[0].message)
        self.errors = errors

    def shown(self, language: str, *, detailed: bool) -> list[Error]:
        """The entries; without detail for whom the schema is closed."""
        return [of_graphql(error, language, detailed=detailed) for error in self.errors]


def shown(error: BaseException, language: str, path: Sequence[str | int] = ()) -> list[Error]:
    """The entries for whatever went wrong."""
    if isinstance(error, GraphQLError) and (error.original_error is None or error.extensions):
        return [of_graphql(error, language)]
    if isinstance(error, GraphQLError) and error.original_error is not None:
        return shown(error.original_error, language, error.path or path)
    known = error if isinstance(error, HubError) else understood(error)
    return [of_problem(one, language, path) for one in known.problems]


def of_problem(found: Problem, language: str, path: Sequence[str | int] = ()) -> Error:
    """A problem of ours as an entry."""
    extensions: dict[str, Any] = {"code": found.code}
    if found.path:
        extensions["path"] = list(found.path)
    if found.hint is not None:
        extensions["hint"] = found.hint.in_language(language)
    entry: Error = {"message": found.message.in_language(language), "extensions": extensions}
    return entry | ({"path": list(path)} if path else {})


def of_graphql(error: GraphQLError, language: str, *, detailed: bool = True) -> Error:
    """An error of the language itself: syntax, an unknown field, a value of the wrong type.

    Without detail nothing of the schema is told; an error of the syntax quotes the request only.
    """
    syntax = error.message.startswith("Syntax Error")
    code = (error.extensions or {}).get("code") or ("GRAPHQL_PARSE_FAILED" if syntax else "GRAPHQL_VALIDATION_FAILED")
    detail = error.message if len(error.message) <= MOST_DETAIL else f"{error.message[:MOST_DETAIL]}…"
    chinese, english = _WORDS.get(code, _WORDS["GRAPHQL_VALIDATION_FAILED"])
    if detailed or syntax:
        message = detail if language.startswith("en") else f"{chinese}：{detail}"
    else:
        message = english if language.startswith("en") else f"{chinese}。"
    return {**error.formatted, "message": message, "extensions": {**(error.extensions or {}), "code": code}}


def understood(error: BaseException) -> HubError:
    """What the database or the pool had to say, as one of our errors; anything else only by its reference."""
    original = error.orig if isinstance(error, DBAPIError) else error
    if isinstance(original, psycopg.errors.QueryCanceled):
        return Unavailable(
            problem(
                "QUERY_TIMEOUT",
                "查询用时过长，已被中止；请缩小范围。",
                "The query took too long and was stopped; ask for less.",
            )
        )
    if isinstance(original, RecursionError | psycopg.errors.ProgramLimitExceeded | psycopg.errors.StatementTooComplex):
        return Invalid(problem("DEPTH_EXCEEDED", "请求嵌套过深。", "The request is nested too deeply."))
    if isinstance(original, psycopg.DataError | UnicodeError):
        return Invalid(problem("VALUE_INVALID", "有一个值不符合字段的要求。", "A value does not fit its field."))
    if isinstance(original, PoolTimeout | PoolClosed | psycopg.OperationalError):
        log.warning("database not reachable: %s", original)
        return Unavailable(
            problem("UNAVAILABLE", "数据库暂时不可用，请稍后再试。", "The database cannot be reached; try again soon.")
        )
    reference = secrets.token_hex(4)
    log.error("internal error %s", reference, exc_info=error)
    return Unavailable(
        problem(
            "INTERNAL", f"内部错误，编号 {reference}。", f"Internal error, reference {reference}.", reference=reference
        )
    )


def all_shown(errors: Iterable[BaseException], language: str) -> list[Error]:
    """The entries of several errors."""
    return [entry for error in errors for entry in shown(error, language)]
