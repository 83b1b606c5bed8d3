"""Lists as files: the same rows and rights as the query, in three formats, harmless to spreadsheets, in flat memory."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Callable, Iterator
from datetime import date, datetime
from pathlib import Path
from typing import Any

import httpx
import psutil
import pytest
from openpyxl import load_workbook
from sqlalchemy import text
from sqlalchemy.orm import Session
from starlette.testclient import TestClient

from graph_schema.export import opening_paths
from hub.document.registry import spec as spec_of
from hub.document.registry import specs
from hub.identity import issue_token
from hub.settings import settings
from hub.web.app import create_app
from hub.writes import create, unit_of_work
from tests.conftest import Database
from tests.reading.conftest import Factory, boss
from tests.serving import serving

FORMULA = '=cmd|"/c calc"!A1'


@pytest.fixture(scope="module")
def client(factory: Factory) -> Iterator[TestClient]:
    """The whole application."""
    with TestClient(create_app(), follow_redirects=False) as client:
        yield client


@pytest.fixture(scope="module")
def bearer(factory: Factory) -> Callable[[str], dict[str, str]]:
    """`bearer(role)`: headers of somebody of the first company with that role."""
    made: dict[str, dict[str, str]] = {}

    def of(role: str) -> dict[str, str]:
        if role not in made:
            login = f"export-{role}"
            with unit_of_work(factory.database.engine, factory.viewer, "tests") as ctx:
                create(ctx, "User", {"code": login, "name": login, "roles": [role]})
            with Session(factory.database.engine) as session, session.begin():
                token = issue_token(session, login, purpose="tests")
            made[role] = {"Authorization": f"Bearer {token}"}
        return made[role]

    return of


def _csv(response: httpx.Response) -> list[list[str]]:
    assert response.status_code == 200, response.text
    content = response.content
    assert content.startswith(b"\xef\xbb\xbf")
    return list(csv.reader(io.StringIO(content.decode("utf-8-sig"), newline="")))


def test_every_list_in_every_format_has_the_rows_of_the_query(
    client: TestClient, bearer: Callable[[str], dict[str, str]]
) -> None:
    headers = bearer("administrator")
    for spec in specs().values():
        asked = {"query": f"{{ {spec.many}(first: 1) {{ totalCount }} }}"}
        total = client.post("/graphql", json=asked, headers=headers).json()["data"][spec.many]["totalCount"]
        lines = client.get(f"/export/{spec.many}.ndjson", headers=headers)
        rows = _csv(client.get(f"/export/{spec.many}.csv", headers=headers))
        book = client.get(f"/export/{spec.many}.xlsx", headers=headers)
        sheet = list(load_workbook(io.BytesIO(book.content)).worksheets[0].iter_rows(values_only=True))
        assert lines.headers["x-total-count"] == book.headers["x-total-count"] == str(total)
        assert len(lines.text.splitlines()) == len(rows) - 1 == len(sheet) - 1 == total, spec.name
        assert all(json.loads(line) for line in lines.text.splitlines())
        assert list(sheet[0]) == rows[0]
        assert len(set(rows[0])) == len(rows[0]), f"{spec.name}: two columns have one heading: {rows[0]}"


def test_filter_order_and_columns_are_those_of_the_list(
    client: TestClient, bearer: Callable[[str], dict[str, str]]
) -> None:
    body: dict[str, Any] = {
        "where": {"orderDate": {"gte": "2026-02-01"}, "customer": {"code": {"in": ["K1", "K2"]}}},
        "orderBy": [{"customer": {"code": "DESC"}}, {"number": "ASC"}],
        "fields": ["number", "orderDate", "customer.name", "customer.salesRep.name", "state", "total", "note"],
    }
    headers = bearer("quality")
    rows = _csv(client.post("/export/salesOrders.csv", json=body, headers=headers))
    asked = {
        "query": "query Q($where: SalesOrderWhere, $orderBy: [SalesOrderOrderBy!]) "
        "{ salesOrders(where: $where, orderBy: $orderBy) "
        "{ nodes { number orderDate customer { name salesRep { name } } state total note } } }",
        "variables": {name: body[name] for name in ("where", "orderBy")},
    }
    nodes = client.post("/graphql", json=asked, headers=headers).json()["data"]["salesOrders"]["nodes"]
    assert rows[0] == ["单号", "订单日期", "客户", "客户 业务员", "状态", "总额", "备注"]
    assert [row[:3] for row in rows[1:]] == [
        [one["number"], one["orderDate"], one["customer"]["name"].replace("\r", "")] for one in nodes
    ]
    assert [row[5] for row in rows[1:]] == [one["total"] for one in nodes]
    words = {state.name: state.label.chinese for state in spec_of("SalesOrder").states or ()}
    assert [row[4] for row in rows[1:]] == [words[one["state"]] for one in nodes]
    query = {
        "where": json.dumps(body["where"]),
        "orderBy": json.dumps(body["orderBy"]),
        "fields": ",".join(body["fields"]),
    }
    assert _csv(client.get("/export/salesOrders.csv", params=query, headers=headers)) == rows


def test_formulas_are_harmless_and_figures_stay_figures(
    client: TestClient, factory: Factory, bearer: Callable[[str], dict[str, str]]
) -> None:
    names = [FORMULA, "+1", "-1", "@x", "\tx", "＝1", "平常\x07名", "换\n行", '引"号,逗号']
    with unit_of_work(factory.database.engine, factory.stranger, "tests") as ctx:
        for index, name in enumerate(names):
            create(ctx, "Customer", {"code": f"X{index}", "name": "x", "city": name})
        create(ctx, "User", {"code": "export-b", "name": "b", "roles": ["administrator"]})
    with Session(factory.database.engine) as session, session.begin():
        token = issue_token(session, "export-b", purpose="tests")
    where = {
        "where": {"code": {"startsWith": "X"}},
        "orderBy": [{"code": "ASC"}],
        "fields": ["city", "paymentTermsDays"],
    }
    headers = {"Authorization": f"Bearer {token}"}
    rows = _csv(client.post("/export/customers.csv", json=where, headers=headers))[1:]
    stored = [
        json.loads(line)["city"]
        for line in client.post("/export/customers.ndjson", json=where, headers=headers).text.splitlines()
    ]
    for (shown, _), value in zip(rows, stored, strict=True):
        assert shown == (f"'{value}" if value[0] in "=+-@\t＝" else value)
    book = load_workbook(io.BytesIO(client.post("/export/customers.xlsx", json=where, headers=headers).content))
    for (cell, _), value in zip(book.worksheets[0].iter_rows(min_row=2), stored, strict=True):
        assert cell.data_type == "s"
        assert cell.value == value.replace("\x07", " ")
    sheet = load_workbook(
        io.BytesIO(
            client.get("/export/salesOrders.xlsx?fields=number,orderDate,total", headers=bearer("quality")).content
        )
    ).worksheets[0]
    number, day, total = next(iter(sheet.iter_rows(min_row=2, max_row=2, values_only=True)))
    assert isinstance(number, str)
    assert isinstance(total, float | int)
    assert isinstance(day, date)


def test_rights_are_those_of_the_query(
    client: TestClient, factory: Factory, bearer: Callable[[str], dict[str, str]]
) -> None:
    people, sales = bearer("people"), bearer("sales")
    assert client.get("/export/employees.csv?fields=code,birthDate", headers=people).text.count("1990-01-01") == 1
    sealed = client.get("/export/employees.csv?fields=code,idNumber", headers=people)
    assert sealed.json()["errors"][0]["extensions"]["code"] == "COLUMN_ENCRYPTED"
    assert "3201" not in client.get("/export/employees.csv", headers=people).text
    refused = client.get("/export/purchaseOrders.csv", headers=sales)
    assert (refused.status_code, refused.json()["errors"][0]["extensions"]["code"]) == (403, "FORBIDDEN")
    hidden = client.get("/export/suppliers.csv", headers=bearer("planner"))
    assert "6222" not in hidden.text
    assert "银行" not in hidden.text
    filtered = client.post(
        "/export/suppliers.csv", json={"where": {"bankAccount": {"isNull": False}}}, headers=bearer("planner")
    )
    assert filtered.json()["errors"][0]["extensions"]["code"] == "COLUMN_FORBIDDEN"
    assert client.get("/export/salesOrders.csv").status_code == 401


@pytest.mark.parametrize(
    ("path", "code"),
    [
        ("nothing.csv", "LIST_UNKNOWN"),
        ("salesOrders.pdf", "FORMAT_UNKNOWN"),
        ("salesOrders", "FORMAT_UNKNOWN"),
        ("salesOrders.csv?fields=nothing", "FIELD_UNKNOWN"),
        ("salesOrders.csv?fields=lines.quantity", "FIELD_UNKNOWN"),
        ("salesOrders.csv?fields=customer", "FIELD_UNKNOWN"),
        ("salesOrders.csv?fields=", "EXPORT_UNREADABLE"),
        ("salesOrders.csv?where=%7B", "EXPORT_UNREADABLE"),
        ("salesOrders.csv?where=%7B%22nothing%22%3A1%7D", "GRAPHQL_VALIDATION_FAILED"),
        ("salesOrders.csv?first=3", "ARGUMENT_UNKNOWN"),
        ("salesOrders.csv?nothing=3", "ARGUMENT_UNKNOWN"),
    ],
)
def test_what_cannot_be_exported_is_said(
    client: TestClient, bearer: Callable[[str], dict[str, str]], path: str, code: str
) -> None:
    response = client.get(f"/export/{path}", headers=bearer("administrator"))
    assert response.status_code in (400, 404)
    assert [one["extensions"]["code"] for one in response.json()["errors"]] == [code]


def test_a_list_as_it_stood(client: TestClient, factory: Factory, bearer: Callable[[str], dict[str, str]]) -> None:
    with factory.database.engine.connect() as connection:
        before: datetime = connection.execute(text("SELECT now()")).scalar_one()
    with unit_of_work(factory.database.engine, factory.viewer, "tests") as ctx:
        create(ctx, "Warehouse", {"code": "W-LATER", "name": "后来的仓"})
    headers = bearer("administrator")
    now = client.get("/export/warehouses.csv?fields=code", headers=headers)
    then = client.get("/export/warehouses.csv", params={"fields": "code", "asOf": before.isoformat()}, headers=headers)
    assert [row[0] for row in _csv(now) if row not in _csv(then)] == ["W-LATER"]
    future = client.get("/export/warehouses.csv?asOf=2999-01-01T00:00:00Z", headers=headers)
    assert future.json()["errors"][0]["extensions"]["code"] == "AS_OF_FUTURE"


def test_an_export_is_admitted_like_a_query(
    factory: Factory, bearer: Callable[[str], dict[str, str]], client: TestClient
) -> None:
    chosen = settings().model_copy(update={"trusted_documents_only": True})
    with TestClient(create_app(chosen)) as closed:
        refused = closed.get("/export/salesOrders.csv", headers=bearer("sales"))
    assert (refused.status_code, refused.json()["errors"][0]["extensions"]["code"]) == (403, "DOCUMENT_NOT_TRUSTED")
    chosen = settings().model_copy(update={"quota_per_minute": 3})
    with TestClient(create_app(chosen)) as thrifty:
        assert thrifty.get("/export/salesOrders.csv", headers=bearer("administrator")).status_code == 200
        beyond = thrifty.get("/export/salesOrders.csv", headers=bearer("administrator"))
    assert (beyond.status_code, beyond.json()["errors"][0]["extensions"]["code"]) == (429, "QUOTA_EXCEEDED")
    text = client.post(
        "/export/salesOrders.csv", content=b"{}", headers=bearer("sales") | {"content-type": "text/plain"}
    )
    assert text.status_code == 415


def test_the_columns_shown_by_themselves_can_all_be_asked_for(factory: Factory) -> None:
    from graph_schema.export import plan_export

    for spec in specs().values():
        planned = plan_export(spec.many, {}, opening_paths(spec, factory.viewer), factory.viewer)
        assert planned.columns


def test_memory_stays_flat_and_readers_may_leave(
    fresh_database: Database, tmp_path: Path, proof_count: Callable[[int, int], int]
) -> None:
    rows = proof_count(30_000, 300_000)
    headers = _many_customers(fresh_database, rows)
    with serving(fresh_database, tmp_path / "hub.log") as url, httpx.Client(trust_env=False, timeout=300) as http:
        workers = _workers_of(url)
        for ending in ("csv", "ndjson", "xlsx"):
            _taken(http, f"{url}/export/customers.{ending}?where=%7B%22code%22%3A%7B%22lt%22%3A%22C1%22%7D%7D", headers)
        before = _memory(workers)
        for ending in ("csv", "ndjson", "xlsx"):
            size, total = _taken(http, f"{url}/export/customers.{ending}", headers)
            assert total == rows
            assert size > rows * 20
        for _ in range(20):  # more than there are connections and places: each must come back
            with http.stream("GET", f"{url}/export/customers.csv", headers=headers) as response:
                next(response.iter_bytes())
        assert _taken(http, f"{url}/export/customers.csv", headers)[1] == rows
        assert _memory(workers) - before < 48 * 1024 * 1024


def _many_customers(database: Database, rows: int) -> dict[str, str]:
    with unit_of_work(database.engine, boss(None), "tests") as ctx:
        company = create(ctx, "Company", {"code": "C", "name": "C"}).id
    with unit_of_work(database.engine, boss(company), "tests") as ctx:
        create(ctx, "User", {"code": "u", "name": "u", "roles": ["administrator"]})
        create(ctx, "Customer", {"code": "C0000000", "name": "客户"})
    names = ", ".join(one.name for one in spec_of("Customer").table.columns if one.name not in ("id", "code"))
    many = (
        f"INSERT INTO hub.customer (id, code, {names}) SELECT uuidv7(), 'C' || lpad(n::text, 7, '0'), {names} "
        "FROM hub.customer, generate_series(1, :rows) n"
    )
    with database.engine.begin() as connection:
        connection.execute(text(many), {"rows": rows - 1})
    with Session(database.engine) as session, session.begin():
        return {"Authorization": f"Bearer {issue_token(session, 'u', purpose='tests')}"}


def _taken(http: httpx.Client, url: str, headers: dict[str, str]) -> tuple[int, int]:
    """The bytes of an export that was read to its end, and the rows it promised."""
    with http.stream("GET", url, headers=headers) as response:
        assert response.status_code == 200, response.read()
        return sum(map(len, response.iter_bytes())), int(response.headers["x-total-count"])


def _workers_of(url: str) -> list[psutil.Process]:
    port = int(url.rpartition(":")[2])
    running = [one for one in psutil.Process().children(recursive=True) if one.status() != psutil.STATUS_ZOMBIE]
    command = next(one for one in running if f"--port {port}" in " ".join(one.cmdline()))
    return [command, *command.children(recursive=True)]


def _memory(processes: list[psutil.Process]) -> int:
    return sum(one.memory_full_info().uss for one in processes)
