"""What China's fully digital invoice (数电票) asks for: a number of 20 digits, tax numbers, tax category codes of 19.

The number's digits are the year (2), the region (2), the way of issuing (1) and a sequence (15), as the State Taxation
Administration's announcements on pilots of the digital invoice have it since 2021.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from hub.errors import Problem, problem

DIGITAL = ("digital_special", "digital_ordinary")
_NUMBER, _CATEGORY = re.compile(r"[0-9]{20}"), re.compile(r"[0-9]{19}")


def wrong_number(kind: str | None, number: str | None) -> Iterator[Problem]:
    """TAX_INVOICE_NUMBER when a digital invoice's number has not 20 digits; one that has not come yet is none."""
    if kind in DIGITAL and number is not None and not _NUMBER.fullmatch(number):
        yield problem(
            "TAX_INVOICE_NUMBER",
            "数电票号码应为 20 位数字。",
            "The number of a digital invoice has 20 digits.",
            "taxInvoiceNumber",
        )


def not_issuable(
    kind: str | None, buyer: str | None, seller: str | None, categories: Sequence[str | None]
) -> Iterator[Problem]:
    """What keeps a digital invoice from being issued: BUYER_TAX_NUMBER, SELLER_TAX_NUMBER, TAX_CATEGORY."""
    if kind not in DIGITAL:
        return
    if kind == "digital_special" and not buyer:
        yield problem(
            "BUYER_TAX_NUMBER",
            "开具专用发票须有购买方税号。",
            "A special invoice names the buyer's tax number.",
            "buyerTaxNumber",
            hint=("请在客户档案填写税号。", "Note it in the customer's record."),
        )
    if not seller:
        yield problem(
            "SELLER_TAX_NUMBER",
            "数电票须有销售方税号。",
            "A digital invoice names the seller's tax number.",
            "sellerTaxNumber",
            hint=("请在公司档案填写税号。", "Note it in the company's record."),
        )
    for index, category in enumerate(categories):
        if category is not None and not _CATEGORY.fullmatch(category):
            yield problem(
                "TAX_CATEGORY",
                f"第 {index + 1} 行：税收分类编码应为 19 位数字。",
                f"Line {index + 1}: a tax category code has 19 digits.",
                *("lines", str(index), "taxCategoryCode"),
            )
