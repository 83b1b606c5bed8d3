"""`history` as SQL: the versions of a row joined to the ones they replaced, and what differs as JSON text.

A version ends at the moment at which the next one begins, so the former version of a row is the one in the history
table that ended then; lines that ended or began at that moment are those the revision changed.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import Any

from sqlalchemy import (
    BigInteger,
    ColumnElement,
    FromClause,
    Integer,
    Select,
    String,
    Text,
    case,
    cast,
    exists,
    func,
    literal_column,
    null,
    or_,
    select,
    true,
    union_all,
)
from sqlalchemy.dialects.postgresql import JSONB, aggregate_order_by
from sqlalchemy.sql.selectable import LateralFromClause, Subquery

from graph_schema.limits import check_first
from graph_schema.read import pages
from graph_schema.read.as_of import MOMENT, former
from graph_schema.read.history import HistoryPlan, Watched, WatchedLines
from graph_schema.read.scope import Emission
from graph_schema.read.selection import Pick
from graph_schema.read.sql import Constant, Joined, Piece, custom_json, entries, joined, json_text, or_null
from graph_schema.read.values import Slot
from hub.db.history import history_columns
from hub.document.audit import audit_entry, commit_moment
from hub.document.custom import EXTRA, CustomSpec
from hub.document.registry import spec as spec_of
from hub.document.sealing import comparable
from hub.document.spec import DocSpec, FieldSpec, LinkSpec
from hub.words import Label, camel, snake

_VERBS = {
    "create": Label("新建", "Create"),
    "update": Label("修改", "Change"),
    "discard": Label("删除", "Delete"),
    "load": Label("导入", "Load"),
    "set_password": Label("设置密码", "Set the password"),
    "issue_token": Label("签发令牌", "Issue a token"),
    "revoke_token": Label("吊销令牌", "Revoke a token"),
}
_THE_HUB = Label("系统", "the hub")
_NOTHING = Constant("")


def revisions(emission: Emission, plan: HistoryPlan, row: FromClause) -> LateralFromClause:
    """The revisions of a row as one JSON array, newest first."""
    page = _page(emission, plan, row)
    whole: FromClause = page
    before = entry = None
    if plan.picked("changes"):
        then = former(plan.spec.name).alias(emission.name("former"))
        kept = [then.c[one] for one in _columns(plan.spec, plan.members)]
        found = select(*kept).where(then.c.id == page.c.id, then.c.valid_to == page.c.valid_from).limit(1)
        before = found.correlate(page).lateral(emission.name("before"))
        whole = whole.outerjoin(before, true())
    if plan.picked("verbs", "label", "channel", "byCode", "byName"):
        entry = _entry(emission, plan.spec, page)
        whole = whole.outerjoin(entry, true())
    shown = [(one.key, _value(emission, plan, one, page, before, entry)) for one in plan.picks]
    listed = pages.array(joined(entries(shown)), [page.c.version.desc()])
    return select(listed.label("json")).select_from(whole).correlate(row).lateral(emission.name("history"))


def _columns(spec: DocSpec, members: Sequence[Watched]) -> list[str]:
    """What is needed of a version: whose and which it is, and the columns that are compared."""
    wanted = {"id", "version", "position", "updated_by"} | {_column(one) for one in members}
    wanted |= set() if spec.parent is None else {f"{snake(spec.parent)}_id"}
    return [name for name in history_columns(spec) if name in wanted]


def _column(member: Watched) -> str:
    if isinstance(member, CustomSpec):
        return EXTRA
    return member.column if isinstance(member, LinkSpec) else member.name


def _versions(spec: DocSpec, members: Sequence[Watched], name: str) -> Subquery:
    """All versions of a type's rows, the present ones without an end."""
    now, then = spec.table.alias(f"{name}_now"), former(spec.name).alias(f"{name}_then")
    kept = _columns(spec, members)
    present = select(now.c.updated_at.label("valid_from"), cast(null(), MOMENT).label("valid_to"))
    past = select(then.c.valid_from, then.c.valid_to)
    return union_all(
        present.add_columns(*(now.c[one] for one in kept)), past.add_columns(*(then.c[one] for one in kept))
    ).subquery(name)


def _page(emission: Emission, plan: HistoryPlan, row: FromClause) -> LateralFromClause:
    """The versions of one row that are shown; as of a moment, those that were there."""
    versions = _versions(plan.spec, plan.members, emission.name("version"))
    found = select(versions).where(versions.c.id == row.c.id)
    if emission.past is not None:
        found = found.where(emission.past.had_come(versions.c.valid_from))
    if plan.before is not None:
        found = found.where(versions.c.version < emission.bind(plan.before, Integer()))
    if isinstance(plan.size, Slot):
        size: ColumnElement[int] = emission.bind(plan.size, BigInteger(), check_first)
    else:
        size = literal_column(str(int(plan.size)), BigInteger())
    return found.order_by(versions.c.version.desc()).limit(size).correlate(row).lateral(emission.name("revision"))


