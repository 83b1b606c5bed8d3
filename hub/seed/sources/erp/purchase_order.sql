select h._key as source_key,
       h."FBillNo" as number,
       case when h."FCancellation" = '1' then 'cancelled' when h."FClosed" = '1' then 'closed'
            when h."FStatus" = '0' then 'draft' when h."FStatus" = '4' then 'submitted' else 'confirmed' end as state,
       coalesce(s."FNumber", 'FItemID ' || h."FSupplyID") as supplier,
       left(h."FDate", 10) as order_date,
       left(h."FSettleDate", 10) as promised_date,
       e."FNumber" as buyer,
       d."FNumber" as department,
       h."FCurrency" as currency,
       h."FTaxAmount" as tax_amount
  from raw.erp__purchase_order h
  left join raw.erp__supplier s on s."FItemID" = h."FSupplyID"
  left join raw.erp__employee e on e."FItemID" = h."FEmpID"
  left join raw.erp__department d on d."FItemID" = h."FDeptID"
 order by h."FInterID"::int
