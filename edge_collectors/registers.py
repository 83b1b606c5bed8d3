"""What registers mean: types, byte orders, and the exact decimal value of a point.

A block of registers is turned into values with one precompiled `struct`; pymodbus's own converters cost
about thirty times as much and know no byte swap. Integers are scaled in `Decimal`, so a counter kept as
int32 × 0.01 kWh stays exact to the last digit.
"""

from __future__ import annotations

import math
import struct
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from decimal import Decimal
from operator import itemgetter
from typing import cast

# type name -> (struct code, registers)
TYPES: dict[str, tuple[str, int]] = {
    "bit": ("H", 1),
    "int16": ("h", 1),
    "uint16": ("H", 1),
    "int32": ("i", 2),
    "uint32": ("I", 2),
    "int64": ("q", 4),
    "uint64": ("Q", 4),
    "float32": ("f", 2),
    "float64": ("d", 4),
}
ORDERS = ("ABCD", "CDAB", "BADC", "DCBA")
TABLES = ("coil", "discrete", "holding", "input")
BIT_TABLES = ("coil", "discrete")

GOOD = 0
OUTSIDE_VALID = 1  # the value was read as it is, but lies outside the range the device file calls valid

Raw = int | float


@dataclass(frozen=True, slots=True)
class Point:
    """One measured value of a device: where it stands, how it is read and when it is reported.

    `at` is the 0-based protocol address; `every`, `heartbeat` in seconds; `deadband` and `valid` in `unit`.
    """

    metric: str
    at: int
    type: str = "uint16"
    order: str = "ABCD"
    table: str = "holding"
    unit: str | None = None
    scale: Decimal = Decimal(1)
    offset: Decimal = Decimal(0)
    counter: bool = False
    every: float = 10.0
    report: str = "change"
    deadband: Decimal = Decimal(0)
    heartbeat: float = 300.0
    valid: tuple[Decimal, Decimal] | None = None
    invalid: frozenset[int] = frozenset()
    bit: int | None = None

    @property
    def length(self) -> int:
        """Registers the point occupies."""
        return TYPES[self.type][1]

    @property
    def end(self) -> int:
        """The address after the last register."""
        return self.at + self.length


def byte_positions(order: str, registers: int) -> list[int]:
    """Where the bytes of the big-endian value stand in the bytes as received.

    ABCD is big endian; CDAB swaps the words, BADC the bytes within each word, DCBA both.
    """
    words = list(range(registers))
    if order in ("CDAB", "DCBA"):
        words.reverse()
    pair = (1, 0) if order in ("BADC", "DCBA") else (0, 1)
    return [2 * word + byte for word in words for byte in pair]


class Decoder:
    """Takes the values of points out of the registers of one block.

    The bytes of all points are picked into one row and unpacked at once, whatever their orders, holes and overlaps.
    """

    def __init__(self, start: int, count: int, points: Sequence[Point]) -> None:
        picks: list[int] = []
        for point in points:
            if point.at < start or point.end > start + count:
                raise ValueError(f"{point.metric} at {point.at} is not inside {start}+{count}")
            base = 2 * (point.at - start)
            picks.extend(base + position for position in byte_positions(point.order, point.length))
        self._words = struct.Struct(f">{count}H")
        self._values = struct.Struct(">" + "".join(TYPES[point.type][0] for point in points))
        # Without holes or swaps the received bytes are already the row.
        self._pick: Callable[[bytes], tuple[int, ...]] | None = (
            None if picks == list(range(2 * count)) else cast("Callable[[bytes], tuple[int, ...]]", itemgetter(*picks))
        )

    def decode(self, registers: Sequence[int]) -> tuple[Raw, ...]:
        """Registers (0..65535, as many as the block) to one raw value per point, in the order of the points."""
        received = self._words.pack(*registers)
        row = received if self._pick is None else bytes(self._pick(received))
        return self._values.unpack(row)


def encode(point: Point, value: Decimal) -> list[int]:
    """The registers with which a device shows `value` (in the point's unit); used by the simulator and by tests."""
    scaled = (value - point.offset) / point.scale
    code = TYPES[point.type][0]
    packed = struct.pack(">" + code, float(scaled) if code in "fd" else int(scaled.to_integral_value()))
    received = bytearray(len(packed))
    for source, position in enumerate(byte_positions(point.order, point.length)):
        received[position] = packed[source]
    return list(struct.unpack(f">{point.length}H", received))


def exact(point: Point, raw: Raw) -> tuple[Decimal, int] | None:
    """The value in the point's unit and its quality, or None when the device says "no value".

    NaN, infinity and the sentinels listed in `invalid` are no values.
    """
    if isinstance(raw, float):
        if not math.isfinite(raw):
            return None
        number = Decimal(shortest(raw) if point.type == "float32" else repr(raw))
    else:
        if raw in point.invalid:
            return None
        number = Decimal(raw if point.bit is None else raw >> point.bit & 1)
    value = number * point.scale + point.offset
    if point.valid and not point.valid[0] <= value <= point.valid[1]:
        return value, OUTSIDE_VALID
    return value, GOOD


_FLOAT32 = struct.Struct(">f")


def shortest(number: float) -> str:
    """The shortest decimal that is the same 32-bit float: 230.1 instead of 230.10000610351562."""
    wanted = _FLOAT32.pack(number)
    for digits in (6, 7, 8):
        text = f"{number:.{digits}g}"
        # Rounding up near the largest float can leave the range of 32 bits.
        if abs(float(text)) <= 3.4028234e38 and _FLOAT32.pack(float(text)) == wanted:
            return text
    return f"{number:.9g}"


def plain(value: Decimal) -> str:
    """A decimal string without exponent, as the hub takes it."""
    return format(value, "f")
