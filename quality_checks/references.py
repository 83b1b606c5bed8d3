"""Rules across tables that no foreign key can say: what is linked must also agree.

Each query returns the rows that disagree, with both sides beside each other.
"""

from quality_checks.rules import RuleSet, rows

SALES = "销售部 / sales"
PURCHASING = "采购部 / purchasing"
WAREHOUSE = "仓储部 / warehouse"
QUALITY = "质量部 / quality"
ENERGY = "能源管理 / energy"

DELIVERY_ITEM = rows(
    "delivery_item_is_order_item",
    """
    with l as (select * from {batch})
    select l.id, d.number as delivery_number, l.position, i.code as delivered_item, oi.code as ordered_item
      from l
      join hub.delivery d on d.id = l.delivery_id
      join hub.item i on i.id = l.item_id
      join hub.sales_order_line o on o.id = l.order_line_id
      join hub.item oi on oi.id = o.item_id
     where l.item_id <> o.item_id and d.state <> 'cancelled'
    """,
    "送货明细的存货与订单行一致",
    "A delivery line brings the item of its order line",
    ("delivery_number", "position"),
    owner=SALES,
)

DELIVERY_ORDER = rows(
    "delivery_line_is_of_its_order",
    """
    with l as (select * from {batch})
    select l.id, d.number as delivery_number, l.position, s.number as order_of_delivery, so.number as order_of_line
      from l
      join hub.delivery d on d.id = l.delivery_id
      join hub.sales_order s on s.id = d.sales_order_id
      join hub.sales_order_line o on o.id = l.order_line_id
      join hub.sales_order so on so.id = o.sales_order_id
     where o.sales_order_id <> d.sales_order_id and d.state <> 'cancelled'
    """,
    "送货明细的订单行属于送货单的订单",
    "A delivery line's order line is of the delivery's order",
    ("delivery_number", "position"),
    owner=SALES,
)

DELIVERY_CUSTOMER = rows(
    "delivery_customer_is_order_customer",
    """
    with d as (select * from {batch})
    select d.id, d.number as delivery_number, c.code as delivered_to, s.number as order_number, oc.code as ordered_by
      from d
      join hub.sales_order s on s.id = d.sales_order_id
      join hub.customer c on c.id = d.customer_id
      join hub.customer oc on oc.id = s.customer_id
     where d.customer_id <> s.customer_id and d.state <> 'cancelled'
    """,
    "送货单的客户与订单一致",
    "A delivery goes to the customer of its order",
    ("delivery_number",),
    owner=SALES,
)

RECEIPT_ITEM = rows(
    "receipt_item_is_order_item",
    """
    with l as (select * from {batch})
    select l.id, r.number as receipt_number, l.position, i.code as received_item, oi.code as ordered_item
      from l
      join hub.purchase_receipt r on r.id = l.purchase_receipt_id
      join hub.item i on i.id = l.item_id
      join hub.purchase_order_line o on o.id = l.order_line_id
      join hub.item oi on oi.id = o.item_id
     where l.item_id <> o.item_id and r.state <> 'cancelled'
    """,
    "入库明细的存货与采购订单行一致",
    "A receipt line brings the item of its purchase order line",
    ("receipt_number", "position"),
    owner=PURCHASING,
)

RECEIPT_ADDS_UP = rows(
    "receipt_adds_up",
    """
    with l as (select * from {batch})
    select l.id, r.number as receipt_number, l.position, l.quantity, l.rejected_quantity, l.stocked_quantity
      from l join hub.purchase_receipt r on r.id = l.purchase_receipt_id
     where l.quantity <> l.rejected_quantity + l.stocked_quantity and r.state = 'confirmed'
    """,
    "实收数量等于拒收与入库之和",
    "Received is rejected plus stocked",
    ("receipt_number", "position"),
    severity="warning",
    owner=WAREHOUSE,
)

