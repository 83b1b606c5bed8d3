select l."FInterID" as header_key,
       l."FEntryID" as position,
       o."FBillNo" as "order_line.number",
       l."FOrderEntryID" as "order_line.position",
       i."FNumber" as item,
       l."FQty" as quantity
  from raw.erp__delivery_entry l
  left join raw.erp__sales_order o on o."FInterID" = l."FOrderInterID"
  left join raw.erp__item i on i."FItemID" = l."FItemID"
 order by l."FInterID"::int, l."FEntryID"::int
