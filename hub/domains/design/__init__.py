"""Product and process design: designs, bills of material, routings, and the changes that lead from one to the next."""

from hub.domains.design.bills import Bom, BomLine
from hub.domains.design.changes import EngineeringChange, EngineeringChangeItem, EngineeringChangeOrder
from hub.domains.design.products import ProductDesign
from hub.domains.design.routings import (
    Operation,
    OperationStep,
    Routing,
    RoutingOperation,
    RoutingParameter,
)

__all__ = [
    "Bom",
    "BomLine",
    "EngineeringChange",
    "EngineeringChangeItem",
    "EngineeringChangeOrder",
    "Operation",
    "OperationStep",
    "ProductDesign",
    "Routing",
    "RoutingOperation",
    "RoutingParameter",
]
