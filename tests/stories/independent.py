"""Figures of the real input, computed from the CSV files by plain Python: csv, Decimal and nothing of ours.

The story test holds what the hub answers against these. Every figure is exact: no float, no rounding.
"""

from __future__ import annotations

import csv
from collections import defaultdict
from collections.abc import Iterator
from decimal import Decimal
from pathlib import Path

DATA = Path(__file__).resolve().parents[3] / "shared" / "data"
"""The real data sets; their README says where they are from. They are no part of this repository."""

Figures = dict[str, Decimal]


def table(name: str) -> Iterator[dict[str, str]]:
    """The rows of one CSV file."""
    with (DATA / name).open(encoding="utf-8-sig", newline="") as file:
        yield from csv.DictReader(file)


def purchases_by_year() -> dict[str, Figures]:
    """Orders, lines and value of purchase orders by the year of the order date."""
    year = {row["PurchaseOrderID"]: row["OrderDate"][:4] for row in _purchase_orders()}
    figures: dict[str, Figures] = defaultdict(lambda: defaultdict(Decimal))
    for one in year.values():
        figures[one]["orders"] += 1
    for row in _purchase_lines():
        figures[year[row["PurchaseOrderID"]]]["lines"] += 1
        figures[year[row["PurchaseOrderID"]]]["value"] += Decimal(row["LineTotal"])
    return figures


def purchases_by_state() -> dict[str, Decimal]:
    """How many purchase orders stand in which of the ERP's states, in the hub's words."""
    words = {"1": "SUBMITTED", "2": "CONFIRMED", "3": "REJECTED", "4": "CLOSED"}
    figures: dict[str, Decimal] = defaultdict(Decimal)
    for row in _purchase_orders():
        figures[words[row["Status"]]] += 1
    return figures


def purchased_quantities() -> Figures:
    """Ordered, received, rejected and stocked over all purchase order lines."""
    columns = {"ordered": "OrderQty", "received": "ReceivedQty", "rejected": "RejectedQty", "stocked": "StockedQty"}
    lines = list(_purchase_lines())
    return {name: sum((Decimal(row[column]) for row in lines), Decimal()) for name, column in columns.items()}


def sales_by_year() -> dict[str, Figures]:
    """Orders, lines and net revenue by the year of the order date; revenue is unrounded, line by line."""
    year = {row["order_id"]: row["order_date"][:4] for row in table("northwind/orders.csv")}
    figures: dict[str, Figures] = defaultdict(lambda: defaultdict(Decimal))
    for one in year.values():
        figures[one]["orders"] += 1
    for row in table("northwind/order_details.csv"):
        net = Decimal(row["unit_price"]) * Decimal(row["quantity"]) * (1 - Decimal(row["discount"]))
        figures[year[row["order_id"]]]["lines"] += 1
        figures[year[row["order_id"]]]["revenue"] += net
    return figures


def stock_by_location() -> dict[str, Decimal]:
    """Pieces on stock by the name of the ERP's location."""
    names = {row["LocationID"]: row["Name"] for row in table("adventureworks/Production.Location.csv")}
    figures: dict[str, Decimal] = defaultdict(Decimal)
    for row in table("adventureworks/Production.ProductInventory.csv"):
        figures[names[row["LocationID"]]] += Decimal(row["Quantity"])
    return figures


def employees_by_department() -> dict[str, Decimal]:
    """People by the name of the department that they are in now: the row of their history without an end."""
    names = {row["DepartmentID"]: row["Name"] for row in table("adventureworks/HumanResources.Department.csv")}
    figures: dict[str, Decimal] = defaultdict(Decimal)
    for row in table("adventureworks/HumanResources.EmployeeDepartmentHistory.csv"):
        if not row["EndDate"]:
            figures[names[row["DepartmentID"]]] += 1
    return figures


def energy_by_day(intervals: int) -> dict[str, Decimal]:
    """kWh by day (YYYY-MM-DD) over the first intervals; a day's last interval is stamped 00:00 of the same day."""
    figures: dict[str, Decimal] = defaultdict(Decimal)
    for number, row in enumerate(table("steel/Steel_industry_data.csv")):
        if number == intervals:
            break
        day, month, year = row["date"].split(" ")[0].split("/")
        figures[f"{year}-{month}-{day}"] += Decimal(row["Usage_kWh"])
    return figures


def _purchase_orders() -> Iterator[dict[str, str]]:
    return table("adventureworks/Purchasing.PurchaseOrderHeader.csv")


def _purchase_lines() -> Iterator[dict[str, str]]:
    return table("adventureworks/Purchasing.PurchaseOrderDetail.csv")
