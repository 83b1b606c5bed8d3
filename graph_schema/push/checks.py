"""What a webhook or a notification rule must be to work: known names, a selection that fits, a user one may act for."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any
from urllib.parse import urlsplit

from graph_schema.push.notices import PAPERS, selection_of
from graph_schema.push.selection import known
from graph_schema.push.webhooks import NOT_TOLD
from hub.context import Ctx
from hub.document.access import ROLES
from hub.document.flow import VERBS, on
from hub.document.registry import specs
from hub.document.spec import DocSpec
from hub.errors import HubError, Problem, problem
from hub.words import camel

_VERBS = (*VERBS, "load", *PAPERS)


@on("Webhook", "create")
@on("Webhook", "update")
def check_webhook(webhook: Any, ctx: Ctx) -> Iterator[Problem]:
    """All that keeps a webhook from working, or from being this user's to make."""
    address = urlsplit(webhook.url)
    if address.scheme not in ("http", "https") or not address.hostname or address.username:
        yield problem(
            "URL_INVALID",
            "地址应为 http:// 或 https:// 开头的网址，不含口令。",
            "The URL must begin with http:// or https:// and hold no password.",
            "url",
        )
    if webhook.user_id != ctx.viewer.user_id and not ctx.viewer.may("users.write"):
        yield problem(
            "USER_OF_ANOTHER",
            "回调只能以您本人的权限读取；以他人权限须由管理员设置。",
            "A webhook reads with your own rights; only an administrator gives it another user's.",
            "user",
        )
    spec = specs().get(webhook.document_type)
    yield from _about(spec, webhook)
    if spec is not None and spec.name not in NOT_TOLD:
        try:
            known(spec.single, webhook.selection)
        except HubError as error:
            yield from error.problems


@on("NotificationRule", "create")
@on("NotificationRule", "update")
def check_rule(rule: Any, _: Ctx) -> Iterator[Problem]:
    """All that keeps a rule from telling anybody anything."""
    spec = specs().get(rule.document_type)
    yield from _about(spec, rule)
    yield from _recipients(rule.recipients)
    if spec is None:
        return
    members = {camel(one) for one in (*spec.fields, *spec.links, *spec.lines)}
    yield from _unknown("FIELD_UNKNOWN", "字段", "field", "changedFields", rule.changed_fields, members)
    for name in ("title", "text"):
        try:
            known(spec.single, selection_of(getattr(rule, name)))
        except HubError as error:
            yield problem(
                "TEMPLATE_INVALID",
                f"花括号中的字段不属于该单据类型：{error}",
                f"What stands in braces is no field of the document type: {error}",
                name,
                hint=(
                    "例如：{number}、{customer.name}、{actor}、{event}",
                    "For example: {number}, {customer.name}, {actor}",
                ),
            )


def _about(spec: DocSpec | None, told: Any) -> Iterator[Problem]:
    if spec is None or spec.kind not in ("document", "master") or spec.name in NOT_TOLD:
        yield problem(
            "DOCUMENT_TYPE_UNKNOWN",
            f"没有可通知的单据类型 {told.document_type}。",
            f"{told.document_type} is no document type that can be told of.",
            "documentType",
            hint=("例如：SalesOrder", "For example: SalesOrder"),
        )
        return
    yield from _unknown("EVENT_UNKNOWN", "事件", "event", "events", told.events, {*spec.steps, *_VERBS})


def _unknown(
    code: str, chinese: str, english: str, path: str, given: Iterable[str], known_: set[str]
) -> Iterator[Problem]:
    for index, one in enumerate(given):
        if one not in known_ and camel(one) not in known_:
            choice = "、".join(sorted(known_))
            yield problem(
                code,
                f"没有{chinese} {one}。",
                f"There is no {english} {one}.",
                path,
                str(index),
                hint=(f"可用：{choice}", f"There are: {choice}"),
            )


def _recipients(recipients: Iterable[Any]) -> Iterator[Problem]:
    for index, one in enumerate(recipients):
        path = ("recipients", str(index))
        if not (one.user_id or one.role or one.department_id or one.writer or one.follower or one.mentioned):
            yield problem(
                "RECIPIENT_MISSING",
                "请指明用户、角色、部门、创建人、关注人或评论中提到的人。",
                "Name a user, a role, a department, the writer, the followers or whom a comment names.",
                *path,
            )
        if one.role and one.role not in ROLES:
            yield problem("ROLE_UNKNOWN", f"没有角色 {one.role}。", f"There is no role {one.role}.", *path, "role")
