"""The insides of convert and amend: the values with which a draft begins that another document leads to."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal
from typing import Any
from uuid import UUID

from sqlalchemy import func, select

from hub.context import Ctx
from hub.document.fields import FieldSpec
from hub.document.flow import VOID, Conversion
from hub.document.links import key_of
from hub.document.registry import spec as spec_of
from hub.document.spec import DocSpec
from hub.document.values import Unfit, coerce
from hub.errors import Problem, Refused, problem
from hub.words import camel


def drafted(
    ctx: Ctx, conversion: Conversion, source: Any, given: Mapping[str, Any]
) -> tuple[dict[str, Any], list[Problem]]:
    """The draft's values and what is wrong with the choice; what is `given` goes before what the source proposes.

    A given line that names a source line begins with that line's proposal; without any, every open line is taken.
    Refused CONVERTED_ALREADY when nothing is open.
    """
    proposed = {**conversion.header(source, ctx), conversion.link: source.id}
    if conversion.line_link is None:
        if not conversion.again:
            _refuse_again(ctx, conversion, source)
        return {**proposed, **given}, []
    chosen = _Lines(ctx, conversion, source)
    if not any(quantity > 0 for quantity in chosen.open.values()):
        raise Refused(_converted(conversion))
    rows = given.get(conversion.lines)
    lines = chosen.all() if rows is None else [chosen.row(index, row) for index, row in enumerate(rows)]
    return {**proposed, **given, conversion.lines: lines}, chosen.problems


class _Lines:
    """The open quantities of a source's lines, taken one after the other."""

    def __init__(self, ctx: Ctx, conversion: Conversion, source: Any) -> None:
        self._ctx, self._conversion = ctx, conversion
        self._number = getattr(source, "number", None)
        self._source = {line.id: line for line in getattr(source, conversion.lines)}
        done = _done(ctx, conversion, list(self._source))
        self.open = {
            id_: Decimal(getattr(line, conversion.quantity)) - done.get(id_, 0) for id_, line in self._source.items()
        }
        self.problems: list[Problem] = []
        target = spec_of(conversion.target)
        self._field: FieldSpec = spec_of(target.lines[conversion.lines].target).fields[conversion.quantity]

    def all(self) -> list[dict[str, Any]]:
        """Every line that has anything open, with all of it."""
        return [self._proposal(id_, quantity) for id_, quantity in self.open.items() if quantity > 0]

    def row(self, index: int, given: Mapping[str, Any]) -> dict[str, Any]:
        """A given line, laid over the proposal of the source line that it names."""
        link = self._conversion.line_link
        assert link is not None
        id_ = self._named(given.get(link))
        if id_ is None:
            return dict(given)
        path = (camel(self._conversion.lines), str(index), camel(self._conversion.quantity))
        quantity = self._quantity(given)
        wanted = self.open[id_] if quantity is None else quantity
        left = max(self.open[id_], Decimal(0))
        if wanted > left or left <= 0:
            shown, rest = f"{wanted.normalize():f}", f"{left.normalize():f}"
            self.problems.append(
                problem(
                    "MORE_THAN_OPEN",
                    f"第 {index + 1} 行：要转 {shown}，来源行只剩 {rest}。",
                    f"Line {index + 1}: {shown} to convert, but only {rest} of the source's line is open.",
                    *path,
                    hint=("请减少数量，或去掉该行。", "Take less, or leave the line out."),
                )
            )
        self.open[id_] -= wanted
        return {**self._proposal(id_, wanted), **given, link: id_}

    def _proposal(self, id_: UUID, quantity: Decimal) -> dict[str, Any]:
        conversion = self._conversion
        assert conversion.line_link is not None
        own = conversion.line(self._ctx, self._source[id_], quantity) if conversion.line else {}
        return {conversion.quantity: quantity, **own, conversion.line_link: id_}

    def _named(self, given: Any) -> UUID | None:
        """The source's line that a reference means; what names no line of the source is left to `create`."""
        key = key_of(given)
        if isinstance(key, tuple) and key[0] == self._number:
            key = next((line.id for line in self._source.values() if line.position == key[1]), key)
        return key if isinstance(key, UUID) and key in self._source else None

    def _quantity(self, given: Mapping[str, Any]) -> Decimal | None:
        """The quantity asked for; one that is none is told by `create`."""
        try:
            value: Decimal | None = coerce(self._field, given.get(self._conversion.quantity))
        except Unfit:
            return Decimal(0)
        return value


