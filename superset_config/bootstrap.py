# mypy: ignore-errors
# ruff: noqa: T201 - it answers on standard output
"""Bring Superset's metadata up to date: tables, permissions, roles, accounts. Runs in Superset's interpreter.

Started by superset_config.run.bootstrap with the accounts as JSON on standard input (passwords never on the command
line) and answers with one JSON line. One process does what takes three of Superset's commands; an unchanged
installation is known by a mark in the database and takes well under a second.
"""

from __future__ import annotations

import hashlib
import hmac
import json
import os
import sys
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import psycopg2

HERE = Path(__file__).parent
KEEP_LOG_DAYS = 90
DATA_RIGHTS = ("datasource_access", "schema_access", "database_access")  # given by provision.py, kept here
Accounts = list[dict[str, str]]


def main() -> int:
    """Do what is needed and answer with one line."""
    accounts = json.load(sys.stdin)["accounts"]
    mark = fingerprint(accounts)
    if read_mark() == mark:
        print(json.dumps({"state": "unchanged"}))
        return 0

    from superset.app import create_app

    app = create_app()
    with app.app_context(), app.test_request_context():
        upgrade_tables()
        synchronise_permissions()
        missing = make_roles()
        changed = make_accounts(accounts)
        prune_log()
    write_mark(mark)
    print(
        json.dumps(
            {"state": "updated", "accounts_changed": changed, "permissions_missing": missing}, ensure_ascii=False
        )
    )
    return 0


def fingerprint(accounts: Accounts) -> str:
    """Everything that decides what this program does; keyed, so that the mark says nothing about passwords."""
    parts = [(HERE / name).read_bytes() for name in ("bootstrap.py", "roles.yaml", "requirements.lock")]
    digest = hmac.new(os.environ["SUPERSET_SECRET_KEY"].encode(), digestmod=hashlib.sha256)
    for part in [*parts, json.dumps(accounts, sort_keys=True).encode()]:
        digest.update(hashlib.sha256(part).digest())
    return f"shuniu:{digest.hexdigest()}"


def connect() -> psycopg2.extensions.connection:
    """A connection to Superset's metadata."""
    import psycopg2

    return psycopg2.connect(os.environ["SUPERSET_METADATA_URI"].replace("postgresql+psycopg2://", "postgresql://", 1))


def read_mark() -> str | None:
    """The comment on Superset's schema: it lives and dies with the data it speaks of."""
    with connect() as connection, connection.cursor() as cursor:
        cursor.execute("SELECT obj_description(to_regnamespace(current_schema()::text), 'pg_namespace')")
        return cursor.fetchone()[0]


def write_mark(mark: str) -> None:
    """Remember what was done."""
    from psycopg2 import sql

    with connect() as connection, connection.cursor() as cursor:
        cursor.execute("SELECT current_schema()")
        schema = sql.Identifier(cursor.fetchone()[0])
        cursor.execute(sql.SQL("COMMENT ON SCHEMA {} IS {}").format(schema, sql.Literal(mark)))


def upgrade_tables() -> None:
    """Superset's own migrations, in the schema that the address names."""
    import superset
    from flask_migrate import upgrade

    upgrade(directory=str(Path(superset.__file__).parent / "migrations"))


def synchronise_permissions() -> None:
    """What `superset init` does."""
    from superset import appbuilder, db, security_manager

    appbuilder.add_permissions(update_perms=True)
    security_manager.sync_role_definitions()
    db.session.commit()  # without it Superset's own role sql_lab stays empty


def make_roles() -> list[str]:
    """Create or reset the roles of roles.yaml; return permissions this Superset does not know (none on the locked
    version).
    """
    import yaml
    from superset import db, security_manager

    plan = yaml.safe_load((HERE / "roles.yaml").read_text(encoding="utf-8"))
    missing = []
    for name, role_plan in plan["roles"].items():
        role = security_manager.add_role(name)
        wanted = [entry for part in role_plan["sets"] for entry in plan["sets"][part]]
        found = {entry: security_manager.find_permission_view_menu(*entry.split(":", 1)) for entry in wanted}
        missing += [entry for entry, permission in found.items() if permission is None]
        data_rights = [right for right in role.permissions if right.permission.name in DATA_RIGHTS]
        role.permissions = [permission for permission in found.values() if permission is not None] + data_rights
    db.session.commit()
    return sorted(set(missing))


def make_accounts(accounts: Accounts) -> list[str]:
    """Create accounts, or give existing ones the stated password and role; return the names of those changed."""
    from superset import db, security_manager
    from werkzeug.security import check_password_hash, generate_password_hash

    changed = []
    for account in accounts:
        role = security_manager.find_role(account["role"])
        if role is None:
            raise SystemExit(f"没有角色 {account['role']} · there is no role {account['role']}")
        user = security_manager.find_user(account["username"])
        if user is None:
            security_manager.add_user(
                account["username"],
                account.get("first_name") or account["username"],  # Superset shows it as the author
                account.get("last_name", ""),
                account.get("email") or f"{account['username']}@localhost",
                role,
                account["password"],
            )
        elif (
            not check_password_hash(user.password or "", account["password"])
            or role not in user.roles
            or not user.active
        ):
            user.password = generate_password_hash(account["password"])
            user.roles = sorted({*user.roles, role}, key=lambda each: each.id)
            user.active = True
        else:
            continue
        changed.append(account["username"])
    db.session.commit()
    return changed


def prune_log() -> None:
    """The access log grows for ever otherwise: nothing here runs Superset's scheduled clean-up."""
    from superset.commands.logs.prune import LogPruneCommand

    LogPruneCommand(KEEP_LOG_DAYS).run()


if __name__ == "__main__":
    sys.exit(main())
