-- The amount is the source's own arithmetic, unrounded: prices have two decimals, discounts two.
select d.order_id as header_key,
       row_number() over (partition by d.order_id order by d.product_id::int) as position,
       'NW-P' || d.product_id as item,
       d.quantity,
       'NW-PC' as unit,
       d.unit_price,
       d.discount::numeric * 100 as discount,
       0 as tax_rate,
       d.unit_price::numeric * d.quantity::numeric * (1 - d.discount::numeric) as amount
  from raw.northwind__order_details d
 order by d.order_id::int, position
