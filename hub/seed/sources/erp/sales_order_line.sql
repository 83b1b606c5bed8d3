select l."FInterID" as header_key,
       l."FEntryID" as position,
       i."FNumber" as item,
       i."FName" as description,
       l."FQty" as quantity,
       u."FNumber" as unit,
       l."FPrice" as unit_price,
       l."FDiscountRate" as discount,
       l."FCess" as tax_rate,
       l."FAmount" as amount,
       left(l."FDate", 10) as promised_date
  from raw.erp__sales_order_entry l
  left join raw.erp__item i on i."FItemID" = l."FItemID"
  left join raw.erp__unit u on u."FMeasureUnitID" = l."FUnitID"
 order by l."FInterID"::int, l."FEntryID"::int
