-- table: energy_interval
-- label: 能耗区间 | Energy by interval
-- key: meter_code, read_at
-- deps: hub.energy_meter, hub.reading
-- automation: hourly
-- columns:
--   meter_code: 计量表编码 | Meter code
--   meter_name: 计量表 | Meter
--   read_at: 读数时间(区间终点) | End of the interval
--   consumption: 区间用量 | Difference to the previous counter reading times the meter's multiplier; empty if the counter ran back
with in_force as ( -- the latest revision of each reading
    select distinct on (meter_id, metric, read_at) meter_id, metric, read_at, value, quality
      from hub.reading
     where metric in ('energy.active.import', 'volume.total', 'mass.total')
     order by meter_id, metric, read_at, revision desc
),
difference as (
    select r.meter_id, r.read_at,
           r.value - lag(r.value) over (partition by r.meter_id, r.metric order by r.read_at) as value
      from in_force r
     where r.quality = 0
)
select m.code as meter_code,
       m.name as meter_name,
       d.read_at,
       case when d.value >= 0 then trim_scale(d.value * m.multiplier) end as consumption
  from difference d
  join hub.energy_meter m on m.id = d.meter_id
 where d.value is not null and m.company_id = current_setting('hub.company')::uuid
