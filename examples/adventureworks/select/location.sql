-- A shelf and bin is a location of its warehouse, seen in the inventory; the first row that names it is its record.
select min(i._key) as source_key,
       'W' || lpad(i."LocationID", 2, '0') || '-' || replace(i."Shelf", '/', '') || '-' || i."Bin" as code,
       i."Shelf" || ' / ' || i."Bin" as name,
       'W' || lpad(i."LocationID", 2, '0') as warehouse
  from raw.legacy_erp__product_inventory i
 group by i."LocationID", i."Shelf", i."Bin"
 order by i."LocationID"::int, i."Shelf", i."Bin"::int
