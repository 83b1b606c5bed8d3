"""QR codes of short texts (ISO/IEC 18004): bytes, error correction M, versions 1 to 10, up to 213 bytes.

Codewords first, then their error correction over GF(256), then the modules and the mask that is read best.
"""

from __future__ import annotations

from collections.abc import Iterator
from itertools import pairwise, product

_BLOCKS = {
    1: (10, (16,)),
    2: (16, (28,)),
    3: (26, (44,)),
    4: (18, (32,) * 2),
    5: (24, (43,) * 2),
    6: (16, (27,) * 4),
    7: (18, (31,) * 4),
    8: (22, (38,) * 2 + (39,) * 2),
    9: (22, (36,) * 3 + (37,) * 2),
    10: (26, (43,) * 4 + (44,)),
}
"""By version: codewords of error correction per block, data codewords of each block."""
_ALIGNED = {1: (), 2: (6, 18), 3: (6, 22), 4: (6, 26), 5: (6, 30), 6: (6, 34)}
_ALIGNED |= {7: (6, 22, 38), 8: (6, 24, 42), 9: (6, 26, 46), 10: (6, 28, 50)}
Matrix = list[list[int]]
"""Rows of modules; 1 is dark."""


def _tables() -> tuple[list[int], list[int]]:
    """Powers and logarithms of GF(256) with x⁸+x⁴+x³+x²+1."""
    powers, logarithms, value = [0] * 512, [0] * 256, 1
    for at in range(255):
        powers[at], logarithms[value] = value, at
        value = value << 1 ^ (0x11D if value & 0x80 else 0)
    powers[255:510] = powers[:255]
    return powers, logarithms


_POWERS, _LOGARITHMS = _tables()


def correction(data: bytes, length: int) -> bytes:
    """The codewords of Reed and Solomon for a block: the remainder by the product of (x - 2ⁱ).

    >>> correction(bytes([16, 32, 12, 86, 97, 128] + [236, 17] * 5), 10).hex()
    'a524d4c1ed36c7872c55'
    """
    generator = [1]
    for root in range(length):
        generator = [
            high ^ (_POWERS[_LOGARITHMS[low] + root] if low else 0)
            for high, low in zip([*generator, 0], [0, *generator], strict=True)
        ]
    rest = [*data, *([0] * length)]
    for at in range(len(data)):
        if rest[at]:
            factor = _LOGARITHMS[rest[at]]
            for index, one in enumerate(generator):
                if one:
                    rest[at + index] ^= _POWERS[_LOGARITHMS[one] + factor]
    return bytes(rest[len(data) :])


def _version_for(length: int) -> int:
    """The smallest version that holds so many bytes; ValueError."""
    for version, (_, blocks) in _BLOCKS.items():
        if length + (2 if version < 10 else 3) <= sum(blocks):
            return version
    raise ValueError(f"{length} bytes do not fit")


def _codewords(text: bytes, version: int) -> bytes:
    """Mode, length, bytes and padding as codewords, with their correction, interleaved by blocks."""
    length, blocks = _BLOCKS[version]
    counted = 8 if version < 10 else 16
    bits = "0100" + format(len(text), f"0{counted}b") + "".join(format(one, "08b") for one in text)
    room = sum(blocks) * 8
    bits += "0" * min(4, room - len(bits))
    bits += "0" * (-len(bits) % 8)
    data = bytes(int(bits[at : at + 8], 2) for at in range(0, len(bits), 8))
    data += bytes((0xEC, 0x11)[at % 2] for at in range(sum(blocks) - len(data)))
    parts, at = [], 0
    for size in blocks:
        parts.append(data[at : at + size])
        at += size
    corrected = [correction(part, length) for part in parts]
    return bytes(_interleaved(parts)) + bytes(_interleaved(corrected))


def _interleaved(parts: list[bytes]) -> Iterator[int]:
    for at in range(max(map(len, parts))):
        yield from (part[at] for part in parts if at < len(part))


def _remainder(value: int, generator: int, bits: int) -> int:
    """A value with the remainder of its division by a generator in `bits` bits below it."""
    rest = value << bits
    while rest.bit_length() > bits:
        rest ^= generator << (rest.bit_length() - generator.bit_length())
    return value << bits | rest


Frame = list[list[int | None]]
"""What a matrix has before its text; None where the bits go."""


