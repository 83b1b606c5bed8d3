"""`hub describe TYPE` tells of every type its states, who may what, what steps do, where they lead, what they post."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

import pytest

from hub.describe import all_types, one_type
from hub.document.access import ROLES
from hub.document.flow import conversions, effects_of
from hub.document.registry import specs
from hub.document.spec import DocSpec
from hub.rules.chart import POSTINGS, STOCK_COUNTERPARTS
from hub.trouble import Trouble

CHINESE = re.compile(r"[\u4e00-\u9fff]")


def _told(one: DocSpec) -> dict[str, list[str]]:
    """The lines of a description by the heading they stand under; what heads it under ""."""
    first, *lines = one_type(one.name)
    found: dict[str, list[str]] = {"": [first]}
    heading = ""
    for line in lines:
        if not line.startswith(" ") and ":" in line:
            heading = line.partition(":")[0].split(" ")[1]
            found[heading] = [line]
        else:
            found[heading].append(line)
    return found


def test_every_type_is_listed_with_its_words() -> None:
    listed = "\n".join(all_types())
    for one in specs().values():
        assert re.search(rf"^  {one.name} +\S+  {re.escape(str(one.label))}$", listed, re.MULTILINE), one.name


def test_every_type_says_who_may_and_what_it_has_in_both_languages() -> None:
    for one in specs().values():
        told = _told(one)
        text = "\n".join(one_type(one.name))
        may_read = [str(role.label) for role in ROLES.values() if {one.access.read, "*"} & role.permissions]
        assert next(line for line in told["Rights"] if "may read" in line).split(maxsplit=3)[3] == "、".join(may_read)
        parts: tuple[Mapping[str, Any], ...] = (one.fields, one.links, one.lines, one.derived)
        for name, part in (pair for kind in parts for pair in kind.items()):
            assert re.search(rf"^  {name} .*{re.escape(str(part.label))}", text, re.MULTILINE), (one.name, name)
        for line in text.splitlines()[1:]:  # a heading, a role, a label: whatever is said by words is said in Chinese
            assert line.startswith("  ") or line.strip() == "" or CHINESE.search(line) or "GraphQL" in line, line


def test_every_state_and_step_is_told() -> None:
    for one in specs().values():
        told = _told(one)
        for state in one.states or ():
            (line,) = (each for each in told["States"] if each.split()[:1] == [state.value])
            assert str(state.label) in line
            onward = [step.name for step in one.steps.values() if state in step.sources]
            assert re.findall(r"(\w+) ->", line) == onward
        steps = "\n".join(told.get("Steps", ()))
        blocks = re.split(r"\n(?=  \w)", steps)[1:]
        assert [block.split()[0] for block in blocks] == list(one.steps)
        for step, block in zip(one.steps.values(), blocks, strict=True):
            assert str(step.label) in block
            assert step.target.value in block.split("\n")[0]
            said = (step.method.__doc__ or "").strip().split("\n")[0]
            assert said
            assert said in block, "what a step does is said"
            wanted = one.access.to_write(step.by)
            assert f"[{', '.join(wanted)}]" in block
            for role in ROLES.values():
                may = "*" in role.permissions or set(wanted) <= role.permissions
                assert (str(role.label) in block.split("\n")[1]) is may, (one.name, step.name, role)
            for argument in step.arguments:
                assert f"{argument.name}{'' if argument.required else '?'}: " in block


def test_every_effect_says_what_it_does() -> None:
    for one in specs().values():
        text = "\n".join(one_type(one.name))
        for verb in ("create", "update", "discard", *one.steps):
            for effect in effects_of(one.name, verb):
                said = (effect.__doc__ or "").strip().split("\n")[0]
                assert said, f"{effect.__module__}.{effect.__name__} says nothing"
                assert f"{said}  [{effect.__module__}.{effect.__name__}]" in text


def test_every_conversion_is_told_at_both_ends() -> None:
    for way in conversions().values():
        for end, arrow, other in ((way.source, "->", way.target), (way.target, "<-", way.source)):
            lines = _told(specs()[end])["Conversions"]
            assert [line for line in lines if line.split()[:2] == [arrow, other] and str(way.label) in line]


def test_every_posting_is_told_with_its_account() -> None:
    told = {one.name: "\n".join(_told(one).get("Posts", ())) for one in specs().values()}
    for name, posting in POSTINGS.items():
        type_name = name.partition(".")[0]
        types = [type_name] if type_name in specs() else list(STOCK_COUNTERPARTS)
        for one in types:
            assert re.search(rf"^  {re.escape(name)} +{posting.account} ", told[one], re.MULTILINE), (one, name)
    for type_name, counterpart in STOCK_COUNTERPARTS.items():
        assert counterpart in told[type_name]


def test_what_is_unknown_is_answered_with_the_nearest_names() -> None:
    assert "\n".join(one_type("productionorder")) == "\n".join(one_type("生产订单"))
    for wrong, near in (("ProductionOdrer", "ProductionOrder"), ("采购入库", "PurchaseReceipt")):
        with pytest.raises(Trouble) as raised:
            list(one_type(wrong))
        assert near in raised.value.zh
        assert near in raised.value.en
    with pytest.raises(Trouble, match="hub describe"):
        list(one_type("xyz"))
