"""A GraphQL request as it came: read from a body, from the query of a GET, or from a socket's message.

A request names its document by its text or by the hash under which it was registered: `documentId` as the
GraphQL-over-HTTP specification's appendix has it, `extensions.persistedQuery` as Apollo's clients send it.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

from starlette.requests import HTTPConnection, Request

from hub.errors import Forbidden, Invalid, NotFound, problem
from hub.trusted_documents import TrustedDocuments, hash_of

MAX_BODY = 2_000_000
MAX_BATCH = 20
_HASH = re.compile(r"[0-9a-f]{64}")
_UTF8 = re.compile(r'(?:.*;)?\s*charset\s*=\s*"?utf-?8"?\s*(?:;.*)?', re.IGNORECASE)


@dataclass(frozen=True)
class Asked:
    """One operation asked for: by its text, by the hash of a registered document, or by both."""

    document: str | None
    variables: dict[str, Any]
    operation_name: str | None
    hash: str | None = None


class Unreadable(Exception):
    """The request is no GraphQL request; carries the HTTP status, a code and both sentences."""

    def __init__(self, status: int, chinese: str, english: str, code: str = "BAD_REQUEST") -> None:
        super().__init__(english)
        self.status, self.sentence, self.code = status, f"{chinese} {english}", code


async def read_body(request: Request) -> Any:
    """The JSON of a POST; Unreadable 400, 413 or 415."""
    media, _, parameters = request.headers.get("content-type", "").partition(";")
    if media.strip().lower() != "application/json":
        raise Unreadable(415, "请求须为 application/json。", "Send the request as application/json.")
    if "charset" in parameters.lower() and not _UTF8.fullmatch(parameters):
        raise Unreadable(415, "请求须以 UTF-8 编码。", "Send the request in UTF-8.")
    body = bytearray()
    async for chunk in request.stream():
        body += chunk
        if len(body) > MAX_BODY:
            raise Unreadable(413, "请求过大。", f"The request is larger than {MAX_BODY} bytes.")
    return _json(body, "请求不是有效的 JSON。", "The request is no valid JSON.")


def read_query(request: Request) -> Asked | None:
    """The operation that the address of a GET asks for; None when it asks for none."""
    given: dict[str, Any] = dict(request.query_params)
    for name in ("variables", "extensions"):
        if given.get(name):
            given[name] = _json(given[name], f"{name} 不是有效的 JSON。", f"`{name}` is no valid JSON.")
        else:
            given.pop(name, None)
    return read_request(given) if {"query", "documentId", "extensions"} & given.keys() else None


def _json(text: str | bytearray, chinese: str, english: str) -> Any:
    try:
        return json.loads(text if isinstance(text, str) else text.decode())  # told the encoding, json need not guess
    except (ValueError, RecursionError) as error:
        raise Unreadable(400, chinese, english) from error


def read_request(content: Any) -> Asked:
    """A request from its JSON; Unreadable when a part is missing or has the wrong type."""
    if not isinstance(content, dict):
        raise Unreadable(400, "请求须为对象。", "The request must be an object.")
    document, variables, name = content.get("query"), content.get("variables"), content.get("operationName")
    if document is not None and not isinstance(document, str):
        raise Unreadable(400, "query 须为文本。", "`query` must be a text.")
    if variables is not None and not isinstance(variables, dict):
        raise Unreadable(400, "variables 须为对象。", "`variables` must be an object.")
    if name is not None and not isinstance(name, str):
        raise Unreadable(400, "operationName 须为文本。", "`operationName` must be a text.")
    extensions = content.get("extensions")
    if extensions is not None and not isinstance(extensions, dict):
        raise Unreadable(400, "extensions 须为对象。", "`extensions` must be an object.")
    hash_ = _hash(content.get("documentId"), extensions)
    if document is None and hash_ is None:
        raise Unreadable(400, "缺少 query。", "The request must have the text `query` or a `documentId`.")
    return Asked(document, variables or {}, name, hash_)


def _hash(document_id: Any, extensions: Mapping[str, Any] | None) -> str | None:
    """The hash a request names, without its prefix."""
    if document_id is None:
        persisted = (extensions or {}).get("persistedQuery")
        if persisted is None:
            return None
        document_id = persisted.get("sha256Hash") if isinstance(persisted, dict) else persisted
    found = document_id.removeprefix("sha256:").lower() if isinstance(document_id, str) else ""
    if not _HASH.fullmatch(found):
        raise Unreadable(
            400, "文档标识须为 sha256: 加 64 位十六进制。", "A document's id is `sha256:` and 64 hexadecimal digits."
        )
    return found


async def text_of(asked: Asked, trusted: TrustedDocuments, *, only: bool) -> str:
    """The document's text.

    Args:
        asked: the request.
        trusted: the registered documents.
        only: whether nothing but registered documents runs.

    Raises:
        NotFound: PERSISTED_QUERY_NOT_FOUND; nothing is registered under the hash.
        Invalid: HASH_MISMATCH; the text has another hash than was named.
        Forbidden: DOCUMENT_NOT_TRUSTED; the text is not registered, and nothing else runs.
    """
    if asked.document is None:
        found = await trusted.find(asked.hash or "")
        if found is None:
            raise NotFound(
                problem("PERSISTED_QUERY_NOT_FOUND", "没有登记过这个文档。", "No document is registered under this id.")
            )
        return found
    if asked.hash is not None and hash_of(asked.document) != asked.hash:
        raise Invalid(
            problem("HASH_MISMATCH", "文档与其散列不符。", "The document does not have the hash it came with.")
        )
    if only and await trusted.find(hash_of(asked.document)) is None:
        raise Forbidden(
            problem(
                "DOCUMENT_NOT_TRUSTED",
                "只能执行已登记的文档。",
                "Only registered documents run here; register it with `hub documents register`.",
            )
        )
    return asked.document


def from_elsewhere(connection: HTTPConnection) -> bool:
    """Whether a page of somebody else makes this request: it must not use the visitor's cookie."""
    site = connection.headers.get("sec-fetch-site")
    if site is not None:
        return site not in ("same-origin", "none")
    origin = connection.headers.get("origin")
    return origin is not None and urlsplit(origin).netloc != connection.headers.get("host")
