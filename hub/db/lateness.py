"""What PostgreSQL reckons of an order line that is still to be shipped: when it will be there, and what that waits for.

What is still missing comes in parts: reserved goods, each run of production that serves the line, and the rest, from
free stock, from inspection, from suppliers or from nowhere yet. The part that comes last decides. A run is done when
the published schedule, else the order, says; it cannot begin before its materials are there. The codes and their
sentences are `hub.rules.lateness.REASONS`; where a machine or a mould is what a run waits for, the schedule knows it.
"""

from __future__ import annotations

from collections.abc import Iterator

from psycopg import sql

_FUNCTION = """
CREATE OR REPLACE FUNCTION hub.lateness(line_id uuid, open_quantity numeric, now timestamptz)
RETURNS TABLE (level text, expected date, reason text, cause text)
LANGUAGE sql STABLE AS $$
WITH asked AS (
  SELECT l.id, l.item_id, o.company_id, coalesce(l.promised_date, o.promised_date) AS promised, i.code,
    (now AT TIME ZONE 'Asia/Shanghai')::date AS today,
    (now AT TIME ZONE 'Asia/Shanghai')::date + coalesce(i.lead_time_days, 0) AS bought,
    greatest((SELECT coalesce(sum(s.quantity), 0) FROM hub.stock_reservation s WHERE s.order_line_id = l.id), 0)
      AS reserved
  FROM hub.sales_order_line l JOIN hub.sales_order o ON o.id = l.sales_order_id JOIN hub.item i ON i.id = l.item_id
  WHERE l.id = line_id AND o.state = 'confirmed' AND open_quantity > 0
), run AS (
  SELECT p.id, p.number, p.state, a.company_id, a.today,
    d.quantity * greatest(p.quantity - p.completed_quantity, 0) / nullif(p.quantity, 0) AS coming,
    greatest(a.today, coalesce(plan.starts, p.planned_start_date)) AS starts,
    greatest(a.today, coalesce(plan.finishes, p.planned_finish_date)) AS finishes
  FROM asked a JOIN hub.production_order_demand d ON d.order_line_id = a.id
  JOIN hub.production_order p ON p.id = d.production_order_id AND p.state IN ('planned', 'released', 'paused')
  CROSS JOIN LATERAL (
    SELECT (min(r.starts_at) AT TIME ZONE 'Asia/Shanghai')::date AS starts,
      (max(r.finishes_at) AT TIME ZONE 'Asia/Shanghai')::date AS finishes
    FROM hub.schedule_run r JOIN hub.schedule h ON h.id = r.schedule_id AND h.state = 'published'
    WHERE r.production_order_id = p.id) plan
), waits AS (
  SELECT r.*, short.ready, short.code, short.ordered, scheduled.reason_code, scheduled.cause
  FROM run r LEFT JOIN LATERAL (
    SELECT i.code, coming.day IS NOT NULL AS ordered,
      CASE WHEN coming.day IS NULL THEN r.today + coalesce(i.lead_time_days, 0) ELSE greatest(coming.day, r.today) END
        AS ready
    FROM hub.production_order_material m JOIN hub.item i ON i.id = m.item_id
    CROSS JOIN LATERAL (SELECT hub.bought_by(r.company_id, m.item_id) AS day) coming
    WHERE m.production_order_id = r.id AND m.required_quantity - m.issued_quantity > coalesce((
      SELECT sum(b.quantity) FROM hub.stock_balance b
      WHERE b.company_id = r.company_id AND b.item_id = m.item_id AND b.status = 'available'), 0)
    ORDER BY ready DESC, i.code LIMIT 1) short ON true
  LEFT JOIN LATERAL (
    SELECT s.reason_code, s.cause FROM hub.schedule_run s
    JOIN hub.schedule h ON h.id = s.schedule_id AND h.state = 'published'
    WHERE s.production_order_id = r.id AND s.reason_code IS NOT NULL
    ORDER BY s.late_minutes DESC, s.starts_at LIMIT 1) scheduled ON true
), rest AS (
  SELECT a.*, open_quantity - a.reserved - coalesce((SELECT sum(r.coming) FROM run r), 0)
      - greatest(stock.available - stock.promised, 0) AS missing,
    stock.waiting, hub.bought_by(a.company_id, a.item_id) AS day
  FROM asked a CROSS JOIN LATERAL (
    SELECT coalesce(sum(b.quantity) FILTER (WHERE b.status = 'available'), 0) AS available,
      coalesce(sum(b.quantity) FILTER (WHERE b.status = 'quarantine'), 0) AS waiting,
      coalesce((SELECT sum(s.quantity) FROM hub.stock_reservation s
        WHERE s.company_id = a.company_id AND s.item_id = a.item_id), 0) AS promised
    FROM hub.stock_balance b WHERE b.company_id = a.company_id AND b.item_id = a.item_id) stock
), part AS (
  SELECT a.today AS expected, 0 AS margin, 'unshipped' AS reason, a.code AS cause FROM asked a
  UNION ALL
  SELECT w.finishes + greatest(coalesce(w.ready - w.starts, 0), 0), 2,
    CASE WHEN w.state = 'paused' THEN 'paused' WHEN w.ready > w.starts AND w.ordered THEN 'supplier'
      WHEN w.ready > w.starts THEN 'material' ELSE coalesce(w.reason_code, 'work') END,
    CASE WHEN w.state = 'paused' THEN w.number WHEN w.ready > w.starts THEN w.code
      WHEN w.reason_code IN ('machine', 'mould', 'material') THEN w.cause ELSE w.number END
  FROM waits w
  UNION ALL
  SELECT CASE WHEN r.missing <= r.waiting THEN r.today WHEN r.day IS NULL THEN r.bought
      ELSE greatest(r.day, r.today) END, 2,
    CASE WHEN r.missing <= r.waiting THEN 'inspection' WHEN r.day IS NULL THEN 'unplanned' ELSE 'supplier' END, r.code
  FROM rest r WHERE r.missing > 0
), decides AS (
  SELECT p.*, a.promised FROM part p CROSS JOIN asked a ORDER BY p.expected DESC, p.margin DESC, p.reason LIMIT 1
), judged AS (
  SELECT d.*, CASE WHEN d.expected > d.promised THEN 'late' WHEN d.expected + d.margin > d.promised THEN 'at_risk'
    ELSE 'on_time' END AS level
  FROM decides d
)
SELECT j.level, j.expected, CASE WHEN j.level <> 'on_time' THEN j.reason END,
  CASE WHEN j.level <> 'on_time' THEN j.cause END
FROM judged j
$$"""

_BOUGHT_BY = """
CREATE OR REPLACE FUNCTION hub.bought_by(company uuid, item uuid) RETURNS date LANGUAGE sql STABLE AS $$
SELECT min(coalesce(l.promised_date, o.promised_date)) FROM hub.purchase_order_line l
JOIN hub.purchase_order o ON o.id = l.purchase_order_id AND o.state = 'confirmed' AND o.company_id = company
WHERE l.item_id = item AND l.quantity > coalesce((
  SELECT sum(x.quantity) FROM hub.purchase_receipt_line x JOIN hub.purchase_receipt r ON r.id = x.purchase_receipt_id
  WHERE x.order_line_id = l.id AND r.state = 'confirmed'), 0)
$$"""


def told_lateness() -> Iterator[sql.Composed]:
    """The functions, anew."""
    for statement in (_BOUGHT_BY, _FUNCTION):
        yield sql.Composed([sql.SQL(statement)])