def _entry(emission: Emission, spec: DocSpec, page: FromClause) -> LateralFromClause:
    """What the audit says of the transaction that made a revision; of lines, of their document."""
    entry = audit_entry.alias(emission.name("entry"))
    about = spec if spec.parent is None else spec_of(spec.parent)
    document = page.c.id if spec.parent is None else page.c[f"{snake(spec.parent)}_id"]
    labels = _VERBS | {step.name: step.label for step in about.steps.values()}
    language = emission.viewer.language
    known = {name: label.in_language(language) for name, label in labels.items()}
    words = cast(emission.bind(json.dumps(known, ensure_ascii=False), Text()), JSONB)
    label = func.coalesce(words.op("->>")(entry.c.verb), entry.c.verb)
    verb = cast(func.to_json(entry.c.verb), Text)
    between = emission.bind("、" if language == "zh" else ", ", Text())
    return (
        select(
            func.string_agg(verb, aggregate_order_by(Constant(","), entry.c.id)).label("verbs"),
            func.string_agg(label, aggregate_order_by(between, entry.c.id)).label("label"),
            func.max(entry.c.channel).label("channel"),
            func.max(entry.c.actor).label("actor"),
        )
        .where(
            entry.c.document_type == emission.bind(about.name, String()),
            or_(entry.c.document_id == document, entry.c.document_id.is_(None)),
            entry.c.at == page.c.valid_from,
        )
        .correlate(page)
        .lateral(emission.name("audited"))
    )


def _value(
    emission: Emission,
    plan: HistoryPlan,
    pick: Pick,
    page: FromClause,
    before: FromClause | None,
    entry: FromClause | None,
) -> list[Piece]:
    """One field of a revision."""
    if pick.name in ("__typename", "version", "by", "at", "until"):
        return _stamp(emission, pick.name, page)
    if pick.name == "changes":
        assert before is not None
        return [_changes(emission, plan, pick.picks, page, before)]
    assert entry is not None
    if pick.name == "verbs":
        return ["[", func.coalesce(entry.c.verbs, _NOTHING), "]"]
    if pick.name in ("label", "channel"):
        return [_json(func.coalesce(entry.c.label, _NOTHING) if pick.name == "label" else entry.c.channel)]
    return [_login(emission, page, entry) if pick.name == "byCode" else _name(emission, page, entry)]


def _stamp(emission: Emission, name: str, page: FromClause) -> list[Piece]:
    """What a version itself bears. Its moments are those at which it could be seen, as `asOf` understands them."""
    if name == "__typename":
        return ['"Revision"']
    if name == "version":
        return [cast(page.c.version, Text)]
    if name == "by":
        return ['"', cast(page.c.updated_by, Text), '"']
    if name == "at":
        return [_json(_committed(emission, page.c.valid_from, page))]
    until = _committed(emission, page.c.valid_to, page)
    past = emission.past
    return [_json(until if past is None else case((past.had_come(page.c.valid_to), until)))]


def _committed(emission: Emission, began: ColumnElement[Any], page: FromClause) -> ColumnElement[Any]:
    """When the transaction that began at this moment was committed."""
    moment = commit_moment.alias(emission.name("moment"))
    ended = select(func.max(func.upper(moment.c.during, type_=MOMENT), type_=MOMENT)).where(
        moment.c.during.op("@>", is_comparison=True)(began), func.lower(moment.c.during, type_=MOMENT) == began
    )
    return func.coalesce(ended.correlate(page).scalar_subquery(), began, type_=MOMENT)


def _name(emission: Emission, page: FromClause, entry: FromClause) -> ColumnElement[str]:
    """The name of who made it, for all who may read the row; a service goes by what the audit calls it."""
    user = spec_of("User").table.alias(emission.name("user"))
    found = select(user.c.name).where(user.c.id == page.c.updated_by).correlate(page).scalar_subquery()
    system = emission.bind(_THE_HUB.in_language(emission.viewer.language), Text())
    return _json(func.coalesce(found, entry.c.actor, system))


def _login(emission: Emission, page: FromClause, entry: FromClause) -> ColumnElement[str]:
    """The login of who made it, for whom that user is open; a service's name in the audit."""
    spec = spec_of("User")
    user, seen = (spec.table.alias(emission.name("user")) for _ in range(2))
    known = exists().where(user.c.id == page.c.updated_by).correlate(page)
    code = select(seen.c.code).where(seen.c.id == page.c.updated_by, *emission.visible(spec, seen))
    open_ = emission.viewer.may(spec.access.read)
    shown = code.correlate(page).scalar_subquery() if open_ else cast(null(), Text)
    return _json(case((known, shown), else_=entry.c.actor))


def _json(value: ColumnElement[Any]) -> ColumnElement[str]:
    return or_null(cast(func.to_json(value), Text))


