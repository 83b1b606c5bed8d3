"""What suppliers have offered, brought and charged, read for decisions: whom to buy from, and how good they were."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, FromClause, case, func, or_, select
from sqlalchemy.dialects.postgresql import distinct_on

from hub.context import Ctx
from hub.document.fields import Tables, today
from hub.document.registry import spec, table
from hub.errors import Problem, problem
from hub.rules import scoring
from hub.rules.money import ZERO
from hub.rules.prices import net_price
from hub.rules.scoring import WEIGHTS, Bought, Promise
from hub.rules.sourcing import Offer

ORDERED = ("confirmed", "closed")
"""The states of purchase orders that bind."""
NOT_EVALUATED = Decimal(75)
"""The score of a supplier that nobody has evaluated yet: good enough to try, no reason to prefer it."""
_PRICES_HOLD = timedelta(days=365)


@dataclass(frozen=True)
class Scores:
    """What facts say of a supplier, each out of 100; None where there are none."""

    quality: Decimal | None
    delivery: Decimal | None
    price: Decimal | None


def total_score(row: FromClause) -> ColumnElement[Any]:
    """The weighted mean of an evaluation's scores and its adjustment, as `hub.rules.scoring` reckons it; in SQL."""
    known = [(row.c[f"{name}_score"], weight) for name, weight in WEIGHTS.items()]
    weighed = sum(
        (func.coalesce(score * weight, 0) for score, weight in known[1:]), func.coalesce(known[0][0] * known[0][1], 0)
    )
    weights = [case((score.is_(None), 0), else_=weight) for score, weight in known]
    weight = sum(weights[1:], weights[0])
    mean = func.round(weighed / func.nullif(weight, 0), 2)
    kept = func.least(func.greatest(mean + row.c.adjustment, 0), 100)
    return case((weight > 0, kept), else_=None)  # for least() and greatest() pass over NULL


def last_score(row: FromClause, tables: Tables) -> ColumnElement[Any]:
    """The score of a supplier's last confirmed evaluation."""
    evaluation = tables("SupplierEvaluation")
    last = select(total_score(evaluation)).where(
        evaluation.c.supplier_id == row.c.id, evaluation.c.state == "confirmed"
    )
    last = last.order_by(evaluation.c.until_date.desc(), evaluation.c.number.desc()).limit(1)
    return last.correlate(row).scalar_subquery()


def scores(ctx: Ctx, supplier_id: UUID, first: date, last: date) -> Scores:
    """What a supplier's receipts and orders between two days (inclusive) say of it."""
    received, rejected = _received(ctx, supplier_id, first, last)
    return Scores(
        scoring.quality(received, rejected),
        scoring.delivery(_promises(ctx, supplier_id, first, last), min(last, today())),
        scoring.price(_bought(ctx, supplier_id, first, last)),
    )


def _received(ctx: Ctx, supplier_id: UUID, first: date, last: date) -> tuple[Decimal, Decimal]:
    line, receipt = spec("PurchaseReceiptLine").table, spec("PurchaseReceipt").table
    row = ctx.session.execute(
        select(func.coalesce(func.sum(line.c.quantity), 0), func.coalesce(func.sum(line.c.rejected_quantity), 0))
        .join_from(line, receipt, receipt.c.id == line.c.purchase_receipt_id)
        .where(receipt.c.supplier_id == supplier_id, receipt.c.state == "confirmed")
        .where(receipt.c.receipt_date.between(first, last))
    ).one()
    return row[0], row[1]


def _promises(ctx: Ctx, supplier_id: UUID, first: date, last: date) -> Iterator[Promise]:
    """What was promised for days of the period: each arrival by itself, and what is still to come."""
    line, order = spec("PurchaseOrderLine").table, spec("PurchaseOrder").table
    came, receipt = spec("PurchaseReceiptLine").table, spec("PurchaseReceipt").table
    promised = func.coalesce(line.c.promised_date, order.c.promised_date)
    wanted = ctx.session.execute(
        select(line.c.id, line.c.quantity, promised.label("promised"), order.c.state)
        .join_from(line, order, order.c.id == line.c.purchase_order_id)
        .where(order.c.supplier_id == supplier_id, order.c.state.in_(ORDERED), promised.between(first, last))
        .order_by(line.c.id)
    ).all()
    arrivals: dict[UUID, list[Any]] = defaultdict(list)
    for arrival in ctx.session.execute(
        select(came.c.order_line_id, came.c.quantity, receipt.c.receipt_date)
        .join_from(came, receipt, receipt.c.id == came.c.purchase_receipt_id)
        .where(receipt.c.state == "confirmed", came.c.order_line_id.in_([row.id for row in wanted]))
    ):
        arrivals[arrival.order_line_id].append(arrival)
    for row in wanted:
        for one in arrivals[row.id]:
            yield Promise(one.quantity, row.promised, one.receipt_date)
        left = row.quantity - sum((one.quantity for one in arrivals[row.id]), ZERO)
        if left > 0 and row.state == "confirmed":
            yield Promise(left, row.promised, None)


