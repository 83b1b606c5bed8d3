"""Whom we trade with: customers and suppliers."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlalchemy.orm import Mapped

from hub.document import (
    Access,
    Choice,
    Code,
    Master,
    Money,
    Name,
    field,
    link,
    only,
    our_customer,
    our_supplier,
    pinyin_of,
)

if TYPE_CHECKING:
    from hub.domains.people import Employee


class Admission(Choice):
    """Whether we may buy from a supplier."""

    PENDING = "pending", "待准入", "Pending"
    ADMITTED = "admitted", "已准入", "Admitted"
    SUSPENDED = "suspended", "已暂停", "Suspended"


class Customer(
    Master,
    label=("客户档案", "Customer"),
    access=Access(read="base.read", write="sales.write", rows=only(our_customer("id"), unless="base.all")),
):
    """Somebody who buys from us."""

    short_name: Mapped[Name | None] = field("简称", "Short name")
    short_name_pinyin: Mapped[str | None] = pinyin_of("简称", "Short name")
    uscc: Mapped[Code | None] = field("统一社会信用代码", "Unified social credit code")
    contact_name: Mapped[Name | None] = field("联系人", "Contact")
    phone: Mapped[str | None] = field("电话", "Phone")
    email: Mapped[str | None] = field("邮箱", "E-mail")
    address: Mapped[str | None] = field("地址", "Address")
    city: Mapped[str | None] = field("城市", "City")
    country: Mapped[str | None] = field("国家", "Country")
    credit_limit: Mapped[Money | None] = field("信用额度", "Credit limit", unit="currency", minimum=0)
    payment_terms_days: Mapped[int | None] = field("账期", "Payment terms", unit="天", minimum=0)
    sales_rep: Mapped[Employee | None] = link("业务员", "Sales representative")


class Supplier(
    Master,
    label=("供应商档案", "Supplier"),
    access=Access(read="base.read", write="purchasing.write", rows=only(our_supplier("id"), unless="base.all")),
):
    """Somebody we buy from."""

    short_name: Mapped[Name | None] = field("简称", "Short name")
    short_name_pinyin: Mapped[str | None] = pinyin_of("简称", "Short name")
    uscc: Mapped[Code | None] = field("统一社会信用代码", "Unified social credit code")
    category: Mapped[str | None] = field("类别", "Category")
    contact_name: Mapped[Name | None] = field("联系人", "Contact")
    phone: Mapped[str | None] = field("电话", "Phone")
    email: Mapped[str | None] = field("邮箱", "E-mail")
    address: Mapped[str | None] = field("地址", "Address")
    city: Mapped[str | None] = field("城市", "City")
    country: Mapped[str | None] = field("国家", "Country")
    payment_terms_days: Mapped[int | None] = field("账期", "Payment terms", unit="天", minimum=0)
    admission: Mapped[Admission] = field("准入状态", "Admission", default=Admission.PENDING)
    bank_account: Mapped[str | None] = field("银行账户", "Bank account", restricted="purchasing.bank", encrypted=True)
