"""The cost ledger: what stock is worth, per company and item, kept with every movement.

An entry dated in the past changes the averages after it. Each document whose value was wrong by that gets one
difference of its own, on its own day; closed periods lie before everything that may still be dated, so they are never
touched. The monthly average leaves the running month at its average so far and settles it when it ends.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from typing import Any
from uuid import UUID

from sqlalchemy import text

from hub.context import Ctx
from hub.document import direct, remembering
from hub.ledgers import (
    cost_tables,  # noqa: F401  (declares the table that is read here)
    goods,
)
from hub.rules.valuation import Price, Span, Valued, share, valued

_ZERO = Decimal(0)
# A window, not a join of the days with their last: right after a load PostgreSQL knows nothing of new items, takes them
# for a few and joins by trying every pair.
_DAYS = direct.Asked(
    "SELECT item_id, CASE WHEN day < begins THEN NULL WHEN :monthly THEN date_trunc('month', day)::date "
    "  ELSE day END AS bucket, sum(given_quantity) AS given_quantity, sum(given_value) AS given_value, "
    "  sum(average_quantity) AS average_quantity, sum(average_value) AS average_value "
    "FROM (SELECT c.*, least(:bucket, CASE WHEN :monthly "
    "        THEN date_trunc('month', max(c.day) OVER (PARTITION BY c.item_id))::date END) AS begins "
    "      FROM hub.cost_day c WHERE c.company_id = :company AND c.item_id = ANY(:items)) days "
    "GROUP BY 1, 2 ORDER BY 1, 2"
)
_INSERT = direct.Asked(
    "INSERT INTO hub.cost_entry (company_id, entry_date, item_id, quantity, value, basis, is_difference, "
    "document_type, document_number, recorded_by) "
    "SELECT cast(:company AS uuid), cast(:day AS date), item, quantity, value, basis, false, cast(:type AS text), "
    "cast(:number AS text), cast(:actor AS uuid) "
    "FROM unnest(cast(:items AS uuid[]), cast(:quantities AS numeric[]), cast(:values AS numeric[]), "
    "cast(:bases AS text[])) AS row (item, quantity, value, basis)"
)
# Thirty decimals before the division: PostgreSQL gives a quotient as many, far more than a half cent can hide behind.
_DIFFERENCES = direct.Asked(
    "INSERT INTO hub.cost_entry (company_id, entry_date, item_id, quantity, value, basis, is_difference, "
    "document_type, document_number, recorded_by) "
    "SELECT cast(:company AS uuid), entry_date, item_id, 0, target - value, 'average', true, document_type, "
    "document_number, cast(:actor AS uuid) "
    "FROM (SELECT unit.*, round(round(worth * sum(quantity) OVER earlier, 30) / base, 2) "
    "        - round(round(worth * (sum(quantity) OVER earlier - quantity), 30) / base, 2) AS target "
    "      FROM (SELECT c.item_id, c.entry_date, c.document_type, c.document_number, bucket.begins, bucket.worth, "
    "              bucket.base, sum(c.quantity) AS quantity, sum(c.value) AS value, min(c.id::text) AS first "
    "            FROM unnest(cast(:items AS uuid[]), cast(:begins AS date[]), cast(:worths AS numeric[]), "
    "              cast(:bases AS numeric[])) AS bucket (item, begins, worth, base) "
    "            JOIN hub.cost_entry c ON c.item_id = bucket.item AND bucket.begins = "
    "              CASE WHEN :monthly THEN date_trunc('month', c.entry_date)::date ELSE c.entry_date END "
    "            WHERE c.company_id = :company AND c.basis = 'average' AND c.item_id = ANY(:items) "
    "              AND c.entry_date >= :since "
    "            GROUP BY 1, 2, 3, 4, 5, 6, 7) unit "
    "      WINDOW earlier AS (PARTITION BY item_id, begins ORDER BY first)) told "
    "WHERE target <> value ORDER BY item_id, entry_date"
)


@dataclass
class _Bucket:
    """A day or month of an item: what moved in it, and what its average movements are booked at."""

    given_quantity: Decimal = _ZERO
    given_value: Decimal = _ZERO
    average_quantity: Decimal = _ZERO
    average_value: Decimal = _ZERO

    @property
    def span(self) -> Span:
        return Span(self.given_quantity, self.given_value, self.average_quantity)


@dataclass
class _Course:
    """An item from a bucket on: what was there before, and its buckets by their first day."""

    quantity: Decimal = _ZERO
    value: Decimal = _ZERO
    buckets: dict[date, _Bucket] = field(default_factory=lambda: defaultdict(_Bucket))

    def valued(self, fallback: Decimal) -> dict[date, Valued]:
        """The price and value of each bucket, in their order."""
        days = sorted(self.buckets)
        spans = [self.buckets[day].span for day in days]
        return dict(zip(days, valued(self.quantity, self.value, spans, fallback), strict=True))


def post(ctx: Ctx, document: Any, day: date, moves: Sequence[Any], items: Mapping[UUID, Any]) -> None:
    """Book the value of a document's moves, and the differences that a day in the past makes to later documents."""
    given: dict[UUID, tuple[Decimal, Decimal]] = {}
    average: dict[UUID, Decimal] = defaultdict(Decimal)
    for move in moves:
        if move.to is not None or not move.quantity:
            continue
        if move.quantity > 0 and move.value is not None:
            quantity, value = given.get(move.item_id, (_ZERO, _ZERO))
            given[move.item_id] = (quantity + move.quantity, value + move.value)
        else:
            average[move.item_id] += move.quantity
    moved = sorted({*given, *average})
    if not moved:
        return
    _value_unknown(ctx, document, moved, given, average, items)
    monthly, bucket = _monthly(ctx, document.company_id), day
    if monthly:
        bucket = day.replace(day=1)
    courses = _remembered(ctx, document.company_id, moved, bucket, monthly)
    rows: list[tuple[UUID, Decimal, Decimal, str]] = []
    for item_id in moved:
        here = courses[item_id].buckets[bucket]
        before = here.average_quantity
        if item_id in given:
            quantity, value = given[item_id]
            here.given_quantity, here.given_value = here.given_quantity + quantity, here.given_value + value
            rows.append((item_id, quantity, value, "given"))
        if average.get(item_id):
            here.average_quantity += average[item_id]
            price = courses[item_id].valued(items[item_id].standard_cost or _ZERO)[bucket].price
            value = share(price, before, average[item_id])
            here.average_value += value
            rows.append((item_id, average[item_id], value, "average"))
    _insert(ctx, document, day, rows)
    _differ(ctx, document.company_id, courses, items, monthly, settled=False)


