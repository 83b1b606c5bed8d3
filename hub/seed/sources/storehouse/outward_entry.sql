-- The book writes what left as a positive number; the ledger is signed.
select o._key as source_key,
       case o."类型" when '销售出库' then 'delivery' when '生产领料' then 'issue' else 'adjustment' end as kind,
       o."日期" || ' 16:00:00+08:00' as entry_at,
       btrim(o."物料编码", E' \t\u3000') as item,
       o."仓库" as warehouse,
       o."库位" as location,
       o."批号" as lot,
       'available' as status,
       '-' || o."数量" as quantity,
       case o."类型" when '销售出库' then 'Delivery' when '生产领料' then 'ProductionOrder' end as document_type,
       o."来源单号" as document_number,
       o."行号" as line_position
  from raw.storehouse__outward o
 order by o._key
