select u._key as source_key,
       u."FNumber" as code,
       u."FName" as name,
       u."FUnitGroup" as dimension,
       u."FCoefficient" as factor
  from raw.erp__unit u
 order by u."FMeasureUnitID"::int
