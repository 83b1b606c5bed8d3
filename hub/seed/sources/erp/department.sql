select d._key as source_key,
       d."FNumber" as code,
       d."FName" as name
  from raw.erp__department d
 order by d."FItemID"::int
