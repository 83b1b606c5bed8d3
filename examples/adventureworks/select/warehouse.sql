-- The ERP calls its stores and its shop-floor areas locations; areas with a cost rate are where work is in progress.
-- It does not say where receipts are counted, and the hub wants to know: they get a warehouse of their own.
with place as (
  select l._key as source_key, l."LocationID"::int as location_id, l."Name" as name,
         case when l."Name" like 'Finished Goods%' then 'finished'
              when l."CostRate"::numeric > 0 then 'wip'
              else 'raw' end as kind
    from raw.legacy_erp__location l
  union all
  select 'receiving', 0, 'Receiving', 'quarantine'
)
select p.source_key,
       'W' || lpad(p.location_id::text, 2, '0') as code,
       p.name,
       p.kind
  from place p
 order by p.location_id
