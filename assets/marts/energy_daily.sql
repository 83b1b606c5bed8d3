-- table: energy_daily
-- label: 每日能耗 | Energy by day
-- key: meter_code, day
-- deps: mart.energy_interval, hub.energy_meter, hub.department
-- automation: hourly
-- columns:
--   day: 日期 | Day; an interval that ends at midnight belongs to the day before
--   meter_code: 计量表编码 | Meter code
--   meter_name: 计量表 | Meter
--   medium: 介质 | Medium
--   is_main_meter: 总表 | Main meter: no other meter stands above it, so sums count it once
--   department_name: 部门 | Department
--   consumption: 用量 | Consumption
--   unit: 单位 | Unit of the meter
--   reading_count: 读数个数 | Number of intervals
select (i.read_at - interval '1 microsecond')::date as day,
       m.code as meter_code,
       m.name as meter_name,
       case m.medium when 'electricity' then '电' when 'water' then '水' when 'gas' then '气' when 'liquid' then '液'
                     when 'steam' then '蒸汽' when 'compressed_air' then '压缩空气' else m.medium end as medium,
       m.parent_id is null as is_main_meter,
       d.name as department_name,
       trim_scale(sum(i.consumption)) as consumption,
       m.unit,
       count(*) as reading_count
  from mart.energy_interval i
  join hub.energy_meter m on m.code = i.meter_code and m.company_id = current_setting('hub.company')::uuid
  left join hub.department d on d.id = m.department_id
 group by day, m.code, m.name, m.medium, m.parent_id, d.name, m.unit