def _frame(version: int) -> Frame:
    """All that does not depend on the text."""
    size = version * 4 + 17
    found: Frame = [[None] * size for _ in range(size)]
    for top, left in ((0, 0), (0, size - 7), (size - 7, 0)):
        _find(found, top, left)
    for at in range(8, size - 8):
        found[6][at] = found[at][6] = 1 - at % 2
    corners = ((6, 6), (6, size - 7), (size - 7, 6))
    for place in product(_ALIGNED[version], repeat=2):
        if place not in corners:
            _align(found, *place)
    for at in range(8):  # kept for the format, which is told when the mask is known
        found[8][size - 1 - at] = found[size - 1 - at][8] = 0
    for at in (0, 1, 2, 3, 4, 5, 7, 8):
        found[8][at] = found[at][8] = 0
    found[size - 8][8] = 1
    if version >= 7:
        for bit, dark in enumerate(reversed(format(_remainder(version, 0x1F25, 12), "018b"))):
            found[bit // 3][size - 11 + bit % 3] = found[size - 11 + bit % 3][bit // 3] = int(dark)
    return found


def _find(found: Frame, top: int, left: int) -> None:
    """A finder in a corner with the light line around it."""
    size = len(found)
    for row, column in product(range(-1, 8), repeat=2):
        if 0 <= top + row < size and 0 <= left + column < size:
            found[top + row][left + column] = int(max(abs(row - 3), abs(column - 3)) in (0, 1, 3))


def _align(found: Frame, row: int, column: int) -> None:
    for down in range(-2, 3):
        for right in range(-2, 3):
            found[row + down][column + right] = int(max(abs(down), abs(right)) != 1)


def _path(frame: Frame) -> Iterator[tuple[int, int]]:
    """Where the bits go: two columns at a time from the right, up and down in turns, the timing column left out."""
    size = len(frame)
    rights = [column for column in range(size - 1, 0, -2) if column > 6] + [5, 3, 1]
    for turn, right in enumerate(rights):
        for step in range(size):
            row = step if turn % 2 else size - 1 - step
            yield from ((row, column) for column in (right, right - 1) if frame[row][column] is None)


_MASKS = (
    lambda row, column: (row + column) % 2 == 0,
    lambda row, _: row % 2 == 0,
    lambda _, column: column % 3 == 0,
    lambda row, column: (row + column) % 3 == 0,
    lambda row, column: (row // 2 + column // 3) % 2 == 0,
    lambda row, column: row * column % 2 + row * column % 3 == 0,
    lambda row, column: (row * column % 2 + row * column % 3) % 2 == 0,
    lambda row, column: ((row + column) % 2 + row * column % 3) % 2 == 0,
)


def _masked(frame: Frame, places: list[tuple[int, int]], bits: str, mask: int) -> Matrix:
    """The matrix with its bits under a mask, and the words that say which mask it is."""
    found = [[one or 0 for one in row] for row in frame]
    for (row, column), bit in zip(places, bits, strict=True):
        found[row][column] = int(bit) ^ _MASKS[mask](row, column)
    size, told = len(found), format(_remainder(mask, 0x537, 10) ^ 0x5412, "015b")
    down = [(row, 8) for row in (0, 1, 2, 3, 4, 5, 7, 8)] + [(8, column) for column in (7, 5, 4, 3, 2, 1, 0)]
    beside = [(8, size - 1 - at) for at in range(8)] + [(size - 7 + at, 8) for at in range(7)]
    for at, bit in enumerate(reversed(told)):
        for row, column in (down[at], beside[at]):
            found[row][column] = int(bit)
    return found


def _penalty(matrix: Matrix) -> int:
    """How badly it is read: long runs, squares of one colour, what looks like a finder, too much of one colour."""
    size, points = len(matrix), 0
    for lines in (matrix, list(zip(*matrix, strict=True))):
        for line in lines:
            text = "".join(map(str, line))
            run = 1
            for before, now in pairwise(text):
                run = run + 1 if before == now else 1
                points += 3 if run == 5 else int(run > 5)
            points += 40 * sum(
                text.startswith(looks, at) for looks in ("10111010000", "00001011101") for at in range(size - 10)
            )
    for row in range(size - 1):
        for column in range(size - 1):
            square = matrix[row][column : column + 2] + matrix[row + 1][column : column + 2]
            points += 3 * (sum(square) in (0, 4))
    dark = sum(map(sum, matrix)) * 100 // (size * size)
    return points + 10 * (abs(dark - 50) // 5)


def matrix_of(text: str) -> Matrix:
    """The modules of a text; ValueError when it is too long."""
    raw = text.encode()
    version = _version_for(len(raw))
    frame = _frame(version)
    places = list(_path(frame))
    bits = "".join(format(one, "08b") for one in _codewords(raw, version)).ljust(len(places), "0")
    return min((_masked(frame, places, bits, mask) for mask in range(8)), key=_penalty)


def svg_of(text: str) -> str:
    """The code as an image of black squares on white, with the quiet margin of four modules."""
    matrix = matrix_of(text)
    size = len(matrix) + 8
    dark = "".join(
        f"M{column + 4} {row + 4}h1v1h-1z" for row, line in enumerate(matrix) for column, one in enumerate(line) if one
    )
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {size} {size}" shape-rendering="crispEdges">'
        f'<path fill="#fff" d="M0 0h{size}v{size}H0z"/><path d="{dark}"/></svg>'
    )
