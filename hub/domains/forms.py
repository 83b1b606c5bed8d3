"""What a company adds by itself while the hub runs: fields of any type, and forms made of such fields.

The machinery reads the declarations (`hub.document.custom`); here stands what a declaration says and what speaks
against one. A form's records keep the version and the layout of the definition that they were made with.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date
from typing import TYPE_CHECKING, Any
from uuid import UUID

from sqlalchemy import inspect, select
from sqlalchemy.orm import Mapped, selectinload

from hub.document import (
    ANY_STATE,
    Access,
    Choice,
    Code,
    Document,
    Line,
    Master,
    Name,
    Series,
    Value,
    field,
    lines,
    link,
    only,
    permitted,
    permitted_by,
    step,
    today,
    written_by_me,
)
from hub.document.access import all_permissions
from hub.document.declaring import FieldKind, follow_declarations, review_declaration
from hub.document.values import missing
from hub.errors import Problem, problem
from hub.words import camel

if TYPE_CHECKING:
    from hub.context import Ctx

_DESIGN = "office.design"
_RECORD = "FormRecord"


class CustomField(
    Master,
    label=("自定义字段", "Custom field"),
    access=Access(
        read="office.read",
        write=_DESIGN,
        rows=only(permitted("read_permission", open_without=True), unless=_DESIGN),
    ),
    unique=("company_id", "document_type", "key"),
):
    """A field that the company adds to a type; its values stand under `extra`. The name is the Chinese label."""

    english_name: Mapped[Name] = field("英文名称", "English name")
    document_type: Mapped[Code] = field("单据类型", "Document type")
    key: Mapped[Code] = field("键", "Key")
    kind: Mapped[FieldKind] = field("值的类型", "Kind of value", default=FieldKind.TEXT)
    scale: Mapped[int] = field("小数位数", "Decimals", default=2, minimum=0, maximum=6)
    unit: Mapped[str | None] = field("单位", "Unit")
    target_type: Mapped[Code | None] = field("关联类型", "Type linked to")
    required: Mapped[bool] = field("必填", "Required", default=False)
    default_value: Mapped[str | None] = field("默认值", "Default")
    minimum: Mapped[Value | None] = field("最小值", "Minimum")
    maximum: Mapped[Value | None] = field("最大值", "Maximum")
    read_permission: Mapped[Code | None] = field("查看权限", "Permission to read")
    indexed: Mapped[bool] = field("建立索引", "Indexed", default=False)
    place: Mapped[int] = field("显示顺序", "Place", default=0)
    options: Mapped[list[CustomFieldOption]] = lines("选项", "Options")

    def check(self, ctx: Ctx) -> Iterable[Problem]:
        """Whether the declaration makes sense and what is stored fits it."""
        yield from review_declaration(ctx, self)
        if self.required and self.document_type == _RECORD:
            chinese, english = (
                "表单字段是否必填由表单决定。",
                "Whether a field of a form is required is said by the form.",
            )
            yield problem("REQUIRED_BY_FORM", chinese, english, "required")


class CustomFieldOption(Line, label=("自定义字段选项", "Custom field option"), of="CustomField", collection="options"):
    """One value to choose from."""

    value: Mapped[Code] = field("值", "Value")
    name: Mapped[Name] = field("名称", "Name")
    english_name: Mapped[Name] = field("英文名称", "English name")


follow_declarations(CustomField, CustomFieldOption)


class FormDefinition(
    Master,
    label=("自定义表单", "Form definition"),
    access=Access(
        read="office.read",
        write=_DESIGN,
        rows=only(
            permitted("fill_permission", open_without=True),
            permitted("read_permission", open_without=False),
            unless=_DESIGN,
        ),
    ),
):
    """A form that the company designs from custom fields of form records."""

    english_name: Mapped[Name] = field("英文名称", "English name")
    instructions: Mapped[str | None] = field("填写说明", "Instructions")
    fill_permission: Mapped[Code | None] = field("填写权限", "Permission to fill in")
    read_permission: Mapped[Code | None] = field("查看权限", "Permission to read")
    fields: Mapped[list[FormField]] = lines("字段", "Fields", at_least=1)

    def check(self, ctx: Ctx) -> Iterable[Problem]:
        """Its fields are those of form records, and its permissions are known."""
        for name in ("fill_permission", "read_permission"):
            permission = getattr(self, name)
            if permission is not None and permission not in all_permissions():
                sentences = f"没有权限 {permission}。", f"There is no permission {permission}."
                yield problem("PERMISSION_UNKNOWN", *sentences, camel(name))
        chosen = [_chosen(line) for line in self.fields]
        declared = _fields(ctx, chosen)
        for index, id_ in enumerate(chosen):
            place = ("fields", str(index), "customField")
            if id_ not in declared:
                yield problem("NOT_A_FORM_FIELD", "该字段不是表单数据的自定义字段。",
                              "This is no custom field of form records.", *place)  # fmt: skip


class FormField(Line, label=("表单字段", "Form field"), of="FormDefinition", collection="fields"):
    """A custom field as it stands in a form."""

    section: Mapped[str | None] = field("分组", "Section")
    custom_field: Mapped[CustomField] = link("自定义字段", "Custom field", inverse=("forms", "表单", "Forms"))
    required: Mapped[bool] = field("必填", "Required", default=False)


class FormState(Choice):
    """How far a filled-in form is."""

    DRAFT = "draft", "草稿", "Draft"
    SUBMITTED = "submitted", "已提交", "Submitted"
    COMPLETED = "completed", "已办结", "Completed"
    CANCELLED = "cancelled", "已取消", "Cancelled"


class FormRecord(
    Document,
    label=("表单数据", "Form record"),
    series=Series("FR-{yyyy}{mm}-{seq:05}"),
    access=Access(
        read="office.read",
        write="office.write",
        rows=only(written_by_me(), permitted_by("FormDefinition", "form", "read_permission"), unless="office.all"),
    ),
):
    """A form filled in. Its values stand under `extra`; whoever wrote it sees it, and whom the form lets read."""

    state: Mapped[FormState] = field("状态", "State", default=FormState.DRAFT)
    form: Mapped[FormDefinition] = link("表单", "Form", inverse=("records", "表单数据", "Records"))
    record_date: Mapped[date] = field("填写日期", "Date", default=today)
    subject: Mapped[Name | None] = field("主题", "Subject")
    form_version: Mapped[int] = field("表单版本", "Version of the form", default=0, computed=True)
    layout: Mapped[dict[str, Any]] = field("表单布局", "Layout", default=dict, computed=True)
    note: Mapped[str | None] = field("备注", "Note", editable_in=ANY_STATE)

    def check(self, ctx: Ctx) -> Iterable[Problem]:
        """The values are those of the form, and what it requires is there."""
        if inspect(self).attrs.form_id.history.has_changes():
            yield from self._begin(ctx)
        asked = {UUID(one["id"]): one for section in self.layout.get("sections", ()) for one in section["fields"]}
        fields = _fields(ctx, list(asked))
        known = {one.key for one in fields.values()}
        for key in self.extra or {}:
            if key not in known:
                yield problem("NOT_IN_FORM", f"表单中没有字段 {key}。", f"The form has no field {key}.", "extra", key)
        for id_, one in asked.items():
            if id_ in fields and one["required"] and (self.extra or {}).get(fields[id_].key) is None:
                yield missing(fields[id_].name, fields[id_].english_name, "extra", fields[id_].key)

    def _begin(self, ctx: Ctx) -> Iterable[Problem]:
        """Take the definition as it stands now."""
        form = ctx.session.get_one(FormDefinition, _form_of(self), options=[selectinload(FormDefinition.fields)])
        if not form.active or not ctx.viewer.may(form.fill_permission):
            sentences = f"您不能填写表单“{form.name}”。", f"You may not fill in the form {form.english_name}."
            yield problem("FORM_FORBIDDEN", *sentences, "form")
        self.form_version, self.layout = form.version, _layout(form)

    @step("提交", "Submit", source=FormState.DRAFT, target=FormState.SUBMITTED)
    def submit(self, ctx: Ctx) -> None:
        """Hand it in."""

    @step("退回", "Send back", source=FormState.SUBMITTED, target=FormState.DRAFT, by="office.all")
    def send_back(self, ctx: Ctx) -> None:
        """It is to be mended."""

    @step("办结", "Complete", source=FormState.SUBMITTED, target=FormState.COMPLETED, by="office.all")
    def complete(self, ctx: Ctx) -> None:
        """It is dealt with."""

    @step("取消", "Cancel", source=(FormState.DRAFT, FormState.SUBMITTED), target=FormState.CANCELLED)
    def cancel(self, ctx: Ctx) -> None:
        """It is not wanted any more."""


def _chosen(line: FormField) -> UUID:
    """The custom field of a line of a form: the column that its link makes."""
    found: UUID = line.custom_field_id  # type: ignore[attr-defined]
    return found


def _form_of(record: FormRecord) -> UUID:
    """The id of a record's form, likewise."""
    found: UUID = record.form_id  # type: ignore[attr-defined]
    return found


def _fields(ctx: Ctx, ids: list[UUID]) -> dict[UUID, CustomField]:
    """The custom fields of form records with these ids."""
    wanted = select(CustomField).where(CustomField.id.in_(ids), CustomField.document_type == _RECORD)
    with ctx.session.no_autoflush:
        return {field.id: field for field in ctx.session.execute(wanted).scalars()}


def _layout(form: FormDefinition) -> dict[str, Any]:
    """{"sections": [{"name", "fields": [{"id", "required"}]}]}, in the form's order.

    A field has its declaration's id alone: whom it is closed to learns neither its key nor its name.
    """
    sections: list[dict[str, Any]] = []
    for line in form.fields:
        if not sections or sections[-1]["name"] != line.section:
            sections.append({"name": line.section, "fields": []})
        sections[-1]["fields"].append({"id": str(_chosen(line)), "required": line.required})
    return {"sections": sections}
