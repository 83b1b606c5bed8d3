"""Stories of a manufacturer's business, lived over HTTP by people with their rights, each step told aloud.

The tests run them against a hub of their own, `hub story` against a running one, in a company made for it.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Mapping

from hub.stories import (
    asking,
    change,
    order_to_cash,
    reporting,
    returning,
    shared_mould,
    signing,
    stocktake,
    supplier,
    trace,
)
from hub.stories.base_data import furnish
from hub.stories.office import Office
from hub.words import Label

STORIES: Mapping[str, tuple[Label, Callable[[Office], None]]] = {
    "business": (Label("从期初到年结", "From the opening balances to the end of the year"), order_to_cash.tell),
    "change": (Label("从不合格到新版本", "From goods that failed to a new version"), change.tell),
    "mould": (Label("模具共用", "One mould shared by two orders of a day"), shared_mould.tell),
    "stocktake": (Label("营业中盘点", "A stocktake in the middle of business"), stocktake.tell),
    "returns": (Label("投诉与退换", "A complaint, a return, a replacement, a credit"), returning.tell),
    "survey": (Label("客户怎么说", "What customers say by links, and what is planned from it"), asking.tell),
    "supplier": (Label("供应商的升降", "A supplier is chosen, fails and is suspended"), supplier.tell),
    "signing": (Label("签字与更正", "A signature in another's place, a reading put right"), signing.tell),
    "form": (Label("自定义表单与回调", "A form of our own, told and sent on"), reporting.tell),
    "trace": (Label("批次追溯", "A lot back to its origins and forward to every customer"), trace.tell),
}
"""Each by its name, in the order in which they are lived."""


def lived(office: Office, names: Collection[str] = ()) -> Iterator[Label]:
    """Furnish the company and live the stories named, or all, in their order; yields each one's words as it begins."""
    furnish(office)
    for name, (label, story) in STORIES.items():
        if not names or name in names:
            yield label
            story(office)
