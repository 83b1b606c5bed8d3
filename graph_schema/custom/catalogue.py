"""`documentTypes`: every type with its fields, lists and steps, in both languages, as the viewer may use them."""

from __future__ import annotations

import strawberry

from graph_schema.naming import Member, members, mutation
from graph_schema.plain import Asked
from hub.context import Viewer
from hub.document.registry import specs
from hub.document.spec import DerivedSpec, DocSpec, FieldSpec, InverseSpec, LinesSpec, LinkSpec
from hub.words import Label


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
        description="text integer decimal boolean date moment choice list json id link lines inverse derived"
    )
    meaning: str | None = strawberry.field(description="money price quantity percent value code")
    unit: str | None
    scale: int | None = strawberry.field(description="小数位数 · Decimals")
    required: bool
    target: str | None = strawberry.field(description="指向的类型 · The type a link or list leads to")
    readable: bool = strawberry.field(description="您能否查看 · Whether you may read it")
    choices: list[ChoiceValue]


@strawberry.type(name="DocumentStep", description="操作 · A step of a document type")
class DocumentStep:
    """A step."""

    name: str
    label: Words
    mutation: str
    sources: list[str]
    target: str


@strawberry.type(name="DocumentType", description="单据类型 · A document type")
class DocumentType:
    """A type as declared."""

    name: str
    label: Words
    description: str
    kind: str = strawberry.field(description="master document line ledger")
    chapter: str
    single: str = strawberry.field(description="查询单条的字段 · Query field of one")
    many: str = strawberry.field(description="查询列表的字段 · Query field of the list")
    natural_key: str
    readable: bool = strawberry.field(description="您能否查看 · Whether you may read it")
    writable: bool = strawberry.field(description="您能否办理 · Whether you may write it")
    fields: list[DocumentField]
    steps: list[DocumentStep]


def document_types(info: strawberry.Info[Asked, None], names: list[str] | None = None) -> list[DocumentType]:
    """All types, or those named."""
    viewer = info.context.viewer
    return [_type(spec, viewer) for spec in specs().values() if names is None or spec.name in names]


def _type(spec: DocSpec, viewer: Viewer) -> DocumentType:
    return DocumentType(
        name=spec.name,
        label=_words(spec.label),
        description=spec.description,
        kind=spec.kind,
        chapter=spec.chapter,
        single=spec.single,
        many=spec.many,
        natural_key=spec.natural_key,
        readable=viewer.may(spec.access.read),
        writable=viewer.may(spec.access.write),
        fields=[_field(name, member, viewer) for name, member in members(spec).items()],
        steps=[
            DocumentStep(
                name=step.name,
                label=_words(step.label),
                mutation=mutation(step.name, spec),
                sources=[state.value.upper() for state in step.sources],
                target=step.target.value.upper(),
            )
            for step in spec.steps.values()
        ],
    )


def _field(name: str, member: Member, viewer: Viewer) -> DocumentField:
    choices = (member.choices if isinstance(member, FieldSpec) else None) or ()
    target = member.target if isinstance(member, LinkSpec | LinesSpec | InverseSpec) else None
    return DocumentField(
        name=name,
        label=_words(member.label),
        kind=_kind(member),
        meaning=getattr(member, "meaning", None),
        unit=getattr(member, "unit", None),
        scale=getattr(member, "scale", None),
        required=bool(getattr(member, "required", False)),
        target=target,
        readable=viewer.may(getattr(member, "restricted", None)),
        choices=[ChoiceValue(name=one.value.upper(), label=_words(one.label)) for one in choices],
    )


def _kind(member: Member) -> str:
    """A field's own kind; for the rest what it is."""
    if isinstance(member, FieldSpec):
        return member.kind
    names: tuple[tuple[type, str], ...] = (
        (DerivedSpec, "derived"),
        (LinkSpec, "link"),
        (LinesSpec, "lines"),
        (InverseSpec, "inverse"),
    )
    return next((name for type_, name in names if isinstance(member, type_)), "special")


def _words(label: Label) -> Words:
    return Words(zh=label.chinese, en=label.english)
