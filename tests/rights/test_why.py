"""`hub why`: it says what the product does, for every user and every document, and names the rule."""

from __future__ import annotations

import pytest
from click.testing import CliRunner
from sqlalchemy.orm import Session

from hub.cli import hub
from hub.document.access import ROLES
from hub.document.registry import spec as spec_of
from hub.trouble import Trouble
from hub.why import decided, explained
from hub.words import camel
from tests.rights.conftest import SELLERS, Plant
from tests.rights.test_columns import OWNERS, RESTRICTED

LOGINS = [*SELLERS, "sales", "k1", "s1", "stranger", *(role for role in ROLES if role not in ("sales", "partner"))]
ASKED = {
    "SalesOrder": ["SO XS None", "SO XS1 north", "SO CG south", "SO None head", "R-B SO XS None"],
    "Delivery": ["DN XS1 None", "DN loose", "R-B DN loose"],
    "PurchaseOrder": ["PO S1", "PO S2"],
    "PurchaseReceipt": ["PR S1"],
    "Item": ["I1", "I3", "I4", "R-B I1"],
    "Customer": ["K1", "K2"],
    "Supplier": ["S1", "S2"],
    "Employee": ["south", "R-B south"],
    "Department": ["GM", "XS1"],
    "User": ["user south", "user administrator"],
    "Warehouse": ["W"],
    "Inspection": ["QI"],
}


@pytest.mark.parametrize("login", LOGINS)
def test_it_says_what_reading_does(plant: Plant, login: str) -> None:
    """Yes exactly when GraphQL shows the document."""
    viewer = plant.viewer(login)
    with Session(plant.engine) as session:
        for name, keys in ASKED.items():
            spec = spec_of(name)
            for key in keys:
                answer = plant.ask(viewer, f'{{ {spec.single}(id: "{plant.ids[key]}") {{ id }} }}')
                shown = (answer["data"] or {}).get(spec.single) is not None
                reasons = list(decided(session, viewer, "read", spec, plant.ids[key]))
                assert all(one.holds for one in reasons) == shown, (name, key, reasons)


@pytest.mark.parametrize("login", LOGINS)
def test_it_says_what_writing_does(plant: Plant, login: str) -> None:
    """Yes exactly when a verb neither forbids nor misses the document; the step `close` stands for all steps."""
    viewer = plant.viewer(login)
    with Session(plant.engine) as session:
        for key in ASKED["SalesOrder"]:
            for verb, mutation in (("write", "updateSalesOrder"), ("close", "closeSalesOrder")):
                more = ", input: {}" if verb == "write" else ""
                document = (
                    f'mutation {{ {mutation}(id: "{plant.ids[key]}"{more}, dryRun: true) {{ problems {{ code }} }} }}'
                )
                codes = {one["code"] for one in plant.data(viewer, document)[mutation]["problems"]}
                reasons = list(decided(session, viewer, verb, spec_of("SalesOrder"), plant.ids[key]))
                assert all(one.holds for one in reasons) == (not codes & {"FORBIDDEN", "NOT_FOUND"}), (
                    key,
                    codes,
                    reasons,
                )


@pytest.mark.parametrize("login", LOGINS)
def test_it_says_what_columns_do(plant: Plant, login: str) -> None:
    viewer = plant.viewer(login)
    with Session(plant.engine) as session:
        for spec, member in RESTRICTED:
            id_ = plant.ids[OWNERS[spec.name]]
            answer = plant.ask(viewer, f'{{ {spec.single}(id: "{id_}") {{ {camel(member.name)} }} }}')
            shown = ((answer["data"] or {}).get(spec.single) or {}).get(camel(member.name)) is not None
            reasons = list(decided(session, viewer, "read", spec, id_, member.name))
            assert all(one.holds for one in reasons) == shown, (spec.name, member.name)


def test_the_rule_is_named(plant: Plant) -> None:
    def told(*words: str, field: str | None = None) -> list[str]:
        with Session(plant.engine) as session:
            return list(explained(session, words[0], words[1], words[2:], field))

    order = str(plant.ids["SO XS2 None"])
    lines = told("r-south", "read", order)
    assert lines[0].startswith("✗ 否 No: south (r-south) read 客户订单 (Sales order)")
    (deciding,) = [line for line in lines if "决定" in line]
    assert "行规则 (Row rule)" in deciding
    assert "✗ 本部门或下级部门的" in deciding
    lines = told("r-head", "read", "SalesOrder", order)
    assert lines[0].startswith("✓ 是 Yes")
    assert "✓ 本部门或下级部门的 (of the own department or one below it)" in lines[-1]
    assert "sales.all" in told("r-executive", "read", order)[-1]
    assert "sales.write ← 无 none" in "".join(told("r-executive", "close", order))
    assert "公司 (Company)" in next(one for one in told("r-stranger", "read", order) if "决定" in one)
    assert "people.private" in told("r-south", "read", "Employee", "head", field="idNumber")[-1]
    assert "从不给出" in told("r-administrator", "read", "User", "r-head", field="password_hash")[-1]
    assert told("r-south", "read", "客户订单")[0].startswith("✓ 是 Yes")
    lines = told("r-k1", "read", "SalesOrderLine", _line(plant, "SO XS2 None"))
    assert "✗ 由本人负责的" in lines[-1]
    for words in (("r-south", "read", "SO-nothing"), ("r-south", "fly", order), ("r-south", "read", "Nothing", "x")):
        with pytest.raises(Trouble):
            told(*words)
    with pytest.raises(Trouble):
        told("r-south", "read", order, field="wings")


def _line(plant: Plant, key: str) -> str:
    answer = plant.data(plant.viewer("executive"), f'{{ salesOrder(id: "{plant.ids[key]}") {{ lines {{ id }} }} }}')
    return str(answer["salesOrder"]["lines"][0]["id"])


def test_the_command_line(plant: Plant) -> None:
    run = CliRunner()
    told = run.invoke(hub, ["why", "r-south", "read", "Employee", "head", "--field", "id_number"])
    assert told.exit_code == 0, told.output
    assert told.output.startswith("✗ 否 No")
    assert run.invoke(hub, ["why", "r-south", "read", "nothing"]).exit_code != 0
    assert run.invoke(hub, ["why", "nobody", "read", "head"]).exit_code != 0
    assert run.invoke(hub, ["roles"]).output.startswith("| 角色 Role |")
