-- FErpClsID: 1 bought, 2 made, 5 packaging.
select i._key as source_key,
       i."FNumber" as code,
       i."FName" as name,
       i."FModel" as specification,
       i."FMouldNo" as model,
       i."FTypeName" as category,
       case i."FErpClsID" when '1' then 'raw' when '2' then 'finished' when '5' then 'consumable' end as kind,
       u."FNumber" as unit,
       case i."FBatchManager" when '1' then 'true' else 'false' end as lot_tracked,
       i."FKFPeriod" as shelf_life_days,
       i."FSecInv" as safety_stock,
       i."FOrderPoint" as reorder_point,
       i."FFixLeadTime" as lead_time_days,
       i."FStdCost" as standard_cost,
       i."FSalePrice" as list_price,
       i."FDefaultLoc" as default_warehouse,
       s."FNumber" as supplier
  from raw.erp__item i
  left join raw.erp__unit u on u."FMeasureUnitID" = i."FUnitID"
  left join raw.erp__supplier s on s."FItemID" = i."FSource"
 order by i."FItemID"::int
