-- The ERP calls its stores and its shop-floor areas locations; areas with a cost rate are where work is in progress.
select l._key as source_key,
       'W' || lpad(l."LocationID", 2, '0') as code,
       l."Name" as name,
       case when l."Name" like 'Finished Goods%' then 'finished'
            when l."CostRate"::numeric > 0 then 'wip'
            else 'raw' end as kind
  from raw.legacy_erp__location l
 order by l."LocationID"::int
