-- table: sales_order_line
-- label: 客户订单行 | Sales order lines
-- key: order_number, position
-- deps: hub.sales_order, hub.sales_order_line, hub.customer, hub.department, hub.employee, hub.item, hub.delivery, hub.delivery_line
-- columns:
--   order_number: 订单号 | Order number
--   order_date: 订单日期 | Order date
--   promised_date: 承诺日期(行优先) | Promised date, the line's before the order's
--   state: 订单状态 | State of the order
--   customer_code: 客户编码 | Customer code
--   customer_name: 客户 | Customer
--   department_name: 部门 | Department
--   sales_rep_name: 业务员 | Sales representative
--   item_code: 存货编码 | Item code
--   item_name: 存货 | Item
--   item_category: 存货分类 | Item category
--   position: 行号 | Position
--   quantity: 数量 | Quantity
--   unit_price: 单价 | Unit price
--   amount: 金额 | Amount
--   delivered_quantity: 已发数量 | Delivered quantity (confirmed and signed deliveries)
--   open_quantity: 未发数量 | Quantity still to deliver; 0 when the order is closed or cancelled
--   last_delivery_date: 最近发货日期 | Last delivery date
--   is_late: 是否延期 | Promised day passed with an open quantity, or delivered after it
with delivered as (
    select l.order_line_id, sum(l.quantity) as quantity, max(d.delivery_date) as last_delivery_date
      from hub.delivery_line l
      join hub.delivery d on d.id = l.delivery_id
     where d.state in ('confirmed', 'signed') and l.order_line_id is not null
     group by l.order_line_id
), line as (
    select l.*,
           o.number as order_number, o.order_date, o.state, o.customer_id, o.department_id, o.sales_rep_id,
           coalesce(l.promised_date, o.promised_date) as promised,
           coalesce(v.quantity, 0)::numeric(20, 4) as delivered_quantity,
           v.last_delivery_date,
           case when o.state in ('closed', 'cancelled') then 0
                else greatest(l.quantity - coalesce(v.quantity, 0), 0) end::numeric(20, 4) as open_quantity
      from hub.sales_order_line l
      join hub.sales_order o on o.id = l.sales_order_id
      left join delivered v on v.order_line_id = l.id
     where o.company_id = current_setting('hub.company')::uuid
)
select line.order_number,
       line.order_date,
       line.promised as promised_date,
       case line.state when 'draft' then '草稿' when 'submitted' then '已提交' when 'confirmed' then '已确认'
                       when 'closed' then '已关闭' when 'cancelled' then '已取消' else line.state end as state,
       c.code as customer_code,
       c.name as customer_name,
       d.name as department_name,
       e.name as sales_rep_name,
       i.code as item_code,
       i.name as item_name,
       i.category as item_category,
       line.position,
       line.quantity,
       line.unit_price,
       line.amount,
       line.delivered_quantity,
       line.open_quantity,
       line.last_delivery_date,
       coalesce(line.state <> 'cancelled'
                and (line.open_quantity > 0 and line.promised < current_date or line.last_delivery_date > line.promised),
                false) as is_late
  from line
  join hub.customer c on c.id = line.customer_id
  join hub.item i on i.id = line.item_id
  left join hub.department d on d.id = line.department_id
  left join hub.employee e on e.id = line.sales_rep_id
