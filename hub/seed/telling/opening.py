"""The cut-over: what the hub takes over from the old books on its first day, as opening balances.

Stock is counted, receivables and payables are the open bills of the year before, machines and moulds bring cost and
wear, other accounts are the rest; together they leave nothing on the account in transit.
"""

from __future__ import annotations

from collections import defaultdict
from decimal import ROUND_HALF_UP, Decimal
from typing import Any

from sqlalchemy import select

from hub.document.edit import company_of
from hub.document.registry import spec
from hub.ledgers.opening import number_of
from hub.rules.chart import OPENING
from hub.seed.paying import Bill, Money
from hub.seed.telling.teller import Row, Teller, lot_code

BANK, IN_THE_BANK = "1002", Decimal("3265400.00")
_CENT = Decimal("0.01")
_ACCOUNTS = (
    ("1001", Decimal("18600.00"), Decimal(0)),
    (BANK, IN_THE_BANK, Decimal(0)),
    ("2211", Decimal(0), Decimal("361500.00")),
    ("3001", Decimal(0), Decimal("8000000.00")),
)
"""Debit and credit of what stands in the old books; retained earnings are what is left."""


def tell(teller: Teller, before: Money) -> None:
    """Stock, receivables, payables, assets and accounts."""
    net = _stock(teller)
    net += _partners(teller, "receivables", "customer", before.sales)
    net -= _partners(teller, "payables", "supplier", before.purchases)
    net += _assets(teller)
    teller.book.bank_balance = IN_THE_BANK
    own = sum((debit - credit for _, debit, credit in _ACCOUNTS), Decimal(0))
    sides = [*_ACCOUNTS, (OPENING, net, Decimal(0)), ("3104", Decimal(0), own + net)]
    lines: list[Row] = [{"account": account, "debit": debit, "credit": credit} for account, debit, credit in sides]
    _post(teller, {"kind": "accounts", "lines": lines})


def _stock(teller: Teller) -> Decimal:
    """A balance for each warehouse; returns what it is all worth."""
    base = teller.year.masters
    places = {one.code: (one.warehouse, one.location, one.price) for one in base.materials}
    places |= {one.code: ("CK03", one.location, one.cost) for one in base.parts}
    opening = [move for move in teller.year.moves if move.kind == "opening"]
    day = teller.year.span.first_day
    for move in opening:
        teller.book.lots[move.item, move.lot] = lot_code(move.item, move.lot)
    teller.load(
        "Lot",
        [
            {"code": teller.lot(one), "name": f"期初 {one.item}", "item": one.item, "origin_date": day}
            for one in opening
        ],
    )
    found: dict[str, list[Row]] = defaultdict(list)
    worth = Decimal(0)
    for move in opening:
        warehouse, location, price = places[move.item]
        value = (move.quantity * price).quantize(_CENT, ROUND_HALF_UP)
        worth += value
        about = {"item": move.item, "lot": teller.lot(move), "location": location}
        found[warehouse].append({**about, "quantity": move.quantity, "debit": value})
    for warehouse, lines in found.items():
        _post(teller, {"kind": "stock", "warehouse": warehouse, "lines": lines})
    return worth


def _partners(teller: Teller, kind: str, partner: str, bills: list[Bill]) -> Decimal:
    """What is open of the bills of the year before, each an open item; returns the sum."""
    first = teller.year.span.first_day
    owed = [(bill, sum((amount for day, amount in bill.payments if day >= first), Decimal(0))) for bill in bills]
    owed = [(bill, amount) for bill, amount in owed if amount]
    side = "debit" if kind == "receivables" else "credit"
    lines: list[Row] = [
        {
            partner: bill.partner.code,
            "invoice_date": bill.day,
            "due_date": bill.due,
            side: amount,
            "note": "切换前未结",
        }
        for bill, amount in owed
    ]
    opening = _post(teller, {"kind": kind, "lines": lines})
    table = spec("SalesInvoice" if kind == "receivables" else "PurchaseInvoice").table
    found = select(table.c.number, table.c.id).where(table.c.opening_balance_id == opening.id)
    ids = {row.number: row.id for row in teller.ctx.session.execute(found)}
    for (bill, _), line in zip(owed, opening.lines, strict=True):
        teller.keep(bill, ids[number_of(opening, line)])
    return sum((amount for _, amount in owed), Decimal(0))


def _assets(teller: Teller) -> Decimal:
    """What was bought before; returns what it is still worth."""
    table = spec("Asset").table
    mine = select(table.c.code, (table.c.cost - table.c.opening_depreciation).label("net")).where(
        table.c.company_id == company_of(teller.ctx), table.c.cost > 0
    )
    rows = teller.ctx.session.execute(mine.order_by(table.c.code)).all()
    _post(teller, {"kind": "assets", "lines": [{"asset": row.code} for row in rows]})
    return sum((row.net for row in rows), Decimal(0))


def _post(teller: Teller, values: Row) -> Any:
    return teller.told("OpeningBalance", {"entry_date": teller.year.span.first_day, **values}, "post")
