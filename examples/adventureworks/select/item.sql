-- Finished goods are sold; what is made but not sold is semi-finished; the rest is bought.
select p._key as source_key,
       p."ProductNumber" as code,
       p."Name" as name,
       nullif(concat_ws(' ', p."Size", trim(p."SizeUnitMeasureCode"), p."Color"), '') as specification,
       c."Name" as category,
       case when p."FinishedGoodsFlag" = '1' then 'finished'
            when p."MakeFlag" = '1' then 'semi_finished'
            else 'raw' end as kind,
       'EA' as unit,
       p."SafetyStockLevel" as safety_stock,
       p."ReorderPoint" as reorder_point,
       p."DaysToManufacture" as lead_time_days,
       p."StandardCost" as standard_cost,
       p."ListPrice" as list_price,
       case when p."DiscontinuedDate" is null and p."SellEndDate" is null then 'true' else 'false' end as active
  from raw.legacy_erp__product p
  left join raw.legacy_erp__product_subcategory c on c."ProductSubcategoryID" = p."ProductSubcategoryID"
 order by p."ProductID"::int
