select d.order_id as header_key,
       d.order_id as "order_line.number",
       row_number() over (partition by d.order_id order by d.product_id::int) as "order_line.position",
       'NW-P' || d.product_id as item,
       d.quantity
  from raw.northwind__order_details d
  join raw.northwind__orders o on o.order_id = d.order_id and o.shipped_date is not null
 order by d.order_id::int, "order_line.position"
