"""Comments with @ and followers: who may, whom a name means, what is kept, what is told."""

from __future__ import annotations

from typing import Any

import pytest
from sqlalchemy import text

from hub.document.access import ROLES
from hub.document.registry import spec as spec_of
from hub.mentions import offered
from hub.writes import unit_of_work
from tests.papers.conftest import Desk

ORDER, FOREIGN = "SO XS1 south", "SO XS2 north"
LOGINS = {"sales": "south", "partner": "k1"}
SHOWN = "comment { id text author mentioned version }"


def say(desk: Desk, login: str, words: str, key: str = ORDER, type_name: str = "SalesOrder") -> dict[str, Any]:
    document = """mutation S($t: String!, $d: ID!, $w: String!) { comment(documentType: $t, documentId: $d, text: $w) {
      comment { id text author mentioned version } problems { code message } } }"""
    given = {"t": type_name, "d": str(desk.plant.ids[key]), "w": words}
    found: dict[str, Any] = desk.plant.data(desk.plant.viewer(login), document, given)["comment"]
    return found


def papers_on(desk: Desk, login: str, key: str = ORDER) -> dict[str, Any]:
    document = f"""{{ salesOrder(id: "{desk.plant.ids[key]}") {{ comments {{ nodes {{ id text }} totalCount }}
      followers {{ nodes {{ name }} }} }} }}"""
    found: dict[str, Any] = desk.plant.data(desk.plant.viewer(login), document)["salesOrder"]
    return found


def events(desk: Desk, key: str, count: int) -> list[tuple[str, Any]]:
    with desk.plant.engine.connect() as connection:
        rows = connection.execute(
            text("SELECT event, payload FROM audit.outbox WHERE document_id = :id ORDER BY id DESC LIMIT :count"),
            {"id": desk.plant.ids[key], "count": count},
        )
        return [(event, payload) for event, payload in rows]


def test_a_mention_makes_a_follower_and_an_event(desk: Desk) -> None:
    made = say(desk, "south", "请 @r-head看一下，抄送@head。另见 mail@north.example")
    assert made["problems"] == []
    head = str(desk.plant.ids["user head"])
    assert (made["comment"]["author"], made["comment"]["mentioned"]) == ("south", [head])
    assert {one["name"] for one in papers_on(desk, "south")["followers"]["nodes"]} >= {"south", "head"}
    told = events(desk, ORDER, 2)
    assert told[0][0] == "SalesOrder.mention"
    assert (told[0][1]["users"], told[0][1]["comment"]) == ([head], made["comment"]["id"])
    assert told[1][0] == "SalesOrder.comment"


@pytest.mark.parametrize(
    ("words", "named"),
    [
        ("@无部门", ["user sales"]),
        ("@executive!", ["user executive"]),
        ("@executives", []),
        ("@EXECUTIVE，@executive", ["user executive"]),
        ("x@executive", []),
        ("@@executive", []),
        ("@", []),
    ],
)
def test_whom_a_name_means(desk: Desk, words: str, named: list[str]) -> None:
    made = say(desk, "administrator", words + " 。", "I1", "Item")
    assert made["problems"] == []
    assert made["comment"]["mentioned"] == [str(desk.plant.ids[one]) for one in named]


def test_nobody_is_named_who_may_not_see_it(desk: Desk) -> None:
    before = papers_on(desk, "south")
    for name in ("@r-north", "@r-people", "@r-s1"):
        refused = say(desk, "south", f"{name} 请看")
        assert [one["code"] for one in refused["problems"]] == ["MENTION_CANNOT_SEE"]
    assert papers_on(desk, "south") == before


@pytest.mark.parametrize("role", ROLES)
def test_every_role_comments_and_follows_what_it_reads(desk: Desk, role: str) -> None:
    login = LOGINS.get(role, role)
    viewer = desk.plant.viewer(login)
    for key in (ORDER, FOREIGN, "SO XS head"):
        secret = say(desk, "administrator", f"密语 {role} {key}", key)["comment"]["id"]
        shown = desk.plant.ask(viewer, f'{{ salesOrder(id: "{desk.plant.ids[key]}") {{ id }} }}')
        sees = "errors" not in shown and shown["data"]["salesOrder"] is not None
        everywhere = desk.plant.text(
            viewer,
            f"""{{ comments(first: 1000) {{ nodes {{ id text }} }} followers(first: 1000) {{ nodes {{ documentId }} }}
              node(id: "{secret}") {{ ... on Comment {{ text }} }} }}""",
        )
        assert (secret in everywhere, f"密语 {role} {key}" in everywhere) == (sees, sees), (role, key)
        assert (str(desk.plant.ids[key]) in everywhere) == sees
        assert (say(desk, login, "好的", key)["problems"] == []) == sees, (role, key)
        assert (desk.codes(login, "follow", desk.on(key)) == []) == sees
        assert desk.codes(login, "editComment", f'id: "{secret}", text: "改"') in (
            [["COMMENT_NOT_YOURS"]] if sees and role != "administrator" else [["NOT_FOUND"], []]
        )
        assert desk.codes(login, "unfollow", desk.on(key)) in ([[]] if sees else [["NOT_FOUND"], ["FORBIDDEN"]])


