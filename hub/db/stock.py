"""Triggers that keep the sums of the stock and cost ledgers, whoever appends: a step, a load, a person with psql.

One run per statement over all its new rows. Balances are written in the order of their key, so two writers of one
statement each cannot wait for one another in a circle. What may not be is refused with SQLSTATE HU002, whose detail
is a JSON list of problems: see `hub.document.walls`.
"""

from __future__ import annotations

from collections.abc import Iterator

from psycopg import sql

_SHORT = """
CREATE OR REPLACE FUNCTION hub.refuse_stock(fact text, wrong jsonb) RETURNS void LANGUAGE plpgsql AS $$
DECLARE told jsonb;
BEGIN
  SELECT jsonb_agg(jsonb_build_object(
           'code', fact,
           'chinese', CASE fact
             WHEN 'STOCK_SHORT' THEN format('仓库 %s 的 %s 库存不足：%s 将为 %s。', w.code, i.code, f.day, f.quantity)
             ELSE format('%s 的序列号 %s 已在库存中。', i.code, f.serial) END,
           'english', CASE fact
             WHEN 'STOCK_SHORT' THEN
               format('Not enough of %s in warehouse %s: %s would be left on %s.', i.code, w.code, f.quantity, f.day)
             ELSE format('Serial number %s of %s is in stock already.', f.serial, i.code) END,
           'data', jsonb_build_object('item', i.code, 'warehouse', w.code, 'lot', f.lot, 'serial', f.serial,
                                      'day', f.day, 'quantity', trim_scale(f.quantity)::text))
         ORDER BY i.code, w.code, f.day)
    INTO told
    FROM jsonb_to_recordset(wrong) AS f (item_id uuid, warehouse_id uuid, lot text, serial text, day date,
                                         quantity numeric)
    JOIN hub.item i ON i.id = f.item_id
    LEFT JOIN hub.warehouse w ON w.id = f.warehouse_id;
  RAISE EXCEPTION '%', fact USING ERRCODE = 'HU002', DETAIL = told::text;
END $$"""

_KEEP_STOCK = """
CREATE OR REPLACE FUNCTION hub.keep_stock() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
  serials boolean := EXISTS (SELECT FROM added WHERE serial IS NOT NULL);
  short jsonb;
  touched bigint[];
  days date[];
BEGIN
  IF serials THEN
    PERFORM FROM hub.item WHERE id IN (SELECT item_id FROM added WHERE serial IS NOT NULL) ORDER BY id
      FOR NO KEY UPDATE;
  END IF;
  WITH moved AS (
    SELECT company_id, item_id, warehouse_id, location_id, lot, serial, status,
           (entry_at AT TIME ZONE 'Asia/Shanghai')::date AS day, sum(quantity) AS quantity
      FROM added GROUP BY 1, 2, 3, 4, 5, 6, 7, 8
  ), kept AS (
    INSERT INTO hub.stock_balance AS b
           (company_id, item_id, warehouse_id, location_id, lot, serial, status,
            quantity, first_day, last_day, may_be_negative)
    SELECT m.company_id, m.item_id, m.warehouse_id, m.location_id, m.lot, m.serial, m.status,
           sum(m.quantity), min(m.day), max(m.day), w.negative_allowed
      FROM moved m JOIN hub.warehouse w ON w.id = m.warehouse_id
     GROUP BY m.company_id, m.item_id, m.warehouse_id, m.location_id, m.lot, m.serial, m.status, w.negative_allowed
     ORDER BY m.company_id, m.item_id, m.warehouse_id, m.location_id, m.lot, m.serial, m.status
    ON CONFLICT (company_id, item_id, warehouse_id, location_id, lot, serial, status) DO UPDATE
       SET quantity = b.quantity + excluded.quantity, first_day = least(b.first_day, excluded.first_day),
           last_day = greatest(b.last_day, excluded.last_day), may_be_negative = excluded.may_be_negative
    RETURNING b.*
  ), daily AS (
    SELECT kept.id, m.day, m.quantity, m.day < kept.last_day AND m.quantity < 0 AND NOT kept.may_be_negative AS early
      FROM moved m JOIN kept ON kept.company_id = m.company_id AND kept.item_id = m.item_id
       AND kept.warehouse_id = m.warehouse_id AND kept.status = m.status
       AND coalesce(kept.location_id, kept.company_id) = coalesce(m.location_id, m.company_id)
       AND coalesce(kept.lot, chr(1)) = coalesce(m.lot, chr(1))
       AND coalesce(kept.serial, chr(1)) = coalesce(m.serial, chr(1))
  ), changed AS (
    INSERT INTO hub.stock_change AS c (balance_id, span, begins, quantity)
    SELECT id, 'day', day, quantity FROM daily
     UNION ALL
    SELECT id, 'month', date_trunc('month', day)::date, sum(quantity) FROM daily GROUP BY 1, 3
     ORDER BY 1, 2, 3
    ON CONFLICT (balance_id, span, begins) DO UPDATE SET quantity = c.quantity + excluded.quantity
  )
  SELECT (SELECT jsonb_agg(below) FROM (
            SELECT item_id, warehouse_id, lot, serial, last_day AS day, quantity
              FROM kept WHERE quantity < 0 AND NOT may_be_negative) below),
         early.ids, early.days
    INTO short, touched, days
    FROM (SELECT array_agg(id) AS ids, array_agg(day) AS days
            FROM (SELECT id, min(day) AS day FROM daily WHERE early GROUP BY id) first) early;
  IF short IS NULL AND touched IS NOT NULL THEN
    SELECT jsonb_agg(below) INTO short FROM (
      SELECT DISTINCT ON (b.id) b.item_id, b.warehouse_id, b.lot, b.serial, level.begins AS day,
             b.quantity - level.after AS quantity
        FROM unnest(touched, days) AS m (id, day) JOIN hub.stock_balance b ON b.id = m.id
       CROSS JOIN LATERAL (
         SELECT c.begins, coalesce(sum(c.quantity) OVER (
                  ORDER BY c.begins DESC ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING), 0) AS after
           FROM hub.stock_change c WHERE c.balance_id = b.id AND c.span = 'day' AND c.begins >= m.day) level
       WHERE b.quantity - level.after < 0
       ORDER BY b.id, level.begins) below;
  END IF;
  IF short IS NOT NULL THEN
    PERFORM hub.refuse_stock('STOCK_SHORT', short);
  END IF;
  IF serials THEN
    SELECT jsonb_agg(twice) INTO short FROM (
      SELECT b.item_id, b.serial FROM hub.stock_balance b
       WHERE (b.company_id, b.item_id, b.serial) IN
             (SELECT company_id, item_id, serial FROM added WHERE serial IS NOT NULL)
       GROUP BY b.company_id, b.item_id, b.serial HAVING sum(b.quantity) > 1) twice;
    IF short IS NOT NULL THEN
      PERFORM hub.refuse_stock('SERIAL_IN_STOCK', short);
    END IF;
  END IF;
  RETURN NULL;
END $$"""

