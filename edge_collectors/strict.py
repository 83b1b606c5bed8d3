"""Reading TOML tables strictly: an unknown key or a value of the wrong kind is one clear sentence.

A typing error in a key (`deadbnd`) silently ignored would record every tremor of a voltage for years.
"""

from __future__ import annotations

import difflib
import tomllib
from collections.abc import Iterable, Mapping
from decimal import Decimal
from pathlib import Path
from typing import Any

from edge_collectors.errors import EdgeError

SECONDS = {"ms": 0.001, "s": 1.0, "m": 60.0, "h": 3600.0}
BYTES = {"B": 1, "kB": 1_000, "KB": 1_000, "MB": 1_000_000, "GB": 1_000_000_000}


def read_toml(path: Path) -> dict[str, Any]:
    """The table in a file, with decimal numbers exact (`0.01` is Decimal, not float)."""
    try:
        with path.open("rb") as file:
            return tomllib.load(file, parse_float=Decimal)
    except FileNotFoundError:
        raise EdgeError(f"找不到文件 {path}。", f"There is no file {path}.") from None
    except OSError as problem:
        raise EdgeError(f"无法读取 {path}：{problem.strerror}。", f"Cannot read {path}: {problem.strerror}.") from None
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as problem:
        raise EdgeError(f"{path} 不是有效的 TOML：{problem}。", f"{path} is not valid TOML: {problem}.") from None


class Table:
    """A TOML table at `where`; an unknown key is refused at once, each getter raises EdgeError for a wrong value."""

    def __init__(self, values: Mapping[str, Any], where: str, known: Iterable[str]) -> None:
        if not isinstance(values, Mapping):
            raise EdgeError(f"{where} 应当是一个表。", f"{where} must be a table.")
        self.values = values
        self.where = where
        known = sorted(known)
        for key in values:
            if key not in known:
                near = difflib.get_close_matches(key, known, 1)
                raise EdgeError(
                    f"{where} 中有未知的键“{key}”" + (f"，是否指“{near[0]}”？" if near else "。"),
                    f'{where} has the unknown key "{key}"' + (f'; did you mean "{near[0]}"?' if near else "."),
                )

    def wrong(self, key: str, chinese: str, english: str) -> EdgeError:
        """The error that `key` should hold something else."""
        value = self.values.get(key)
        return EdgeError(
            f"{self.where} 的“{key}”应为{chinese}，而不是 {value!r}。",
            f'"{key}" of {self.where} must be {english}, not {value!r}.',
        )

    def missing(self, key: str) -> EdgeError:
        """The error that `key` is not there."""
        return EdgeError(f"{self.where} 缺少“{key}”。", f'{self.where} lacks "{key}".')

    def text(self, key: str, default: str | None = None) -> str:
        """A text that is not empty; required without a default."""
        value = self.values.get(key, default)
        if value is None:
            raise self.missing(key)
        if not isinstance(value, str) or not value.strip():
            raise self.wrong(key, "文本", "a text")
        return value

    def optional_text(self, key: str) -> str | None:
        """A text, or None when the key is absent."""
        return self.text(key) if key in self.values else None

    def choice(self, key: str, choices: Iterable[str], default: str) -> str:
        """One of the given words."""
        value = self.text(key, default)
        if value not in choices:
            names = "、".join(choices)
            raise self.wrong(key, f"{names} 之一", f"one of {', '.join(choices)}")
        return value

    def integer(self, key: str, default: int | None, low: int, high: int) -> int:
        """A whole number from `low` to `high`."""
        value = self.values.get(key, default)
        if value is None:
            raise self.missing(key)
        if isinstance(value, bool) or not isinstance(value, int) or not low <= value <= high:
            raise self.wrong(key, f"{low} 到 {high} 的整数", f"a whole number from {low} to {high}")
        return value

    def number(self, key: str, default: Decimal) -> Decimal:
        """An exact decimal number."""
        value = self.values.get(key, default)
        if isinstance(value, bool) or not isinstance(value, int | Decimal) or not Decimal(value).is_finite():
            raise self.wrong(key, "数字", "a number")
        return Decimal(value)

    def flag(self, key: str, default: bool) -> bool:
        """True or false."""
        value = self.values.get(key, default)
        if not isinstance(value, bool):
            raise self.wrong(key, "true 或 false", "true or false")
        return value

    def seconds(self, key: str, default: str) -> float:
        """A duration such as "500ms", in seconds."""
        value = _measure(self.values.get(key, default), SECONDS)
        if value is None:
            raise self.wrong(key, '时长，如 "10s"、"500ms"、"5m"', 'a duration such as "10s", "500ms" or "5m"')
        return float(value)

    def size(self, key: str, default: str) -> int:
        """A size such as "500MB", in bytes."""
        value = _measure(self.values.get(key, default), BYTES)
        if value is None:
            raise self.wrong(key, '大小，如 "500MB"', 'a size such as "500MB"')
        return int(value)

    def table(self, key: str) -> Mapping[str, Any]:
        """A table below this one, empty when absent."""
        value = self.values.get(key, {})
        if not isinstance(value, Mapping):
            raise self.wrong(key, "一个表", "a table")
        return value

    def tables(self, key: str) -> list[Mapping[str, Any]]:
        """One or more tables of the same name ([[key]])."""
        value = self.values.get(key, [])
        if not isinstance(value, list) or not value or not all(isinstance(entry, Mapping) for entry in value):
            raise self.wrong(key, f"至少一个 [[{key}]] 表", f"one or more [[{key}]] tables")
        return value


def _measure(value: object, units: Mapping[str, float]) -> float | None:
    """`"10s"` to 10.0 by the unit at its end, None when it is not one."""
    if not isinstance(value, str):
        return None
    digits = value.rstrip("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ")
    factor = units.get(value[len(digits) :])
    if factor is None or not digits.replace(".", "", 1).strip().isascii() or not digits.replace(".", "", 1).isdigit():
        return None
    return float(digits) * factor
