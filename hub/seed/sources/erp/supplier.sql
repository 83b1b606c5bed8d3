select s._key as source_key,
       s."FNumber" as code,
       btrim(s."FName", E' \t\u3000') as name,
       s."FShortName" as short_name,
       s."FTaxNum" as uscc,
       s."FClass" as category,
       s."FContact" as contact_name,
       s."FPhone" as phone,
       s."FEmail" as email,
       s."FAddress" as address,
       s."FCity" as city,
       '中国' as country,
       s."FPayDays" as payment_terms_days,
       case s."FAdmission" when '合格' then 'admitted' when '暂停' then 'suspended' else 'pending' end as admission,
       s."FAccount" as bank_account,
       case s."FDeleted" when '1' then 'false' else 'true' end as active
  from raw.erp__supplier s
 order by s."FItemID"::int
