"""Credit control: how much a customer owes or soon will, against what he is trusted with.

All amounts are in the currency of the books, tax included.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from hub.errors import Problem, problem
from hub.rules.money import ZERO


@dataclass(frozen=True)
class Exposure:
    """What a customer has of us: open invoices, what is shipped but not invoiced, what is ordered but not shipped.

    `advances` is money he has paid ahead; `overdue` the part of the open invoices that is past its due date, whose
    oldest is `overdue_since`.
    """

    invoiced: Decimal = ZERO
    shipped: Decimal = ZERO
    ordered: Decimal = ZERO
    advances: Decimal = ZERO
    overdue: Decimal = ZERO
    overdue_since: date | None = None

    @property
    def total(self) -> Decimal:
        """What would be lost if he paid nothing more; below zero when he has paid ahead."""
        return self.invoiced + self.shipped + self.ordered - self.advances


def room(limit: Decimal | None, exposure: Exposure) -> Decimal | None:
    """What a customer may still order, never below zero; None without a limit."""
    return None if limit is None else max(limit - exposure.total, ZERO)


def refusals(
    limit: Decimal | None, exposure: Exposure, amount: Decimal, day: date, grace_days: int = 0
) -> Iterator[Problem]:
    """What speaks against an order of `amount` more.

    CREDIT_EXCEEDED when it leads above the limit (no limit: never); CREDIT_OVERDUE when invoices are overdue for more
    than `grace_days`, unless nothing is asked for.
    """
    if amount <= 0:
        return
    if limit is not None and exposure.total + amount > limit:
        owed, wanted, most = (f"{one.normalize():f}" for one in (exposure.total, amount, limit))
        yield problem(
            "CREDIT_EXCEEDED",
            f"超过信用额度：已占用 {owed}，本单 {wanted}，额度 {most}。",
            f"Above the credit limit: {owed} is in use, this order is {wanted}, the limit is {most}.",
            "customer",
            hint=(
                "请先收款、提高额度，或由有权限者放行。",
                "Collect money, raise the limit, or have it released by somebody who may.",
            ),
            used=owed,
            limit=most,
        )
    late = exposure.overdue_since
    if exposure.overdue > 0 and late is not None and (day - late).days > grace_days:
        owed = f"{exposure.overdue.normalize():f}"
        yield problem(
            "CREDIT_OVERDUE",
            f"客户有逾期未收款 {owed}，最早到期日 {late}。",
            f"{owed} of the customer's invoices is overdue, the oldest since {late}.",
            "customer",
            hint=("请先催收，或由有权限者放行。", "Collect it first, or have it released by somebody who may."),
        )
