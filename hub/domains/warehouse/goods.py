"""Goods that come from suppliers and go to customers."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, datetime
from decimal import Decimal
from typing import TYPE_CHECKING

from sqlalchemy.orm import Mapped

from hub.context import Ctx
from hub.document import (
    ANY_STATE,
    Access,
    Choice,
    Code,
    Document,
    Line,
    Money,
    Name,
    Price,
    Quantity,
    Series,
    derived,
    field,
    follows,
    lines,
    link,
    only,
    our_customer,
    our_supplier,
    step,
    today,
    written_by_me,
)
from hub.document.derive import followed_by, sum_of
from hub.domains.warehouse.carriers import Carrier
from hub.domains.warehouse.lots import Lot, SerialNumber
from hub.domains.warehouse.places import Location, Warehouse
from hub.errors import Problem, Refused
from hub.ledgers import cost, fulfilment, picking, reservations, returns, stock

if TYPE_CHECKING:
    from hub.domains.aftersales import ReturnRequest
    from hub.domains.items import Item
    from hub.domains.parties import Customer, Supplier
    from hub.domains.purchasing import PurchaseOrder, PurchaseOrderLine
    from hub.domains.sales import SalesOrder, SalesOrderLine
    from hub.domains.warehouse.dispatching import Dispatch


class ReceiptState(Choice):
    """What has been decided about a receipt."""

    DRAFT = "draft", "草稿", "Draft"
    CONFIRMED = "confirmed", "已入库", "Received"
    CANCELLED = "cancelled", "已取消", "Cancelled"


_returned = followed_by(
    "PurchaseReturnLine", "quantity", of="receipt_line", document="PurchaseReturn", states=("posted",)
)


class PurchaseReceiptLine(Line, label=("采购入库明细", "Purchase receipt line"), of="PurchaseReceipt"):
    """What came of an order line: received, of it rejected, of it put into stock."""

    order_line: Mapped[PurchaseOrderLine | None] = link(
        "采购订单行", "Purchase order line", inverse=("receipt_lines", "入库明细", "Receipt lines")
    )
    item: Mapped[Item] = link("存货", "Item")
    quantity: Mapped[Quantity] = field("实收数量", "Received quantity", minimum=0)
    rejected_quantity: Mapped[Quantity] = field("拒收数量", "Rejected quantity", default=Decimal(0), minimum=0)
    stocked_quantity: Mapped[Quantity] = field("入库数量", "Stocked quantity", minimum=0)
    unit_cost: Mapped[Price | None] = field("入库单价", "Unit cost", computed=True, unit="currency")
    location: Mapped[Location | None] = link("库位", "Location")
    lot: Mapped[Lot | None] = link("批次", "Lot")
    serial: Mapped[SerialNumber | None] = link("序列号", "Serial number")
    returned: Mapped[Quantity] = derived("已退数量", "Returned quantity", _returned)
    invoiced: Mapped[Quantity] = derived(
        "已开票数量",
        "Invoiced quantity",
        followed_by(
            "PurchaseInvoiceLine",
            "quantity",
            of="receipt_line",
            document="PurchaseInvoice",
            states=("matched", "posted"),
        ),
        filterable=True,
    )


class PurchaseReceipt(
    Document,
    label=("采购入库单", "Purchase receipt"),
    series=Series("PR-{yyyy}{mm}-{seq:05}"),
    access=Access(
        read="warehouse.read",
        write="warehouse.write",
        rows=only(our_supplier("supplier"), written_by_me(), unless="warehouse.all"),
    ),
):
    """Goods of a supplier, counted at the door."""

    state: Mapped[ReceiptState] = field("状态", "State", default=ReceiptState.DRAFT)
    supplier: Mapped[Supplier] = link("供应商", "Supplier", inverse=("receipts", "采购入库单", "Purchase receipts"))
    purchase_order: Mapped[PurchaseOrder | None] = link(
        "采购订单", "Purchase order", inverse=("receipts", "采购入库单", "Purchase receipts")
    )
    receipt_date: Mapped[date] = field("入库日期", "Receipt date", default=today, index=True)
    delivery_note_number: Mapped[Code | None] = field("送货单号", "Supplier's delivery note")
    warehouse: Mapped[Warehouse] = link("仓库", "Warehouse")
    note: Mapped[str | None] = field("备注", "Note", editable_in=ANY_STATE)
    lines: Mapped[list[PurchaseReceiptLine]] = lines("明细", "Lines", at_least=1)

    @step("入库", "Confirm", source=ReceiptState.DRAFT, target=ReceiptState.CONFIRMED)
    def confirm(self, ctx: Ctx) -> None:
        """Put the stocked quantities into the warehouse."""
        prices = cost.purchase_prices(ctx, self)
        for line in self.lines:
            line.unit_cost = prices.get(line.id)
        moves = [stock.Move.of(line, line.stocked_quantity, unit_cost=prices.get(line.id)) for line in self.lines]
        stock.post(ctx, self, kind="receipt", day=self.receipt_date, moves=moves, day_field="receiptDate")

    @step("取消", "Cancel", source=(ReceiptState.DRAFT, ReceiptState.CONFIRMED), target=ReceiptState.CANCELLED)
    def cancel(self, ctx: Ctx) -> None:
        """Take the receipt back; what it put into stock is taken out again. Nothing of it may have been returned."""
        Refused.raise_all(returns.nothing(ctx, self, returns.RECEIPTS))
        stock.reverse(ctx, self)


class DeliveryState(Choice):
    """What has been decided about a delivery."""

    DRAFT = "draft", "草稿", "Draft"
    CONFIRMED = "confirmed", "已发货", "Shipped"
    SIGNED = "signed", "已签收", "Signed"
    CANCELLED = "cancelled", "已取消", "Cancelled"


class DeliveryLine(Line, label=("产品送货明细", "Delivery line"), of="Delivery"):
    """What goes out for an order line."""

    order_line: Mapped[SalesOrderLine | None] = link(
        "客户订单行", "Sales order line", inverse=("delivery_lines", "发货明细", "Delivery lines")
    )
    item: Mapped[Item] = link("存货", "Item", inverse=("delivery_lines", "发货明细", "Delivery lines"))
    quantity: Mapped[Quantity] = field("数量", "Quantity", minimum=0)
    location: Mapped[Location | None] = link("库位", "Location")
    lot: Mapped[Lot | None] = link("批次", "Lot")
    serial: Mapped[SerialNumber | None] = link("序列号", "Serial number")


class Delivery(
    Document,
    label=("产品送货单", "Delivery"),
    series=Series("DN-{yyyy}{mm}-{seq:05}"),
    access=Access(
        read="sales.read",
        write="warehouse.write",
        rows=only(follows("SalesOrder", "sales_order"), our_customer("customer"), written_by_me(), unless="sales.all"),
    ),
):
    """Goods on their way to a customer."""

    state: Mapped[DeliveryState] = field("状态", "State", default=DeliveryState.DRAFT)
    customer: Mapped[Customer] = link("客户", "Customer", inverse=("deliveries", "送货单", "Deliveries"))
    sales_order: Mapped[SalesOrder | None] = link(
        "客户订单", "Sales order", inverse=("deliveries", "送货单", "Deliveries")
    )
    return_request: Mapped[ReturnRequest | None] = link(
        "退换货申请", "Return request", inverse=("deliveries", "换货发货", "Replacements")
    )
    delivery_date: Mapped[date] = field("发货日期", "Delivery date", default=today, index=True)
    warehouse: Mapped[Warehouse | None] = link("仓库", "Warehouse")
    carrier: Mapped[Carrier | None] = link(
        "承运公司档案", "Carrier on file", inverse=("deliveries", "送货单", "Deliveries")
    )
    carrier_name: Mapped[Name | None] = field("承运公司", "Carrier")
    vehicle: Mapped[str | None] = field("车辆", "Vehicle")
    freight: Mapped[Money] = field("运费", "Freight", default=Decimal(0), unit="currency", minimum=0)
    ship_to: Mapped[str | None] = field("收货地址", "Ship to")
    dispatch: Mapped[Dispatch | None] = link("运输调度", "Dispatch", system=True)
    signed_at: Mapped[datetime | None] = field("签收时间", "Signed at", computed=True)
    signed_by: Mapped[str | None] = field("签收人", "Signed by", computed=True)
    note: Mapped[str | None] = field("备注", "Note", editable_in=ANY_STATE)
    lines: Mapped[list[DeliveryLine]] = lines("明细", "Lines", at_least=1)
    total_quantity: Mapped[Quantity] = derived(
        "总数量", "Total quantity", sum_of("DeliveryLine", "quantity", of="delivery")
    )

    @step("配货", "Pick", source=DeliveryState.DRAFT, target=DeliveryState.DRAFT)
    def pick(self, ctx: Ctx) -> Iterator[Problem]:
        """Choose the lots, first expired first out, for lines that name none; a line is split where needed."""
        yield from picking.propose(ctx, self, self.delivery_date)

    @step("发货", "Confirm", source=DeliveryState.DRAFT, target=DeliveryState.CONFIRMED)
    def confirm(self, ctx: Ctx) -> None:
        """Take the quantities out of the warehouse; what is not there, or not ordered, cannot be shipped."""
        found = list(fulfilment.against_order(ctx, self))
        reservations.consume(ctx, self)
        moves = [stock.Move.of(line, -line.quantity) for line in self.lines]
        stock.post(
            ctx, self, kind="delivery", day=self.delivery_date, moves=moves, day_field="deliveryDate", found=found
        )

    @step(
        "签收",
        "Sign",
        source=DeliveryState.CONFIRMED,
        target=DeliveryState.SIGNED,
        words={"signed_at": ("签收时间", "Signed at"), "signed_by": ("签收人", "Signed by")},
    )
    def sign(self, ctx: Ctx, signed_at: datetime, signed_by: str | None = None) -> None:
        """The customer has signed for the goods."""
        self.signed_at, self.signed_by = signed_at, signed_by

    @step("取消", "Cancel", source=(DeliveryState.DRAFT, DeliveryState.CONFIRMED), target=DeliveryState.CANCELLED)
    def cancel(self, ctx: Ctx) -> None:
        """Take the delivery back; what it took out of stock returns, and is reserved again for its order."""
        Refused.raise_all(returns.nothing(ctx, self, returns.DELIVERIES))
        stock.reverse(ctx, self)
        reservations.give_back(ctx, self)
