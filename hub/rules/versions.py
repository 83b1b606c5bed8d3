"""How versions of a design are counted on: A, B, … Z, AA; V1, V2; 09, 10."""

from __future__ import annotations

import re
from collections.abc import Container

_NUMBERED = re.compile(r"(.*?)([0-9]+)", re.DOTALL)
_LETTERED = re.compile(r"(.*?)([A-Z]+|[a-z]+)", re.DOTALL)


def next_version(version: str, taken: Container[str] = ()) -> str:
    """The first version after this one that is not taken.

    >>> [next_version(version) for version in ("A", "Z", "AZ", "V9", "1.09")]
    ['B', 'AA', 'BA', 'V10', '1.10']
    """
    version = _after(version)
    while version in taken:
        version = _after(version)
    return version


def _after(version: str) -> str:
    if numbered := _NUMBERED.fullmatch(version):
        return numbered[1] + str(int(numbered[2]) + 1).zfill(len(numbered[2]))
    if lettered := _LETTERED.fullmatch(version):
        return lettered[1] + _letters_after(lettered[2])
    return f"{version}2"


def _letters_after(letters: str) -> str:
    """As columns of a sheet are lettered."""
    head, last = letters[:-1], letters[-1]
    if last not in "Zz":
        return head + chr(ord(last) + 1)
    first = chr(ord(last) - 25)
    return (_letters_after(head) if head else first) + first
