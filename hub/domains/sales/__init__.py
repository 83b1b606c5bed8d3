"""From a lead to an order and what is put right afterwards, a module per story; all of them are one chapter."""

from hub.domains.sales.adjustments import SalesAdjustment, SalesAdjustmentLine
from hub.domains.sales.leads import CustomerSurvey, CustomizationRequest, Interaction, Lead
from hub.domains.sales.orders import OrderState, SalesOrder, SalesOrderLine
from hub.domains.sales.plans import MarketForecast, MarketForecastLine, SalesPlan
from hub.domains.sales.prices import PriceList
from hub.domains.sales.quotations import Quotation, QuotationLine

__all__ = [
    "CustomerSurvey",
    "CustomizationRequest",
    "Interaction",
    "Lead",
    "MarketForecast",
    "MarketForecastLine",
    "OrderState",
    "PriceList",
    "Quotation",
    "QuotationLine",
    "SalesAdjustment",
    "SalesAdjustmentLine",
    "SalesOrder",
    "SalesOrderLine",
    "SalesPlan",
]
