"""Whom we trade with: customers and suppliers."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING, Any

from sqlalchemy import ColumnElement, Date, FromClause, case, cast, func, inspect, select
from sqlalchemy.orm import Mapped

from hub.document import (
    ANY_STATE,
    Access,
    Choice,
    Code,
    Line,
    Master,
    Money,
    Name,
    Percent,
    derived,
    field,
    lines,
    link,
    only,
    our_customer,
    our_supplier,
    pinyin_of,
)
from hub.document.fields import Tables
from hub.errors import Invalid
from hub.ledgers import supply
from hub.rules.credit_code import wrong_code

if TYPE_CHECKING:
    from hub.domains.people import Employee


class Admission(Choice):
    """Whether we may buy from a supplier."""

    PENDING = "pending", "待准入", "Pending"
    ADMITTED = "admitted", "已准入", "Admitted"
    SUSPENDED = "suspended", "已暂停", "Suspended"


class Grade(Choice):
    """How much a customer matters to us."""

    KEY = "key", "重点", "Key"
    REGULAR = "regular", "一般", "Regular"
    OCCASIONAL = "occasional", "零散", "Occasional"


class AddressKind(Choice):
    """What an address is for."""

    DELIVERY = "delivery", "收货", "Delivery"
    INVOICE = "invoice", "收票", "Invoice"
    OFFICE = "office", "办公", "Office"


_ORDERED = ("confirmed", "closed")
_SHIPPED = ("confirmed", "signed")


def _purchased(row: FromClause, tables: Tables) -> ColumnElement[Any]:
    """What the customer has ordered of us, net, in the currency of the books."""
    line, order = tables("SalesOrderLine"), tables("SalesOrder")
    total = select(func.coalesce(func.round(func.sum(line.c.amount * order.c.exchange_rate), 2), 0))
    total = total.select_from(line.join(order, order.c.id == line.c.sales_order_id))
    return total.where(order.c.customer_id == row.c.id, order.c.state.in_(_ORDERED)).correlate(row).scalar_subquery()


def _receivable(row: FromClause, tables: Tables) -> ColumnElement[Any]:
    """What is open of the customer's invoices, with tax, in the currency of the books."""
    line, invoice, owed = tables("SalesInvoiceLine"), tables("SalesInvoice"), tables("SalesInvoice")
    claimed = select(func.coalesce(func.sum((line.c.amount + line.c.tax_amount) * invoice.c.exchange_rate), 0))
    claimed = claimed.select_from(line.join(invoice, invoice.c.id == line.c.sales_invoice_id))
    claimed = claimed.where(invoice.c.customer_id == row.c.id, invoice.c.state == "posted")
    paid = select(func.coalesce(func.sum(owed.c.received_amount * owed.c.exchange_rate), 0))
    paid = paid.where(owed.c.customer_id == row.c.id, owed.c.state == "posted")
    return func.round(claimed.correlate(row).scalar_subquery() - paid.correlate(row).scalar_subquery(), 2)


def _on_time(row: FromClause, tables: Tables) -> ColumnElement[Any]:
    """Of the promised order lines that shipped deliveries named, how many were shipped by the day promised."""
    line, delivery = tables("DeliveryLine"), tables("Delivery")
    wanted, order = tables("SalesOrderLine"), tables("SalesOrder")
    promised = func.coalesce(wanted.c.promised_date, order.c.promised_date)
    share = select(func.avg(case((delivery.c.delivery_date <= promised, 100), else_=0)))
    share = share.select_from(
        line.join(delivery, delivery.c.id == line.c.delivery_id)
        .join(wanted, wanted.c.id == line.c.order_line_id)
        .join(order, order.c.id == wanted.c.sales_order_id)
    )
    first = delivery.c.return_request_id.is_(None)  # what replaces goods was not promised for that day
    share = share.where(delivery.c.customer_id == row.c.id, delivery.c.state.in_(_SHIPPED), promised.is_not(None))
    share = share.where(first)
    return share.correlate(row).scalar_subquery()


def _last_order(row: FromClause, tables: Tables) -> ColumnElement[Any]:
    order = tables("SalesOrder")
    last = select(cast(func.max(order.c.order_date), Date)).where(
        order.c.customer_id == row.c.id, order.c.state.in_(_ORDERED)
    )
    return last.correlate(row).scalar_subquery()


class CustomerContact(Line, label=("客户联系人", "Customer contact"), of="Customer", collection="contacts"):
    """Somebody at a customer's."""

    name: Mapped[Name] = field("姓名", "Name")
    job_title: Mapped[str | None] = field("职务", "Job title")
    phone: Mapped[str | None] = field("电话", "Phone")
    email: Mapped[str | None] = field("邮箱", "E-mail")
    main: Mapped[bool] = field("主要联系人", "Main contact", default=False)
    note: Mapped[str | None] = field("备注", "Note")


