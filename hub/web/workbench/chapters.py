"""The menu: document types by chapter, in the order in which an order runs through the factory.

A chapter is the domain file a type stands in. One that is not named here still gets its place, at the end, under
its own name, so a new chapter is never missing.
"""

from __future__ import annotations

from dataclasses import dataclass

from hub.document.registry import specs
from hub.document.spec import DocSpec
from hub.words import Label

_CHAPTERS = {
    "sales": (Label("营销管理", "Sales"), "fa-handshake"),
    "design": (Label("产品与工艺设计", "Design"), "fa-compass-drafting"),
    "planning": (Label("计划与排产", "Planning"), "fa-calendar-days"),
    "aftersales": (Label("售后服务", "After-sales"), "fa-headset"),
    "production": (Label("生产管控", "Production"), "fa-industry"),
    "quality": (Label("质量管理", "Quality"), "fa-clipboard-check"),
    "purchasing": (Label("采购管理", "Purchasing"), "fa-cart-shopping"),
    "warehouse": (Label("仓储物流", "Warehouse"), "fa-warehouse"),
    "equipment": (Label("设备管理", "Equipment"), "fa-gears"),
    "energy": (Label("能耗管理", "Energy"), "fa-bolt"),
    "invoicing": (Label("开票与收款", "Invoices and receipts"), "fa-file-invoice"),
    "finance": (Label("财务管理", "Finance"), "fa-coins"),
    "hours": (Label("工时", "Hours"), "fa-clock"),
    "parties": (Label("客户与供应商", "Customers and suppliers"), "fa-address-book"),
    "rates": (Label("币种与税率", "Currencies and tax rates"), "fa-percent"),
    "items": (Label("存货档案", "Items"), "fa-cubes"),
    "plant": (Label("厂区与工作中心", "Plant"), "fa-location-dot"),
    "office": (Label("协同办公", "Collaboration"), "fa-people-arrows"),
    "people": (Label("人力资源", "People"), "fa-users"),
    "forms": (Label("自定义与表单", "Custom fields and forms"), "fa-pen-ruler"),
    "organization": (Label("组织与用户", "Organization"), "fa-sitemap"),
    "integration": (Label("数据集成", "Integration"), "fa-diagram-project"),
}


@dataclass(frozen=True)
class Chapter:
    """A part of the menu."""

    label: Label
    icon: str
    specs: list[DocSpec]


def chapter_label(chapter: str) -> Label:
    """The name of a chapter."""
    return _CHAPTERS[chapter][0] if chapter in _CHAPTERS else Label(chapter, chapter.capitalize())


def chapters() -> list[Chapter]:
    """Every chapter with the types that have pages of their own: documents first, then masters, then ledgers."""
    found: dict[str, list[DocSpec]] = {name: [] for name in _CHAPTERS}
    for spec in specs().values():
        if spec.kind not in ("line", "companion"):
            found.setdefault(spec.chapter, []).append(spec)
    order = ("document", "master", "ledger")
    return [
        Chapter(
            chapter_label(name),
            f"fa-solid {_CHAPTERS[name][1] if name in _CHAPTERS else 'fa-folder'}",
            sorted(members, key=lambda spec: order.index(spec.kind)),
        )
        for name, members in found.items()
        if members
    ]
