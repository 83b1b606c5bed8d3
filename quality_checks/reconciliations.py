"""Rules across departments: what one silo says happened, another must know of.

Sales says delivered, the warehouse must have issued it, and the reverse; production says complete, quality must
have inspected it. Quantities are compared per document and item, reversals included, and a failing row shows both
sides and the difference.
"""

from quality_checks.references import QUALITY, WAREHOUSE
from quality_checks.rules import Rule, RuleSet, rows

# Both sides per delivery and item. A delivery counts once it is confirmed or signed; entries of kind delivery count
# with their sign, so that a reversed issue is none. The full join keeps what only one side knows.
_BOTH_SIDES = """
    with d as (select * from {{batch}}),
    sales as (
        select d.company_id, d.number, l.item_id, min(d.delivery_date) as delivery_date,
               min(d.customer_id::text)::uuid as customer_id,
               sum(l.quantity) as quantity
          from d join hub.delivery_line l on l.delivery_id = d.id
         where d.state in ('confirmed', 'signed')
         group by d.company_id, d.number, l.item_id
    ), warehouse as (
        select e.company_id, e.document_number as number, e.item_id, min(e.entry_at) as first_entry_at,
               -sum(e.quantity) as quantity
          from hub.stock_entry e
         where e.kind = 'delivery'
         group by e.company_id, e.document_number, e.item_id
        having sum(e.quantity) <> 0
    )
    select coalesce(s.number, w.number) as delivery_number, i.code as item_code, i.name as item_name,
           c.name as customer_name, s.delivery_date, w.first_entry_at,
           s.quantity as sales_quantity, w.quantity as warehouse_quantity,
           coalesce(s.quantity, 0) - coalesce(w.quantity, 0) as difference
      from sales s
      full join warehouse w on w.company_id = s.company_id and w.number = s.number and w.item_id = s.item_id
      join hub.item i on i.id = coalesce(s.item_id, w.item_id)
      left join hub.customer c on c.id = s.customer_id
     where {condition}
"""


def _delivered(code: str, condition: str, chinese: str, english: str) -> Rule:
    """One way in which sales and warehouse may disagree about a delivery."""
    return rows(
        code,
        _BOTH_SIDES.format(condition=condition),
        chinese,
        english,
        ("delivery_number", "item_code"),
        owner=WAREHOUSE,
    )


DELIVERED_NOT_ISSUED = _delivered(
    "delivered_has_stock_out",
    "w.number is null and s.quantity <> 0",
    "销售已发货的,仓库必须有出库",
    "What sales delivered, the warehouse has issued",
)
ISSUED_NOT_DELIVERED = _delivered(
    "stock_out_has_delivery",
    "s.number is null",
    "仓库发货出库的,销售必须有送货单",
    "What the warehouse issued for delivery, sales has delivered",
)
QUANTITIES_DIFFER = _delivered(
    "delivered_equals_stock_out",
    "s.quantity <> w.quantity",
    "销售发货数量等于仓库出库数量",
    "Sales delivered the quantity that the warehouse issued",
)

COMPLETED_NOT_INSPECTED = rows(
    "completed_equals_inspected",
    """
    with p as (select * from {batch}),
    inspected as (
        select q.production_order_id, count(*) as inspections,
               sum(coalesce(nullif(q.quantity, 0), q.inspected_quantity)) as quantity -- a sample judges its whole lot
          from hub.inspection q
         where q.kind = 'final' and q.state = 'confirmed'
         group by q.production_order_id
    )
    select p.number as production_order, i.code as item_code, i.name as item_name, p.finished_date,
           p.completed_quantity, coalesce(q.quantity, 0) as inspected_quantity,
           coalesce(q.inspections, 0) as inspections,
           p.completed_quantity - coalesce(q.quantity, 0) as difference
      from p
      join hub.item i on i.id = p.item_id
      left join inspected q on q.production_order_id = p.id
     where p.state <> 'cancelled' and p.completed_quantity <> coalesce(q.quantity, 0)
    """,
    "生产报完工的数量等于成品检验的数量",
    "The quantity reported complete is the quantity inspected",
    ("production_order",),
    severity="warning",
    owner=QUALITY,
)

RECONCILIATIONS = (
    RuleSet("hub", "delivery", (DELIVERED_NOT_ISSUED, ISSUED_NOT_DELIVERED, QUANTITIES_DIFFER)),
    RuleSet("hub", "production_order", (COMPLETED_NOT_INSPECTED,)),
)
"""The rule sets of this file, by table."""