def reverse(ctx: Ctx, document: Any, day: date, items: Mapping[UUID, Any]) -> None:
    """Take back to the cent what a document was booked at, on its own day, or as a given value on a later one."""
    rows = ctx.session.execute(
        text(
            "SELECT item_id, entry_date, basis, -sum(quantity) AS quantity, -sum(value) AS value FROM hub.cost_entry "
            "WHERE company_id = :company AND document_type = :type AND document_number = :number "
            "GROUP BY item_id, entry_date, basis HAVING sum(quantity) <> 0 OR sum(value) <> 0"
        ),
        {"company": document.company_id, "type": type(document).__name__, "number": document.number},
    ).all()
    if not rows:
        return
    _insert(
        ctx,
        document,
        day,
        [(row.item_id, row.quantity, row.value, row.basis if row.entry_date == day else "given") for row in rows],
    )
    remembering.forget(ctx.session, "CostEntry")
    monthly = _monthly(ctx, document.company_id)
    bucket = day.replace(day=1) if monthly else day
    courses = _courses(ctx, document.company_id, [row.item_id for row in rows], bucket, monthly)
    _differ(ctx, document.company_id, courses, items, monthly, settled=False)


def settle_period(ctx: Ctx, period: Any) -> None:
    """What closing an accounting period asks of stock: its month is settled."""
    settle(ctx, period.company_id, date.fromisoformat(f"{period.code}-01"))


