-- Codes are char(3), padded with blanks.
select u._key as source_key,
       trim(u."UnitMeasureCode") as code,
       u."Name" as name
  from raw.legacy_erp__unit_measure u
 order by u."UnitMeasureCode"
