"""The whole way over HTTP: simulate, submit, five lists, sign, keys and dry runs, waiting times; and what is late."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import httpx
from sqlalchemy import text

from hub import approving, writes
from hub.context import system_viewer
from hub.identity import issue_token
from tests.approvals.conftest import House, codes, step_of
from tests.conftest import Database
from tests.serving import serving

LISTS = """{
  toDo: approvalsToDo { totalCount nodes { subject tasks(where: {state: {eq: OPEN}}) { signerName } } }
  done: approvalsDone(where: {state: {eq: RUNNING}}) { totalCount }
  toSend: approvalsToSend { totalCount nodes { reason } }
  sent: approvalsSent(where: {documentType: {eq: "SalesOrder"}}) { totalCount aggregate { count } }
  tracked: approvalsTracked { totalCount }
  draftsToSend { totalCount nodes { number } }
}"""


class Caller:
    """Somebody with a bearer token."""

    def __init__(self, house: House, url: str, login: str) -> None:
        with writes.unit_of_work(house.engine, system_viewer("test"), "test") as ctx:
            token = issue_token(ctx.session, login, purpose="test")
        self._client = httpx.Client(base_url=url, headers={"Authorization": f"Bearer {token}"}, timeout=30)

    def ask(self, document: str, **variables: Any) -> dict[str, Any]:
        """The answer's data."""
        answer = self._client.post("/graphql", json={"query": document, "variables": variables}).json()
        assert "errors" not in answer, answer
        data: dict[str, Any] = answer["data"]
        return data

    def counts(self) -> list[int]:
        """To do, done, to send, sent, tracked, drafts."""
        return [one["totalCount"] for one in self.ask(LISTS).values()]


def test_the_story_over_http(house: House, fresh_database: Database, tmp_path: Path) -> None:
    house.flow(step_of("部门负责人", "department_head", hours=4), step_of("财务", "role", "finance"))
    order, rejected = house.draft(), house.draft()
    with serving(fresh_database, tmp_path / "log") as url:
        clerk, head, money = (Caller(house, url, one) for one in ("clerk", "head", "money1"))
        assert clerk.counts() == [0, 0, 0, 0, 0, 2]
        asked = """query Q($id: ID!) { whoMustSign(documentType: "SalesOrder", documentId: $id, step: "confirm") {
            step flow signatures { stage name login mode skipped } problems { code } } }"""
        (found,) = clerk.ask(asked, id=str(order))["whoMustSign"]
        assert [one["login"] for one in found["signatures"]] == ["head", "money1", "money2"]
        assert found["problems"] == []
        confirm = """mutation C($id: ID!, $dry: Boolean!, $key: String) {
            confirmSalesOrder(id: $id, dryRun: $dry, idempotencyKey: $key) {
                salesOrder { state approvals { nodes { state number } } } problems { code } } }"""
        tried = clerk.ask(confirm, id=str(order), dry=True)["confirmSalesOrder"]
        assert tried["salesOrder"]["approvals"]["nodes"][0]["state"] == "RUNNING"
        assert clerk.counts()[3] == 0
        for _ in range(2):
            done = clerk.ask(confirm, id=str(order), dry=False, key="once")["confirmSalesOrder"]
            assert (done["salesOrder"]["state"], done["problems"]) == ("DRAFT", [])
        clerk.ask(confirm, id=str(rejected), dry=False)
        assert [clerk.counts(), head.counts()[:4]] == [[0, 0, 0, 2, 0, 0], [2, 0, 0, 0]]
        sign = "mutation S($id: ID!) { approveApproval(id: $id) { approval { state } problems { code message } } }"
        first, second = house.approval(order)["id"], house.approval(rejected)["id"]
        refusal = 'mutation R($id: ID!) { rejectApproval(id: $id, reason: "太贵") { problems { code } } }'
        assert money.ask(sign, id=str(first))["approveApproval"]["problems"][0]["code"] == "NOT_FOUND"
        assert head.ask(sign, id=str(first))["approveApproval"]["approval"]["state"] == "RUNNING"
        assert head.ask(refusal, id=str(second))["rejectApproval"]["problems"] == []
        assert clerk.ask(LISTS)["toSend"]["nodes"] == [{"reason": "太贵"}]
        assert head.counts()[:2] == [0, 1]
        assert money.counts()[0] == 1
        assert money.ask(sign, id=str(first))["approveApproval"]["approval"]["state"] == "APPROVED"
        assert house.state(order) == "confirmed"
        waited = """{ approvalWaiting(by: [STEP, FROM_DEPARTMENT, TO_DEPARTMENT]) {
            step fromDepartment toDepartment documentType count average median longest } }"""
        with house.engine.begin() as connection:
            moved = "UPDATE hub.approval_task SET opened_at = decided_at - interval '3 hours' WHERE name = '部门负责人'"
            connection.execute(text(moved))
        boss = Caller(house, url, "boss")
        slowest = boss.ask(waited)["approvalWaiting"][0]
        assert (slowest["step"], slowest["fromDepartment"], slowest["toDepartment"]) == (
            "部门负责人",
            "部门XS1",
            "部门XS",
        )
        assert (slowest["count"], slowest["average"], slowest["median"]) == (2, "3.0000", "3.0000")
        tasks = "{ approvalTasks(where: {state: {eq: APPROVED}}) { aggregate { avg { waited } max { waited } } } }"
        assert boss.ask(tasks)["approvalTasks"]["aggregate"]["max"]["waited"] == "3.000000"


def test_what_waits_too_long_goes_to_the_superior_or_the_role(house: House) -> None:
    house.flow(step_of("负责人", "department_head", hours=4, escalate_to=None), step_of("财务", "role", "finance"))
    order = house.draft()
    house.submit(order)
    soon, late = datetime.now(UTC) + timedelta(hours=3), datetime.now(UTC) + timedelta(hours=5)
    assert approving.escalate_overdue(house.engine, soon) == []
    assert approving.escalate_overdue(house.engine, late) == [house.approval(order)["id"]]
    assert approving.escalate_overdue(house.engine, late) == []
    assert house.tasks(order)["boss"] == "open"
    assert codes(lambda: house.sign("clerk", order, "escalate")) == ["FORBIDDEN"]
    house.sign("boss", order)
    assert house.tasks(order) == {
        "head": "cancelled", "money1": "open", "money2": "open", "boss": "approved",
    }  # fmt: skip
    event = "SELECT count(*) AS many FROM audit.outbox WHERE event = 'Approval.escalate'"
    assert house.rows(event) == [{"many": 1}]


def test_it_may_go_to_a_role(house: House) -> None:
    house.flow(step_of("负责人", "department_head", hours=1, escalate_to="finance"))
    order = house.draft()
    house.submit(order)
    approving.escalate_overdue(house.engine, datetime.now(UTC) + timedelta(hours=2))
    house.sign("money2", order)
    assert house.state(order) == "confirmed"
