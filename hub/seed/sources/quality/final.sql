select q._key as source_key,
       q."检验单号" as number,
       'confirmed' as state,
       'final' as kind,
       btrim(q."物料编码", E' \t\u3000') as item,
       q."检验日期" as inspection_date,
       q."生产单号" as production_order,
       q."检验数量" as inspected_quantity,
       q."合格数量" as qualified_quantity,
       q."不合格数量" as defective_quantity,
       q."不良现象" as defect,
       q."检验员" as inspector,
       case q."处置" when '接收' then 'accept' when '返工' then 'rework' when '让步' then 'concession'
            when '退货' then 'return' when '报废' then 'scrap' end as disposition
  from raw.quality__final q
 order by q._key
