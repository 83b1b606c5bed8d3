select h._key as source_key,
       'PO' || h."PurchaseOrderID" as number,
       case h."Status" when '1' then 'submitted' when '2' then 'confirmed'
                       when '3' then 'rejected' when '4' then 'closed' end as state,
       v."AccountNumber" as supplier,
       left(h."OrderDate", 10) as order_date,
       left(d.last_due, 10) as promised_date,
       'E' || h."EmployeeID" as buyer,
       'USD' as currency,
       h."Freight" as freight,
       h."TaxAmt" as tax_amount
  from raw.legacy_erp__purchase_order_header h
  left join raw.legacy_erp__vendor v on v."BusinessEntityID" = h."VendorID"
  left join (select one."PurchaseOrderID", max(one."DueDate") as last_due
               from raw.legacy_erp__purchase_order_detail one group by one."PurchaseOrderID") d
    on d."PurchaseOrderID" = h."PurchaseOrderID"
 order by h."PurchaseOrderID"::int
