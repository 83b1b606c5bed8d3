"""Schemas, roles and rights: who may see what, made again before every migration.

Three roles: the owner (hub and Dagster), one that owns Superset's metadata, and one that reads the schema mart and
nothing else (dashboards, notebooks). On an external server the same is made as far as the given user may.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

import psycopg
from psycopg import sql

from hub.db.embedded import DATABASE, OWNER, EmbeddedServer
from hub.db.engine import connection_arguments, database_url, password_name
from hub.secret_store import SecretStore
from hub.settings import Settings, settings
from hub.trouble import Trouble

if TYPE_CHECKING:
    from psycopg import Connection

SCHEMAS = ("hub", "audit", "history", "raw", "mart", "mart_restricted", "dq", "dagster")
"""Owned by the hub's role; the schema `superset` belongs to Superset's."""

MINIMUM_VERSION = 180000

_LOCK = 7_355_608
"""Advisory lock number: two processes preparing at once wait for each other."""


def embedded_server(chosen: Settings | None = None, options: Mapping[str, str] | None = None) -> EmbeddedServer:
    """The embedded server of the chosen home folder; `options` are PostgreSQL parameters."""
    chosen = chosen or settings()
    return EmbeddedServer(chosen.home, SecretStore(chosen.secrets_file), chosen.time_zone, options or {})


def prepare_embedded(server: EmbeddedServer, chosen: Settings | None = None, database: str = DATABASE) -> None:
    """Makes the owner's role, a database, its schemas and the two narrow roles on a running embedded server."""
    chosen = chosen or settings()
    with server.connect() as connection:
        connection.execute("SELECT pg_advisory_lock(%s)", (_LOCK,))
        _keep_role(connection, OWNER, server.secrets.get(password_name(OWNER)))
        if not _exists(connection, "SELECT 1 FROM pg_database WHERE datname = %s", database):
            connection.execute(
                sql.SQL("CREATE DATABASE {} OWNER {}").format(sql.Identifier(database), sql.Identifier(OWNER))
            )
        _keep_narrow_roles(connection, server.secrets, chosen)
    with server.connect(database) as connection:
        connection.execute("REVOKE ALL ON SCHEMA public FROM PUBLIC")
        connection.execute(sql.SQL("GRANT ALL ON SCHEMA public TO {}").format(sql.Identifier(OWNER)))
        _keep_schemas(connection, OWNER, chosen)
        _keep_superset_schema(connection, chosen)


def prepare_external(chosen: Settings | None = None) -> list[Trouble]:
    """The same on the server of HUB_DATABASE_URL, as its user may.

    Returns:
        What could not be done although the hub itself can run: without the narrow roles there are no dashboards.

    Raises:
        Trouble: unreachable, wrong password, too old, or no right to make schemas.
    """
    chosen = chosen or settings()
    with connect_external(chosen) as connection:
        connection.execute("SELECT pg_advisory_lock(%s)", (_LOCK,))
        row = connection.execute("SELECT current_user").fetchone()
        owner = str(row[0]) if row else ""
        troubles: list[Trouble] = []
        try:
            _keep_schemas_without_grants(connection, owner)
        except psycopg.errors.InsufficientPrivilege as error:
            raise _no_schemas(connection, owner) from error
        for role in (chosen.superset_role, chosen.mart_role):
            troubles += _external_role(connection, role, chosen)
        if not troubles:
            _limit_mart_role(connection, chosen)
            _keep_schemas(connection, owner, chosen)
            connection.execute(
                sql.SQL("GRANT {} TO {}").format(sql.Identifier(chosen.superset_role), sql.Identifier(owner))
            )
            _keep_superset_schema(connection, chosen)
        return troubles


def connect_external(chosen: Settings) -> Connection[tuple[object, ...]]:
    """A connection to HUB_DATABASE_URL in autocommit mode; every way to fail has its sentence."""
    url = database_url(chosen=chosen)
    place = f"{url.host or url.query.get('host', 'localhost')}:{url.port or 5432}"
    try:
        connection = psycopg.connect(**connection_arguments(url, connect_timeout=5), autocommit=True)
    except psycopg.OperationalError as error:
        raise _no_connection(str(error), place, url.username or "", url.database or "") from error
    version = connection.info.server_version
    if version < MINIMUM_VERSION:
        connection.close()
        raise Trouble(
            f"{place} 上是 PostgreSQL {version // 10000}，需要 18 或更高版本。",
            f"{place} runs PostgreSQL {version // 10000}; 18 or newer is needed.",
        )
    return connection


# -- how it is done --------------------------------------------------------------------------------------------------


def _exists(connection: Connection[tuple[object, ...]], query: str, *values: str) -> bool:
    return connection.execute(query.encode(), values).fetchone() is not None


def _keep_role(connection: Connection[tuple[object, ...]], role: str, password: str) -> None:
    """Makes the role, or sets its password again: the secrets file is the truth on an embedded server."""
    known = _exists(connection, "SELECT 1 FROM pg_roles WHERE rolname = %s", role)
    statement = sql.SQL("ALTER ROLE {} LOGIN PASSWORD {}") if known else sql.SQL("CREATE ROLE {} LOGIN PASSWORD {}")
    connection.execute(statement.format(sql.Identifier(role), sql.Literal(password)))


def _keep_narrow_roles(connection: Connection[tuple[object, ...]], secrets: SecretStore, chosen: Settings) -> None:
    for role in (chosen.superset_role, chosen.mart_role):
        _keep_role(connection, role, secrets.get(password_name(role)))
    _limit_mart_role(connection, chosen)


