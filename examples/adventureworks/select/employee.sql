-- The current department is the one without an end date. The ERP's names of persons are not part of the sample: the login stands in.
select e._key as source_key,
       'E' || e."BusinessEntityID" as code,
       split_part(e."LoginID", '\', 2) as name,
       'D' || lpad(h."DepartmentID", 2, '0') as department,
       e."JobTitle" as job_title,
       case e."Gender" when 'M' then 'male' when 'F' then 'female' else 'unknown' end as gender,
       e."BirthDate" as birth_date,
       e."NationalIDNumber" as id_number,
       e."HireDate" as hire_date,
       p."PhoneNumber" as phone,
       m."EmailAddress" as email,
       case e."CurrentFlag" when '1' then 'true' else 'false' end as active
  from raw.legacy_erp__employee e
  left join raw.legacy_erp__employee_department h
    on h."BusinessEntityID" = e."BusinessEntityID" and h."EndDate" is null
  left join (select one."BusinessEntityID", min(one."PhoneNumber") as "PhoneNumber"
               from raw.legacy_erp__person_phone one group by one."BusinessEntityID") p
    on p."BusinessEntityID" = e."BusinessEntityID"
  left join (select one."BusinessEntityID", min(one."EmailAddress") as "EmailAddress"
               from raw.legacy_erp__email_address one group by one."BusinessEntityID") m
    on m."BusinessEntityID" = e."BusinessEntityID"
 order by e."BusinessEntityID"::int
