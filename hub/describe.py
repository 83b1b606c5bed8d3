"""What `hub describe` prints: document types with fields, rights, states and what each step does, read from the specs.

Who may take a step follows from `Access` and `ROLES`, what else it does from `hub.flows`, which accounts it posts from
`hub.rules.chart`; nothing is told here that is not declared there.
"""

from __future__ import annotations

import difflib
import inspect
from collections.abc import Iterator

import hub.domains  # noqa: F401 (loads every type)
from hub.document.access import ROLES
from hub.document.flow import VERBS, conversions, conversions_from, effects_of
from hub.document.registry import specs
from hub.document.spec import DerivedSpec, DocSpec
from hub.document.steps import StepSpec
from hub.rules.chart import CHART, POSTINGS, STOCK_COUNTERPARTS, STOCK_KINDS
from hub.trouble import Trouble

_KINDS = {"master": "主数据", "document": "单据", "line": "明细", "ledger": "流水", "companion": "附属"}


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
    yield f"  {_first_line(one.description)}"
    yield f"  GraphQL: {one.single}, {one.many}"
    yield from _rights(one)
    yield from _parts(one)
    yield from _states(one)
    yield from _steps(one)
    yield from _flows(one)
    yield from _postings(one)
    if one.by_hand:
        told = ", ".join((*VERBS, *one.steps))
        yield f"通知 Notices: 公司的“通知规则”可告知 a company's NotificationRule can tell of: {told}"


def _rights(one: DocSpec) -> Iterator[str]:
    yield f"权限 Rights: read {one.access.read}, write {one.access.write}"
    yield f"  {'可看 may read':<28} {_roles(one.access.read)}"
    if one.by_hand:
        yield f"  {'可办 may write':<28} {_roles(*one.access.to_write())}"
    if one.access.rows is not None:
        ways = "; ".join(str(way.label) for way in one.access.rows.ways) or "无 none"
        lifted = f" (除非 unless {one.access.rows.unless})" if one.access.rows.unless else ""
        yield f"只看 Only rows: {ways}{lifted}"


def _roles(*permissions: str) -> str:
    """The roles that hold all of these."""
    wanted = frozenset(permissions)
    return "、".join(
        str(role.label) for role in ROLES.values() if "*" in role.permissions or wanted <= role.permissions
    )


def _parts(one: DocSpec) -> Iterator[str]:
    """Fields, links, lines, derived values."""
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


def _states(one: DocSpec) -> Iterator[str]:
    """Each state with the steps that lead on from it."""
    if one.states is None:
        return
    yield "状态 States:"
    for state in one.states:
        onward = [f"{step.name} -> {step.target.value}" for step in one.steps.values() if state in step.sources]
        yield f"  {state.value:<28} {state.label}  {', '.join(onward) or '终态 the end'}"


def _steps(one: DocSpec) -> Iterator[str]:
    """Of each step: where it leads, who may, what it asks for and does, and what follows from it elsewhere."""
    if one.steps:
        yield "步骤 Steps:"
    for step in one.steps.values():
        ways = "|".join(state.value for state in step.sources)
        ends = "|".join(state.value for state in (step.target, *step.outcomes))
        wanted = ", ".join(f"{each.name}{'' if each.required else '?'}: {each.field.kind}" for each in step.arguments)
        yield f"  {step.name:<28} {step.label}  {ways} -> {ends}  ({wanted})"
        for words, said in _of_step(one, step):
            yield f"    {words:<26} {said}"
    if one.guardable:
        yield "审批 Approvals: 公司的“审批流程”优先 a company's ApprovalFlow goes first (GraphQL approvalFlows)"


def _of_step(one: DocSpec, step: StepSpec) -> Iterator[tuple[str, str]]:
    """Word and sentence of everything that there is to say of a step."""
    wanted = one.access.to_write(step.by)
    yield "可办 may", f"{_roles(*wanted)}  [{', '.join(wanted)}]"
    guarded = inspect.isgeneratorfunction(step.method) or "raise_all" in step.method.__code__.co_names
    yield ("有条件 guard and effect" if guarded else "作用 effect"), _first_line(step.method.__doc__)
    for effect in effects_of(one.name, step.name):
        yield "联动 also", f"{_first_line(effect.__doc__)}  [{effect.__module__}.{effect.__name__}]"
    if step.approval:
        signers = "、".join(f"{each.name} ({each.mode.label})" for each in step.approval.steps)
        yield "审批 approval", f"{step.approval.condition} -> {signers}"


def _flows(one: DocSpec) -> Iterator[str]:
    """What writing it does elsewhere, what it can become and what it comes from."""
    mine = [(verb, effect) for verb in VERBS for effect in effects_of(one.name, verb)]
    if mine:
        yield "联动 Effects:"
        for verb, effect in mine:
            yield f"  {verb:<28} {_first_line(effect.__doc__)}  [{effect.__module__}.{effect.__name__}]"
    onward = [("->", way.target, way) for way in conversions_from(one.name)]
    back = [("<-", way.source, way) for way in conversions().values() if way.target == one.name]
    if onward or back:
        yield "转单 Conversions:"
        for arrow, other, way in onward + back:
            yield f"  {arrow} {other:<25} {specs()[other].label}  {way.label}  {'|'.join(way.states)}"


def _postings(one: DocSpec) -> Iterator[str]:
    """The accounts that it posts unless the company's posting rules say otherwise."""
    sides = [name for name in POSTINGS if name.startswith(f"{one.name}.")]
    if one.name in STOCK_COUNTERPARTS:
        sides = [*(f"Stock.{kind}" for kind in STOCK_KINDS), *({STOCK_COUNTERPARTS[one.name]} - {*sides}), *sides]
    if not sides:
        return
    names = {account.code: account for account in CHART}
    yield "记账 Posts (记账规则可改 unless a PostingRule says otherwise):"
    for side in sides:
        account, said = names[POSTINGS[side].account], POSTINGS[side]
        yield f"  {side:<28} {account.code:<10} {account.chinese} ({account.english})  {said.chinese} ({said.english})"


def _first_line(text: str | None) -> str:
    return (text or "").strip().split("\n")[0]


def _derived(one: DerivedSpec) -> str:
    """Its kind, and the permission it takes."""
    return f"{one.kind}, {one.restricted}" if one.restricted else one.kind