class CustomerAddress(
    Line,
    label=("客户地址", "Customer address"),
    of="Customer",
    collection="addresses",
):
    """Where a customer's goods or papers go."""

    name: Mapped[Name] = field("名称", "Name")
    kind: Mapped[AddressKind] = field("用途", "Kind", default=AddressKind.DELIVERY)
    country: Mapped[str | None] = field("国家", "Country")
    city: Mapped[str | None] = field("城市", "City")
    address: Mapped[str] = field("地址", "Address")
    recipient: Mapped[str | None] = field("收件人", "Recipient")
    phone: Mapped[str | None] = field("电话", "Phone")
    main: Mapped[bool] = field("默认地址", "Main address", default=False)


class Customer(
    Master,
    label=("客户档案", "Customer"),
    access=Access(read="base.read", write="sales.write", rows=only(our_customer("id"), unless="base.all")),
):
    """Somebody who buys from us."""

    short_name: Mapped[Name | None] = field("简称", "Short name")
    short_name_pinyin: Mapped[str | None] = pinyin_of("简称", "Short name")
    uscc: Mapped[Code | None] = field("统一社会信用代码", "Unified social credit code")
    tax_number: Mapped[Code | None] = field("税号", "Tax number")
    industry: Mapped[str | None] = field("行业", "Industry")
    grade: Mapped[Grade] = field("等级", "Grade", default=Grade.REGULAR)
    price_group: Mapped[Code | None] = field("价格组", "Price group")
    currency: Mapped[Code] = field("币种", "Currency", default="CNY")
    contact_name: Mapped[Name | None] = field("联系人", "Contact")
    phone: Mapped[str | None] = field("电话", "Phone")
    email: Mapped[str | None] = field("邮箱", "E-mail")
    address: Mapped[str | None] = field("地址", "Address")
    city: Mapped[str | None] = field("城市", "City")
    country: Mapped[str | None] = field("国家", "Country")
    credit_limit: Mapped[Money | None] = field("信用额度", "Credit limit", unit="currency", minimum=0)
    payment_terms_days: Mapped[int | None] = field("账期", "Payment terms", unit="天", minimum=0)
    bank_name: Mapped[str | None] = field("开户银行", "Bank")
    bank_account: Mapped[str | None] = field("银行账号", "Bank account", restricted="sales.credit", encrypted=True)
    since_date: Mapped[date | None] = field("合作起始日", "Customer since")
    sales_rep: Mapped[Employee | None] = link("业务员", "Sales representative")
    note: Mapped[str | None] = field("备注", "Note", editable_in=ANY_STATE)
    contacts: Mapped[list[CustomerContact]] = lines("联系人名单", "Contacts")
    addresses: Mapped[list[CustomerAddress]] = lines("地址簿", "Addresses")
    purchased_amount: Mapped[Money] = derived(
        "累计订货额", "Purchased", _purchased, unit="currency", filterable=True, restricted="sales.credit"
    )
    receivable: Mapped[Money] = derived(
        "应收余额", "Receivable", _receivable, unit="currency", filterable=True, restricted="sales.credit"
    )
    on_time_rate: Mapped[Percent] = derived("准时交货率", "On-time rate", _on_time, unit="%", restricted="sales.credit")
    last_order_date: Mapped[date] = derived(
        "最近订货日", "Last order", _last_order, filterable=True, restricted="sales.credit"
    )

    def prepare(self) -> None:
        """A credit code that is typed must be one; what other systems have is loaded as it is, and found by checks."""
        if inspect(self).attrs.uscc.history.has_changes():
            Invalid.raise_all(wrong_code(self.uscc))


def _ordered_of(row: FromClause, tables: Tables) -> ColumnElement[Any]:
    """What we have ordered of the supplier, net, in the currency of the books."""
    line, order = tables("PurchaseOrderLine"), tables("PurchaseOrder")
    total = select(func.coalesce(func.round(func.sum(line.c.amount * order.c.exchange_rate), 2), 0))
    total = total.select_from(line.join(order, order.c.id == line.c.purchase_order_id))
    return total.where(order.c.supplier_id == row.c.id, order.c.state.in_(_ORDERED)).correlate(row).scalar_subquery()


def _payable(row: FromClause, tables: Tables) -> ColumnElement[Any]:
    """What is open of the supplier's invoices, with tax, in the currency of the books."""
    line, invoice, owed = tables("PurchaseInvoiceLine"), tables("PurchaseInvoice"), tables("PurchaseInvoice")
    claimed = select(func.coalesce(func.sum((line.c.amount + line.c.tax_amount) * invoice.c.exchange_rate), 0))
    claimed = claimed.select_from(line.join(invoice, invoice.c.id == line.c.purchase_invoice_id))
    claimed = claimed.where(invoice.c.supplier_id == row.c.id, invoice.c.state == "posted")
    paid = select(func.coalesce(func.sum(owed.c.paid_amount * owed.c.exchange_rate), 0))
    paid = paid.where(owed.c.supplier_id == row.c.id, owed.c.state == "posted")
    return func.round(claimed.correlate(row).scalar_subquery() - paid.correlate(row).scalar_subquery(), 2)


