"""Who carries our goods, with what and for how much."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import Any

from sqlalchemy import ColumnElement, FromClause, func, select
from sqlalchemy.orm import Mapped

from hub.document import Choice, Code, Line, Master, Money, Name, Price, Quantity, derived, field, lines
from hub.document.fields import Tables
from hub.domains.warehouse.places import PLACES


class RateBasis(Choice):
    """What a freight rate is paid for."""

    TRIP = "trip", "每趟", "Per trip"
    PIECE = "piece", "每件", "Per piece"
    KILOGRAM = "kilogram", "每公斤", "Per kilogram"
    KILOMETRE = "kilometre", "每公里", "Per kilometre"


class VehicleKind(Choice):
    """What a vehicle is."""

    VAN = "van", "面包车", "Van"
    TRUCK = "truck", "货车", "Truck"
    TRAILER = "trailer", "挂车", "Trailer"
    OTHER = "other", "其他", "Other"


class CarrierContact(Line, label=("承运联系人", "Carrier contact"), of="Carrier", collection="contacts"):
    """A person at the carrier."""

    name: Mapped[Name] = field("姓名", "Name")
    job_title: Mapped[str | None] = field("职务", "Job title")
    phone: Mapped[str | None] = field("电话", "Phone")
    email: Mapped[str | None] = field("邮箱", "E-mail")
    main: Mapped[bool] = field("主要联系人", "Main contact", default=False)


class CarrierVehicle(Line, label=("承运车辆", "Carrier vehicle"), of="Carrier", collection="vehicles"):
    """A vehicle of the carrier and who drives it."""

    plate: Mapped[Code] = field("车牌", "Plate")
    kind: Mapped[VehicleKind] = field("车型", "Kind", default=VehicleKind.TRUCK)
    capacity: Mapped[Quantity | None] = field("载重", "Capacity", unit="kg", minimum=0)
    driver: Mapped[str | None] = field("司机", "Driver")
    driver_phone: Mapped[str | None] = field("司机电话", "Driver's phone")


class CarrierRate(Line, label=("运价", "Freight rate"), of="Carrier", collection="rates"):
    """What the carrier asks to a region, at least `minimum`."""

    region: Mapped[str | None] = field("地区", "Region")
    basis: Mapped[RateBasis] = field("计价方式", "Basis", default=RateBasis.TRIP)
    rate: Mapped[Price] = field("单价", "Rate", unit="currency", minimum=0)
    minimum: Mapped[Price] = field("最低运费", "Minimum", default=Decimal(0), unit="currency", minimum=0)
    valid_from_date: Mapped[date | None] = field("生效日期", "Valid from")
    valid_until_date: Mapped[date | None] = field("失效日期", "Valid until")


def _carried(row: FromClause, tables: Tables) -> ColumnElement[int]:
    """How many deliveries have gone out with the carrier."""
    delivery = tables("Delivery")
    shipped = select(func.count()).where(
        delivery.c.carrier_id == row.c.id, delivery.c.state.in_(("confirmed", "signed"))
    )
    return shipped.correlate(row).scalar_subquery()


def _paid(row: FromClause, tables: Tables) -> ColumnElement[Any]:
    """What the carrier has been paid for driving our goods."""
    payment = tables("FreightPayment")
    paid = select(func.coalesce(func.sum(payment.c.amount), 0))
    return paid.where(payment.c.carrier_id == row.c.id, payment.c.state == "posted").correlate(row).scalar_subquery()


class Carrier(Master, label=("承运公司档案", "Carrier"), access=PLACES):
    """A company that carries our goods."""

    uscc: Mapped[Code | None] = field("统一社会信用代码", "Unified social credit code")
    phone: Mapped[str | None] = field("电话", "Phone")
    email: Mapped[str | None] = field("邮箱", "E-mail")
    address: Mapped[str | None] = field("地址", "Address")
    settlement_terms: Mapped[str | None] = field("结算方式", "Settlement terms")
    settlement_days: Mapped[int | None] = field("账期", "Settlement days", unit="天", minimum=0)
    bank_account: Mapped[str | None] = field("银行账户", "Bank account", restricted="purchasing.bank", encrypted=True)
    note: Mapped[str | None] = field("备注", "Note")
    contacts: Mapped[list[CarrierContact]] = lines("联系人", "Contacts")
    vehicles: Mapped[list[CarrierVehicle]] = lines("车辆", "Vehicles")
    rates: Mapped[list[CarrierRate]] = lines("运价", "Rates")
    deliveries_count: Mapped[int] = derived("送货次数", "Deliveries", _carried, restricted="warehouse.all")
    freight_paid: Mapped[Money] = derived("已付运费", "Freight paid", _paid, unit="currency", restricted="finance.read")
