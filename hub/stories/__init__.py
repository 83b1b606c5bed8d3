"""Stories of a manufacturer's business, lived over HTTP by people with their rights, each step told aloud.

The tests run them against a hub of their own, the demo's first start and `hub story` against a running one, in a
company made for it.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Mapping

import httpx
from sqlalchemy import Engine

from hub.stories import (
    asking,
    change,
    company,
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
from hub.stories.office import Aloud, Astray, Office, Refusal
from hub.trouble import Trouble
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


def live(engine: Engine, url: str, names: Collection[str], begins: Aloud, aloud: Aloud) -> Label:
    """Found a company on `engine` and live the stories named, or all, against the hub at `url`; the closing words.

    `begins` gets the words of each story as it begins, `aloud` each of its sentences.

    Raises:
        Trouble: the hub cannot be reached, or a story did not go on as it is told.
    """
    code, tokens = company.found(engine)
    with Office(url, code, tokens, aloud) as office:
        try:
            for label in lived(office, names):
                begins(*label)
        except httpx.HTTPError as error:
            raise Trouble(f"无法连接枢纽 {url}。", f"Cannot reach the hub at {url}.") from error
        except (Astray, Refusal) as error:
            raise Trouble(f"故事没有讲完：{error}", f"The story went astray: {error}") from error
    proven = len(office.proofs)
    return Label(f"公司 {code}：{proven} 处影响得到证实", f"Company {code}: {proven} effects proven")
