"""`documentTypes`: every type with its fields, lists and steps, in both languages, as the viewer may use them."""

from __future__ import annotations

from collections.abc import Iterable

import strawberry

from graph_schema.naming import LinesConnection, Member, members, mutation
from graph_schema.plain import Asked
from hub.context import Viewer
from hub.document.fields import Choice
from hub.document.registry import specs
from hub.document.spec import DerivedSpec, DocSpec, FieldSpec, InverseSpec, LinesSpec, LinkSpec
from hub.document.steps import StepSpec
from hub.words import Label, camel, plural, unit_label


@strawberry.type(name="Words", description="两种语言的文字 · A text in both languages")
class Words:
    """A label."""

    zh: str = strawberry.field(description="中文 · Chinese")
    en: str = strawberry.field(description="英文 · English")


@strawberry.type(name="ChoiceValue", description="一个可选值 · One of a fixed list of values")
class ChoiceValue:
    """A choice."""

    name: str
    label: Words


@strawberry.type(name="DocumentField", description="字段 · A field of a document type")
class DocumentField:
    """A field, link or list."""

    name: str = strawberry.field(description="GraphQL 名称 · Its name in GraphQL")
    label: Words
    kind: str = strawberry.field(
        description="text integer decimal boolean date moment choice list json id link lines inverse derived aggregate "
        "special"
    )
    value_kind: str | None = strawberry.field(description="值的类别 · Kind of the value, also of a derived one")
    meaning: str | None = strawberry.field(description="money price quantity percent value code")
    unit: str | None
    unit_label: Words | None = strawberry.field(description="单位名称 · The unit in words")
    scale: int | None = strawberry.field(description="小数位数 · Decimals")
    required: bool
    target: str | None = strawberry.field(description="指向的类型 · The type a link or list leads to")
    readable: bool = strawberry.field(description="您能否查看 · Whether you may read it")
    permission: str | None = strawberry.field(description="另需的查看权限 · Permission of its own to read it")
    choices: list[ChoiceValue]


@strawberry.type(name="StepArgument", description="操作的参数 · An argument of a step")
class StepArgument:
    """An argument."""

    name: str = strawberry.field(description="GraphQL 名称 · Its name in GraphQL")
    label: Words
    kind: str
    required: bool


@strawberry.type(name="DocumentStep", description="操作 · A step of a document type")
class DocumentStep:
    """A step."""

    name: str
    label: Words
    mutation: str
    sources: list[str]
    target: str
    permission: str | None = strawberry.field(description="另需的权限 · Permission it takes beyond the type's")
    allowed: bool = strawberry.field(description="您能否办理 · Whether you may take it")
    arguments: list[StepArgument]


@strawberry.type(name="DocumentType", description="单据类型 · A document type")
class DocumentType:
    """A type as declared."""

    name: str
    label: Words
    plural: Words = strawberry.field(description="复数名称 · What several of them are called")
    description: str
    kind: str = strawberry.field(description="master document line ledger")
    chapter: str
    single: str = strawberry.field(description="查询单条的字段 · Query field of one")
    many: str = strawberry.field(description="查询列表的字段 · Query field of the list")
    natural_key: str
    readable: bool = strawberry.field(description="您能否查看 · Whether you may read it")
    writable: bool = strawberry.field(description="您能否办理 · Whether you may write it")
    read_permission: str = strawberry.field(description="查看所需权限 · Permission it takes to read it")
    write_permission: str = strawberry.field(description="办理所需权限 · Permission it takes to write it")
    states: list[ChoiceValue] = strawberry.field(description="状态 · The states of a document, the first one first")
    fields: list[DocumentField]
    steps: list[DocumentStep]


def document_types(info: strawberry.Info[Asked, None], names: list[str] | None = None) -> list[DocumentType]:
    """All types, or those named; for whom the schema is closed only what they may read."""
    asked = info.context
    found = [_type(spec, asked.viewer) for spec in specs().values() if names is None or spec.name in names]
    if asked.schema_open:
        return found
    shown = {one.name for one in found if one.readable}
    for one in found:
        one.fields = [field for field in one.fields if field.readable and field.target in (None, *shown)]
    return [one for one in found if one.readable]


def _type(spec: DocSpec, viewer: Viewer) -> DocumentType:
    return DocumentType(
        name=spec.name,
        label=_words(spec.label),
        plural=Words(zh=spec.label.chinese, en=plural(spec.label.english)),
        description=spec.description,
        kind=spec.kind,
        chapter=spec.chapter,
        single=spec.single,
        many=spec.many,
        natural_key=spec.natural_key,
        readable=viewer.may(spec.access.read),
        writable=viewer.may(spec.access.write),
        read_permission=spec.access.read,
        write_permission=spec.access.write,
        states=_choices(spec.states),
        fields=[_field(name, member, viewer) for name, member in members(spec).items()],
        steps=[_step(spec, step, viewer) for step in spec.steps.values()],
    )


def _step(spec: DocSpec, step: StepSpec, viewer: Viewer) -> DocumentStep:
    return DocumentStep(
        name=step.name,
        label=_words(step.label),
        mutation=mutation(step.name, spec),
        sources=[state.value.upper() for state in step.sources],
        target=step.target.value.upper(),
        permission=step.by,
        allowed=all(map(viewer.may, spec.access.to_write(step.by))),
        arguments=[
            StepArgument(
                name=camel(one.name), label=_words(one.field.label), kind=one.field.kind, required=one.required
            )
            for one in step.arguments
        ],
    )


def _field(name: str, member: Member, viewer: Viewer) -> DocumentField:
    unit = getattr(member, "unit", None)
    of = member.lines if isinstance(member, LinesConnection) else member
    target = of.target if isinstance(of, LinkSpec | LinesSpec | InverseSpec) else None
    return DocumentField(
        name=name,
        label=_words(member.label),
        kind=_kind(member),
        value_kind=member.kind if isinstance(member, FieldSpec | DerivedSpec) else None,
        meaning=getattr(member, "meaning", None),
        unit=unit,
        unit_label=None if unit is None else _words(unit_label(unit)),
        scale=getattr(member, "scale", None),
        required=bool(getattr(member, "required", False)),
        target=target,
        readable=viewer.may(getattr(member, "restricted", None)),
        permission=getattr(member, "restricted", None),
        choices=_choices(member.choices if isinstance(member, FieldSpec) else None),
    )


def _choices(choices: Iterable[Choice] | None) -> list[ChoiceValue]:
    return [ChoiceValue(name=one.value.upper(), label=_words(one.label)) for one in choices or ()]


def _kind(member: Member) -> str:
    """A field's own kind; for the rest what it is."""
    if isinstance(member, FieldSpec):
        return member.kind
    names: tuple[tuple[type, str], ...] = (
        (DerivedSpec, "derived"),
        (LinkSpec, "link"),
        (LinesSpec, "lines"),
        (InverseSpec, "inverse"),
        (LinesConnection, "connection"),
    )
    return next((name for type_, name in names if isinstance(member, type_)), "special")


def _words(label: Label) -> Words:
    return Words(zh=label.chinese, en=label.english)
