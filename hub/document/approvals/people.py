"""Who signs: users by role, by name, heads of departments and their superiors.

Eligible is an active user of the company who may read the document's type and sign. Whoever cannot be found is told
at submission, so no document waits for nobody.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import cached_property
from typing import Any
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from hub.context import Viewer
from hub.document.access import ROLES, permissions_of
from hub.document.approvals.flows import FlowRule, SignerRule
from hub.document.approvals.words import SelfApproval, SignerKind
from hub.document.registry import spec as spec_of
from hub.document.spec import DocSpec
from hub.errors import Problem, Refused, problem


@dataclass(frozen=True)
class Person:
    """Somebody who may be asked to sign."""

    id: UUID
    code: str
    name: str
    roles: frozenset[str]
    department_id: UUID | None
    employee_id: UUID | None


class People:
    """The users and departments of a company, read when first needed."""

    def __init__(self, session: Session, company_id: UUID | None, document: DocSpec) -> None:
        self._session, self._company_id = session, company_id
        self._wanted = (document.access.read, *spec_of("Approval").access.to_write())
        self._document = document

    @cached_property
    def users(self) -> dict[UUID, Person]:
        """Every active user of the company."""
        user = spec_of("User").table
        columns = [user.c[name] for name in ("id", "code", "name", "roles", "department_id", "employee_id")]
        rows = self._session.execute(
            select(*columns).where(user.c.active, user.c.company_id == self._company_id).order_by(user.c.code)
        )
        return {row.id: Person(row.id, row.code, row.name, frozenset(row.roles), *row[4:]) for row in rows}

    @cached_property
    def _departments(self) -> dict[UUID, Any]:
        table = spec_of("Department").table
        rows = self._session.execute(
            select(table.c.id, table.c.parent_id, table.c.manager_id).where(table.c.company_id == self._company_id)
        )
        return {row.id: row for row in rows}

    def named(self, logins: Iterable[str], *path: str) -> list[Person]:
        """The eligible users of these logins; Refused with every one that is none."""
        known = {one.code: one for one in self.users.values()}
        found, problems = [], []
        for login in dict.fromkeys(word.strip() for word in logins if word.strip()):
            person = known.get(login)
            if person is None:
                text = (f"没有启用的用户 {login}。", f"There is no active user {login}.")
                problems.append(problem("SIGNER_UNKNOWN", *text, *path))
            elif not self.eligible(person):
                problems.append(self._may_not_read(person, *path))
            else:
                found.append(person)
        Refused.raise_all(problems)
        return found

    def eligible(self, person: Person) -> bool:
        """Whether somebody may read the document's type and sign."""
        held = permissions_of(person.roles)
        return "*" in held or held.issuperset(self._wanted)

    def in_roles(self, roles: Iterable[str]) -> list[Person]:
        """The eligible users that have one of the roles."""
        wanted = set(roles)
        return [one for one in self.users.values() if wanted & one.roles and self.eligible(one)]

    def heads(self, department_id: UUID | None) -> Iterator[Person]:
        """The head of a department, then of the one above it, and so on; a circle in the tree ends."""
        seen: set[UUID] = set()
        by_employee = {one.employee_id: one for one in self.users.values() if one.employee_id}
        while department_id in self._departments and department_id not in seen:
            seen.add(department_id)
            row = self._departments[department_id]
            if row.manager_id in by_employee:
                yield by_employee[row.manager_id]
            department_id = row.parent_id

    def superior(self, person: Person) -> Person | None:
        """The first head above somebody who is somebody else and may sign."""
        return next((one for one in self.heads(person.department_id) if one != person and self.eligible(one)), None)

    def signers(
        self, rule: SignerRule, flow: FlowRule, submitter: Viewer, department_id: UUID | None
    ) -> tuple[list[Person], list[Problem]]:
        """The signers of one step of a flow, and why there are none."""
        if rule.kind is SignerKind.USER:
            try:
                found = self.named(rule.who)
            except Refused as refused:
                return [], list(refused.problems)
        elif rule.kind is SignerKind.ROLE:
            found = self.in_roles(rule.who)
        else:
            of_document = rule.kind is SignerKind.DEPARTMENT_HEAD
            found = list(self.heads(department_id if of_document else submitter.department_id))[:1]
        if found and not self.eligible(found[0]):
            return [], [self._may_not_read(found[0])]
        found = self._without_submitter(found, flow, submitter)
        return found, [] if found else [_nobody(rule)]

    def _without_submitter(self, found: list[Person], flow: FlowRule, submitter: Viewer) -> list[Person]:
        own = self.users.get(submitter.user_id)
        if flow.self_approval is SelfApproval.ALLOWED or own not in found:
            return found
        assert own is not None
        others = [one for one in found if one != own]
        superior = self.superior(own) if flow.self_approval is SelfApproval.SUPERIOR and not others else None
        return others if superior is None else [superior]

    def _may_not_read(self, person: Person, *path: str) -> Problem:
        chinese, english = self._document.label
        return problem(
            "SIGNER_MAY_NOT_READ",
            f"{person.name}没有查看{chinese}的权限，不能审批。",
            f"{person.name} may not read {english} and so cannot sign it.",
            *path,
            hint=("请给他相应角色，或改用他人。", "Give them a role that may, or choose somebody else."),
        )


def _nobody(rule: SignerRule) -> Problem:
    roles = "、".join(ROLES[one].label.chinese if one in ROLES else one for one in rule.who)
    whom = f"（{rule.kind.label.chinese}{'：' + roles if roles else ''}）"
    return problem(
        "NOBODY_TO_SIGN",
        f"审批步骤“{rule.name}”{whom}没有可审批的人。",
        f"Nobody can sign the approval step “{rule.name}” ({rule.kind.label.english}).",
        hint=(
            "请检查角色、部门负责人及其用户账号，或修改审批流程。",
            "Look at the roles, the heads of departments and their accounts, or change the flow.",
        ),
    )