_NOT_NEGATIVE = """
CREATE OR REPLACE FUNCTION hub.refuse_negative() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  PERFORM hub.refuse_stock('STOCK_SHORT', jsonb_build_array(jsonb_build_object(
    'item_id', NEW.item_id, 'warehouse_id', NEW.warehouse_id, 'lot', NEW.lot, 'day', NEW.last_day,
    'quantity', NEW.quantity)));
  RETURN NULL;
END $$"""

_LAST_WALL = """
DO $$ BEGIN
  IF NOT EXISTS (SELECT FROM pg_trigger WHERE tgname = 'not_negative') THEN
    CREATE CONSTRAINT TRIGGER not_negative AFTER INSERT OR UPDATE ON hub.stock_balance
      DEFERRABLE INITIALLY DEFERRED FOR EACH ROW
      WHEN (NEW.quantity < 0 AND NOT NEW.may_be_negative) EXECUTE FUNCTION hub.refuse_negative();
  END IF;
END $$"""
"""A CHECK would be asked of the row that ON CONFLICT proposes, which is a difference and may well be below zero."""

_KEEP_COST = """
CREATE OR REPLACE FUNCTION hub.keep_cost() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  INSERT INTO hub.cost_day AS d
         (company_id, item_id, day, given_quantity, given_value, average_quantity, average_value)
  SELECT company_id, item_id, entry_date,
         coalesce(sum(quantity) FILTER (WHERE basis = 'given'), 0),
         coalesce(sum(value) FILTER (WHERE basis = 'given'), 0),
         coalesce(sum(quantity) FILTER (WHERE basis = 'average'), 0),
         coalesce(sum(value) FILTER (WHERE basis = 'average'), 0)
    FROM added GROUP BY 1, 2, 3 ORDER BY 1, 2, 3
  ON CONFLICT (company_id, item_id, day) DO UPDATE
     SET given_quantity = d.given_quantity + excluded.given_quantity,
         given_value = d.given_value + excluded.given_value,
         average_quantity = d.average_quantity + excluded.average_quantity,
         average_value = d.average_value + excluded.average_value;
  RETURN NULL;
END $$"""


def kept_sums() -> Iterator[sql.Composed]:
    """The functions and the triggers, made anew."""
    for body in (_SHORT, _KEEP_STOCK, _KEEP_COST, _NOT_NEGATIVE, _LAST_WALL):
        yield sql.Composed([sql.SQL(body)])
    for table, name in (("stock_entry", "keep_stock"), ("cost_entry", "keep_cost")):
        yield sql.SQL(
            "CREATE OR REPLACE TRIGGER {} AFTER INSERT ON {} "
            "REFERENCING NEW TABLE AS added FOR EACH STATEMENT EXECUTE FUNCTION {}()"
        ).format(sql.Identifier(name), sql.Identifier("hub", table), sql.Identifier("hub", name))
