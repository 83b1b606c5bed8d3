-- An entry of nothing says nothing: rows with quantity 0 are left out.
select i._key as source_key,
       'opening' as kind,
       i."ModifiedDate" as entry_at,
       p."ProductNumber" as item,
       'W' || lpad(i."LocationID", 2, '0') as warehouse,
       'W' || lpad(i."LocationID", 2, '0') || '-' || replace(i."Shelf", '/', '') || '-' || i."Bin" as location,
       'available' as status,
       i."Quantity" as quantity
  from raw.legacy_erp__product_inventory i
  join raw.legacy_erp__product p on p."ProductID" = i."ProductID"
 where i."Quantity" <> '0'
 order by i."ProductID"::int, i."LocationID"::int