def _bought(ctx: Ctx, supplier_id: UUID, first: date, last: date) -> Iterator[Bought]:
    """What was ordered in the period, beside what anybody was paid for the item in the year until its end."""
    line, order = spec("PurchaseOrderLine").table, spec("PurchaseOrder").table
    net = line.c.unit_price * (100 - line.c.discount) / 100 * order.c.exchange_rate
    base = select(line.c.item_id).join_from(line, order, order.c.id == line.c.purchase_order_id)
    base = base.where(order.c.state.in_(ORDERED), line.c.quantity > 0, line.c.unit_price > 0)
    ours = base.add_columns(line.c.quantity, net.label("price")).where(
        order.c.supplier_id == supplier_id, order.c.order_date.between(first, last)
    )
    rows = ctx.session.execute(ours).all()
    mean = func.sum(net * line.c.quantity) / func.sum(line.c.quantity)
    market = base.add_columns(mean.label("price")).where(
        line.c.item_id.in_({row.item_id for row in rows}), order.c.order_date.between(last - _PRICES_HOLD, last)
    )
    reference = {row.item_id: row.price for row in ctx.session.execute(market.group_by(line.c.item_id))}
    for row in rows:
        yield Bought(row.quantity, row.price, reference.get(row.item_id, row.price))


def not_admitted(ctx: Ctx, supplier_id: UUID) -> Iterator[Problem]:
    """SUPPLIER_NOT_ADMITTED, ADMISSION_EXPIRED: what keeps us from ordering of a supplier."""
    supplier, paper = spec("Supplier").table, spec("SupplierAdmission").table
    until = select(paper.c.valid_until_date).where(paper.c.supplier_id == supplier.c.id, paper.c.state == "approved")
    until = until.order_by(paper.c.application_date.desc(), paper.c.number.desc()).limit(1)
    row = ctx.session.execute(
        select(supplier.c.name, supplier.c.admission, until.correlate(supplier).scalar_subquery().label("until")).where(
            supplier.c.id == supplier_id
        )
    ).one()
    if row.admission != "admitted":
        yield problem(
            "SUPPLIER_NOT_ADMITTED",
            f"供应商“{row.name}”{row.admission.label.chinese}，不能向其订货。",
            f"The supplier {row.name} is {row.admission.label.english.lower()}, so nothing can be ordered of it.",
            "supplier",
            hint=("请先办理供应商准入。", "Have the supplier admitted first."),
        )
    elif row.until is not None and row.until < today():
        yield problem(
            "ADMISSION_EXPIRED",
            f"供应商“{row.name}”的准入已于 {row.until} 到期。",
            f"The admission of the supplier {row.name} expired on {row.until}.",
            "supplier",
            hint=("请重新办理供应商准入。", "Have the supplier admitted anew."),
        )


def nothing_received(ctx: Ctx, order: Any) -> Iterator[Problem]:
    """ORDER_RECEIVED when anything of an order has come: such an order is closed, not cancelled."""
    receipt = spec("PurchaseReceipt").table
    line = spec("PurchaseReceiptLine").table
    came = (
        select(line.c.id)
        .join_from(line, receipt, receipt.c.id == line.c.purchase_receipt_id)
        .where(line.c.order_line_id.in_([one.id for one in order.lines]), receipt.c.state == "confirmed")
    )
    if ctx.session.execute(came.limit(1)).first():
        yield problem(
            "ORDER_RECEIVED",
            "订单已有到货，不能取消；请先取消入库单，或关闭订单。",
            "Part of the order has come: cancel its receipts first, or close the order.",
            "state",
        )


@dataclass(frozen=True)
class Supply:
    """A supplier's offer of an item, as the rules of sourcing take it, and whom and what it is of."""

    item_id: UUID
    supplier_id: UUID
    offer: Offer


def quoted(ctx: Ctx, inquiry: Any) -> list[Supply]:
    """What suppliers have answered to one inquiry, as far as they are admitted and the answer still holds."""
    day = today()
    given = [one for one in inquiry.offers if one.valid_until_date is None or one.valid_until_date >= day]
    rows = [
        (one.item_id, one.supplier_id, one.quantity, net_price(one.unit_price), one.lead_time_days) for one in given
    ]
    return list(_supplies(ctx, inquiry.company_id, rows))


