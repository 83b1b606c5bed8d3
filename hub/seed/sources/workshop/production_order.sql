-- Codes are copied by hand here, so blanks after them are cut off.
select p._key as source_key,
       p."生产单号" as number,
       case p."状态" when '已计划' then 'planned' when '生产中' then 'released' when '已完工' then 'closed' end as state,
       btrim(p."产品编码", E' \t\u3000') as item,
       p."计划数量" as quantity,
       p."完工数量" as completed_quantity,
       p."报废数量" as scrap_quantity,
       p."计划开工" as planned_start_date,
       p."计划完工" as planned_finish_date,
       p."实际完工" as finished_date,
       p."模具" as mould,
       p."机台" as work_centre,
       p."优先级" as priority,
       p."计划员" as planner,
       'SC' as department,
       p."备注" as note
  from raw.workshop__production_order p
 order by p."生产单号"
