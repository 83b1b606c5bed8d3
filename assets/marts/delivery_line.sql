-- table: delivery_line
-- label: 发货行 | Delivery lines
-- key: delivery_number, position
-- deps: hub.delivery, hub.delivery_line, hub.sales_order, hub.sales_order_line, hub.customer, hub.item
-- columns:
--   delivery_number: 送货单号 | Delivery number
--   delivery_date: 发货日期 | Delivery date
--   order_number: 订单号 | Order number
--   promised_date: 承诺日期(行优先) | Promised date, the order line's before the order's
--   customer_code: 客户编码 | Customer code
--   customer_name: 客户 | Customer
--   item_code: 存货编码 | Item code
--   item_name: 存货 | Item
--   carrier_name: 承运公司 | Carrier
--   position: 行号 | Position in the delivery
--   quantity: 数量 | Quantity
--   amount: 金额 | The order line's amount for the delivered share of its quantity
--   days_late: 延期天数 | Days after the promised day; negative when early
--   is_on_time: 是否准时 | Delivered on the promised day or before; empty without a promise
select v.number as delivery_number,
       v.delivery_date,
       o.number as order_number,
       coalesce(s.promised_date, o.promised_date) as promised_date,
       c.code as customer_code,
       c.name as customer_name,
       i.code as item_code,
       i.name as item_name,
       v.carrier_name,
       l.position,
       l.quantity,
       case when l.quantity = s.quantity then s.amount
            else round(s.amount * l.quantity / nullif(s.quantity, 0), 4) end::numeric(20, 4) as amount,
       v.delivery_date - coalesce(s.promised_date, o.promised_date) as days_late,
       v.delivery_date <= coalesce(s.promised_date, o.promised_date) as is_on_time
  from hub.delivery_line l
  join hub.delivery v on v.id = l.delivery_id
  join hub.customer c on c.id = v.customer_id
  join hub.item i on i.id = l.item_id
  left join hub.sales_order_line s on s.id = l.order_line_id
  left join hub.sales_order o on o.id = coalesce(s.sales_order_id, v.sales_order_id)
 where v.company_id = current_setting('hub.company')::uuid and v.state in ('confirmed', 'signed')