def settle(ctx: Ctx, company_id: UUID, first: date, items: Iterable[UUID] | None = None) -> None:
    """Bring every value from the month of `first` on to its monthly average, the last month too: closing needs it.

    The moving average leaves nothing to settle.
    """
    if not _monthly(ctx, company_id):
        return
    wanted = sorted(items) if items is not None else _moved_since(ctx, company_id, first.replace(day=1))
    if not wanted:
        return
    locked = goods.locked(ctx, wanted)
    courses = _courses(ctx, company_id, wanted, first.replace(day=1), monthly=True)
    _differ(ctx, company_id, courses, locked, monthly=True, settled=True)


def _moved_since(ctx: Ctx, company_id: UUID, first: date) -> list[UUID]:
    found = text("SELECT DISTINCT item_id FROM hub.cost_day WHERE company_id = :company AND day >= :first ORDER BY 1")
    return list(ctx.session.execute(found, {"company": company_id, "first": first}).scalars())


def _monthly(ctx: Ctx, company_id: UUID) -> bool:
    method = text("SELECT valuation FROM hub.company WHERE id = :id")
    return remembering.recall(
        ctx.session,
        ("Company",),
        company_id,
        lambda: bool(ctx.session.execute(method, {"id": company_id}).scalar_one() == "monthly"),
    )


def _remembered(ctx: Ctx, company_id: UUID, items: Sequence[UUID], bucket: date, monthly: bool) -> dict[UUID, _Course]:
    """The courses of items, which a unit of work of many documents reads once a bucket and then keeps itself."""
    known = remembering.answers(ctx.session, ("CostEntry",))
    unknown = [item_id for item_id in items if item_id not in known or known[item_id][0] != bucket]
    if unknown:
        read = _courses(ctx, company_id, unknown, bucket, monthly)
        known.update((item_id, (bucket, course)) for item_id, course in read.items())
    return {item_id: known[item_id][1] for item_id in items}


def _courses(ctx: Ctx, company_id: UUID, items: Sequence[UUID], bucket: date, monthly: bool) -> dict[UUID, _Course]:
    """What is booked of each item: all before the bucket as one sum, then bucket by bucket.

    Under the monthly average an item's last month is read too when it lies earlier: it has ended and is now settled.
    """
    courses = {item_id: _Course() for item_id in items}
    about = {"company": company_id, "items": list(items), "bucket": bucket, "monthly": monthly}
    for row in _DAYS.rows(ctx.session, about):
        if row.bucket is None:
            courses[row.item_id].quantity = row.given_quantity + row.average_quantity
            courses[row.item_id].value = row.given_value + row.average_value
        else:
            sums = (row.given_quantity, row.given_value, row.average_quantity, row.average_value)
            courses[row.item_id].buckets[row.bucket] = _Bucket(*sums)
    return courses


def _insert(ctx: Ctx, document: Any, day: date, rows: Sequence[tuple[UUID, Decimal, Decimal, str]]) -> None:
    if not rows:
        return
    about = {
        "company": document.company_id,
        "day": day,
        "type": type(document).__name__,
        "number": document.number,
        "actor": ctx.viewer.user_id,
        "items": [row[0] for row in rows],
        "quantities": [row[1] for row in rows],
        "values": [row[2] for row in rows],
        "bases": [row[3] for row in rows],
    }
    _INSERT.run(ctx.session, about)


