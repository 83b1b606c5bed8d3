"""Who may ask for the schema itself, by the policy of the settings.

Whoever may not is told neither by introspection nor by the errors of the validation, which name types and fields
and suggest others.
"""

from __future__ import annotations

from hub.context import Viewer
from hub.errors import Forbidden, problem
from hub.settings import Introspection

PARTNER, ADMINISTRATOR = "partner", "administrator"
FIELDS = frozenset({"__schema", "__type"})
"""`__typename` is no introspection: clients need it to tell types apart."""


def open_to(viewer: Viewer, policy: Introspection) -> bool:
    """Whether this viewer may know the schema."""
    if policy == "signed_in":
        return True
    if policy == "staff":
        return PARTNER not in viewer.roles
    return policy == "administrators" and (ADMINISTRATOR in viewer.roles or "*" in viewer.permissions)


def closed() -> Forbidden:
    """The refusal of a request for the schema."""
    return Forbidden(problem("INTROSPECTION_CLOSED", "您不能查询接口的定义。", "You may not ask for the schema."))
