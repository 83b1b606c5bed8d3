"""The stored form of contents: any bytes come back, nothing changed is taken for what it was, memory stays flat."""

from __future__ import annotations

import hashlib
import io
import tracemalloc
from collections.abc import Callable
from pathlib import Path
from unittest.mock import patch

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from hub.errors import HubError
from hub.files import blob

COMPANY = "0199-company"


def stored(content: bytes, chunk: int = blob.CHUNK, company: str = COMPANY) -> tuple[bytes, str]:
    file = io.BytesIO()
    with patch.object(blob, "CHUNK", chunk):
        writer = blob.Writer(file, company)
        for start in range(0, len(content), 7):
            writer.add(content[start : start + 7])
        sha256 = writer.finish()
    assert (sha256, writer.size) == (hashlib.sha256(content).hexdigest(), len(content))
    return file.getvalue(), sha256


def read(raw: bytes, sha256: str, size: int, chunk: int, *ends: int, company: str = COMPANY) -> bytes:
    with patch.object(blob, "CHUNK", chunk):
        return b"".join(blob.read(io.BytesIO(raw), company, sha256, size, *ends))


@given(st.binary(max_size=200), st.integers(1, 64), st.integers(0, 200), st.integers(0, 200))
def test_any_bytes_come_back_whole_and_in_part(content: bytes, chunk: int, one: int, other: int) -> None:
    raw, sha256 = stored(content, chunk)
    with patch.object(blob, "CHUNK", chunk):
        assert len(raw) == blob.stored_size(len(content))
    assert read(raw, sha256, len(content), chunk) == content
    start, end = sorted((min(one, len(content)), min(other, len(content))))
    assert read(raw, sha256, len(content), chunk, start, end) == content[start:end]
    assert len(content) < 16 or content not in raw


@settings(max_examples=200)
@given(st.data(), st.binary(min_size=1, max_size=120), st.integers(1, 40))
def test_whatever_is_changed_is_noticed(data: st.DataObject, content: bytes, chunk: int) -> None:
    raw, sha256 = stored(content, chunk)
    part = chunk + 16
    body = [raw[blob.HEADER + at : blob.HEADER + at + part] for at in range(0, len(raw) - blob.HEADER, part)]
    place = data.draw(st.integers(0, len(raw) - 1))
    wrong = {
        "bit": raw[:place] + bytes([raw[place] ^ (1 << data.draw(st.integers(0, 7)))]) + raw[place + 1 :],
        "short": raw[: data.draw(st.integers(0, len(raw) - 1))],
        "long": raw + b"\0",
        "without the last": raw[: blob.HEADER] + b"".join(body[:-1]),
        "repeated": raw + body[-1],
        "other": stored(content[:-1] + bytes([content[-1] ^ 1]), chunk)[0],
        "neighbour's": stored(content, chunk, "another company")[0],
    }
    if len(body) > 2:
        wrong["moved"] = raw[: blob.HEADER] + b"".join([body[1], body[0], *body[2:]])
    for changed in wrong.values():
        with pytest.raises(HubError):
            read(changed, sha256, len(content), chunk)


def test_large_contents_take_a_few_chunks_of_memory(
    tmp_path: Path, home: Path, proof_count: Callable[[int, int], int]
) -> None:
    megabytes, piece = proof_count(24, 200), b"\x5a" * (1 << 18)
    assert home.exists()
    tracemalloc.start()
    try:
        with (tmp_path / "large").open("wb") as file:
            writer = blob.Writer(file, COMPANY)
            for _ in range(megabytes * 4):
                writer.add(piece)
            sha256 = writer.finish()
        with (tmp_path / "large").open("rb") as file:
            size = sum(len(one) for one in blob.read(file, COMPANY, sha256, writer.size))
        _, most = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert size == writer.size == megabytes << 20
    assert most < 8 << 20
