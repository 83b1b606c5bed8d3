select e._key as source_key,
       e."FNumber" as code,
       e."FName" as name,
       d."FNumber" as department,
       e."FDuty" as job_title,
       case e."FGender" when '男' then 'male' when '女' then 'female' else 'unknown' end as gender,
       left(e."FBirthday", 10) as birth_date,
       e."FIDCard" as id_number,
       left(e."FHireDate", 10) as hire_date,
       left(e."FLeaveDate", 10) as leave_date,
       e."FMobilePhone" as phone,
       e."FEmail" as email
  from raw.erp__employee e
  left join raw.erp__department d on d."FItemID" = e."FDepartmentID"
 order by e."FItemID"::int
