-- The sales system has no units: everything is sold by the piece.
select min(p._key) as source_key,
       'NW-PC' as code,
       '件' as name
  from raw.northwind__products p
