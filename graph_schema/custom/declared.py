"""`declaredFields`: what the company has declared for a type, as the viewer may see it, for pages that draw forms."""

from __future__ import annotations

import strawberry

from graph_schema.custom.catalogue import ChoiceValue, Words
from graph_schema.operators import OPERATORS
from graph_schema.plain import Asked
from hub.document.custom import CustomSpec, seen
from hub.document.registry import spec as spec_of
from hub.words import Label


@strawberry.type(name="DeclaredField", description="已声明的自定义字段 · A custom field as declared")
class DeclaredField:
    """A declaration, in words and facts."""

    key: str = strawberry.field(description="键，值在 extra 之下 · Its key; values stand under `extra`")
    label: Words
    kind: str = strawberry.field(description="text decimal integer boolean date moment choice multiple link")
    unit: str | None
    scale: int | None = strawberry.field(description="小数位数 · Decimals")
    required: bool
    default: str | None
    minimum: str | None
    maximum: str | None
    target: str | None = strawberry.field(description="指向的类型 · The type a link leads to")
    indexed: bool
    operators: list[str] = strawberry.field(description="可用的筛选运算 · The operators its filter takes")
    options: list[ChoiceValue] = strawberry.field(description="选项 · The options; the name is what is stored")


def declared_fields(info: strawberry.Info[Asked, None], document_type: str) -> list[DeclaredField]:
    """The fields of a type in declared order; none for a type that the viewer may not read."""
    viewer = info.context.viewer
    if not viewer.may(spec_of(document_type).access.read):
        return []
    return [_declared(one) for one in seen(viewer, document_type)]


def _declared(field: CustomSpec) -> DeclaredField:
    return DeclaredField(
        key=field.name,
        label=_words(field.label),
        kind=field.declared,
        unit=field.unit,
        scale=field.scale,
        required=field.needed,
        default=field.default,
        minimum=None if field.minimum is None else str(field.minimum),
        maximum=None if field.maximum is None else str(field.maximum),
        target=field.target,
        indexed=field.indexed,
        operators=list(OPERATORS[field.kind]),
        options=[ChoiceValue(name=one.value, label=_words(one.label)) for one in field.choices or ()],
    )


def _words(label: Label) -> Words:
    return Words(zh=label.chinese, en=label.english)
