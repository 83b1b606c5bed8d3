"""`balanceSheet`, `incomeStatement`, `cashFlow`: the statements of the small enterprises' standard, at any moment."""

from __future__ import annotations

from typing import Annotated

import strawberry

from graph_schema.custom.asking import ask
from graph_schema.custom.books import Until, readable, spans
from graph_schema.plain import Asked
from graph_schema.scalars import Decimal
from hub.context import Ctx
from hub.document.edit import company_of
from hub.ledgers import statements


@strawberry.type(name="BalanceSheetLine", description="资产负债表项目 · A line of the balance sheet")
class BalanceSheetLine:
    """A line of 会小企01表."""

    line: int = strawberry.field(description="行次 · Number of the line")
    name: str = strawberry.field(description="项目 · The line")
    english_name: str = strawberry.field(description="英文名称 · The line in English")
    closing: Decimal = strawberry.field(description="期末余额 · At the end of the period")
    opening: Decimal = strawberry.field(description="年初余额 · At the beginning of the year")


@strawberry.type(name="StatementLine", description="报表项目 · A line of the income statement or the cash flow")
class StatementLine:
    """A line of 会小企02表 or 会小企03表."""

    line: int = strawberry.field(description="行次 · Number of the line")
    name: str = strawberry.field(description="项目 · The line")
    english_name: str = strawberry.field(description="英文名称 · The line in English")
    amount: Decimal = strawberry.field(description="本期金额 · Within the periods asked for")
    year_to_date: Decimal = strawberry.field(description="本年累计金额 · From the beginning of the year")


Begin = Annotated[
    str | None, strawberry.argument(description="起，如 2026-01 · The first period; the last alone when left out")
]


async def balance_sheet(info: strawberry.Info[Asked, None], until: Until) -> list[BalanceSheetLine]:
    """At the end of a period; assets are liabilities and equity, whether the period is closed or running."""
    readable(info, "balanceSheet")
    spans(until=until)

    def read(ctx: Ctx) -> list[statements.Line]:
        company_id = company_of(ctx)
        return [] if company_id is None else statements.sheet(ctx, company_id, until)

    return [
        BalanceSheetLine(
            line=one.number,
            name=one.chinese,
            english_name=one.english,
            closing=Decimal(one.amount),
            opening=Decimal(one.other),
        )
        for one in await ask(info.context.viewer, read)
    ]


async def income_statement(
    info: strawberry.Info[Asked, None], until: Until, since: Begin = None
) -> list[StatementLine]:
    """What was earned and spent, the closing of years left out."""
    readable(info, "incomeStatement")
    spans(until=until, since=since)

    def read(ctx: Ctx) -> list[statements.Line]:
        company_id = company_of(ctx)
        return [] if company_id is None else statements.income(ctx, company_id, until, since)

    return [_told(one) for one in await ask(info.context.viewer, read)]


async def cash_flow(info: strawberry.Info[Asked, None], until: Until, since: Begin = None) -> list[StatementLine]:
    """Where money came from and went to; it ends at the cash of the balance sheet."""
    readable(info, "cashFlow")
    spans(until=until, since=since)

    def read(ctx: Ctx) -> list[statements.Line]:
        company_id = company_of(ctx)
        return [] if company_id is None else statements.cash(ctx, company_id, until, since)

    return [_told(one) for one in await ask(info.context.viewer, read)]


def _told(one: statements.Line) -> StatementLine:
    return StatementLine(
        line=one.number,
        name=one.chinese,
        english_name=one.english,
        amount=Decimal(one.amount),
        year_to_date=Decimal(one.other),
    )
