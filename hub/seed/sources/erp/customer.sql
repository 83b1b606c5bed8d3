select c._key as source_key,
       c."FNumber" as code,
       btrim(c."FName", E' \t\u3000') as name,
       c."FShortName" as short_name,
       c."FTaxNum" as uscc,
       c."FContact" as contact_name,
       c."FPhone" as phone,
       c."FEmail" as email,
       c."FAddress" as address,
       c."FCity" as city,
       '中国' as country,
       c."FCreditLimit" as credit_limit,
       c."FPayDays" as payment_terms_days,
       e."FNumber" as sales_rep,
       case c."FDeleted" when '1' then 'false' else 'true' end as active
  from raw.erp__customer c
  left join raw.erp__employee e on e."FItemID" = c."Femployee"
 order by c."FItemID"::int