def _came_on_time(row: FromClause, tables: Tables) -> ColumnElement[Any]:
    """Of what came of promised order lines, the part that came by the day promised."""
    line, receipt = tables("PurchaseReceiptLine"), tables("PurchaseReceipt")
    wanted, order = tables("PurchaseOrderLine"), tables("PurchaseOrder")
    promised = func.coalesce(wanted.c.promised_date, order.c.promised_date)
    in_time = func.sum(line.c.quantity).filter(receipt.c.receipt_date <= promised)
    share = select(func.round(100 * func.coalesce(in_time, 0) / func.nullif(func.sum(line.c.quantity), 0), 2))
    share = share.select_from(
        line.join(receipt, receipt.c.id == line.c.purchase_receipt_id)
        .join(wanted, wanted.c.id == line.c.order_line_id)
        .join(order, order.c.id == wanted.c.purchase_order_id)
    )
    share = share.where(receipt.c.supplier_id == row.c.id, receipt.c.state == "confirmed", promised.is_not(None))
    return share.correlate(row).scalar_subquery()


def _qualified(row: FromClause, tables: Tables) -> ColumnElement[Any]:
    """Of what came, the part that was not rejected at the door."""
    line, receipt = tables("PurchaseReceiptLine"), tables("PurchaseReceipt")
    good = func.sum(line.c.quantity - line.c.rejected_quantity)
    share = select(func.round(100 * good / func.nullif(func.sum(line.c.quantity), 0), 2))
    share = share.select_from(line.join(receipt, receipt.c.id == line.c.purchase_receipt_id))
    return (
        share.where(receipt.c.supplier_id == row.c.id, receipt.c.state == "confirmed").correlate(row).scalar_subquery()
    )


def _last_purchase(row: FromClause, tables: Tables) -> ColumnElement[Any]:
    order = tables("PurchaseOrder")
    last = select(cast(func.max(order.c.order_date), Date)).where(
        order.c.supplier_id == row.c.id, order.c.state.in_(_ORDERED)
    )
    return last.correlate(row).scalar_subquery()


class SupplierContact(Line, label=("供应商联系人", "Supplier contact"), of="Supplier", collection="contacts"):
    """Somebody at a supplier's."""

    name: Mapped[Name] = field("姓名", "Name")
    job_title: Mapped[str | None] = field("职务", "Job title")
    phone: Mapped[str | None] = field("电话", "Phone")
    email: Mapped[str | None] = field("邮箱", "E-mail")
    main: Mapped[bool] = field("主要联系人", "Main contact", default=False)
    note: Mapped[str | None] = field("备注", "Note")


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
    tax_number: Mapped[Code | None] = field("税号", "Tax number")
    currency: Mapped[Code] = field("币种", "Currency", default="CNY")
    lead_time_days: Mapped[int | None] = field("供货提前期", "Lead time", unit="天", minimum=0)
    admission: Mapped[Admission] = field("准入状态", "Admission", default=Admission.PENDING)
    bank_account: Mapped[str | None] = field("银行账户", "Bank account", restricted="purchasing.bank", encrypted=True)
    bank_name: Mapped[str | None] = field("开户银行", "Bank", restricted="purchasing.bank")
    note: Mapped[str | None] = field("备注", "Note", editable_in=ANY_STATE)
    contacts: Mapped[list[SupplierContact]] = lines("联系人", "Contacts")
    score: Mapped[Percent] = derived(
        "综合评分", "Score", supply.last_score, filterable=True, restricted="purchasing.all"
    )
    purchased_amount: Mapped[Money] = derived(
        "累计采购额", "Purchased", _ordered_of, unit="currency", filterable=True, restricted="purchasing.all"
    )
    payable: Mapped[Money] = derived(
        "应付余额", "Payable", _payable, unit="currency", filterable=True, restricted="purchasing.all"
    )
    on_time_rate: Mapped[Percent] = derived(
        "准时到货率", "On-time rate", _came_on_time, unit="%", restricted="purchasing.all"
    )
    qualified_rate: Mapped[Percent] = derived(
        "来料合格率", "Qualified rate", _qualified, unit="%", restricted="purchasing.all"
    )
    last_order_date: Mapped[date] = derived(
        "最近采购日", "Last order", _last_purchase, filterable=True, restricted="purchasing.all"
    )
