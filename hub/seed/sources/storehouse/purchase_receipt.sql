-- The book has one row a line; a receipt's record is its first row. The supplier stands there by name only, so it comes
-- from the purchase order.
with first as (
  select r."单号", min(r._key) as source_key
    from raw.storehouse__inward r
   where r."类型" = '采购入库'
   group by r."单号"
)
select f.source_key,
       f."单号" as number,
       'confirmed' as state,
       s."FNumber" as supplier,
       r."来源单号" as purchase_order,
       r."日期" as receipt_date,
       r."仓库" as warehouse
  from first f
  join raw.storehouse__inward r on r._key = f.source_key
  left join raw.erp__purchase_order o on o."FBillNo" = r."来源单号"
  left join raw.erp__supplier s on s."FItemID" = o."FSupplyID"
 order by f.source_key