def test_an_own_comment_is_changed_and_removed_and_kept_in_history(desk: Desk) -> None:
    id_ = say(desk, "south", "第一版")["comment"]["id"]
    changed = desk.act("south", "editComment", f'id: "{id_}", text: "第二版 @head"', SHOWN)["comment"]
    assert (changed["text"], changed["version"], changed["mentioned"]) == (
        "第二版 @head", 2, [str(desk.plant.ids["user head"])]
    )  # fmt: skip
    found = desk.plant.data(
        desk.plant.viewer("head"),
        f'{{ comment(id: "{id_}") {{ history {{ verbs changes {{ field before after }} }} }} }}',
    )["comment"]["history"]
    assert found[0]["verbs"] == ["update"]
    assert {"field": "text", "before": "第一版", "after": "第二版 @head"} in found[0]["changes"]
    assert desk.codes("head", "removeComment", f'id: "{id_}"') == ["COMMENT_NOT_YOURS"]
    assert desk.codes("south", "removeComment", f'id: "{id_}"') == []
    assert desk.codes("south", "removeComment", f'id: "{id_}"') == ["NOT_FOUND"]
    with desk.plant.engine.connect() as connection:
        kept = connection.execute(
            text("SELECT text FROM history.comment WHERE id = :id ORDER BY valid_to"), {"id": id_}
        ).scalars()
        assert list(kept) == ["第一版", "第二版 @head"]


def test_following_twice_is_following_once_and_dry_runs_leave_nothing(desk: Desk) -> None:
    head = "{ name createdBy }"
    for _ in range(2):
        assert desk.act("head", "follow", desk.on("SO XS head"), f"follower {head}")["follower"]["name"] == "head"
    names = [one["name"] for one in papers_on(desk, "head", "SO XS head")["followers"]["nodes"]]
    assert names.count("head") == 1
    assert desk.codes("head", "unfollow", desk.on("SO XS head")) == []
    before = papers_on(desk, "head", "SO XS head")
    assert "head" not in [one["name"] for one in before["followers"]["nodes"]]
    assert desk.codes("head", "follow", desk.on("SO XS head") + ", dryRun: true") == []
    assert papers_on(desk, "head", "SO XS head") == before
    key = desk.on("SO XS head") + ', text: "一次", idempotencyKey: "papers-once"'
    ids = {desk.act("head", "comment", key, SHOWN)["comment"]["id"] for _ in range(2)}
    assert len(ids) == 1


@pytest.mark.parametrize("words", ["", "   ", "x" * 20_001])
def test_a_comment_says_something(desk: Desk, words: str) -> None:
    assert [one["code"] for one in say(desk, "south", words)["problems"]] == ["COMMENT_LENGTH"]


def test_names_are_offered_to_staff_and_partners_see_only_who_took_part(desk: Desk) -> None:
    spec, id_ = spec_of("SalesOrder"), desk.plant.ids["SO XS head"]

    def of(login: str, begun: str) -> list[str]:
        with unit_of_work(desk.plant.engine, desk.plant.viewer(login), "test", dry_run=True) as ctx:
            return offered(ctx, spec, id_, begun)

    assert of("head", "wubumen") == of("head", "无部") == of("head", "wbm") == ["无部门"]
    assert "people" not in of("head", "p")  # whose rights do not open orders
    assert of("k1", "无部") == []
    say(desk, "head", "请您确认", "SO XS head")
    assert "head" in of("k1", "")
    assert "无部门" not in of("k1", "")
    address = f"/_people/SalesOrder/{desk.plant.ids[FOREIGN]}?q=h"
    assert desk.client.get(address, headers=desk.headers("south")).status_code == 404
    answer = desk.client.get(f"/_people/SalesOrder/{id_}?q=无", headers=desk.headers("head"))
    assert answer.json() == {"items": ["无部门"]}