def _differ(
    ctx: Ctx, company_id: UUID, courses: Mapping[UUID, _Course], items: Mapping[UUID, Any], monthly: bool,
    *, settled: bool,
) -> None:  # fmt: skip
    """Append a difference for every document in a bucket whose value is not what its average now says."""
    wrong: list[tuple[UUID, date, Price]] = []
    for item_id, course in courses.items():
        last = max(course.buckets, default=None)
        for begins, now in course.valued(items[item_id].standard_cost or _ZERO).items():
            running = monthly and begins == last and not settled
            if now.average_value != course.buckets[begins].average_value and not running:
                wrong.append((item_id, begins, now.price))
    if not wrong:
        return
    remembering.forget(ctx.session, "CostEntry")
    about = {
        "company": company_id,
        "items": [one[0] for one in wrong],
        "begins": [one[1] for one in wrong],
        "worths": [one[2].value for one in wrong],
        "bases": [one[2].quantity for one in wrong],
        "since": min(one[1] for one in wrong),
        "monthly": monthly,
        "actor": ctx.viewer.user_id,
    }
    _DIFFERENCES.rows(ctx.session, about)


_UNKNOWN = direct.Asked(
    "SELECT i.id, coalesce(b.quantity, 0) - coalesce(c.quantity, 0) AS missing FROM unnest(cast(:items AS uuid[])) "
    "AS i (id) "
    "LEFT JOIN (SELECT item_id, sum(quantity) AS quantity FROM hub.stock_balance "
    "  WHERE company_id = :company AND item_id = ANY(:items) GROUP BY item_id) b ON b.item_id = i.id "
    "LEFT JOIN (SELECT item_id, sum(given_quantity + average_quantity) AS quantity FROM hub.cost_day "
    "  WHERE company_id = :company AND item_id = ANY(:items) GROUP BY item_id) c ON c.item_id = i.id"
)
_VALUE_UNKNOWN = text(
    "INSERT INTO hub.cost_entry (company_id, entry_date, item_id, quantity, value, basis, is_difference, "
    "document_type, document_number, recorded_by) "
    "SELECT e.company_id, e.day, e.item_id, sum(e.quantity), "
    "  CASE WHEN e.given THEN round(sum(e.quantity) * coalesce(i.standard_cost, 0), 2) ELSE 0 END, "
    "  CASE WHEN e.given THEN 'given' ELSE 'average' END, false, e.document_type, e.document_number, :actor "
    "FROM (SELECT company_id, item_id, (entry_at AT TIME ZONE 'Asia/Shanghai')::date AS day, "
    "        kind IN ('opening', 'receipt', 'production') AS given, document_type, document_number, quantity "
    "      FROM hub.stock_entry WHERE company_id = :company AND item_id = ANY(:items)) e "
    "JOIN hub.item i ON i.id = e.item_id "
    "WHERE (e.document_type, e.document_number) IS DISTINCT FROM (:type, :number) "
    "AND NOT EXISTS (SELECT FROM hub.cost_entry c WHERE c.company_id = e.company_id AND c.item_id = e.item_id "
    "  AND c.entry_date = e.day AND c.document_number IS NOT DISTINCT FROM e.document_number "
    "  AND c.document_type IS NOT DISTINCT FROM e.document_type) "
    "GROUP BY e.company_id, e.day, e.item_id, e.given, e.document_type, e.document_number, i.standard_cost "
    "HAVING sum(e.quantity) <> 0 ORDER BY e.item_id, e.day"
)


def _value_unknown(
    ctx: Ctx,
    document: Any,
    moved: Sequence[UUID],
    given: Mapping[UUID, tuple[Decimal, Decimal]],
    average: Mapping[UUID, Decimal],
    items: Mapping[UUID, Any],
) -> None:
    """Items whose stock came over another path, a legacy ledger say, get their value before anything is added."""
    known = remembering.answers(ctx.session, ("StockEntry",))
    asked = [item_id for item_id in moved if item_id not in known]
    if not asked:
        return
    known.update(dict.fromkeys(asked, True))
    unknown = [
        row.id
        for row in _UNKNOWN.rows(ctx.session, {"company": document.company_id, "items": asked})
        if row.missing != given.get(row.id, (_ZERO, _ZERO))[0] + average.get(row.id, _ZERO)
    ]
    if unknown:
        value_loaded(ctx, document.company_id, unknown, items, besides=(type(document).__name__, document.number))


