select l._key as source_key,
       l."库位编码" as code,
       l."库位名称" as name,
       l."仓库编码" as warehouse
  from raw.storehouse__location l
 order by l."库位编码"
