-- The ERP keeps what was received on the order itself: one receipt per order, dated by the vendor's shipment.
select h._key as source_key,
       'GR' || h."PurchaseOrderID" as number,
       'confirmed' as state,
       v."AccountNumber" as supplier,
       'PO' || h."PurchaseOrderID" as purchase_order,
       'W00' as warehouse,
       left(coalesce(h."ShipDate", h."ModifiedDate"), 10) as receipt_date
  from raw.legacy_erp__purchase_order_header h
  left join raw.legacy_erp__vendor v on v."BusinessEntityID" = h."VendorID"
 where exists (select 1 from raw.legacy_erp__purchase_order_detail d
                where d."PurchaseOrderID" = h."PurchaseOrderID" and d."ReceivedQty"::numeric > 0)
 order by h."PurchaseOrderID"::int
