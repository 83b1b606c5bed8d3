-- Parents first: a department's link needs the one above it to be there.
select d._key as source_key,
       d."FNumber" as code,
       d."FName" as name,
       p."FNumber" as parent
  from raw.erp__department d
  left join raw.erp__department p on p."FItemID" = d."FParentID"
 order by d."FParentID" is not null, d."FItemID"::int
