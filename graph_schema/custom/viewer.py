"""`me`: who is asking and what they may do."""

from __future__ import annotations

import strawberry

from graph_schema.plain import Asked
from hub.context import Viewer
from hub.document.access import ROLES


@strawberry.type(name="Me", description="当前用户 · Who is asking")
class Me:
    """The viewer as the viewer sees it."""

    id: strawberry.ID = strawberry.field(description="用户标识 · Id of the user")
    code: str = strawberry.field(description="登录名 · Login")
    name: str = strawberry.field(description="姓名 · Name")
    language: str = strawberry.field(description="语言 · Language: zh, en")
    roles: list[str] = strawberry.field(description="角色 · Roles")
    role_labels: list[str] = strawberry.field(description="角色名称 · Names of the roles")
    permissions: list[str] = strawberry.field(description="权限，* 为全部 · Permissions; * is all")
    company_id: strawberry.ID | None = strawberry.field(description="公司 · Company")
    department_id: strawberry.ID | None = strawberry.field(description="部门 · Department")
    employee_id: strawberry.ID | None = strawberry.field(description="人员 · Employee")


def me(info: strawberry.Info[Asked, None]) -> Me:
    """The viewer of this request."""
    viewer = info.context.viewer
    roles = sorted(viewer.roles)
    return Me(
        id=strawberry.ID(str(viewer.user_id)),
        code=viewer.code,
        name=viewer.name,
        language=viewer.language,
        roles=roles,
        role_labels=[ROLES[role].label.in_language(viewer.language) for role in roles if role in ROLES],
        permissions=sorted(viewer.permissions),
        company_id=_id(viewer, "company_id"),
        department_id=_id(viewer, "department_id"),
        employee_id=_id(viewer, "employee_id"),
    )


def _id(viewer: Viewer, name: str) -> strawberry.ID | None:
    value = getattr(viewer, name)
    return None if value is None else strawberry.ID(str(value))