def _done(ctx: Ctx, conversion: Conversion, line_ids: list[UUID]) -> dict[UUID, Decimal]:
    """What documents that are not void have taken of each line."""
    target = spec_of(conversion.target)
    lines = target.lines[conversion.lines]
    line, head = spec_of(lines.target).table, target.table
    column = line.c[f"{conversion.line_link}_id"]
    found = ctx.session.execute(
        select(column, func.sum(line.c[conversion.quantity]))
        .join_from(line, head, head.c.id == line.c[lines.column])
        .where(column.in_(line_ids), head.c.state != VOID)
        .group_by(column)
    )
    return {row[0]: row[1] for row in found}


def _refuse_again(ctx: Ctx, conversion: Conversion, source: Any) -> None:
    head = spec_of(conversion.target).table
    made = select(head.c.id).where(head.c[f"{conversion.link}_id"] == source.id, head.c.state != VOID).limit(1)
    if ctx.session.execute(made).first():
        raise Refused(_converted(conversion))


def _converted(conversion: Conversion) -> Problem:
    source, target = spec_of(conversion.source).label, spec_of(conversion.target).label
    return problem(
        "CONVERTED_ALREADY",
        f"该{source.chinese}已全部转为{target.chinese}。",
        f"This {source.english} has been converted to a {target.english} in full.",
        hint=(f"请修改或取消已有的{target.chinese}。", f"Change or cancel the {target.english} that there is."),
    )


def refuse_wrong_state(conversion: Conversion, state: Any) -> None:
    """Refused CONVERSION_NOT_ALLOWED when a document of this state cannot be converted."""
    if state is not None and state.value in conversion.states:
        return
    allowed = [one.label for one in type(state) if one.value in conversion.states]
    chinese, english = "、".join(one.chinese for one in allowed), ", ".join(one.english for one in allowed)
    raise Refused(
        problem(
            "CONVERSION_NOT_ALLOWED",
            f"“{state.label.chinese}”状态不能{conversion.label.chinese}，只能从：{chinese}。",
            f"{conversion.label.english} is not possible from {state.label.english}, only from: {english}.",
            "state",
        )
    )


def copied(spec: DocSpec, document: Any) -> dict[str, Any]:
    """What a person could have given for a document and its lines, as `create` takes it: no state, no number."""
    values = {
        name: getattr(document, name)
        for name, field in spec.fields.items()
        if not (field.system or field.computed or field.secret) and name not in ("state", "number", "position")
    }
    values |= {
        name: getattr(document, link.column)
        for name, link in spec.links.items()
        if not link.system and link.target != spec.parent
    }
    for name, lines in spec.lines.items():
        values[name] = [copied(spec_of(lines.target), line) for line in getattr(document, name)]
    return {name: value for name, value in values.items() if value is not None}


def amendable(ctx: Ctx, spec: DocSpec, document: Any) -> None:
    """Refused NOT_VOID unless the document is cancelled, AMENDED_ALREADY when another names it as its predecessor."""
    if document.state.value != VOID:
        raise Refused(
            problem(
                "NOT_VOID",
                f"只有已取消的{spec.label.chinese}可以修订，它是“{document.state.label.chinese}”。",
                f"Only a cancelled {spec.label.english} can be amended; this one is {document.state.label.english}.",
                "state",
                hint=("请先取消。", "Cancel it first."),
            )
        )
    head = spec.table
    made = select(head.c.number).where(head.c.predecessor_id == document.id)
    successor = ctx.session.execute(made).scalar_one_or_none()
    if successor is not None:
        raise Refused(
            problem(
                "AMENDED_ALREADY",
                f"已有修订单 {successor}。",
                f"It has been amended by {successor} already.",
                hint=(f"请办理 {successor}。", f"Go on with {successor}."),
            )
        )
