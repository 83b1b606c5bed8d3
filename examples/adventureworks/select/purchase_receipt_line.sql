with line as (
  select d.*, row_number() over (partition by d."PurchaseOrderID" order by d."PurchaseOrderDetailID"::int) as order_position
    from raw.legacy_erp__purchase_order_detail d
)
select l."PurchaseOrderID" as header_key,
       'PO' || l."PurchaseOrderID" as "order_line.number",
       l.order_position as "order_line.position",
       p."ProductNumber" as item,
       l."ReceivedQty" as quantity,
       l."RejectedQty" as rejected_quantity,
       l."StockedQty" as stocked_quantity
  from line l
  left join raw.legacy_erp__product p on p."ProductID" = l."ProductID"
 where l."ReceivedQty"::numeric > 0
 order by l."PurchaseOrderID"::int, l.order_position
