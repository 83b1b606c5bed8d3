"""What PostgreSQL itself holds of the books: balanced documents, open periods, balances kept with every entry.

Statement triggers with a transition table, so that a posting of a thousand lines is checked once. They take the
period's row shared, as `hub.ledgers.periods` does: a closing waits for them, or they for it. Postings of a company
queue behind the lock of its gapless numbers: two that touch the same balances in another order cannot deadlock.
"""

from __future__ import annotations

from collections.abc import Iterator

from psycopg import sql

_KEEP_MONEY = """
CREATE OR REPLACE FUNCTION hub.keep_money() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  PERFORM pg_advisory_xact_lock(hashtext(concat('gapless', company_id)))
     FROM (SELECT DISTINCT company_id FROM added ORDER BY company_id) AS companies;
  IF EXISTS (SELECT FROM added GROUP BY company_id, document_type, document_number
             HAVING sum(debit) <> sum(credit)) THEN
    RAISE EXCEPTION '借贷不平 (debit and credit do not balance)' USING ERRCODE = 'check_violation';
  END IF;
  PERFORM FROM hub.fiscal_period WHERE id IN (SELECT period_id FROM added) ORDER BY id FOR SHARE;
  IF EXISTS (SELECT FROM added a
               JOIN hub.fiscal_period p ON p.id = a.period_id JOIN hub.account c ON c.id = a.account_id
             WHERE p.state <> 'open' OR p.code <> to_char(a.entry_date, 'YYYY-MM')
                OR p.company_id <> a.company_id OR c.company_id <> a.company_id) THEN
    RAISE EXCEPTION '会计期间已结账 (the accounting period is closed, or not the entry''s)'
      USING ERRCODE = 'check_violation';
  END IF;
  INSERT INTO hub.money_balance AS b (company_id, account_id, period_id, customer_id, supplier_id, debit, credit)
  SELECT company_id, account_id, period_id, customer_id, supplier_id, sum(debit), sum(credit) FROM added
   GROUP BY company_id, account_id, period_id, customer_id, supplier_id
   ORDER BY company_id, account_id, period_id, customer_id, supplier_id
  ON CONFLICT (company_id, account_id, period_id, customer_id, supplier_id)
  DO UPDATE SET debit = b.debit + excluded.debit, credit = b.credit + excluded.credit;
  RETURN NULL;
END $$"""

_KEEP_HOURS = """
CREATE OR REPLACE FUNCTION hub.keep_hours() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  INSERT INTO hub.hours_balance AS b (company_id, employee_id, work_date, hours)
  SELECT company_id, employee_id, work_date, sum(hours) FROM added
   GROUP BY company_id, employee_id, work_date ORDER BY company_id, employee_id, work_date
  ON CONFLICT (company_id, employee_id, work_date) DO UPDATE SET hours = b.hours + excluded.hours;
  IF EXISTS (SELECT FROM hub.hours_balance b JOIN added USING (company_id, employee_id, work_date)
              WHERE b.hours NOT BETWEEN 0 AND 24) THEN
    RAISE EXCEPTION '一天的工时须在 0 到 24 小时之间 (a day has 0 to 24 hours)' USING ERRCODE = 'check_violation';
  END IF;
  RETURN NULL;
END $$"""


def kept_books() -> Iterator[sql.Composed]:
    """The functions and triggers of the ledgers of money and hours."""
    for function, table in ((_KEEP_MONEY, "money"), (_KEEP_HOURS, "hours")):
        yield sql.Composed([sql.SQL(function)])
        yield sql.SQL(
            "CREATE OR REPLACE TRIGGER {} AFTER INSERT ON {} "
            "REFERENCING NEW TABLE AS added FOR EACH STATEMENT EXECUTE FUNCTION {}()"
        ).format(
            sql.Identifier(f"keep_{table}"),
            sql.Identifier("hub", f"{table}_entry"),
            sql.Identifier("hub", f"keep_{table}"),
        )