def value_loaded(
    ctx: Ctx,
    company_id: UUID,
    item_ids: Sequence[UUID],
    items: Mapping[UUID, Any] | None = None,
    *,
    besides: tuple[str | None, str | None] = (None, ""),
) -> None:
    """Book the movements that have no value yet: receipts at standard cost, everything else at its average."""
    items = goods.locked(ctx, item_ids) if items is None else items
    about = {"company": company_id, "items": list(item_ids), "actor": ctx.viewer.user_id}
    ctx.session.execute(_VALUE_UNKNOWN, about | {"type": besides[0], "number": besides[1]})
    remembering.forget(ctx.session, "CostEntry")
    monthly = _monthly(ctx, company_id)
    courses = _courses(ctx, company_id, item_ids, date(1, 1, 1), monthly)
    _differ(ctx, company_id, courses, items, monthly, settled=True)


def purchase_prices(ctx: Ctx, receipt: Any) -> dict[UUID, Decimal]:
    """The net unit price at which each line of a receipt was ordered, in the books' currency, by the line's id."""
    named = {line.id: line.order_line_id for line in receipt.lines if line.order_line_id is not None}
    if not named:
        return {}
    found = text(
        "SELECT l.id, round(l.unit_price * (100 - l.discount) / 100 * o.exchange_rate, 4) AS unit_price "
        "FROM hub.purchase_order_line l JOIN hub.purchase_order o ON o.id = l.purchase_order_id "
        "WHERE l.id = ANY(:ids)"
    )
    prices = {row.id: row.unit_price for row in ctx.session.execute(found, {"ids": sorted(set(named.values()))})}
    return {line: prices[ordered] for line, ordered in named.items()}


_MADE_OF = direct.Asked(
    "SELECT i.standard_cost, o.quantity, coalesce((SELECT -sum(c.value) FROM hub.cost_entry c JOIN ("
    "    SELECT 'MaterialIssue' AS type, company_id, number, production_order_id, state FROM hub.material_issue "
    "    WHERE operation_report_id IS NULL AND product_receipt_id IS NULL "
    "    UNION ALL SELECT 'MaterialReturn', company_id, number, production_order_id, state "
    "    FROM hub.material_return) m "
    "  ON m.company_id = c.company_id AND m.number = c.document_number AND m.type = c.document_type "
    "  WHERE m.production_order_id = o.id AND m.state = 'posted'), 0) + coalesce((SELECT sum(m.required_quantity * ("
    "    SELECT sum(d.given_value + d.average_value) / nullif(sum(d.given_quantity + d.average_quantity), 0) "
    "    FROM hub.cost_day d WHERE d.company_id = o.company_id AND d.item_id = m.item_id)) "
    "  FROM hub.production_order_material m "
    "  WHERE m.production_order_id = o.id AND m.issue_method = 'backflush'), 0) AS value "
    "FROM hub.production_order o JOIN hub.item i ON i.id = o.item_id WHERE o.id = :id"
)


def production_cost(ctx: Ctx, receipt: Any) -> Decimal | None:
    """What a piece of the product is worth: its standard cost, else the materials of what is planned.

    Those that the stores issued at what was issued, those that are backflushed at what they need at the average: they
    are taken piece by piece, some only after this receipt. None when neither is known, and without a production order.
    """
    if receipt.production_order_id is None:
        return None
    row = _MADE_OF.rows(ctx.session, {"id": receipt.production_order_id})[0]
    if row.standard_cost is not None or not row.value or not row.quantity:
        return None if row.standard_cost is None else Decimal(row.standard_cost)
    return Decimal(row.value) / Decimal(row.quantity)
