select o._key as source_key,
       'opening' as kind,
       o."日期" || ' 00:00:00+08:00' as entry_at,
       btrim(o."物料编码", E' \t\u3000') as item,
       o."仓库" as warehouse,
       o."库位" as location,
       o."批号" as lot,
       'available' as status,
       o."数量" as quantity
  from raw.storehouse__opening o
 order by o._key
