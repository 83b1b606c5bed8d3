select p._key as source_key,
       'NW-E' || p."工号" as code,
       p."姓名" as name,
       p."职务" as job_title,
       case p."性别" when '男' then 'male' when '女' then 'female' else 'unknown' end as gender,
       p."出生日期" as birth_date,
       p."入职日期" as hire_date,
       p."电话" as phone
  from raw.northwind_people__people p
 order by p."工号"::int
