"""From what cells call other records to their ids: by code, by number, by name where it names only one.

All the references of a file to one type are one SELECT or two, within what the viewer may see.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Hashable, Iterable
from typing import Any
from uuid import UUID

from sqlalchemy import func, or_, select

from hub.context import Ctx
from hub.document.custom import CustomSpec
from hub.document.edit import company_of
from hub.document.links import KNOWN, Links, key_of
from hub.document.registry import spec as spec_of
from hub.document.registry import table as fresh_table
from hub.document.rows import Me, visible
from hub.document.spec import DocSpec, LinkSpec
from hub.document.values import Unfit
from hub.errors import problem


class Names:
    """Collects what is called by whom, asks once, answers afterwards."""

    def __init__(self, ctx: Ctx) -> None:
        self._ctx, self._company_id = ctx, company_of(ctx)
        self._wanted: dict[str, set[Hashable]] = defaultdict(set)
        self._by_key: dict[str, dict[Hashable, UUID]] = defaultdict(dict)
        self._by_name: dict[str, dict[str, list[UUID]]] = defaultdict(lambda: defaultdict(list))

    def want(self, link: LinkSpec | CustomSpec, key: Any) -> None:
        """Note a reference."""
        if (key := key_of(key)) is not None and link.target is not None:
            self._wanted[link.target].add(key)

    def resolve(self) -> None:
        """Ask for everything that was noted."""
        for target, keys in self._wanted.items():
            spec = spec_of(target)
            if spec.kind == "master":
                self._masters(spec, [key for key in keys if isinstance(key, str)])
                keys = {key for key in keys if not isinstance(key, str)}
            self._others(spec, keys)
        found = {target: {id_: id_ for id_ in keyed.values()} for target, keyed in self._by_key.items()}
        self._ctx.session.info[KNOWN] = found  # the verbs need not ask again, document by document

    def _masters(self, spec: DocSpec, words: list[str]) -> None:
        if not words or not self._ctx.viewer.may(spec.access.read):
            return
        table = spec.table
        seen = visible(spec, table, fresh_table, Me.of(self._ctx.viewer, self._company_id))
        asked = select(table.c.code, table.c.name, table.c.id).where(
            or_(table.c.code == func.any(words), table.c.name == func.any(words)), *seen
        )
        for code, name, id_ in self._ctx.session.execute(asked):
            self._by_key[spec.name][code] = id_
            self._by_name[spec.name][name].append(id_)

    def _others(self, spec: DocSpec, keys: Iterable[Hashable]) -> None:
        """By id, number or place in a document, as the verbs look them up."""
        links = Links(self._ctx.session, self._ctx.viewer, self._company_id)
        for key in keys:
            links.want_key(spec.name, key)
        links.resolve()
        led = {key: links.led(spec.name, key) for key in keys}
        self._by_key[spec.name] |= {key: id_ for key, id_ in led.items() if id_ is not None}

    def id_of(self, link: LinkSpec | CustomSpec, key: Any) -> UUID | None:
        """The id of what is called so; None for nothing.

        Raises:
            Unfit: LINK_UNKNOWN, LINK_AMBIGUOUS.
        """
        wanted = key_of(key)
        if wanted is None or link.target is None:
            return None
        if (found := self._by_key[link.target].get(wanted)) is not None:
            return found
        named = self._by_name[link.target].get(wanted, []) if isinstance(wanted, str) else []
        if len(named) == 1:
            return named[0]
        raise Unfit(_ambiguous(link, str(wanted), len(named)) if named else _unknown(link, wanted))


def _unknown(link: LinkSpec | CustomSpec, key: Hashable) -> Any:
    shown = " / ".join(map(str, key)) if isinstance(key, tuple) else str(key)
    target = spec_of(str(link.target)).label
    return problem(
        "LINK_UNKNOWN",
        f"{link.label.chinese}“{shown[:80]}”不存在。",
        f"{link.label.english} {shown[:80]} does not exist.",
        hint=(
            f"请填写已有的{target.chinese}的编码、单号或唯一的名称。",
            f"Give the code, number or unique name of an existing {target.english.lower()}.",
        ),
        target=link.target,
        key=shown[:80],
    )


def _ambiguous(link: LinkSpec | CustomSpec, name: str, times: int) -> Any:
    return problem(
        "LINK_AMBIGUOUS",
        f"{link.label.chinese}“{name[:80]}”有 {times} 个同名记录。",
        f"{link.label.english}: {times} records are called {name[:80]}.",
        hint=("请改填编码。", "Give the code instead."),
    )
