"""Who we are: the company, its departments, the people who sign in, and how our papers are numbered."""

from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING

from sqlalchemy import Connection, event
from sqlalchemy.orm import Mapped, Mapper, object_session

from hub.document import (
    ANY_STATE,
    Access,
    Choice,
    Code,
    Line,
    Master,
    Money,
    Percent,
    field,
    lines,
    link,
    myself,
    only,
    own_department,
)
from hub.document.numbering import forget_rules, rule_problems
from hub.document.patterns import Reset
from hub.errors import Invalid

if TYPE_CHECKING:
    from hub.domains.finance import BankAccount
    from hub.domains.parties import Customer, Supplier
    from hub.domains.people import Employee


_POSTS = Access(read="base.read", write="people.write", rows=only(unless="base.all"))


class Valuation(Choice):
    """How stock is valued."""

    MOVING = "moving", "移动加权平均", "Moving average"
    MONTHLY = "monthly", "全月一次加权平均", "Monthly weighted average"


class Company(
    Master, label=("公司", "Company"), access=Access(read="base.read", write="companies.write"), company=False
):
    """A legal entity with its own books (账套)."""

    uscc: Mapped[Code | None] = field("统一社会信用代码", "Unified social credit code")
    tax_number: Mapped[Code | None] = field("税号", "Tax number")
    legal_representative: Mapped[str | None] = field("法定代表人", "Legal representative")
    address: Mapped[str | None] = field("地址", "Address")
    phone: Mapped[str | None] = field("电话", "Phone")
    bank_name: Mapped[str | None] = field("开户行", "Bank")
    bank_account: Mapped[BankAccount | None] = link("基本账户", "Main bank account")
    start_period: Mapped[Code | None] = field("启用期间", "First period of the books")
    currency: Mapped[Code] = field("本位币", "Books' currency", default="CNY")
    time_zone: Mapped[str] = field("时区", "Time zone", default="Asia/Shanghai")
    valuation: Mapped[Valuation] = field("存货计价方法", "Valuation of stock", default=Valuation.MOVING)
    match_quantity_percent: Mapped[Percent] = field(
        "发票数量容差", "Invoices above quantity by", default=Decimal(0), unit="%", minimum=0
    )
    match_price_percent: Mapped[Percent] = field(
        "发票价格容差", "Invoices above price by", default=Decimal(0), unit="%", minimum=0
    )
    match_amount: Mapped[Money | None] = field("发票金额容差", "Invoices above price by, at most", minimum=0)


class Department(
    Master,
    label=("部门", "Department"),
    access=Access(read="base.read", write="base.write", rows=only(own_department("id"), unless="base.all")),
):
    """A part of the organization; departments form a tree."""

    parent: Mapped[Department | None] = link(
        "上级部门", "Parent department", inverse=("children", "下级部门", "Sub-departments")
    )
    manager: Mapped[Employee | None] = link("负责人", "Manager")


class PositionSkill(Line, label=("岗位技能", "Position skill"), of="Skill", collection="positions"):
    """A position that asks for the skill, and to which degree."""

    post: Mapped[Position] = link("岗位", "Position", inverse=("skills", "技能要求", "Skills"))
    level: Mapped[int] = field("要求等级", "Level", default=1, minimum=1, maximum=10)


class Skill(Master, label=("技能", "Skill"), access=_POSTS):
    """Something people can do, in `levels` degrees; skills form a tree."""

    parent: Mapped[Skill | None] = link("上级技能", "Parent skill", inverse=("children", "下级技能", "Skills below"))
    levels: Mapped[int] = field("等级数", "Levels", default=3, minimum=1, maximum=10)
    description: Mapped[str | None] = field("说明", "Description")
    positions: Mapped[list[PositionSkill]] = lines("岗位要求", "Positions")


class Position(Master, label=("岗位", "Position"), access=_POSTS):
    """A post in a department: how many people it takes, what they do and, by `skills`, must be able to do."""

    department: Mapped[Department | None] = link("部门", "Department", inverse=("positions", "岗位", "Positions"))
    parent: Mapped[Position | None] = link(
        "上级岗位", "Reports to", inverse=("children", "下级岗位", "Positions below")
    )
    headcount: Mapped[int | None] = field("编制人数", "Headcount", minimum=0)
    duties: Mapped[str | None] = field("职责", "Duties")


class User(
    Master,
    label=("用户", "User"),
    access=Access(read="base.read", write="users.write", rows=only(myself(), unless="users.read")),
):
    """Somebody who signs in; the code is the login. A partner's user stands for a customer or a supplier."""

    password_hash: Mapped[str | None] = field("密码散列", "Password hash", secret=True)
    email: Mapped[str | None] = field("邮箱", "E-mail")
    roles: Mapped[list[str]] = field("角色", "Roles", default=list)
    language: Mapped[str] = field("界面语言", "Language", default="zh")
    employee: Mapped[Employee | None] = link("人员", "Employee", editable_in=ANY_STATE)
    department: Mapped[Department | None] = link("部门", "Department", editable_in=ANY_STATE)
    customer: Mapped[Customer | None] = link("所代表客户", "Stands for customer", editable_in=ANY_STATE)
    supplier: Mapped[Supplier | None] = link("所代表供应商", "Stands for supplier", editable_in=ANY_STATE)


class CodeRule(
    Master, label=("编码规则", "Code rule"), access=Access(read="integration.read", write="integration.write")
):
    """How a type's numbers or codes are formed in this company, instead of as its class says.

    With `field_name` and `field_value` only for documents with that value: items of one category. A code that is given
    is kept; a gapless series makes its writers wait for each other.
    """

    document_type: Mapped[Code] = field("单据类型", "Document type")
    field_name: Mapped[Code | None] = field("条件字段", "Field")
    field_value: Mapped[str | None] = field("条件值", "Value")
    pattern: Mapped[Code] = field("编码格式", "Pattern")
    reset: Mapped[Reset] = field("重新编号", "Begins anew", default=Reset.PATTERN)
    gapless: Mapped[bool] = field("不断号", "Gapless", default=False)

    def prepare(self) -> None:
        """The pattern must fit the type."""
        Invalid.raise_all(rule_problems(self))


def _forget_rules(_mapper: Mapper[CodeRule], _connection: Connection, rule: CodeRule) -> None:
    session = object_session(rule)
    assert session is not None
    event.listen(session, "after_commit", forget_rules, once=True)


for _change in ("after_insert", "after_update", "after_delete"):
    event.listen(CodeRule, _change, _forget_rules)
