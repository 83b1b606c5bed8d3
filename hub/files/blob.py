"""The form of one stored file: a header, then chunks, each AES-GCM under a key of this file's own.

Chunks bear their place in the nonce and the last one its being last, so none can be left out, moved or repeated; the
last is also bound to the content's SHA-256, so one file cannot stand in for another. Only a chunk is held in memory.
"""

from __future__ import annotations

import hashlib
import secrets
from collections.abc import Iterator
from typing import BinaryIO

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from hub import ciphers
from hub.errors import Unavailable, problem

CHUNK = 1 << 20
"""Plain bytes of a chunk; only the last has fewer, and is there even when it has none."""
_MAGIC = b"HUBF1"
_SALT, _TAG = 16, 16
HEADER = len(_MAGIC) + 8 + _SALT


def damaged() -> Unavailable:
    """FILE_DAMAGED: a stored file is not what was stored."""
    return Unavailable(
        problem(
            "FILE_DAMAGED",
            "附件内容已损坏或被改动，请从备份恢复。",
            "The content of this attachment is damaged or was tampered with; restore it from a backup.",
        )
    )


class Writer:
    """Encrypts what is added into an open file; `size` and `sha256` are of the plain content."""

    def __init__(self, file: BinaryIO, company: str) -> None:
        self._file, self.size, self._count = file, 0, 0
        self._hash = hashlib.sha256()
        self._pending = bytearray()
        current = ciphers.ring().current
        self._header = _MAGIC + current.encode() + secrets.token_bytes(_SALT)
        self._cipher = _cipher(self._header)
        self._bound = self._header + company.encode()
        file.write(self._header)

    def add(self, data: bytes) -> None:
        """Take more of the content."""
        self.size += len(data)
        self._hash.update(data)
        self._pending += data
        while len(self._pending) > CHUNK:  # what is full waits for a successor: the last chunk is marked
            self._put(bytes(self._pending[:CHUNK]), self._bound, last=False)
            del self._pending[:CHUNK]

    def finish(self) -> str:
        """Write the last chunk; returns the content's SHA-256 in hexadecimal."""
        found = self._hash.hexdigest()
        self._put(bytes(self._pending), self._bound + found.encode(), last=True)
        return found

    def _put(self, plain: bytes, bound: bytes, *, last: bool) -> None:
        self._file.write(self._cipher.encrypt(_nonce(self._count, last=last), plain, bound))
        self._count += 1


def sealed_with(file: BinaryIO) -> str:
    """The id of the key that a stored file was sealed with; the file is at its beginning again."""
    header = file.read(HEADER)
    file.seek(0)
    if len(header) != HEADER or not header.startswith(_MAGIC):
        raise damaged()
    return _key_id(header)


def stored_size(size: int) -> int:
    """The bytes that a content of this size takes when it is stored."""
    chunks = max(1, -(-size // CHUNK))
    return HEADER + size + chunks * _TAG


def read(
    file: BinaryIO, company: str, sha256: str, size: int, start: int = 0, end: int | None = None
) -> Iterator[bytes]:
    """The plain bytes from `start` up to `end`, piece by piece; FILE_DAMAGED as soon as a chunk is not what it was."""
    end = size if end is None else end
    header = file.read(HEADER)
    if len(header) != HEADER or not header.startswith(_MAGIC):
        raise damaged()
    cipher, bound = _cipher(header), header + company.encode()
    last = max(0, (size - 1) // CHUNK)
    first = min(start // CHUNK, last)
    file.seek(HEADER + first * (CHUNK + _TAG))
    for index in range(first, last + 1):
        plain = _open(cipher, file.read(CHUNK + _TAG), index, bound + (sha256.encode() if index == last else b""), last)
        if index == last and (index * CHUNK + len(plain) != size or file.read(1)):
            raise damaged()
        offset = index * CHUNK
        if piece := plain[max(0, start - offset) : max(0, end - offset)]:
            yield piece
        if end <= offset + CHUNK:
            return


def _open(cipher: AESGCM, stored: bytes, index: int, bound: bytes, last: int) -> bytes:
    try:
        return cipher.decrypt(_nonce(index, last=index == last), stored, bound)
    except (InvalidTag, ValueError) as error:
        raise damaged() from error


def _cipher(header: bytes) -> AESGCM:
    return AESGCM(ciphers.key_of(_key_id(header), "file", header[-_SALT:]))


def _key_id(header: bytes) -> str:
    try:
        return header[len(_MAGIC) : len(_MAGIC) + 8].decode()
    except UnicodeDecodeError as error:
        raise damaged() from error


def _nonce(index: int, *, last: bool) -> bytes:
    return index.to_bytes(11, "big") + (b"\x01" if last else b"\x00")
