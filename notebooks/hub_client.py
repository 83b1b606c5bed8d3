"""The analysts' way into the hub: ask GraphQL over HTTP, get a dictionary, pages or an exact table.

Knows the hub by its address and a token file only, never by import, so it also runs on an analyst's own machine.
What goes wrong is one sentence in Chinese and one in English, also inside a notebook.
"""

from __future__ import annotations

import json
import os
from collections.abc import Iterator
from decimal import Decimal
from functools import cached_property
from pathlib import Path
from typing import Any, Self

import httpx
import pandas as pd

from notebooks.answers import Answer, AnswerTypes
from notebooks.problems import HubProblem

Row = dict[str, Any]
"""One node of an answer, keys as the document spells them."""

DEFAULT_URL = "http://127.0.0.1:8000"
TIMEOUT_SECONDS = 60.0
TIME_ZONE = "Asia/Shanghai"
_LOOPBACK = {"127.0.0.1", "localhost", "::1"}


class Hub:
    """A connection to one hub as one user; what the user may not see is not in the answers."""

    def __init__(self, url: str, token: str, *, time_zone: str = TIME_ZONE) -> None:
        self.url = url.rstrip("/")
        self.time_zone = time_zone
        own_machine = httpx.URL(self.url).host in _LOOPBACK  # a proxy of the company does not know it
        headers = {"Authorization": f"Bearer {token}", "Content-Type": "application/json"}
        self._http = httpx.Client(
            base_url=self.url, headers=headers, timeout=TIMEOUT_SECONDS, trust_env=not own_machine
        )

    def __repr__(self) -> str:
        return f"Hub({self.url!r})"

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    @classmethod
    def connect(cls, url: str | None = None, token_file: str | Path | None = None) -> Self:
        """The hub at `url` with the token in `token_file`; the platform names both in HUB_URL and HUB_TOKEN_FILE.

        Raises:
            HubProblem: no token, a token that is not accepted, or no hub there.
        """
        named = token_file or os.environ.get("HUB_TOKEN_FILE")
        if not named:
            raise HubProblem(
                "没有访问令牌：请把环境变量 HUB_TOKEN_FILE 设为令牌文件的路径（令牌由 hub token --as 用户 生成）。",
                "There is no token: set HUB_TOKEN_FILE to a file with one (made by hub token --as USER).",
            )
        hub = cls(url or os.environ.get("HUB_URL") or DEFAULT_URL, _token_in(Path(named)))
        try:
            hub.query("{ __typename }")
        except HubProblem:
            hub.close()
            raise
        return hub

    def close(self) -> None:
        """Give the connection back; in a notebook the end of the kernel does it."""
        self._http.close()

    def query(self, document: str, **variables: Any) -> dict[str, Any]:
        """The `data` of the answer. Numbers are exact: decimals come as strings, JSON fractions as Decimal.

        Raises:
            HubProblem: the hub is not reached, or refuses; with its own sentence.
        """
        body = json.dumps({"query": document, "variables": variables}, default=str)
        try:
            answered = self._http.post("/graphql", content=body)
        except httpx.TimeoutException as error:
            raise HubProblem(
                f"枢纽 {self.url} 在 {TIMEOUT_SECONDS:.0f} 秒内没有回答；请缩小查询。",
                f"The hub at {self.url} did not answer within {TIMEOUT_SECONDS:.0f} seconds; ask for less.",
            ) from error
        except (httpx.HTTPError, httpx.InvalidURL) as error:
            raise HubProblem(
                f"连接不到枢纽 {self.url}；请确认它在运行、地址正确。",
                f"The hub at {self.url} cannot be reached; is it running, is the address right?",
            ) from error
        return self._data_of(answered)

    def pages(self, document: str, *, root: str | None = None, **variables: Any) -> Iterator[list[Row]]:
        """The nodes of a list, page after page until its end.

        The document takes `$after: String` and selects `nodes` and `pageInfo { hasNextPage endCursor }`. `root` is
        the list's key in the answer; needed only when the document asks for more than one thing. Something that
        is no list comes as one page of one row, or none.

        Raises:
            HubProblem: as `query`, or the document cannot be paged although more rows exist.
        """
        after: str | None = None
        while True:
            answer = self.query(document, **variables, **({"after": after} if after else {}))
            found = answer[_root_of(answer, root)]
            if not isinstance(found, dict) or "nodes" not in found:
                yield _as_rows(found)
                return
            yield found["nodes"]
            after = _next_page(found, document)
            if after is None:
                return

    def frame(self, document: str, *, path: str | None = None, **variables: Any) -> pd.DataFrame:
        """A table of a list, all pages of it.

        `path` names the list: "salesOrders" gives a row per order, "salesOrders.lines" a row per line with its
        order's columns beside it (an order without lines has none). Linked documents become columns such as
        "customer.name". Decimal columns hold exact `Decimal` objects: turn them into float only to draw. Dates are
        datetime64, moments carry the hub's time zone. Without rows the columns are there all the same.

        Raises:
            HubProblem: as `pages`, or the answer has no such path.
        """
        root, *below = path.split(".") if path else [None]
        answer = Answer(document, self._types, root, [part for part in below if part])
        pages = self.pages(document, root=answer.root, **variables)
        return answer.frame((row for page in pages for row in page), self.time_zone)

    @cached_property
    def _types(self) -> AnswerTypes:
        return AnswerTypes.of_introspection(self.query(AnswerTypes.INTROSPECTION))

    def _data_of(self, answered: httpx.Response) -> dict[str, Any]:
        if answered.status_code == httpx.codes.UNAUTHORIZED:
            raise HubProblem(
                f"枢纽 {self.url} 不接受这个令牌：无效或已过期。",
                f"The hub at {self.url} does not accept this token: it is invalid or has expired.",
            )
        try:
            body = json.loads(answered.text, parse_float=Decimal)
        except ValueError:
            body = None
        if not isinstance(body, dict) or not body.keys() & {"data", "errors", "problems"}:
            raise HubProblem(
                f"{self.url} 的回答看不懂（HTTP {answered.status_code}）；这是枢纽的地址吗？",
                f"The answer of {self.url} makes no sense (HTTP {answered.status_code}); is this the hub's address?",
            )
        refused = [str(one.get("message", one)) for one in body.get("errors") or body.get("problems") or []]
        if refused:
            said = " ".join(refused)
            raise HubProblem(f"枢纽没有回答这个查询：{said}", f"The hub did not answer this query: {said}")
        data: dict[str, Any] = body["data"]
        return data