def known(ctx: Ctx, company_id: UUID, item_ids: Iterable[UUID]) -> list[Supply]:
    """What is known of prices of items: answers to inquiries that still hold, else the last order of each supplier."""
    ids = sorted(set(item_ids))
    answers = _answers(ctx, company_id, ids)
    asked = {(row[0], row[1]) for row in answers}
    last = [row for row in _last_prices(ctx, company_id, ids) if (row[0], row[1]) not in asked]
    return list(_supplies(ctx, company_id, [*answers, *last]))


_Row = tuple[UUID, UUID, Decimal, Decimal, int | None]
"""Item, supplier, from quantity, unit price, lead time."""


def _answers(ctx: Ctx, company_id: UUID, item_ids: Sequence[UUID]) -> list[_Row]:
    """Of each supplier and item the offers of its latest inquiry that still hold."""
    offer, inquiry = spec("RfqOffer").table, spec("Rfq").table
    holds = or_(offer.c.valid_until_date >= today(), offer.c.valid_until_date.is_(None))
    rows = ctx.session.execute(
        select(offer.c.item_id, offer.c.supplier_id, offer.c.quantity, offer.c.unit_price, offer.c.lead_time_days)
        .add_columns(inquiry.c.id.label("inquiry"))
        .join_from(offer, inquiry, inquiry.c.id == offer.c.rfq_id)
        .where(inquiry.c.company_id == company_id, inquiry.c.state.in_(("sent", "compared", "closed")))
        .where(offer.c.item_id.in_(item_ids), holds, inquiry.c.rfq_date >= today() - _PRICES_HOLD)
        .order_by(inquiry.c.rfq_date.desc(), inquiry.c.id.desc(), offer.c.position)
    ).all()
    latest: dict[tuple[UUID, UUID], UUID] = {}
    for row in rows:
        latest.setdefault((row.item_id, row.supplier_id), row.inquiry)
    return [
        (row.item_id, row.supplier_id, row.quantity, row.unit_price, row.lead_time_days)
        for row in rows
        if latest[row.item_id, row.supplier_id] == row.inquiry
    ]


def _last_prices(ctx: Ctx, company_id: UUID, item_ids: Sequence[UUID]) -> list[_Row]:
    line, order = spec("PurchaseOrderLine").table, spec("PurchaseOrder").table
    net = line.c.unit_price * (100 - line.c.discount) / 100 * order.c.exchange_rate
    rows = ctx.session.execute(
        select(line.c.item_id, order.c.supplier_id, net.label("price"))
        .ext(distinct_on(line.c.item_id, order.c.supplier_id))
        .join_from(line, order, order.c.id == line.c.purchase_order_id)
        .where(order.c.company_id == company_id, order.c.state.in_(ORDERED), line.c.item_id.in_(item_ids))
        .where(order.c.order_date >= today() - _PRICES_HOLD)
        .order_by(line.c.item_id, order.c.supplier_id, order.c.order_date.desc(), line.c.id.desc())
    )
    return [(row.item_id, row.supplier_id, ZERO, row.price, None) for row in rows]


def _supplies(ctx: Ctx, company_id: UUID, rows: Sequence[_Row]) -> Iterator[Supply]:
    """Offers of admitted suppliers: their prices by quantity, their score, lead times and the items' lots."""
    supplier, item = spec("Supplier").table, spec("Item").table
    people = {
        row.id: row
        for row in ctx.session.execute(
            select(supplier.c.id, supplier.c.code, supplier.c.lead_time_days)
            .add_columns(last_score(supplier, table).label("score"))
            .where(supplier.c.company_id == company_id, supplier.c.admission == "admitted", supplier.c.active)
            .where(supplier.c.id.in_({row[1] for row in rows}))
        )
    }
    lots = [item.c[name] for name in ("minimum_lot", "lot_multiple") if name in item.c]
    things = {
        row["id"]: row
        for row in ctx.session.execute(
            select(item.c.id, item.c.lead_time_days, *lots).where(item.c.id.in_({row[0] for row in rows}))
        ).mappings()
    }
    grouped: dict[tuple[UUID, UUID], list[_Row]] = defaultdict(list)
    for row in rows:
        if row[1] in people:
            grouped[row[0], row[1]].append(row)
    for (item_id, supplier_id), prices in grouped.items():
        thing, who = things[item_id], people[supplier_id]
        steps = sorted((row[2], row[3]) for row in prices)
        days = next((row[4] for row in prices if row[4] is not None), who.lead_time_days)
        yield Supply(
            item_id,
            supplier_id,
            Offer(
                who.code,
                ((ZERO, steps[0][1]), *steps[1:]),
                (thing["lead_time_days"] or 0) if days is None else days,
                NOT_EVALUATED if who.score is None else who.score,
                max(steps[0][0], thing.get("minimum_lot") or ZERO),
                thing.get("lot_multiple") or Decimal("0.0001"),
            ),
        )
