select s._key as source_key,
       'NW-S' || s.supplier_id as code,
       s.company_name as name,
       s.contact_name,
       s.phone,
       s.address,
       s.city,
       s.country,
       'admitted' as admission
  from raw.northwind__suppliers s
 order by s.supplier_id::int
