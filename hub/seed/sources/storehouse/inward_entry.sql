-- What was turned back whole is a line of the receipt but no stock.
select r._key as source_key,
       case r."类型" when '采购入库' then 'receipt' when '完工入库' then 'production' else 'adjustment' end as kind,
       r."日期" || ' 12:00:00+08:00' as entry_at,
       btrim(r."物料编码", E' \t\u3000') as item,
       r."仓库" as warehouse,
       r."库位" as location,
       r."批号" as lot,
       'available' as status,
       r."入库数量" as quantity,
       case r."类型" when '采购入库' then 'PurchaseReceipt' when '完工入库' then 'ProductionOrder' end as document_type,
       coalesce(r."单号", r."来源单号") as document_number,
       r."行号" as line_position
  from raw.storehouse__inward r
 where r."入库数量" <> '0'
 order by r._key
