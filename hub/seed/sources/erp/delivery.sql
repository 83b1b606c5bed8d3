select h._key as source_key,
       h."FBillNo" as number,
       case when h."FSignDate" is not null then 'signed' when h."FStatus" = '1' then 'confirmed' else 'draft' end as state,
       c."FNumber" as customer,
       o."FBillNo" as sales_order,
       left(h."FDate", 10) as delivery_date,
       h."FDCStockID" as warehouse,
       h."FCarrier" as carrier_name,
       h."FVehicle" as vehicle,
       h."FFreight" as freight,
       left(h."FSignDate", 10) || ' 16:00:00+08:00' as signed_at
  from raw.erp__delivery h
  left join raw.erp__customer c on c."FItemID" = h."FCustID"
  left join raw.erp__sales_order o on o."FInterID" = h."FOrderInterID"
 order by h."FInterID"::int
