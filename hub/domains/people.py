"""The people of the company. Private data needs the permission people.private."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from typing import TYPE_CHECKING

from sqlalchemy.orm import Mapped

from hub.document import Access, Choice, Code, Master, Money, field, link, mine, only
from hub.errors import Invalid, Problem, problem

if TYPE_CHECKING:
    from hub.domains.organization import Department


class Gender(Choice):
    """As the identity card has it."""

    MALE = "male", "男", "Male"
    FEMALE = "female", "女", "Female"
    UNKNOWN = "unknown", "未知", "Unknown"


class PayKind(Choice):
    """Whom an item of pay is for."""

    EARNING = "earning", "应发", "Earning"
    DEDUCTION = "deduction", "扣款", "Deduction"
    EMPLOYER = "employer", "单位承担", "Employer's share"


class PayBasis(Choice):
    """Where the amount of an item comes from."""

    FIXED = "fixed", "固定金额", "Fixed"
    ENTERED = "entered", "按月录入", "Entered each month"
    FORMULA = "formula", "公式", "Formula"


class PayItem(
    Master,
    label=("薪资项目", "Pay item"),
    access=Access(read="people.read", write="people.write", rows=only(unless="people.all")),
):
    """A line of the pay slip: fixed, entered each month, or a formula over other items, which name one another by code.

    What is wrong with a formula is told when it is saved (hub.flows.pay).
    """

    kind: Mapped[PayKind] = field("类别", "Kind", default=PayKind.EARNING)
    basis: Mapped[PayBasis] = field("计算方式", "Basis", default=PayBasis.ENTERED)
    amount: Mapped[Money | None] = field("固定金额", "Fixed amount", unit="currency", minimum=0)
    formula: Mapped[str | None] = field("公式", "Formula")
    taxable: Mapped[bool] = field("计税", "Taxable", default=True)
    on_slip: Mapped[bool] = field("工资条显示", "On the slip", default=True)
    slip_order: Mapped[int] = field("工资条顺序", "Order on the slip", default=10, minimum=0)
    note: Mapped[str | None] = field("备注", "Note")

    def prepare(self) -> None:
        """A fixed item has its amount, a formula is written out; neither has what the other is for."""
        Invalid.raise_all(self._unfit())

    def _unfit(self) -> Iterator[Problem]:
        wanted = {PayBasis.FIXED: "amount", PayBasis.FORMULA: "formula"}.get(self.basis)
        for name, chinese, english in (("amount", "固定金额", "a fixed amount"), ("formula", "公式", "a formula")):
            there = getattr(self, name) not in (None, "")
            if there != (name == wanted):
                basis = self.basis.label
                yield problem(
                    "PAY_BASIS_MISMATCH",
                    f"计算方式为“{basis.chinese}”时{'请勿' if there else '请'}填写{chinese}。",
                    f"An item whose basis is {basis.english.lower()} {'takes no' if there else 'needs'} {english[2:]}.",
                    name,
                )


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
