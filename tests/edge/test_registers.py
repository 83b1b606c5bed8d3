"""Types, byte orders and exactness, against bytes written by hand and against pymodbus's own converter."""

from __future__ import annotations

import struct
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pymodbus.client.mixin import ModbusClientMixin

from edge_collectors.registers import GOOD, ORDERS, OUTSIDE_VALID, TYPES, Decoder, Point, encode, exact, plain, shortest

# 230.1 as float32 is 0x4366199A; -2 as int16 is 0xFFFE; the eight bytes 01..08 make a uint64.
WRITTEN = [
    ("float32", "ABCD", [0x4366, 0x199A], 230.10000610351562),
    ("float32", "CDAB", [0x199A, 0x4366], 230.10000610351562),
    ("float32", "BADC", [0x6643, 0x9A19], 230.10000610351562),
    ("float32", "DCBA", [0x9A19, 0x6643], 230.10000610351562),
    ("int16", "ABCD", [0xFFFE], -2),
    ("int16", "DCBA", [0xFEFF], -2),
    ("uint32", "CDAB", [0x0002, 0x0001], 65538),
    ("uint64", "ABCD", [0x0102, 0x0304, 0x0506, 0x0708], 0x0102030405060708),
    ("uint64", "CDAB", [0x0708, 0x0506, 0x0304, 0x0102], 0x0102030405060708),
    ("uint64", "BADC", [0x0201, 0x0403, 0x0605, 0x0807], 0x0102030405060708),
    ("uint64", "DCBA", [0x0807, 0x0605, 0x0403, 0x0201], 0x0102030405060708),
]


@pytest.mark.parametrize(("kind", "order", "registers", "value"), WRITTEN)
def test_byte_orders_against_bytes_written_by_hand(kind: str, order: str, registers: list[int], value: float) -> None:
    point = Point("x", 7, type=kind, order=order)
    assert Decoder(7, len(registers), [point]).decode(registers) == (value,)


@given(
    registers=st.lists(st.integers(0, 0xFFFF), min_size=4, max_size=4),
    kind=st.sampled_from(["int16", "uint16", "int32", "uint32", "int64", "uint64"]),
    word_order=st.sampled_from(["big", "little"]),
)
def test_agrees_with_the_converter_of_pymodbus(registers: list[int], kind: str, word_order: str) -> None:
    point = Point("x", 0, type=kind, order="ABCD" if word_order == "big" else "CDAB")
    theirs = ModbusClientMixin.convert_from_registers(
        registers[: point.length],
        ModbusClientMixin.DATATYPE[kind.upper()],
        word_order=word_order,  # type: ignore[arg-type]
    )
    assert Decoder(0, 4, [point]).decode(registers) == (theirs,)


@given(
    kind=st.sampled_from(sorted(set(TYPES) - {"bit", "float32", "float64"})),
    order=st.sampled_from(ORDERS),
    hundredths=st.integers(-(2**15), 2**15 - 1),
)
def test_what_a_device_shows_is_read_back_exactly(kind: str, order: str, hundredths: int) -> None:
    number = abs(hundredths) if kind.startswith("u") else hundredths
    point = Point("x", 3, type=kind, order=order, scale=Decimal("0.01"))
    value = Decimal(number).scaleb(-2)
    registers = encode(point, value)
    raw = Decoder(3, point.length, [point]).decode(registers)[0]
    assert exact(point, raw) == (value, GOOD)


def test_holes_overlaps_and_mixed_orders_in_one_block() -> None:
    points = [
        Point("a", 10, type="uint16"),
        Point("b", 12, type="int32", order="CDAB"),
        Point("c", 12, type="uint16"),  # the low word of b, mapped a second time
        Point("d", 20, type="float32", order="BADC"),
    ]
    registers = [11, 9, 5, 1, 9, 9, 9, 9, 9, 9, 0x6643, 0x9A19]
    assert Decoder(10, 12, points).decode(registers) == (11, 65541, 5, 230.10000610351562)


def test_a_point_outside_its_block_is_refused() -> None:
    with pytest.raises(ValueError, match="not inside"):
        Decoder(10, 2, [Point("x", 11, type="int32")])


@pytest.mark.parametrize("raw", [0, 1, 3, 70, 95963671, 2**31 - 1, -(2**31)])
def test_int32_hundredths_stay_exact(raw: int) -> None:
    value = exact(Point("x", 0, type="int32", scale=Decimal("0.01")), raw)
    assert value is not None
    assert value[0] * 100 == raw
    assert plain(value[0]) == f"{'-' if raw < 0 else ''}{abs(raw) // 100}.{abs(raw) % 100:02}"


@given(st.floats(width=32, allow_nan=False, allow_infinity=False))
def test_shortest_float32_is_the_same_float32(number: float) -> None:
    assert struct.pack(">f", float(shortest(number))) == struct.pack(">f", number)


def test_shortest_float32_is_what_the_display_shows() -> None:
    assert shortest(struct.unpack(">f", struct.pack(">f", 230.1))[0]) == "230.1"


def test_no_value_bad_value_and_bits() -> None:
    assert exact(Point("x", 0, type="float32"), float("nan")) is None
    assert exact(Point("x", 0, type="float32"), float("inf")) is None
    assert exact(Point("x", 0, invalid=frozenset({0xFFFF})), 0xFFFF) is None
    limited = Point("x", 0, valid=(Decimal(40), Decimal(70)))
    assert exact(limited, 50) == (Decimal(50), GOOD)
    assert exact(limited, 71) == (Decimal(71), OUTSIDE_VALID)
    assert exact(Point("x", 0, bit=3), 0b1000) == (Decimal(1), GOOD)
    assert exact(Point("x", 0, bit=3), 0b0111) == (Decimal(0), GOOD)
    assert plain(Decimal("1E+3")) == "1000"