RECEIPT_SUPPLIER = rows(
    "receipt_supplier_is_order_supplier",
    """
    with r as (select * from {batch})
    select r.id, r.number as receipt_number, s.code as received_from, o.number as order_number, os.code as ordered_from
      from r
      join hub.purchase_order o on o.id = r.purchase_order_id
      join hub.supplier s on s.id = r.supplier_id
      join hub.supplier os on os.id = o.supplier_id
     where r.supplier_id <> o.supplier_id and r.state <> 'cancelled'
    """,
    "入库单的供应商与采购订单一致",
    "A receipt comes from the supplier of its purchase order",
    ("receipt_number",),
    owner=PURCHASING,
)

STOCK_LOCATION = rows(
    "location_is_in_warehouse",
    """
    with e as (select * from {batch})
    select e.id, e.document_number, i.code as item_code,
           w.code as warehouse, l.code as location, lw.code as location_is_in
      from e
      join hub.item i on i.id = e.item_id
      join hub.warehouse w on w.id = e.warehouse_id
      join hub.location l on l.id = e.location_id
      join hub.warehouse lw on lw.id = l.warehouse_id
     where l.warehouse_id <> e.warehouse_id
    """,
    "库存流水的库位在其仓库之内",
    "A stock entry's location is in its warehouse",
    ("id",),
    owner=WAREHOUSE,
)

STOCK_NEGATIVE = rows(
    "stock_not_negative",
    """
    with e as (select * from {batch}),
    balance as (select e.item_id, e.warehouse_id, sum(e.quantity) as quantity, count(*) as entries
                  from e group by e.item_id, e.warehouse_id)
    select w.code as warehouse, i.code as item_code, i.name as item_name, b.quantity, b.entries
      from balance b
      join hub.item i on i.id = b.item_id
      join hub.warehouse w on w.id = b.warehouse_id
     where b.quantity < 0
    """,
    "仓库中的存货不为负数",
    "No warehouse holds less than nothing of an item",
    ("warehouse", "item_code"),
    severity="warning",
    owner=WAREHOUSE,
)

INSPECTION_ITEM = rows(
    "inspected_item_is_produced_item",
    """
    with q as (select * from {batch})
    select q.id, q.number as inspection_number, i.code as inspected_item,
           p.number as production_order, pi.code as produced_item
      from q
      join hub.item i on i.id = q.item_id
      join hub.production_order p on p.id = q.production_order_id
      join hub.item pi on pi.id = p.item_id
     where q.kind = 'final' and q.item_id <> p.item_id and q.state <> 'cancelled'
    """,
    "成品检验的存货与生产订单一致",
    "A final inspection looks at what its production order makes",
    ("inspection_number",),
    owner=QUALITY,
)

COUNTER_FORWARD = rows(
    "counter_runs_forward",
    """
    with r as (select distinct on (meter_id, metric, read_at) *
                 from {batch}
                where metric in ('energy.active.import', 'volume.total', 'mass.total')
                order by meter_id, metric, read_at, revision desc),
    step as (select r.meter_id, r.metric, r.read_at, r.value,
                    lag(r.value) over (partition by r.meter_id, r.metric order by r.read_at) as previous_value
               from r
              where r.quality = 0)
    select m.code as meter_code, s.metric, s.read_at, s.previous_value, s.value
      from step s join hub.energy_meter m on m.id = s.meter_id
     where s.value < s.previous_value
    """,
    "累计读数只增不减",
    "A meter's counter never runs back",
    ("meter_code", "metric", "read_at"),
    severity="warning",
    owner=ENERGY,
)

REFERENCES = (
    RuleSet("hub", "delivery_line", (DELIVERY_ITEM, DELIVERY_ORDER)),
    RuleSet("hub", "delivery", (DELIVERY_CUSTOMER,)),
    RuleSet("hub", "purchase_receipt_line", (RECEIPT_ITEM, RECEIPT_ADDS_UP)),
    RuleSet("hub", "purchase_receipt", (RECEIPT_SUPPLIER,)),
    RuleSet("hub", "stock_entry", (STOCK_LOCATION, STOCK_NEGATIVE)),
    RuleSet("hub", "inspection", (INSPECTION_ITEM,)),
    RuleSet("hub", "reading", (COUNTER_FORWARD,)),
)
"""The rule sets of this file, by table."""
