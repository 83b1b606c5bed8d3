"""QR codes read back: format, mask, blocks and correction by a plain reader that knows only the standard's layout."""

from __future__ import annotations

from collections.abc import Iterator
from functools import reduce
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from hub.rules.qr import Matrix, correction, matrix_of, svg_of

BLOCKS = {1: (10, [16]), 2: (16, [28]), 3: (26, [44]), 4: (18, [32, 32]), 5: (24, [43, 43]), 6: (16, [27] * 4)}
BLOCKS |= {7: (18, [31] * 4), 8: (22, [38, 38, 39, 39]), 9: (22, [36] * 3 + [37] * 2), 10: (26, [43] * 4 + [44])}
ALIGNED = {1: [], 2: [18], 3: [22], 4: [26], 5: [30], 6: [34], 7: [22, 38], 8: [24, 42], 9: [26, 46], 10: [28, 50]}
FORMATS = ["101010000010010", "101000100100101", "101111001111100", "101101101001011"]
FORMATS += ["100010111111001", "100000011001110", "100111110010111", "100101010100000"]
"""The fifteen bits of level M with masks 0 to 7, as the standard's table has them."""
FINDER = [[1] * 7, [1, 0, 0, 0, 0, 0, 1], *[[1, 0, 1, 1, 1, 0, 1]] * 3, [1, 0, 0, 0, 0, 0, 1], [1] * 7]
CONDITIONS = [
    "(i + j) % 2",
    "i % 2",
    "j % 3",
    "(i + j) % 3",
    "(i // 2 + j // 3) % 2",
    "(i * j) % 2 + (i * j) % 3",
    "((i * j) % 2 + (i * j) % 3) % 2",
    "((i + j) % 2 + (i * j) % 3) % 2",
]


def times(one: int, other: int) -> int:
    """The product in GF(256), bit by bit."""
    found = 0
    for at in range(8):
        if other >> at & 1:
            found ^= one << at
    for at in range(14, 7, -1):
        if found >> at & 1:
            found ^= 0x11D << (at - 8)
    return found


def is_sound(block: list[int], length: int) -> bool:
    """Whether the polynomial of a block is zero at every power of 2 that its correction was made of."""
    root = 1
    for _ in range(length):
        if reduce(lambda sum_, one, root=root: times(sum_, root) ^ one, block, 0):  # type: ignore[misc]
            return False
        root = times(root, 2)
    return True


def functional(size: int, version: int) -> set[tuple[int, int]]:
    """The places that hold no bits of the text."""
    places = {(r, c) for r in range(9) for c in range(9)}
    places |= {(r, c) for r in range(9) for c in range(size - 8, size)}
    places |= {(c, r) for r in range(9) for c in range(size - 8, size)}
    places |= {(6, at) for at in range(size)} | {(at, 6) for at in range(size)}
    last = size - 7
    centres = [(r, c) for r in [6, *ALIGNED[version]] for c in [6, *ALIGNED[version]]]
    for r, c in centres:
        if (r, c) not in ((6, 6), (6, last), (last, 6)):
            places |= {(r + down, c + right) for down in range(-2, 3) for right in range(-2, 3)}
    if version >= 7:
        places |= {(r, c) for r in range(6) for c in range(size - 11, size - 8)}
        places |= {(c, r) for r in range(6) for c in range(size - 11, size - 8)}
    return places


def modules(matrix: Matrix, taken: set[tuple[int, int]], condition: Any) -> Iterator[int]:
    """The bits of the text without their mask: two columns at a time from the right, up and down in turns."""
    size = len(matrix)
    column, upward = size - 1, True
    while column > 0:
        column -= column == 6
        for row in range(size - 1, -1, -1) if upward else range(size):
            for c in (column, column - 1):
                if (row, c) not in taken:
                    yield matrix[row][c] ^ (eval(condition, {"i": row, "j": c}) == 0)  # noqa: S307
        column, upward = column - 2, not upward


def read(matrix: Matrix) -> str:
    """The text of a code, after its format and its correction have been found to be right."""
    size = len(matrix)
    version = (size - 17) // 4
    down = [matrix[row][8] for row in (0, 1, 2, 3, 4, 5, 7, 8)] + [matrix[8][c] for c in (7, 5, 4, 3, 2, 1, 0)]
    beside = [matrix[8][size - 1 - at] for at in range(8)] + [matrix[size - 7 + at][8] for at in range(7)]
    told = "".join(map(str, reversed(down)))
    assert down == beside
    assert matrix[6][7:-7] == [row[6] for row in matrix][7:-7] == [at % 2 for at in range(size - 14)]
    for corner in ([row[:8] for row in matrix], [row[::-1][:8] for row in matrix], [row[:8] for row in matrix[::-1]]):
        assert [line[:7] for line in corner[:7]] == FINDER
        assert not any(corner[7][:7])
    condition = compile(CONDITIONS[FORMATS.index(told)], "mask", "eval")
    bits = "".join(map(str, modules(matrix, functional(size, version), condition)))
    length, sizes = BLOCKS[version]
    words = iter(int(bits[at : at + 8], 2) for at in range(0, len(bits) - 7, 8))
    blocks: list[list[int]] = [[] for _ in sizes]
    for at in range(max(sizes)):
        for block, holds in zip(blocks, sizes, strict=True):
            if at < holds:
                block.append(next(words))
    data = b"".join(map(bytes, blocks))
    for _ in range(length):
        for block in blocks:
            block.append(next(words))
    assert all(is_sound(block, length) for block in blocks)
    stream = "".join(format(one, "08b") for one in data)
    counted = 8 if version < 10 else 16
    count = int(stream[4 : 4 + counted], 2)
    assert stream[:4] == "0100"
    return bytes(int(stream[at : at + 8], 2) for at in range(4 + counted, 4 + counted + 8 * count, 8)).decode()


@settings(max_examples=25, deadline=None)
@given(st.text(max_size=70))
def test_a_code_reads_back_as_its_text(text: str) -> None:
    assert read(matrix_of(text)) == text


@pytest.mark.parametrize("length", [0, 14, 15, 26, 27, 42, 62, 84, 106, 122, 152, 180, 213])
def test_every_version_to_its_last_byte(length: int) -> None:
    text = "a" * length
    assert read(matrix_of(text)) == text


def test_what_is_too_long_is_refused() -> None:
    with pytest.raises(ValueError, match="do not fit"):
        matrix_of("a" * 214)


def test_the_correction_of_the_standards_example() -> None:
    """ISO/IEC 18004, annex I: the text 01234567 in version 1-M."""
    data = bytes.fromhex("10200c566180ec11ec11ec11ec11ec11")
    assert correction(data, 10).hex() == "a524d4c1ed36c7872c55"


def test_the_image_has_the_margin_and_the_modules() -> None:
    image, matrix = svg_of("x"), matrix_of("x")
    assert 'viewBox="0 0 29 29"' in image
    assert image.count("h1v1h-1z") == sum(map(sum, matrix))
    assert "M4 4h1v1h-1z" in image
