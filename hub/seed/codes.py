"""Check digits of Chinese codes for people and companies that do not exist.

A demo whose codes fail the product's own validation would be noise, so the check digits are right; the area code
330299 belongs to no district and mobile numbers start with 142, which no operator uses: none can be a real person's.
"""

from __future__ import annotations

from datetime import date

from hub.rules.credit_code import check_digit

_IDENTITY_WEIGHTS = (7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2)
_IDENTITY_CHECK = "10X98765432"
UNASSIGNED_AREA = "330299"


def credit_code(serial: int) -> str:
    """The 18-character 统一社会信用代码 of the fictional enterprise with this serial number (GB 32100)."""
    body = f"91{UNASSIGNED_AREA}MA{serial:07d}"
    return body + check_digit(body)


def identity_number(birth_date: date, serial: int, is_male: bool) -> str:
    """The 18-character identity number of a fictional person; odd serials are men (GB 11643)."""
    sequence = serial * 2 + (1 if is_male else 0)
    body = f"{UNASSIGNED_AREA}{birth_date:%Y%m%d}{sequence:03d}"
    total = sum(int(digit) * weight for digit, weight in zip(body, _IDENTITY_WEIGHTS, strict=True))
    return body + _IDENTITY_CHECK[total % 11]


def mobile_number(serial: int) -> str:
    """An eleven-digit mobile number from a range that is not in use."""
    return f"142{574_0000 + serial * 37:08d}"
