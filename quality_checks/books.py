"""Rules of the books: what is kept beside a ledger is the sum of its entries, and every document balances.

PostgreSQL keeps both with each entry; the checks say it again every night, of whatever a restore or a hand brought.
"""

from quality_checks.rules import RuleSet, rows

FINANCE = "财务部 / finance"
PRODUCTION = "生产部 / production"

BALANCED = rows(
    "document_balances",
    """
    with e as (select * from {batch})
    select document_type, document_number, sum(debit) as debit, sum(credit) as credit,
           sum(debit) - sum(credit) as difference
      from e
     group by company_id, document_type, document_number
    having sum(debit) <> sum(credit)
    """,
    "每张单据借贷相等",
    "Every document's debits equal its credits",
    ("document_type", "document_number"),
    owner=FINANCE,
)
KEPT_BALANCES = rows(
    "account_balance_is_sum",
    """
    with e as (select * from {batch}),
    summed as (
        select company_id, account_id, period_id, customer_id, supplier_id, sum(debit) as debit, sum(credit) as credit
          from e
         group by company_id, account_id, period_id, customer_id, supplier_id
    )
    select a.code as account_code, p.code as period_code, b.debit as kept_debit, s.debit as debit,
           b.credit as kept_credit, s.credit as credit
      from summed s
      full join hub.money_balance b
        on (b.company_id, b.account_id, b.period_id) = (s.company_id, s.account_id, s.period_id)
       and b.customer_id is not distinct from s.customer_id and b.supplier_id is not distinct from s.supplier_id
      join hub.account a on a.id = coalesce(s.account_id, b.account_id)
      join hub.fiscal_period p on p.id = coalesce(s.period_id, b.period_id)
     where b.debit is distinct from s.debit or b.credit is distinct from s.credit
    """,
    "科目余额等于流水之和",
    "The kept balance of an account is the sum of its entries",
    ("account_code", "period_code"),
    owner=FINANCE,
)
RECEIVED = rows(
    "received_is_sum_of_receipts",
    """
    with i as (select * from {batch}),
    paid as (
        select invoice_id, sum(amount) as amount
          from (select l.invoice_id, l.amount
                  from hub.sales_receipt_line l
                  join hub.sales_receipt r on r.id = l.sales_receipt_id
                 where r.state = 'posted'
                 union all
                select l.invoice_id, l.amount + l.tax_amount
                  from hub.sales_adjustment_line l
                  join hub.sales_adjustment a on a.id = l.sales_adjustment_id
                 where a.state = 'posted' and a.kind = 'allowance') settled
         group by invoice_id
    )
    select i.number as invoice_number, i.received_amount, coalesce(paid.amount, 0) as receipt_amount,
           i.received_amount - coalesce(paid.amount, 0) as difference
      from i
      left join paid on paid.invoice_id = i.id
     where i.received_amount <> coalesce(paid.amount, 0)
    """,
    "发票的已收金额等于收款核销与折让之和",
    "What is received of an invoice is the sum of its receipts and allowances",
    ("invoice_number",),
    owner=FINANCE,
)
PAID = rows(
    "paid_is_sum_of_payments",
    """
    with i as (select * from {batch}),
    paid as (
        select l.invoice_id, sum(l.amount) as amount
          from hub.purchase_payment_line l
          join hub.purchase_payment p on p.id = l.purchase_payment_id
         where p.state = 'posted'
         group by l.invoice_id
    )
    select i.number as invoice_number, i.paid_amount, coalesce(paid.amount, 0) as payment_amount,
           i.paid_amount - coalesce(paid.amount, 0) as difference
      from i
      left join paid on paid.invoice_id = i.id
     where i.paid_amount <> coalesce(paid.amount, 0)
    """,
    "采购发票的已付金额等于付款核销之和",
    "What is paid of a purchase invoice is the sum of its payments",
    ("invoice_number",),
    owner=FINANCE,
)
KEPT_HOURS = rows(
    "hours_of_day_is_sum",
    """
    with e as (select * from {batch}),
    summed as (
        select company_id, employee_id, work_date, sum(hours) as hours
          from e
         group by company_id, employee_id, work_date
    )
    select p.code as employee_code, coalesce(s.work_date, b.work_date) as work_date, b.hours as kept_hours, s.hours
      from summed s
      full join hub.hours_balance b
        on (b.company_id, b.employee_id, b.work_date) = (s.company_id, s.employee_id, s.work_date)
      join hub.employee p on p.id = coalesce(s.employee_id, b.employee_id)
     where b.hours is distinct from s.hours
    """,
    "每日工时等于流水之和",
    "The kept hours of a day are the sum of its entries",
    ("employee_code", "work_date"),
    owner=PRODUCTION,
)

BOOKS = (
    RuleSet("hub", "money_entry", (BALANCED, KEPT_BALANCES)),
    RuleSet("hub", "sales_invoice", (RECEIVED,)),
    RuleSet("hub", "purchase_invoice", (PAID,)),
    RuleSet("hub", "hours_entry", (KEPT_HOURS,)),
)
"""The rule sets of this file, by table."""
