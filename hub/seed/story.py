"""Tells the demo company to the hub: what the hub itself owns, its first year there, then the silos' files.

All of it goes through the write verbs. The year before stays in the departments' silos until the pipeline brings it in.
Running it again changes nothing.
"""

from __future__ import annotations

import tomllib
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from uuid import UUID

from sqlalchemy import Engine, select
from sqlalchemy.orm import Session

from hub.context import Ctx, system_viewer
from hub.document.registry import spec
from hub.identity import hash_password
from hub.secret_store import SecretStore, account_secret
from hub.seed import energy, plant, selling, telling
from hub.seed.books import open_books
from hub.seed.cast import Masters
from hub.seed.codes import credit_code
from hub.seed.people import ACCOUNTS
from hub.seed.signing import appoint
from hub.seed.silos import demo, write
from hub.seed.workdays import TOLD
from hub.settings import settings
from hub.trouble import Trouble
from hub.writes import load, unit_of_work

COMPANY = "XINGSHU"
COMPANY_NAME = "宁波星枢精密注塑有限公司（虚构）"
SOURCES = Path(__file__).parent / "sources"
"""The TOML files that connect the demo company's silos; `${HUB_HOME}` in them is the setting `home`."""

Row = dict[str, Any]


def run(engine: Engine, progress: Callable[[str], object]) -> None:
    """Loads the demo company into a migrated database and writes its silos; safe to run again.

    Args:
        engine: the hub's database.
        progress: told one bilingual line at each stage.

    Raises:
        Trouble: the database belongs to another company, with which demo data must not be mixed.
    """
    progress("模拟演示公司两年的业务… Simulating two years of the demo company…")
    year, silos, planted = demo()
    company_id = _tell_hub(engine, year.masters)
    progress(f"公司、部门和 {len(ACCOUNTS)} 个账户已就绪。 Company, departments, {len(ACCOUNTS)} accounts are there.")
    _tell_year(engine, company_id, progress)
    written = write(silos, demo_folder())
    progress(
        f"四个部门的数据孤岛（{len(year.sales_orders)} 张订单，{len(planted)} 处矛盾）"
        f"{'已写入' if written else '已存在于'} {demo_folder()}。 "
        f"Four silos ({len(year.sales_orders)} orders, {len(planted)} contradictions) "
        f"{'written to' if written else 'already in'} {demo_folder()}."
    )


def demo_folder() -> Path:
    """Where the demo company's silos are: `demo` under the home folder."""
    return settings().home / "demo"


def _tell_year(engine: Engine, company_id: UUID, progress: Callable[[str], object]) -> None:
    """The year on the hub, as many days of it as the settings say; a year that was begun stays as it is."""
    until = TOLD.first_day + timedelta(days=settings().demo_days - 1)
    progress("讲述上线后第一年的业务（约三分钟）… Telling the first year on the hub (about three minutes)…")
    if telling.tell(engine, company_id, progress, min(until, TOLD.last_day)):
        orders = sum(order.order_date <= until for order in telling.told(100).sales_orders)
        progress(f"{orders} 张客户订单的全部业务已入账。 All that follows from {orders} sales orders is in the books.")


def _tell_hub(engine: Engine, base: Masters) -> UUID:
    import hub.domains  # noqa: F401 (importing declares the types)

    company_id = _company(engine)
    with unit_of_work(engine, system_viewer("seed", company_id), "seed") as ctx:
        _departments_and_people(ctx, base)
        _accounts(ctx, base)
        _put(ctx, "EnergyMeter", _METERS[:1])  # a link finds what was there before the call, so the parent goes first
        _put(ctx, "EnergyMeter", _METERS[1:])
        _put(ctx, "SourceSystem", _source_systems())
        open_books(ctx)
        appoint(ctx)
        plant.tell(ctx, base.machines)
        selling.tell(ctx, _put)
        energy.tell(ctx, company_id, datetime.now(UTC))
    return company_id


