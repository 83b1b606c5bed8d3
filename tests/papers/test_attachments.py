"""Attachments over HTTP: names and bytes round trip, rights are the document's, stored once, found when damaged."""

from __future__ import annotations

import hashlib
import os
import secrets
import threading
import time
from urllib.parse import unquote
from uuid import uuid4

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import text

from hub import keys, papers, writes
from hub.document.access import ROLES
from hub.files import care, store
from hub.settings import settings as app_settings
from tests.papers.conftest import Desk

ORDER, FOREIGN = "SO XS1 south", "SO XS2 north"
NAMES = st.text(st.characters(codec="utf-8", categories=("L", "N", "P", "S", "Zs", "Cf")), min_size=1, max_size=60)
LOGINS = {"sales": "south", "partner": "k1"}


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(NAMES, st.binary(max_size=400))
def test_any_name_and_any_bytes_come_back(desk: Desk, name: str, content: bytes) -> None:
    content = b"\0" + content  # neither a program nor a page
    answer = desk.upload("south", "SalesOrder", ORDER, name, content)
    if answer.status_code == 422:
        assert answer.json()["problems"][0]["code"] == "FILE_NAME"
        assert "/" in name or "\\" in name or not name.strip(" .\u00ad\u200b\u3000") or not name.isprintable()
        return
    assert answer.status_code == 201, answer.text
    told = answer.json()
    assert (told["size"], told["sha256"]) == (len(content), hashlib.sha256(content).hexdigest())
    got = desk.download("south", told["id"])
    assert got.content == content
    _, _, coded = got.headers["content-disposition"].partition("filename*=UTF-8''")
    assert unquote(coded) == told["name"] == papers.file_name(name)
    assert got.headers["content-disposition"].isascii()


def test_a_download_is_safe_cached_and_cut(desk: Desk) -> None:
    content = secrets.token_bytes(3 << 20)
    told = desk.upload("south", "SalesOrder", ORDER, "图纸 第1版.pdf", b"%PDF-" + content).json()
    whole = desk.download("south", told["id"])
    assert whole.headers["content-type"] == told["mediaType"] == "application/pdf"
    assert whole.headers["x-content-type-options"] == "nosniff"
    assert whole.headers["content-disposition"].startswith("attachment;")
    assert "%E5%9B%BE%E7%BA%B8%20%E7%AC%AC1%E7%89%88.pdf" in whole.headers["content-disposition"]
    assert desk.download("south", told["id"], **{"If-None-Match": whole.headers["etag"]}).status_code == 304
    for asked, expected in (
        ("bytes=5-14", content[:10]),
        (f"bytes={2 << 20}-", content[(2 << 20) - 5 :]),
        ("bytes=-7", content[-7:]),
    ):
        part = desk.download("south", told["id"], Range=asked)
        assert (part.status_code, part.content) == (206, expected)
    assert desk.download("south", told["id"], Range="bytes=99999999-").status_code == 416
    found = desk.plant.data(
        desk.plant.viewer("south"),
        """query A($id: ID!) { salesOrder(id: $id) { attachments(where: {name: {startsWith: "图纸 第"}}) {
          nodes { name size mediaType sha256 author createdAt url } } } }""",
        {"id": str(desk.plant.ids[ORDER])},
    )["salesOrder"]["attachments"]["nodes"]
    assert [(one["name"], one["size"], one["author"], one["url"]) for one in found] == [
        ("图纸 第1版.pdf", len(content) + 5, "south", told["url"])
    ]


@pytest.mark.parametrize(
    ("name", "content", "code"),
    [
        ("合同.pdf", b"MZ\x90\0", "FILE_TYPE_REFUSED"),
        ("a.txt", b"<script>alert(1)</script>", "FILE_TYPE_REFUSED"),
        ("", b"x", "FILE_NAME"),
        ("字" * 256, b"x", "FILE_NAME"),
    ],
)
def test_what_is_refused_says_why_and_leaves_nothing(desk: Desk, name: str, content: bytes, code: str) -> None:
    before = sum(1 for _ in store.stored())
    answer = desk.upload("south", "SalesOrder", ORDER, name, content)
    assert answer.status_code == 422
    (problem,) = answer.json()["problems"]
    assert problem["code"] == code
    assert any("一" <= letter <= "鿿" for letter in problem["message"])
    assert sum(1 for _ in store.stored()) == before
    assert list((app_settings().home / "files").glob("*/*.part")) == []