def _limit_mart_role(connection: Connection[tuple[object, ...]], chosen: Settings) -> None:
    """What a forgotten dashboard query cannot do: write, run for long, hold a transaction open."""
    limits = {
        "default_transaction_read_only": "on",
        "statement_timeout": f"{chosen.mart_statement_timeout_seconds}s",
        "idle_in_transaction_session_timeout": "60s",
        "search_path": "mart",
        "timezone": chosen.time_zone,
    }
    for name, value in limits.items():
        connection.execute(
            sql.SQL("ALTER ROLE {} SET {} = {}").format(
                sql.Identifier(chosen.mart_role), sql.Identifier(name), sql.Literal(value)
            )
        )
    connection.execute(sql.SQL("ALTER ROLE {} SET search_path = superset").format(sql.Identifier(chosen.superset_role)))


def _keep_schemas_without_grants(connection: Connection[tuple[object, ...]], owner: str) -> None:
    for schema in SCHEMAS:
        if not _exists(connection, "SELECT 1 FROM pg_namespace WHERE nspname = %s", schema):
            connection.execute(
                sql.SQL("CREATE SCHEMA {} AUTHORIZATION {}").format(sql.Identifier(schema), sql.Identifier(owner))
            )


def _keep_schemas(connection: Connection[tuple[object, ...]], owner: str, chosen: Settings) -> None:
    """Schemas and rights. Default privileges make a mart that is rebuilt readable without another grant."""
    _keep_schemas_without_grants(connection, owner)
    row = connection.execute("SELECT current_database()").fetchone()
    names = {
        "database": sql.Identifier(str(row[0] if row else DATABASE)),
        "owner": sql.Identifier(owner),
        "mart": sql.Identifier(chosen.mart_role),
        "superset": sql.Identifier(chosen.superset_role),
    }
    for statement in (
        "REVOKE ALL ON DATABASE {database} FROM PUBLIC",
        "GRANT CONNECT ON DATABASE {database} TO {mart}, {superset}",
        "GRANT USAGE ON SCHEMA mart TO {mart}",
        "GRANT SELECT ON ALL TABLES IN SCHEMA mart TO {mart}",
        "ALTER DEFAULT PRIVILEGES FOR ROLE {owner} IN SCHEMA mart GRANT SELECT ON TABLES TO {mart}",
    ):
        connection.execute(sql.SQL(statement).format(**names))


def _keep_superset_schema(connection: Connection[tuple[object, ...]], chosen: Settings) -> None:
    if not _exists(connection, "SELECT 1 FROM pg_namespace WHERE nspname = %s", "superset"):
        connection.execute(
            sql.SQL("CREATE SCHEMA superset AUTHORIZATION {}").format(sql.Identifier(chosen.superset_role))
        )


def _external_role(connection: Connection[tuple[object, ...]], role: str, chosen: Settings) -> list[Trouble]:
    """Makes a narrow role on a server that others may share; an existing one must know our password."""
    secrets = SecretStore(chosen.secrets_file)
    try:
        if not _exists(connection, "SELECT 1 FROM pg_roles WHERE rolname = %s", role):
            _keep_role(connection, role, secrets.get(password_name(role)))
    except psycopg.errors.InsufficientPrivilege:
        return [_no_role(role, connection.info.user)]
    try:
        url = database_url(role, chosen=chosen)
        psycopg.connect(**connection_arguments(url, connect_timeout=5)).close()
    except psycopg.OperationalError as error:
        if "password authentication failed" in str(error):
            return [_role_of_somebody_else(role, chosen)]
        if "permission denied for database" not in str(error):  # CONNECT is granted in the next step
            return [_no_connection(str(error), url.host or "", role, url.database or "")]
    return []


def _no_connection(said: str, place: str, user: str, database: str) -> Trouble:
    """psycopg's many words, as the one thing a person can mend."""
    if "password authentication failed" in said or "no password supplied" in said:
        return Trouble(
            f"数据库拒绝了用户 {user} 的口令；请检查 HUB_DATABASE_URL。",
            f"The database refuses the password of user {user}; check HUB_DATABASE_URL.",
        )
    if "does not exist" in said:
        return Trouble(
            f"{place} 上没有数据库 {database} 或用户 {user}；请先创建，或检查 HUB_DATABASE_URL。",
            f"{place} has no database {database} or no user {user}; create it or check HUB_DATABASE_URL.",
        )
    reason = (said.strip().splitlines() or [""])[-1].strip()
    return Trouble(
        f"无法连接数据库 {place}；请检查 HUB_DATABASE_URL、网络和防火墙（{reason}）。",
        f"Cannot reach the database at {place}; check HUB_DATABASE_URL, network and firewall ({reason}).",
    )


def _no_schemas(connection: Connection[tuple[object, ...]], owner: str) -> Trouble:
    database = connection.info.dbname
    return Trouble(
        f"用户 {owner} 无权在数据库 {database} 中创建模式；请先授权：GRANT CREATE ON DATABASE {database} TO {owner}。",
        f"User {owner} may not create schemas in {database}; have run: GRANT CREATE ON DATABASE {database} TO {owner}.",
    )


def _no_role(role: str, owner: str) -> Trouble:
    return Trouble(
        f"用户 {owner} 无权创建数据库角色 {role}，因此没有看板；请管理员执行：ALTER ROLE {owner} CREATEROLE。",
        f"User {owner} may not create the role {role}, so there are no dashboards; run: ALTER ROLE {owner} CREATEROLE.",
    )


def _role_of_somebody_else(role: str, chosen: Settings) -> Trouble:
    variable = "HUB_MART_ROLE" if role == chosen.mart_role else "HUB_SUPERSET_ROLE"
    return Trouble(
        f"角色 {role} 已存在，但口令不是本机生成的；请用 {variable} 换一个名称。",
        f"The role {role} exists with a password not made here; choose another name with {variable}.",
    )
