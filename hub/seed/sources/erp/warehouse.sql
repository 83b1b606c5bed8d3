select s._key as source_key,
       s."FNumber" as code,
       s."FName" as name,
       case s."FTypeName" when '原料' then 'raw' when '辅料' then 'consumable' when '成品' then 'finished'
            when '隔离' then 'quarantine' end as kind,
       s."FAddress" as site
  from raw.erp__stock s
 order by s."FItemID"::int
