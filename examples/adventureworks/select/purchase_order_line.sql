-- Positions follow the ERP's own order of lines; a receipt counts them in the same way.
select d."PurchaseOrderID" as header_key,
       row_number() over (partition by d."PurchaseOrderID" order by d."PurchaseOrderDetailID"::int) as position,
       p."ProductNumber" as item,
       d."OrderQty" as quantity,
       'EA' as unit,
       d."UnitPrice" as unit_price,
       d."LineTotal" as amount,
       left(d."DueDate", 10) as promised_date
  from raw.legacy_erp__purchase_order_detail d
  left join raw.legacy_erp__product p on p."ProductID" = d."ProductID"
 order by d."PurchaseOrderID"::int, position
