select v._key as source_key,
       v."AccountNumber" as code,
       v."Name" as name,
       a."AddressLine1" as address,
       a."City" as city,
       s."CountryRegionCode" as country,
       case v."ActiveFlag" when '1' then 'admitted' else 'suspended' end as admission,
       case v."ActiveFlag" when '1' then 'true' else 'false' end as active
  from raw.legacy_erp__vendor v
  left join raw.legacy_erp__entity_address e on e."BusinessEntityID" = v."BusinessEntityID"
  left join raw.legacy_erp__address a on a."AddressID" = e."AddressID"
  left join raw.legacy_erp__state_province s on s."StateProvinceID" = a."StateProvinceID"
 order by v."BusinessEntityID"::int
