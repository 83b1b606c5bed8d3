"""What `hub describe` prints: document types with their fields, rights and steps, read from the specs."""

from __future__ import annotations

import difflib
from collections.abc import Iterator

import hub.domains  # noqa: F401 (loads every type)
from hub.document.flow import conversions_from, effects
from hub.document.registry import specs
from hub.document.spec import DerivedSpec, DocSpec
from hub.trouble import Trouble

_KINDS = {"master": "主数据", "document": "单据", "line": "明细", "ledger": "流水"}


def all_types() -> Iterator[str]:
    """One line for each document type, by chapter."""
    chapter = ""
    for one in sorted(specs().values(), key=lambda each: (each.chapter, each.name)):
        if one.chapter != chapter:
            chapter = one.chapter
            yield f"[{chapter}]"
        yield f"  {one.name:<26} {_KINDS.get(one.kind, one.kind)}  {one.label}"


def one_type(name: str) -> Iterator[str]:
    """Fields, links, lines, derived values, rights and steps of a type.

    Raises:
        Trouble: there is no such type; names the nearest.
    """
    found = {known.lower(): known for known in specs()}
    found |= {one.label.chinese: one.name for one in specs().values()}
    one = specs().get(found.get(name.lower(), ""))
    if one is None:
        near = [found[each] for each in difflib.get_close_matches(name.lower(), found, 3)]
        if not near:
            raise Trouble(
                f"没有单据类型 {name}；`hub describe` 列出全部类型。",
                f"There is no type {name}; `hub describe` lists all.",
            )
        hint = "、".join(near)
        raise Trouble(f"没有单据类型 {name}；是否指：{hint}？", f"There is no type {name}; did you mean {hint}?")
    return _lines_of(one)


def _lines_of(one: DocSpec) -> Iterator[str]:
    yield f"{one.name}  {one.label}  ({one.kind})"
    yield f"  {one.description.strip().splitlines()[0]}" if one.description else ""
    yield f"  GraphQL: {one.single}, {one.many}"
    yield f"权限 Rights: read {one.access.read}, write {one.access.write}"
    if one.access.rows is not None:
        ways = "; ".join(str(way.label) for way in one.access.rows.ways) or "无 none"
        lifted = f" (除非 unless {one.access.rows.unless})" if one.access.rows.unless else ""
        yield f"只看 Only rows: {ways}{lifted}"
    yield "字段 Fields:"
    for each in one.fields.values():
        marks = [mark for mark, true in (("required", each.required), ("computed", each.computed)) if true]
        marks += [f"restricted: {each.restricted}"] if each.restricted else []
        marks += ["encrypted"] if each.encrypted else []
        marks += ["|".join(choice.value for choice in each.choices)] if each.choices else []
        yield f"  {each.name:<28} {each.kind:<8} {each.label}  {', '.join(marks)}".rstrip()
    for title, rows in (
        ("关联 Links", [(link.name, f"-> {link.target}", link.label) for link in one.links.values()]),
        ("明细 Lines", [(each.name, f"[{each.target}]", each.label) for each in one.lines.values()]),
        ("派生 Derived", [(each.name, _derived(each), each.label) for each in one.derived.values()]),
    ):
        if rows:
            yield f"{title}:"
            yield from (f"  {name:<28} {kind:<18} {label}" for name, kind, label in rows)
    if one.steps:
        yield "步骤 Steps:"
        for step in one.steps.values():
            ways = "|".join(state.value for state in step.sources)
            wanted = ", ".join(f"{one.name}{'' if one.required else '?'}: {one.field.kind}" for one in step.arguments)
            yield f"  {step.name:<28} {step.label}  {ways} -> {step.target.value}  ({wanted})"
            if step.by:
                yield f"  {'':<28} by {step.by}"
            if step.approval:
                signers = "、".join(f"{each.name} ({each.mode.label})" for each in step.approval.steps)
                yield f"  {'':<28} 审批 approval: {step.approval.condition} -> {signers}"
    if one.guardable:
        yield "审批 Approvals: 公司的“审批流程”优先 a company's ApprovalFlow goes first (GraphQL approvalFlows)"
    yield from _flows(one)


def _flows(one: DocSpec) -> Iterator[str]:
    """What else its steps do, and what it can become."""
    mine = {verb: found for (type_name, verb), found in effects().items() if type_name == one.name}
    if mine:
        yield "联动 Effects:"
        for verb, found in mine.items():
            for effect in found:
                said = (effect.__doc__ or "").strip().split("\n")[0]
                yield f"  {verb:<28} {effect.__module__}.{effect.__name__}  {said}"
    ways = conversions_from(one.name)
    if ways:
        yield "转单 Conversions:"
        for way in ways:
            yield f"  -> {way.target:<25} {way.label}  {'|'.join(way.states)}"


def _derived(one: DerivedSpec) -> str:
    """Its kind, and the permission it takes."""
    return f"{one.kind}, {one.restricted}" if one.restricted else one.kind
