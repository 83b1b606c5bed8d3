-- An order with a shipping date left in one delivery.
select o._key as source_key,
       'D' || o.order_id as number,
       'confirmed' as state,
       o.customer_id as customer,
       o.order_id as sales_order,
       o.shipped_date as delivery_date,
       s.company_name as carrier_name,
       o.freight
  from raw.northwind__orders o
  left join raw.northwind__shippers s on s.shipper_id = o.ship_via
 where o.shipped_date is not null
 order by o.order_id::int