def _token_in(file: Path) -> str:
    """The token a file holds."""
    try:
        token = file.read_text(encoding="utf-8").strip()
    except (OSError, UnicodeDecodeError) as error:
        raise HubProblem(f"读不到令牌文件 {file}。", f"The token file {file} cannot be read.") from error
    if not token or not token.isascii() or any(character.isspace() for character in token):
        raise HubProblem(f"令牌文件 {file} 里没有令牌。", f"The token file {file} holds no token.")
    return token


def _root_of(answer: dict[str, Any], root: str | None) -> str:
    """The key to follow: the one named, else the only one."""
    if root is not None and root in answer:
        return root
    if root is None and len(answer) == 1:
        return next(iter(answer))
    keys = ", ".join(answer)
    raise HubProblem(f"请指明要取答案中的哪一项：{keys}。", f"Say which part of the answer is wanted, one of: {keys}.")


def _as_rows(found: Any) -> list[Row]:
    if found is None:
        return []
    return found if isinstance(found, list) else [found]


def _next_page(found: dict[str, Any], document: str) -> str | None:
    """The cursor of the next page, None at the end. A list that may have been cut off is never taken for the whole."""
    info = found.get("pageInfo")
    if not isinstance(info, dict) or "hasNextPage" not in info:
        raise HubProblem(
            "列表可能不止一页：请在查询中加上 pageInfo { hasNextPage endCursor }。",
            "The list may have more pages: add pageInfo { hasNextPage endCursor } to the query.",
        )
    if not info["hasNextPage"]:
        return None
    if "$after" not in document or not info.get("endCursor"):
        raise HubProblem(
            "列表不止一页：请让查询接受 $after: String，以 after: $after 传给列表，并选取 endCursor。",
            "The list has more pages: let the query take $after: String, pass after: $after to the list, "
            "and select endCursor.",
        )
    return str(info["endCursor"])
