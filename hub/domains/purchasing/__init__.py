"""What we buy and of whom, a module per story; all of them are one chapter."""

from hub.domains.purchasing.inquiries import Rfq, RfqLine, RfqOffer, RfqSupplier
from hub.domains.purchasing.invoices import (
    PurchaseInvoice,
    PurchaseInvoiceLine,
    PurchasePayment,
    PurchasePaymentLine,
)
from hub.domains.purchasing.orders import PurchaseOrder, PurchaseOrderLine
from hub.domains.purchasing.requests import PurchasePlan, PurchasePlanLine, PurchaseRequest, PurchaseRequestLine
from hub.domains.purchasing.suppliers import SupplierAdmission, SupplierAdmissionLine, SupplierEvaluation

__all__ = [
    "PurchaseInvoice",
    "PurchaseInvoiceLine",
    "PurchaseOrder",
    "PurchaseOrderLine",
    "PurchasePayment",
    "PurchasePaymentLine",
    "PurchasePlan",
    "PurchasePlanLine",
    "PurchaseRequest",
    "PurchaseRequestLine",
    "Rfq",
    "RfqLine",
    "RfqOffer",
    "RfqSupplier",
    "SupplierAdmission",
    "SupplierAdmissionLine",
    "SupplierEvaluation",
]
