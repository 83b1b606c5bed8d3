select w._key as source_key,
       w."仓库编码" as code,
       w."仓库名称" as name,
       case w."类型" when '原料' then 'raw' when '辅料' then 'consumable' when '成品' then 'finished'
            when '隔离' then 'quarantine' end as kind,
       w."厂区" as site
  from raw.storehouse__warehouse w
 order by w."仓库编码"