def _company(engine: Engine) -> UUID:
    """The demo company's id, founded if need be."""
    company = spec("Company").table
    with Session(engine) as session:
        known = {row.code: row.id for row in session.execute(select(company.c.code, company.c.id))}
    if not known:
        with unit_of_work(engine, system_viewer("seed"), "seed") as ctx:
            _put(ctx, "Company", [{"code": COMPANY, "name": COMPANY_NAME, "uscc": credit_code(1_000_003)}])
            known[COMPANY] = ctx.session.execute(select(company.c.id).where(company.c.code == COMPANY)).scalar_one()
    if COMPANY not in known:
        other = "、".join(known)
        raise Trouble(
            f"数据库中已有公司 {other}，不能混入演示数据；请换一个空的数据库。",
            f"The database holds the company {other}; demo data is not mixed in. Use an empty database.",
        )
    return UUID(str(known[COMPANY]))


def _put(ctx: Ctx, document_type: str, rows: list[Row]) -> None:
    """Loads the rows whose code is not known yet, so that what somebody has changed since stays changed."""
    table = spec(document_type).table
    known = set(ctx.session.execute(select(table.c.code)).scalars())
    result = load(ctx, document_type, [row for row in rows if row["code"] not in known])
    if result.problems:
        first = result.problems[0]
        raise ValueError(f"{document_type} {first.path}: {first.message_en}")  # a mistake of the seed itself


def _departments_and_people(ctx: Ctx, base: Masters) -> None:
    """The departments, and of the people only those with an account; the ERP adds the others and the details."""
    office, *others = base.departments
    _put(ctx, "Department", [{"code": office.code, "name": office.name}])
    _put(ctx, "Department", [{"code": one.code, "name": one.name, "parent": office.code} for one in others])
    with_account = {login for login, _ in ACCOUNTS}
    people: list[Row] = [
        {
            "code": one.code,
            "name": one.name,
            "department": one.department,
            "job_title": one.job_title,
            "gender": "male" if one.is_male else "female",
            "phone": one.phone,
            "email": one.email,
        }
        for one in base.employees
        if one.login in with_account
    ]
    _put(ctx, "Employee", people)


def _accounts(ctx: Ctx, base: Masters) -> None:
    """A user for every role; a password is generated once and kept in the secrets file of this machine.

    The collector delivers readings with a token, so it has no password.
    """
    secrets = SecretStore(settings().secrets_file)
    people = {one.login: one for one in base.employees}
    users: list[Row] = [
        {
            "code": login,
            "name": people[login].name,
            "email": people[login].email,
            "roles": list(roles),
            "employee": people[login].code,
            "department": people[login].department,
            "password_hash": hash_password(secrets.get(account_secret(login))),
        }
        for login, roles in ACCOUNTS
    ]
    collector: Row = {"code": "edge-1", "name": "车间采集网关", "roles": ["collector"], "department": "SB"}
    _put(ctx, "User", [*users, collector])


_METERS: list[Row] = [
    {
        "code": "EM-01",
        "name": "全厂总电表",
        "medium": "electricity",
        "unit": "kWh",
        "multiplier": 1,
        "place": "10kV 配电室",
        "department": "SB",
    },
    {
        "code": "EM-02",
        "name": "注塑车间电表",
        "medium": "electricity",
        "unit": "kWh",
        "multiplier": 1,
        "place": "注塑车间配电柜",
        "parent": "EM-01",
        "department": "SC",
    },
    {
        "code": "EM-03",
        "name": "空压与冷却水电表",
        "medium": "electricity",
        "unit": "kWh",
        "multiplier": 1,
        "place": "动力站",
        "parent": "EM-01",
        "department": "SB",
    },
]


def _source_systems() -> list[Row]:
    """The silos as their TOML files name them, and the gateway that carries the meters' readings."""
    rows: list[Row] = []
    for path in sorted(SOURCES.glob("*.toml")):
        source = tomllib.loads(path.read_text(encoding="utf-8"))
        rows.append({key: source[key] for key in ("code", "name", "kind", "department")})
    return [*rows, {"code": "edge-1", "name": "车间采集网关", "kind": "device", "department": "SB"}]