def test_limits_of_size_and_of_the_company(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    small = app_settings().model_copy(update={"file_limit_megabytes": 1, "files_quota_gigabytes": 1})
    monkeypatch.setattr(store, "settings", lambda: small)
    large = b"\0" * ((1 << 20) + 1)
    assert desk.upload("south", "SalesOrder", ORDER, "a", large).json()["problems"][0]["code"] == "FILE_TOO_LARGE"

    def streamed() -> object:
        yield from (large[:1000] for _ in range(1100))

    address = f"/files/SalesOrder/{desk.plant.ids[ORDER]}?name=a"
    answer = desk.client.post(address, content=streamed(), headers=desk.headers("south"))
    assert answer.json()["problems"][0]["code"] == "FILE_TOO_LARGE"  # also when the length is not told before
    monkeypatch.setattr(papers, "settings", lambda: small.model_copy(update={"files_quota_gigabytes": 1 / 1024**3}))
    assert desk.upload("south", "SalesOrder", ORDER, "a", b"ab").json()["problems"][0]["code"] == "FILES_QUOTA"


@pytest.mark.parametrize("role", ROLES)
def test_every_role_has_the_rights_of_the_document(desk: Desk, role: str) -> None:
    """Reads the document: reads the attachment, and it is in the answer; writes it: adds and removes; else nothing."""
    login = LOGINS.get(role, role)
    for type_name, key in (("SalesOrder", ORDER), ("SalesOrder", FOREIGN), ("PurchaseOrder", "PO S1"), ("Item", "I1")):
        told = desk.upload("administrator", type_name, key, f"{role}.txt", role.encode()).json()
        viewer, id_ = desk.plant.viewer(login), str(desk.plant.ids[key])
        single = type_name[0].lower() + type_name[1:]
        document = f"query ($id: ID!) {{ {single}(id: $id) {{ id attachments {{ nodes {{ sha256 }} }} }} }}"
        answer = desk.plant.ask(viewer, document, {"id": id_})  # variables: a query per role is compiled once
        sees = bool((answer["data"] or {}).get(single)) if "errors" not in answer else False
        got = desk.download(login, told["id"])
        assert (got.status_code == 200) == sees, (role, key)
        document = "query ($id: ID!) { attachments(where: {id: {eq: $id}}) { nodes { id } } }"
        listed = desk.plant.text(viewer, document, {"id": told["id"]})
        by_node = desk.plant.text(viewer, "query ($id: ID!) { node(id: $id) { id } }", {"id": told["id"]})
        assert (told["id"] in listed, told["id"] in by_node) == (sees, sees), (role, key, listed)
        if not sees:
            missing = desk.download(login, str(uuid4()))
            assert (got.status_code, got.content) == (missing.status_code, missing.content)
            assert sorted(got.headers) == sorted(missing.headers)
        may = sees and viewer.may(
            {"SalesOrder": "sales.write", "PurchaseOrder": "purchasing.write"}.get(type_name, "base.write")
        )
        adding = desk.upload(login, type_name, key, "mine.txt", b"x" + role.encode())
        assert (adding.status_code == 201) == may, (role, key, adding.text)
        removed = desk.codes(login, "detach", f'id: "{told["id"]}"')
        assert (removed == []) == may, (role, key, removed)
        if may:
            assert desk.download("administrator", told["id"]).status_code == 404


def test_a_hidden_document_takes_no_upload_and_says_what_a_missing_one_says(desk: Desk) -> None:
    hidden = desk.upload("south", "SalesOrder", "R-B SO XS1 south", "a", b"x")
    missing = desk.upload("south", "SalesOrder", str(uuid4()), "a", b"x")
    assert (hidden.status_code, hidden.content) == (missing.status_code, missing.content) == (404, missing.content)
    assert desk.client.post(f"/files/SalesOrder/{desk.plant.ids[ORDER]}?name=a", content=b"x").status_code == 401


def test_a_foreign_page_cannot_upload_with_the_visitors_cookie(desk: Desk) -> None:
    from hub.web.graphql_request import from_elsewhere  # the same guard as GraphQL's

    assert from_elsewhere.__doc__
    address = f"/files/SalesOrder/{desk.plant.ids[ORDER]}?name=a"
    answer = desk.client.post(address, content=b"x", headers={"Origin": "https://evil.example"})
    assert answer.status_code in (401, 403)


def test_attach_and_detach_leave_their_trace_and_the_same_content_lies_once(desk: Desk) -> None:
    content = b"\0once" + secrets.token_bytes(8)
    sha256 = hashlib.sha256(content).hexdigest()
    first = desk.upload("south", "SalesOrder", ORDER, "一.bin", content).json()
    desk.upload("head", "SalesOrder", "SO XS head", "二.bin", content)
    again = desk.act(
        "south",
        "attach",
        desk.on("SO XS1 None") + f', attachmentId: "{first["id"]}", name: "三.bin"',
        "attachment { name sha256 }",
    )
    assert again["attachment"] == {"name": "三.bin", "sha256": sha256}, again
    assert [path for _, found, path in store.stored() if found == sha256] == [
        store.place(str(desk.plant.ids["R-A"]), sha256)
    ]
    assert content not in store.place(str(desk.plant.ids["R-A"]), sha256).read_bytes()
    assert desk.codes("south", "detach", f'id: "{first["id"]}"') == []
    with desk.plant.engine.connect() as connection:
        rows = connection.execute(
            text(
                "SELECT verb, actor, changes #>> '{attachments,1,name}' FROM audit.audit_entry "
                "WHERE document_id = :id AND verb IN ('attach', 'detach') ORDER BY id DESC LIMIT 2"
            ),
            {"id": desk.plant.ids[ORDER]},
        ).all()
        assert [tuple(row) for row in rows] == [("detach", "r-south", None), ("attach", "r-south", "一.bin")]
        events = connection.execute(
            text("SELECT event FROM audit.outbox WHERE document_id = :id ORDER BY id DESC LIMIT 2"),
            {"id": desk.plant.ids[ORDER]},
        ).scalars()
        assert list(events) == ["SalesOrder.detach", "SalesOrder.attach"]
        former = "SELECT name FROM history.attachment WHERE id = :id"
        assert connection.execute(text(former), {"id": first["id"]}).scalar_one() == "一.bin"


def test_another_company_shares_nothing(desk: Desk) -> None:
    content = b"\0shared" + secrets.token_bytes(8)
    roles = text('UPDATE hub."user" SET roles = ARRAY[:role] WHERE code = :code')
    with desk.plant.engine.begin() as connection:
        connection.execute(roles, {"role": "administrator", "code": "r-stranger"})
    try:
        assert desk.upload("south", "SalesOrder", ORDER, "a", content).status_code == 201
        own = desk.upload("stranger", "SalesOrder", "R-B SO XS1 south", "a", content)
        assert own.status_code == 201, own.text
    finally:
        with desk.plant.engine.begin() as connection:
            connection.execute(roles, {"role": "executive", "code": "r-stranger"})
    sha256 = hashlib.sha256(content).hexdigest()
    kept = {company: path for company, found, path in store.stored() if found == sha256}
    assert set(kept) == {str(desk.plant.ids["R-A"]), str(desk.plant.ids["R-B"])}
    assert len({path.read_bytes() for path in kept.values()}) == 2
    assert desk.download("south", own.json()["id"]).status_code == 404


def test_threads_that_upload_the_same_content_store_it_once(desk: Desk) -> None:
    content = b"\0race" + secrets.token_bytes(100_000)
    desk.headers("south")
    answers: list[int] = []

    def up(index: int) -> None:
        answers.append(desk.upload("south", "SalesOrder", ORDER, f"{index}.bin", content).status_code)

    threads = [threading.Thread(target=up, args=(index,)) for index in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    assert answers == [201] * 8
    assert sum(found == hashlib.sha256(content).hexdigest() for _, found, _ in store.stored()) == 1
    assert [fault for fault in care.verify(desk.plant.engine) if fault] == []


def test_the_sweep_takes_what_nothing_names_and_waits_for_who_is_attaching(desk: Desk) -> None:
    company = str(desk.plant.ids["R-A"])
    care.sweep(desk.plant.engine)
    kept = {path for _, _, path in store.stored()}
    content = b"\0crash" + secrets.token_bytes(8)
    with store.incoming(company) as one:  # a crash between file and row
        one.add(content)
        store.keep(one.finish())
    orphan = store.place(company, hashlib.sha256(content).hexdigest())
    assert orphan.exists()
    viewer, swept = desk.plant.viewer("south"), threading.Event()

    def sweep() -> None:
        care.sweep(desk.plant.engine)
        swept.set()

    with store.incoming(company) as one, writes.unit_of_work(desk.plant.engine, viewer, "test") as ctx:
        one.add(content)
        papers.attach(ctx, "SalesOrder", desk.plant.ids[ORDER], "adopted", one.finish())
        sweeping = threading.Thread(target=sweep)
        sweeping.start()
        time.sleep(0.2)
        assert not swept.is_set()
    sweeping.join(30)
    assert orphan.exists()
    old = orphan.parent.parent / "old.part"
    old.write_bytes(b"half")
    os.utime(old, (1, 1))
    id_ = desk.plant.data(viewer, '{ attachments(where: {name: {eq: "adopted"}}) { nodes { id } } }')["attachments"]
    assert desk.codes("south", "detach", f'id: "{id_["nodes"][0]["id"]}"') == []
    assert care.sweep(desk.plant.engine) == 2
    assert not orphan.exists()
    assert {path for _, _, path in store.stored()} == kept


def test_a_damaged_and_a_missing_content_are_told_and_verified(desk: Desk) -> None:
    company = str(desk.plant.ids["R-A"])
    made = [desk.upload("south", "SalesOrder", ORDER, name, name.encode() * 99).json() for name in ("坏.bin", "缺.bin")]
    damaged, missing = (store.place(company, one["sha256"]) for one in made)
    raw, lost = damaged.read_bytes(), missing.read_bytes()
    damaged.write_bytes(raw[:60] + bytes([raw[60] ^ 1]) + raw[61:])
    missing.unlink()
    try:
        codes = [desk.download("south", one["id"]) for one in made]
        assert [(one.status_code, one.json()["problems"][0]["code"]) for one in codes] == [
            (503, "FILE_DAMAGED"),
            (503, "FILE_MISSING"),
        ]
        faults = {fault.name: fault.problem.code for fault in care.verify(desk.plant.engine) if fault}
        assert faults == {"坏.bin": "FILE_DAMAGED", "缺.bin": "FILE_MISSING"}
    finally:
        damaged.write_bytes(raw)
        missing.write_bytes(lost)


def test_after_a_rotation_contents_are_sealed_anew(desk: Desk) -> None:
    company = str(desk.plant.ids["R-A"])
    made = desk.upload("south", "SalesOrder", ORDER, "钥匙.bin", secrets.token_bytes(3_000_000)).json()
    path, before = store.place(company, made["sha256"]), desk.download("south", made["id"]).content
    old = path.read_bytes()
    key = keys.rotate()
    assert desk.download("south", made["id"]).content == before, "an old key still opens it"
    assert set(care.reseal(desk.plant.engine)) == {None}
    assert path.read_bytes() != old
    assert key.encode() in path.read_bytes()[:32]
    assert desk.download("south", made["id"]).content == before
    assert list(care.reseal(desk.plant.engine)) == [], "what is sealed with the current key is left alone"
    path.write_bytes(old[:60] + bytes([old[60] ^ 1]) + old[61:])
    codes = [fault.problem.code for fault in care.reseal(desk.plant.engine) if fault]
    assert codes == ["FILE_DAMAGED"]
    path.write_bytes(old)
    assert list(care.reseal(desk.plant.engine)) == [None]
    assert not list(store.folder(company).glob("*.part"))


def test_what_goes_with_a_document_goes_with_it(desk: Desk) -> None:
    viewer = desk.plant.viewer("south")
    with writes.unit_of_work(desk.plant.engine, viewer, "test") as ctx:
        line = {"item": "I1", "quantity": "1"}
        order = {"customer": "K1", "department": "XS1", "promised_date": "2026-12-01", "order_date": "2026-03-01"}
        id_ = writes.create(ctx, "SalesOrder", {**order, "lines": [line]}).id
    told = desk.upload("south", "SalesOrder", str(id_), "x.bin", b"\0x").json()
    with writes.unit_of_work(desk.plant.engine, viewer, "test") as ctx:
        papers.comment(ctx, "SalesOrder", id_, "再见")
        writes.discard(ctx, "SalesOrder", id_)
    assert desk.download("administrator", told["id"]).status_code == 404
    with desk.plant.engine.connect() as connection:
        for table in ("attachment", "comment", "follower"):
            count = text(f"SELECT count(*) FROM hub.{table} WHERE document_id = :id")
            assert connection.execute(count, {"id": id_}).scalar_one() == 0
