select p._key as source_key,
       'NW-P' || p.product_id as code,
       p.product_name as name,
       p.quantity_per_unit as specification,
       c.category_name as category,
       'finished' as kind,
       'NW-PC' as unit,
       'NW-S' || p.supplier_id as supplier,
       p.unit_price as list_price,
       p.reorder_level as reorder_point,
       case p.discontinued when '1' then 'false' else 'true' end as active
  from raw.northwind__products p
  left join raw.northwind__categories c on c.category_id = p.category_id
 order by p.product_id::int
