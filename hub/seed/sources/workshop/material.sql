select m."生产单号" as header_key,
       m."序号" as position,
       btrim(m."物料编码", E' \t\u3000') as item,
       m."应领数量" as required_quantity,
       m."实领数量" as issued_quantity
  from raw.workshop__material m
 order by m."生产单号", m."序号"::int
