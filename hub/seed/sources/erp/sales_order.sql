-- A customer that was deleted from the ERP keeps its number here, so that the load names it as unknown.
select h._key as source_key,
       h."FBillNo" as number,
       case when h."FCancellation" = '1' then 'cancelled' when h."FClosed" = '1' then 'closed'
            when h."FStatus" = '0' then 'draft' when h."FStatus" = '4' then 'submitted' else 'confirmed' end as state,
       coalesce(c."FNumber", 'FItemID ' || h."FCustID") as customer,
       h."FPOOrdBillNo" as customer_order_number,
       left(h."FDate", 10) as order_date,
       left(h."FSettleDate", 10) as promised_date,
       e."FNumber" as sales_rep,
       d."FNumber" as department,
       h."FCurrency" as currency,
       h."FFetchAdd" as ship_to,
       h."FFreight" as freight,
       h."FExplanation" as note
  from raw.erp__sales_order h
  left join raw.erp__customer c on c."FItemID" = h."FCustID"
  left join raw.erp__employee e on e."FItemID" = h."FEmpID"
  left join raw.erp__department d on d."FItemID" = h."FDeptID"
 order by h."FInterID"::int
