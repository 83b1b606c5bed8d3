"""AES-GCM for what is stored: column values and the pieces of files, with the key's id beside each ciphertext.

The keys themselves come from whoever calls `keys_from` (hub.keys: the secret store). A value is bound to its column,
so a ciphertext copied elsewhere does not open; a keyed hash beside it lets equal values be found without opening any.
"""

from __future__ import annotations

import base64
import binascii
import hmac
import json
import re
import secrets
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import lru_cache

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from hub.errors import Unavailable, problem

OPENING, CLOSING = "\x01", "\x02"
"""What a ciphertext stands between in an answer on its way out: PostgreSQL escapes these in everybody's texts."""
MARK = "~1"
"""How a sealed value begins: ~1:<key id>:<keyed hash>:<nonce and ciphertext>."""
SEALED = r"^~1:[0-9a-f]{8}:[A-Za-z0-9_-]{22}:[A-Za-z0-9_-]{38,}$"
"""The form of a sealed value as a regular expression, for PostgreSQL and Python alike."""
_BETWEEN = re.compile(b"\x01([^\x02]*)\x02")
_NONCE = 12


@dataclass(frozen=True)
class Ring:
    """The keys of this installation by id, the one that is used for what is new, and the key of the hashes."""

    current: str
    keys: Mapping[str, bytes]
    hashing: bytes


_source: list[Callable[[], Ring]] = []


def keys_from(source: Callable[[], Ring]) -> None:
    """Say where the keys are. Asked at each use, so that a rotation by another process is seen."""
    _source[:] = [source]


def ring() -> Ring:
    """The keys of now; Unavailable KEYS_MISSING in a process that was not told where they are."""
    if not _source:
        raise Unavailable(problem("KEYS_MISSING", "没有可用的加密密钥。", "There are no keys to open or seal with."))
    return _source[0]()


def key_of(key_id: str, purpose: str, salt: bytes = b"") -> bytes:
    """The key for a purpose, made from the master key of that id; Unavailable KEY_UNKNOWN."""
    master = ring().keys.get(key_id)
    if master is None:
        raise Unavailable(
            problem(
                "KEY_UNKNOWN",
                f"缺少加密密钥 {key_id}，请从备份恢复 secrets.json。",
                f"The key {key_id} is missing; restore secrets.json from the backup.",
            )
        )
    return _derived(master, purpose, salt)


@lru_cache(maxsize=200)
def _derived(master: bytes, purpose: str, salt: bytes) -> bytes:
    return HKDF(SHA256(), 32, salt or None, purpose.encode()).derive(master)


def seal(place: str, text: str) -> str:
    """The stored form of a value of the column `place` (employee.id_number)."""
    current = ring().current
    nonce = secrets.token_bytes(_NONCE)
    content = AESGCM(key_of(current, "column")).encrypt(nonce, text.encode(), place.encode())
    return f"{MARK}:{current}:{digest(place, text)}:{_text(nonce + content)}"


def opened(place: str, stored: str) -> str:
    """The value; Unavailable SEAL_BROKEN when it was changed, is of another column, or its key is not here."""
    try:
        mark, key_id, hashed, content = stored.split(":")
        raw = base64.urlsafe_b64decode(content + "=" * (-len(content) % 4))
        value = AESGCM(key_of(key_id, "column")).decrypt(raw[:_NONCE], raw[_NONCE:], place.encode()).decode()
    except (ValueError, InvalidTag, binascii.Error) as error:
        raise _broken(place) from error
    if mark != MARK or not hmac.compare_digest(hashed, digest(place, value)):
        raise _broken(place)
    return value


def digest(place: str, text: str) -> str:
    """The keyed hash by which equal values of a column are found: 128 bits, URL-safe."""
    return _text(hmac.digest(ring().hashing, f"{place}\0{text}".encode(), "sha256")[:16])


def is_sealed(stored: str) -> bool:
    """Whether a text has the form of a sealed value."""
    return re.match(SEALED, stored) is not None


def opened_answer(answer: bytes) -> bytes:
    """An answer's JSON with each ciphertext, `<place>=<stored>` between the two marks, replaced by its value."""

    def value(found: re.Match[bytes]) -> bytes:
        place, _, stored = found[1].decode().partition("=")
        return json.dumps(opened(place, stored), ensure_ascii=False)[1:-1].encode(errors="replace")

    return _BETWEEN.sub(value, answer)


def _broken(place: str) -> Unavailable:
    return Unavailable(
        problem(
            "SEAL_BROKEN",
            f"加密的值 {place} 已损坏或被改动，无法读取。",
            f"An encrypted value of {place} is damaged or was tampered with; it cannot be read.",
        )
    )


def _text(raw: bytes) -> str:
    return base64.urlsafe_b64encode(raw).rstrip(b"=").decode()
