"""The hub with a hundred more document types than the product has, declared as any other, for `benchmarks/types.py`.

To be imported before the schema is built: `app` is then what granian serves. The types have links, lines, choices
and steps, but no tables.
"""

from __future__ import annotations

from types import new_class
from typing import Any

from sqlalchemy.orm import Mapped  # noqa: F401  (named by the annotations below)

from hub.document import (  # noqa: F401  (as above)
    Access,
    Choice,
    Code,
    Document,
    Line,
    Money,
    Quantity,
    Series,
    field,
    lines,
    link,
    step,
)

MORE = 100


class SampleState(Choice):
    """What has been decided about a sample document."""

    DRAFT = "draft", "草稿", "Draft"
    CONFIRMED = "confirmed", "已确认", "Confirmed"


def declare(count: int = MORE) -> None:
    """Declare `count` more types: documents and their lines by turns."""
    for index in range(count // 2):
        name, access = f"Sample{index}", Access(read="base.read", write="base.write")
        of_line: dict[str, Any] = {"label": (f"样例明细{index}", f"Sample line {index}"), "of": name}
        of_document: dict[str, Any] = {"label": (f"样例{index}", f"Sample {index}"), "access": access}
        of_document["series"] = Series(f"S{index}-{{seq:05}}")
        new_class(f"{name}Line", (Line,), of_line, _body(_line_members(index)))
        new_class(name, (Document,), of_document, _body(_document_members(name)))


def _body(members: dict[str, tuple[str, Any]]) -> Any:
    """A class body: each member's annotation and value."""

    def fill(namespace: dict[str, Any]) -> None:
        namespace["__module__"] = __name__
        namespace["__annotations__"] = {name: kind for name, (kind, _) in members.items() if kind}
        namespace.update((name, value) for name, (_, value) in members.items())

    return fill


def _line_members(index: int) -> dict[str, tuple[str, Any]]:
    inverse = (f"sample{index}_lines", f"样例明细{index}", f"Sample lines {index}")
    return {
        "item": ("Mapped[Item]", link("存货", "Item", inverse=inverse)),
        "quantity": ("Mapped[Quantity]", field("数量", "Quantity")),
        "amount": ("Mapped[Money | None]", field("金额", "Amount")),
    }


def _document_members(name: str) -> dict[str, tuple[str, Any]]:
    def confirm(self: Any, ctx: Any) -> None:
        """Commit."""

    marked = step("确认", "Confirm", source=SampleState.DRAFT, target=SampleState.CONFIRMED)(confirm)
    return {
        "state": ("Mapped[SampleState]", field("状态", "State", default=SampleState.DRAFT)),
        "customer": ("Mapped[Customer]", link("客户", "Customer")),
        "reference": ("Mapped[Code | None]", field("参考号", "Reference")),
        "note": ("Mapped[str | None]", field("备注", "Note")),
        "lines": (f"Mapped[list[{name}Line]]", lines("明细", "Lines")),
        "confirm": ("", marked),
    }


def __getattr__(name: str) -> Any:
    """`app`, made at first use: a script may declare without an application."""
    if name == "app":
        declare()
        from hub.web.app import app

        return app
    raise AttributeError(name)
