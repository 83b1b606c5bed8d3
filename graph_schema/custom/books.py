"""`trialBalance`: what each account held before, turned over within and holds after a span of periods."""

from __future__ import annotations

import re
from typing import Annotated

import strawberry

from graph_schema.custom.asking import ask
from graph_schema.plain import Asked
from graph_schema.scalars import Decimal
from hub.context import Ctx
from hub.document.edit import company_of
from hub.document.registry import spec
from hub.errors import Forbidden, Invalid, problem
from hub.ledgers import money

_PERIOD = re.compile(r"[0-9]{4}-(0[1-9]|1[0-2])")


@strawberry.type(
    name="TrialBalanceLine", description="科目余额 · An account in the trial balance, in the books' currency"
)
class TrialBalanceLine:
    """An account."""

    account: str = strawberry.field(description="科目编码 · Code of the account")
    name: str = strawberry.field(description="科目 · The account")
    opening: Decimal = strawberry.field(description="期初余额，借方为正 · Opening balance, debit less credit")
    debit: Decimal = strawberry.field(description="本期借方 · Debit within the periods")
    credit: Decimal = strawberry.field(description="本期贷方 · Credit within the periods")
    closing: Decimal = strawberry.field(description="期末余额，借方为正 · Closing balance, debit less credit")


Period = Annotated[str, strawberry.argument(description="期间，如 2026-05 · The period")]
Until = Annotated[str, strawberry.argument(description="止，如 2026-05 · The last period")]
Since = Annotated[str | None, strawberry.argument(description="起，如 2026-01 · The first period; all when left out")]


def readable(info: strawberry.Info[Asked, None], asked: str, ledger: str = "MoneyEntry") -> None:
    """Forbidden for whoever may not read the ledger that a question is answered from."""
    if not info.context.viewer.may(spec(ledger).access.read):
        raise Forbidden(problem("FORBIDDEN", "您没有查看账簿的权限。", "You may not read the books.", asked))


def spans(**periods: str | None) -> None:
    """Invalid PERIOD_INVALID for whatever is given and no period."""
    Invalid.raise_all(
        problem("PERIOD_INVALID", f"“{given[:20]}”不是期间，例如 2026-05。", "Write a period as 2026-05.", name)
        for name, given in periods.items()
        if given is not None and not _PERIOD.fullmatch(given)
    )


async def trial_balance(
    info: strawberry.Info[Asked, None], until: Until, since: Since = None
) -> list[TrialBalanceLine]:
    """The accounts that were used, in order of their codes; their closing balances add up to nothing."""
    readable(info, "trialBalance")
    spans(until=until, since=since)

    def read(ctx: Ctx) -> list[money.AccountBalance]:
        company_id = company_of(ctx)
        return [] if company_id is None else money.trial_balance(ctx, company_id, until, since or "")

    return [
        TrialBalanceLine(
            account=one.code,
            name=one.name,
            opening=Decimal(one.opening),
            debit=Decimal(one.debit),
            credit=Decimal(one.credit),
            closing=Decimal(one.closing),
        )
        for one in await ask(info.context.viewer, read)
    ]
