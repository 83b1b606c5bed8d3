"""The people of the company. Private data needs the permission people.private."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING

from sqlalchemy.orm import Mapped

from hub.document import Access, Choice, Code, Master, field, link, mine, only

if TYPE_CHECKING:
    from hub.domains.organization import Department


class Gender(Choice):
    """As the identity card has it."""

    MALE = "male", "男", "Male"
    FEMALE = "female", "女", "Female"
    UNKNOWN = "unknown", "未知", "Unknown"


class Employee(
    Master,
    label=("人员档案", "Employee"),
    access=Access(read="base.read", write="people.write", rows=only(mine("id"), unless="base.all")),
):
    """A person who works here; the code is the staff number."""

    department: Mapped[Department | None] = link("部门", "Department", inverse=("employees", "人员", "Employees"))
    job_title: Mapped[str | None] = field("岗位", "Job title")
    gender: Mapped[Gender] = field("性别", "Gender", default=Gender.UNKNOWN)
    birth_date: Mapped[date | None] = field("出生日期", "Birth date", restricted="people.private")
    id_number: Mapped[Code | None] = field("身份证号", "ID number", restricted="people.private", encrypted=True)
    hire_date: Mapped[date | None] = field("入职日期", "Hire date")
    leave_date: Mapped[date | None] = field("离职日期", "Leave date")
    phone: Mapped[str | None] = field("电话", "Phone")
    email: Mapped[str | None] = field("邮箱", "E-mail")
