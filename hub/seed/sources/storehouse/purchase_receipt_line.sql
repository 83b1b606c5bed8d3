select min(r._key) over (partition by r."单号") as header_key,
       r."行号" as position,
       r."来源单号" as "order_line.number",
       r."来源行号" as "order_line.position",
       btrim(r."物料编码", E' \t\u3000') as item,
       r."到货数量" as quantity,
       r."拒收数量" as rejected_quantity,
       r."入库数量" as stocked_quantity,
       r."库位" as location
  from raw.storehouse__inward r
 where r."类型" = '采购入库'
 order by r."单号", r."行号"::int
