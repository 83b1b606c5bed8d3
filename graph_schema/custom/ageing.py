"""How old receivables, payables and stock are, and what explains the difference of our balance and the bank's."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from typing import Annotated
from uuid import UUID

import strawberry
from sqlalchemy import select

from graph_schema.custom.asking import ask
from graph_schema.custom.books import readable
from graph_schema.custom.stores import Day
from graph_schema.plain import Asked
from graph_schema.scalars import Date, Decimal
from hub.context import Ctx
from hub.document.edit import company_of
from hub.document.registry import spec
from hub.errors import NotFound, problem
from hub.ledgers import ageing, bank
from hub.rules.bank_matching import Movement, Reconciliation


@strawberry.type(name="AgedPartner", description="往来账龄 · What is open with a partner, by days past due")
class AgedPartner:
    """A customer or supplier."""

    code: str = strawberry.field(description="编码 · Code of the partner")
    name: str = strawberry.field(description="名称 · The partner")
    not_due: Decimal = strawberry.field(description="未到期 · Not due, advances below zero")
    days30: Decimal = strawberry.field(description="逾期 1-30 天 · 1 to 30 days past due")
    days60: Decimal = strawberry.field(description="逾期 31-60 天 · 31 to 60 days past due")
    days90: Decimal = strawberry.field(description="逾期 61-90 天 · 61 to 90 days past due")
    older: Decimal = strawberry.field(description="逾期 90 天以上 · More than 90 days past due")
    total: Decimal = strawberry.field(description="合计 · All together")


@strawberry.type(name="AgedStock", description="库龄 · An item on hand by days since it came")
class AgedStock:
    """An item."""

    item: str = strawberry.field(description="存货编码 · Code of the item")
    name: str = strawberry.field(description="存货 · The item")
    days30: Decimal = strawberry.field(description="30 天内 · Up to 30 days")
    days90: Decimal = strawberry.field(description="31-90 天 · 31 to 90 days")
    days180: Decimal = strawberry.field(description="91-180 天 · 91 to 180 days")
    days360: Decimal = strawberry.field(description="181-360 天 · 181 to 360 days")
    older: Decimal = strawberry.field(description="360 天以上 · More than 360 days")
    total: Decimal = strawberry.field(description="合计 · All together")
    dead: bool = strawberry.field(description="积压：180 天未出库 · Nothing of it has gone out for 180 days")


@strawberry.type(name="BankDifference", description="未达账项 · Money that only one side knows of")
class BankDifference:
    """A line of the bank or a document of ours."""

    day: Date = strawberry.field(description="日期 · The day")
    amount: Decimal = strawberry.field(description="金额 · Amount, in above zero")
    partner: str = strawberry.field(description="对方 · The other party")
    text: str = strawberry.field(description="摘要或单据号 · What the bank says, or our document")


@strawberry.type(name="BankReconciliation", description="银行存款余额调节表 · Our balance and the bank's")
class BankReconciliation:
    """Two balances, what explains their difference, and what does not."""

    books: Decimal = strawberry.field(description="调节后账面余额 · The books' balance with what only the bank has")
    bank: Decimal = strawberry.field(description="调节后银行余额 · The bank's balance with what only the books have")
    difference: Decimal = strawberry.field(description="差额 · What is left unexplained")
    only_bank: list[BankDifference] = strawberry.field(description="银行已记、企业未记 · What only the bank has")
    only_books: list[BankDifference] = strawberry.field(description="企业已记、银行未记 · What only the books have")


Number = Annotated[str, strawberry.argument(description="对账单号 · Number of the bank statement")]
Question = Callable[[Ctx, UUID, date], list[ageing.Aged]]


async def _aged(info: strawberry.Info[Asked, None], day: date, question: Question) -> list[ageing.Aged]:
    def read(ctx: Ctx) -> list[ageing.Aged]:
        company_id = company_of(ctx)
        return [] if company_id is None else question(ctx, company_id, day)

    return await ask(info.context.viewer, read)


def _partner(one: ageing.Aged) -> AgedPartner:
    names = ("not_due", "days30", "days60", "days90", "older")
    classes = dict(zip(names, map(Decimal, one.classes), strict=True))
    return AgedPartner(code=one.code, name=one.name, total=Decimal(one.total), **classes)


async def receivables_aged(info: strawberry.Info[Asked, None], day: Day) -> list[AgedPartner]:
    """What customers owe; adds up to the account."""
    readable(info, "receivablesAged")
    return [_partner(one) for one in await _aged(info, day, ageing.receivables)]


async def payables_aged(info: strawberry.Info[Asked, None], day: Day) -> list[AgedPartner]:
    """What we owe; adds up to the account."""
    readable(info, "payablesAged")
    return [_partner(one) for one in await _aged(info, day, ageing.payables)]


async def stock_aged(info: strawberry.Info[Asked, None], day: Day) -> list[AgedStock]:
    """What lies in the stores; for whoever reads the cost ledger."""
    readable(info, "stockAged", "CostEntry")
    names = ("days30", "days90", "days180", "days360", "older")
    return [
        AgedStock(
            item=one.code,
            name=one.name,
            total=Decimal(one.total),
            dead=one.dead,
            **dict(zip(names, map(Decimal, one.classes), strict=True)),
        )
        for one in await _aged(info, day, ageing.stock)
    ]


async def bank_reconciliation(info: strawberry.Info[Asked, None], statement: Number) -> BankReconciliation:
    """Of a statement's last day, with what has been matched by now."""
    readable(info, "bankReconciliation")

    def read(ctx: Ctx) -> tuple[Reconciliation, list[Movement], list[Movement]]:
        model = spec("BankStatement").model
        wanted = select(model).where(model.company_id == company_of(ctx), model.number == statement)
        found = ctx.session.execute(wanted).scalar_one_or_none()
        if found is None:
            raise NotFound(problem("NOT_FOUND", "没有这份对账单。", "There is no such statement.", "statement"))
        ctx.session.refresh(found, ["lines"])
        return bank.reconciliation(ctx, found)

    told, only_bank, only_books = await ask(info.context.viewer, read)
    return BankReconciliation(
        books=Decimal(told.books),
        bank=Decimal(told.bank),
        difference=Decimal(told.difference),
        only_bank=[_difference(one) for one in only_bank],
        only_books=[_difference(one) for one in only_books],
    )


def _difference(one: Movement) -> BankDifference:
    return BankDifference(day=Date(one.day), amount=Decimal(one.amount), partner=one.partner, text=one.text)
