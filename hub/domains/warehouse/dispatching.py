"""Transport: which deliveries go out on which vehicle, in which order, and when they arrived."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, datetime
from decimal import Decimal

from sqlalchemy.orm import Mapped

from hub.context import Ctx
from hub.document import ANY_STATE, Choice, Document, Line, Money, Quantity, Series, field, lines, link, step, today
from hub.domains.warehouse.carriers import Carrier
from hub.domains.warehouse.goods import Delivery
from hub.domains.warehouse.places import BOOKS
from hub.errors import Problem, problem
from hub.ledgers import transport


class DispatchState(Choice):
    """Where the vehicle is."""

    PLANNED = "planned", "已计划", "Planned"
    IN_TRANSIT = "in_transit", "在途", "In transit"
    SIGNED = "signed", "已签收", "Signed"
    CANCELLED = "cancelled", "已取消", "Cancelled"


class DispatchDelivery(Line, label=("运输送货单", "Dispatched delivery"), of="Dispatch", collection="deliveries"):
    """A delivery on the vehicle; stops are made in order of their numbers."""

    delivery: Mapped[Delivery] = link("送货单", "Delivery", inverse=("dispatches", "运输调度", "Dispatches"))
    stop_number: Mapped[int] = field("卸货顺序", "Stop", default=1, minimum=1)
    signed_at: Mapped[datetime | None] = field("签收时间", "Signed at", computed=True)
    signed_by: Mapped[str | None] = field("签收人", "Signed by", computed=True)


class Dispatch(
    Document,
    label=("运输调度", "Dispatch"),
    series=Series("DP-{yyyy}{mm}-{seq:05}"),
    access=BOOKS,
    plural="Dispatches",
):
    """A vehicle's trip with the deliveries it brings."""

    state: Mapped[DispatchState] = field("状态", "State", default=DispatchState.PLANNED)
    dispatch_date: Mapped[date] = field("调度日期", "Dispatch date", default=today, index=True)
    carrier: Mapped[Carrier | None] = link("承运公司", "Carrier", inverse=("dispatches", "运输调度", "Dispatches"))
    vehicle: Mapped[str | None] = field("车辆", "Vehicle")
    driver: Mapped[str | None] = field("司机", "Driver")
    driver_phone: Mapped[str | None] = field("司机电话", "Driver's phone")
    route: Mapped[str | None] = field("路线", "Route")
    planned_at: Mapped[datetime | None] = field("计划发车", "Planned at")
    departed_at: Mapped[datetime | None] = field("发车时间", "Departed at", computed=True)
    arrived_at: Mapped[datetime | None] = field("到达时间", "Arrived at", computed=True)
    freight: Mapped[Money] = field("运费", "Freight", default=Decimal(0), unit="currency", minimum=0)
    distance: Mapped[Quantity | None] = field("里程", "Distance", unit="km", minimum=0)
    note: Mapped[str | None] = field("备注", "Note", editable_in=ANY_STATE)
    deliveries: Mapped[list[DispatchDelivery]] = lines("送货单", "Deliveries")

    @step(
        "计算运费",
        "Quote",
        source=DispatchState.PLANNED,
        target=DispatchState.PLANNED,
        words={"region": ("地区", "Region")},
    )
    def quote(self, ctx: Ctx, region: str | None = None) -> None:
        """Take the freight from the carrier's rates: per trip, per piece carried, or per kilometre."""
        self.freight = transport.asked(ctx, self, region)

    @step(
        "发车",
        "Depart",
        source=DispatchState.PLANNED,
        target=DispatchState.IN_TRANSIT,
        words={"departed_at": ("发车时间", "Departed at")},
    )
    def depart(self, ctx: Ctx, departed_at: datetime) -> Iterator[Problem]:
        """The vehicle leaves; its deliveries must have been shipped and be on no other one. They share the freight."""
        yield from transport.not_ready(ctx, self)
        self.departed_at = departed_at
        transport.load(ctx, self)

    @step(
        "到站签收",
        "Sign at a stop",
        source=DispatchState.IN_TRANSIT,
        target=DispatchState.IN_TRANSIT,
        words={
            "position": ("行号", "Position"),
            "signed_at": ("签收时间", "Signed at"),
            "signed_by": ("签收人", "Signed by"),
        },
    )
    def sign_stop(
        self, ctx: Ctx, position: int, signed_at: datetime, signed_by: str | None = None
    ) -> Iterator[Problem]:
        """A customer has signed for his delivery."""
        found = next((one for one in self.deliveries if one.position == position), None)
        if found is None:
            yield problem("LINE_UNKNOWN", "没有这一行送货单。", "There is no such delivery.", "position")
            return
        found.signed_at, found.signed_by = signed_at, signed_by

    @step(
        "全部签收",
        "Sign",
        source=DispatchState.IN_TRANSIT,
        target=DispatchState.SIGNED,
        words={"signed_at": ("签收时间", "Signed at"), "signed_by": ("签收人", "Signed by")},
    )
    def sign(self, ctx: Ctx, signed_at: datetime, signed_by: str | None = None) -> None:
        """The trip is over: whatever was not signed for yet is signed for now."""
        self.arrived_at = signed_at
        for one in self.deliveries:
            if one.signed_at is None:
                one.signed_at, one.signed_by = signed_at, signed_by

    @step(
        "取消",
        "Cancel",
        source=(DispatchState.PLANNED, DispatchState.IN_TRANSIT),
        target=DispatchState.CANCELLED,
    )
    def cancel(self, ctx: Ctx) -> None:
        """The trip does not take place; its deliveries can go on another vehicle."""
        transport.unload(ctx, self)
