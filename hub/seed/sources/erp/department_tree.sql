select d._key as source_key,
       d."FNumber" as code,
       d."FName" as name,
       p."FNumber" as parent,
       e."FNumber" as manager
  from raw.erp__department d
  left join raw.erp__department p on p."FItemID" = d."FParentID"
  left join raw.erp__employee e on e."FItemID" = d."FManager"
 order by d."FItemID"::int
