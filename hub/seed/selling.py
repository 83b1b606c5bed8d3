"""What the demo company sells by: currencies with their rates, and tax rates with their days.

Exchange rates are rounded figures of no particular day; the tax rates are those of China's value added tax.
"""

from __future__ import annotations

from collections.abc import Callable
from decimal import Decimal
from typing import Any

from hub.context import Ctx
from hub.rules.taxes import GENERAL

Put = Callable[[Ctx, str, list[dict[str, Any]]], None]

CURRENCIES = (("CNY", "人民币", "¥", None), ("USD", "美元", "$", "7.1"), ("EUR", "欧元", "€", "8.2"))
TAX_RATES = (
    ("VAT17", "增值税 17%", "17", None, "2018-04-30"),
    ("VAT16", "增值税 16%", "16", "2018-05-01", "2019-03-31"),
    ("VAT13", "增值税 13%", "13", "2019-04-01", None),
    ("VAT9", "增值税 9%", "9", "2019-04-01", None),
    ("VAT6", "增值税 6%", "6", None, None),
)
RATES_FROM = "2025-01-01"


def tell(ctx: Ctx, put: Put) -> None:
    """Put what is not there yet."""
    put(ctx, "Currency", [{"code": code, "name": name, "symbol": symbol} for code, name, symbol, _ in CURRENCIES])
    put(
        ctx,
        "ExchangeRate",
        [
            {"code": f"{code}-{RATES_FROM}", "name": name, "currency": code, "rate_date": RATES_FROM, "rate": rate}
            for code, name, _, rate in CURRENCIES
            if rate is not None
        ],
    )
    put(
        ctx,
        "TaxRate",
        [
            {
                "code": code,
                "name": name,
                "rate": Decimal(rate),
                "valid_from_date": first,
                "valid_until_date": last,
                "is_general": Decimal(rate) >= GENERAL,
            }
            for code, name, rate, first, last in TAX_RATES
        ],
    )
