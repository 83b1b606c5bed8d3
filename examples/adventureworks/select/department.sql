select d._key as source_key,
       'D' || lpad(d."DepartmentID", 2, '0') as code,
       d."Name" as name
  from raw.legacy_erp__department d
 order by d."DepartmentID"::int