def _changes(
    emission: Emission, plan: HistoryPlan, picks: tuple[Pick, ...], page: FromClause, before: FromClause
) -> ColumnElement[str]:
    """The differences to the former version, of the row itself and of its lines; none for the first."""
    place: dict[str, list[Piece]] = {
        "kind": ['"CHANGED"'],
        "list": ["null"],
        "line": ["null"],
        "position": ["null"],
    }
    found = [_change(emission, picks, one, before, page, place) for one in plan.members]
    found += [_line_changes(emission, picks, one, page) for one in plan.lines]
    text = func.substr(Joined(*(found or [_NOTHING])), 2, type_=Text())
    return case((before.c.id.is_(None), Constant("[]")), else_=joined(["[", text, "]"]))


def _line_changes(
    emission: Emission, picks: tuple[Pick, ...], lines: WatchedLines, page: FromClause
) -> ColumnElement[str]:
    """Lines that began with this revision against those that ended with it."""
    versions = _versions(lines.spec, lines.members, emission.name("line"))
    then = former(lines.spec.name).alias(emission.name("line"))
    column = lines.list.column
    began = select(versions).where(versions.c[column] == page.c.id, versions.c.valid_from == page.c.valid_from)
    ended = select(*(then.c[one] for one in _columns(lines.spec, lines.members))).where(
        then.c[column] == page.c.id, then.c.valid_to == page.c.valid_from
    )
    new = began.correlate(page).subquery(emission.name("began"))
    old = ended.correlate(page).subquery(emission.name("ended"))
    position = func.coalesce(new.c.position, old.c.position)
    kinds = [(new.c.id.is_(None), Constant('"REMOVED"')), (old.c.id.is_(None), Constant('"ADDED"'))]
    place: dict[str, list[Piece]] = {
        "kind": [case(*kinds, else_=Constant('"CHANGED"'))],
        "list": [f'"{camel(lines.list.name)}"'],
        "line": ['"', cast(func.coalesce(new.c.id, old.c.id), Text), '"'],
        "position": [cast(position, Text)],
    }
    text = Joined(*([_change(emission, picks, one, old, new, place) for one in lines.members] or [_NOTHING]))
    listed: Select[Any] = select(func.string_agg(text, aggregate_order_by(_NOTHING, position), type_=Text()))
    both = listed.select_from(new.join(old, new.c.id == old.c.id, full=True)).correlate(page).scalar_subquery()
    return func.coalesce(both, _NOTHING, type_=Text())


def _change(
    emission: Emission,
    picks: Sequence[Pick],
    member: Watched,
    before: FromClause,
    after: FromClause,
    place: dict[str, list[Piece]],
) -> ColumnElement[str]:
    """`,{…}` where the values differ, and nothing where they do not."""
    name = _column(member)
    label = json.dumps(member.label.in_language(emission.viewer.language), ensure_ascii=False)
    values: list[tuple[str, Sequence[Piece]]] = []
    for pick in picks:
        if pick.name == "__typename":
            values.append((pick.key, ['"FieldChange"']))
        elif pick.name == "field":
            path = member.path if isinstance(member, CustomSpec) else camel(member.name)
            values.append((pick.key, [f'"{path}"']))
        elif pick.name == "label":
            values.append((pick.key, [emission.bind(label, Text())]))
        elif pick.name in place:
            values.append((pick.key, place[pick.name]))
        else:
            side = before if pick.name == "before" else after
            values.append((pick.key, _side(emission, member, side.c[name], side)))
    text = joined([",", *entries(values)])
    return case(
        (_compared(member, before.c[name]).is_distinct_from(_compared(member, after.c[name])), text), else_=_NOTHING
    )


def _compared(member: Watched, value: ColumnElement[Any]) -> ColumnElement[Any]:
    """By what a value is told to differ: sealed anew with another key it is still the same."""
    if isinstance(member, CustomSpec):
        return value.op("->")(Constant(member.name))
    return comparable(value) if isinstance(member, FieldSpec) and member.encrypted else value


def _side(emission: Emission, member: Watched, value: ColumnElement[Any], row: FromClause) -> list[Piece]:
    """A value before or after as JSON; of a link, what the linked document is called."""
    if isinstance(member, CustomSpec):
        return [or_null(custom_json(member, emission.value(member, row)))]
    if isinstance(member, FieldSpec):
        return json_text(member, value, sure=False)
    spec = spec_of(member.target)
    target = emission.alias(spec.name)
    source: FromClause = target
    key: ColumnElement[Any] = cast(target.c.id, Text)
    if spec.natural_key in ("code", "number"):
        key = target.c[spec.natural_key]
    elif spec.parent is not None:
        parent = emission.alias(spec.parent)
        source = target.join(parent, parent.c.id == target.c[f"{snake(spec.parent)}_id"])
        key = func.concat_ws(Constant(" "), parent.c[spec_of(spec.parent).natural_key], cast(target.c.position, Text))
    name = _json(target.c.name) if spec.kind == "master" else Constant("null")
    called = entries([("id", ['"', cast(target.c.id, Text), '"']), ("key", [_json(key)]), ("name", [name])])
    found = select(joined(called)).select_from(source).where(target.c.id == value, *emission.visible(spec, target))
    return [or_null(found.correlate(row).scalar_subquery())]
