select c._key as source_key,
       c.customer_id as code,
       c.company_name as name,
       c.contact_name,
       c.phone,
       c.address,
       c.city,
       c.country
  from raw.northwind__customers c
 order by c.customer_id
