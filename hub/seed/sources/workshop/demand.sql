select d."生产单号" as header_key,
       d."序号" as position,
       d."销售订单号" as "order_line.number",
       d."订单行号" as "order_line.position",
       d."数量" as quantity
  from raw.workshop__demand d
 order by d."生产单号", d."序号"::int
