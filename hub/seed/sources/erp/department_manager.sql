select d._key as source_key,
       d."FNumber" as code,
       d."FName" as name,
       e."FNumber" as manager
  from raw.erp__department d
  join raw.erp__employee e on e."FItemID" = d."FManager"
 order by d."FItemID"::int
