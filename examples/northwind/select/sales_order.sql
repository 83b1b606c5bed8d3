-- What has been shipped is done; the rest is still promised.
select o._key as source_key,
       o.order_id as number,
       case when o.shipped_date is null then 'confirmed' else 'closed' end as state,
       o.customer_id as customer,
       o.order_date,
       o.required_date as promised_date,
       'NW-E' || o.employee_id as sales_rep,
       'USD' as currency,
       concat_ws(', ', o.ship_name, o.ship_address, o.ship_city, o.ship_country) as ship_to,
       o.freight
  from raw.northwind__orders o
 order by o.order_id::int
