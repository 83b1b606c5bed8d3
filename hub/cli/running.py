"""Commands that start, stop and shape the hub itself: up, serve, db, migrate, migration, seed, settings."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

import click

from hub.cli.frame import database, hub
from hub.trouble import Trouble

if TYPE_CHECKING:
    from hub.settings import Settings


@hub.command()
@click.option("--plain", is_flag=True, help="不用颜色 / No colours.")
def up(plain: bool) -> None:
    """启动全部组件并保持运行，Ctrl-C 停止。 Starts everything and keeps it running; Ctrl-C stops it."""
    from hub.platform.up import run

    sys.exit(run(plain=plain))


@hub.command()
@click.argument("part", default="hub")
def serve(part: str) -> None:
    """在前台运行一个组件。 Runs one part of the Procfile in the foreground (default: the hub itself)."""
    from hub.platform.programs import become

    become(part)


@hub.group()
def db() -> None:
    """内置数据库。 The embedded database."""


@db.command()
def start() -> None:
    """启动内置数据库并留在后台。 Starts the embedded database and leaves it running."""
    from hub.db.access import prepare
    from hub.db.roles import embedded_server

    began = embedded_server(_embedded_settings()).start()
    prepare()
    click.echo("内置数据库已启动。 The embedded database runs." if began else "已在运行。 It was running already.")


@db.command()
def stop() -> None:
    """停止内置数据库。 Stops the embedded database."""
    from hub.db.roles import embedded_server

    ended = embedded_server(_embedded_settings()).stop()
    click.echo("内置数据库已停止。 The embedded database has stopped." if ended else "没有在运行。 It was not running.")


@db.command()
@click.option("--role", metavar="ROLE", help="数据库角色 / Database role, such as hub_mart.")
def url(role: str | None) -> None:
    """打印数据库地址（含口令）。 Prints the database's URL with its password, for psql and other programs."""
    from hub.db.engine import database_url

    plain = database_url(role).set(drivername="postgresql")
    click.echo(plain.render_as_string(hide_password=False).replace("+", "%20"))


def _embedded_settings() -> Settings:
    from hub.settings import settings

    if not settings().embedded:
        raise Trouble(
            "已设置 HUB_DATABASE_URL，使用的是外部数据库，没有内置数据库可操作。",
            "HUB_DATABASE_URL is set: an external database is used, there is no embedded one.",
        )
    return settings()


@hub.command()
def migrate() -> None:
    """把数据库升级到当前结构。 Brings the database to the present schema."""
    with database() as engine:
        from hub.db.migrate import upgrade
        from hub.seed import books

        if upgrade(engine):
            books.renew(engine)
    click.echo("数据库结构已是最新。 The database is up to date.")


@hub.command()
@click.argument("message")
def migration(message: str) -> None:
    """按单据类型的变化写一个迁移。 Writes a migration from what the document types have and the database lacks."""
    from hub.db.migrate import next_number, revision

    with database() as engine:
        number = next_number()
        revision(engine, message, number)
    click.echo(f"hub/db/migrations/versions/{number}_…")


@hub.command()
def seed() -> None:
    """载入演示公司。 Loads the demo company."""
    with database() as engine:
        from hub.db.migrate import upgrade
        from hub.seed import run

        upgrade(engine)
        run(engine, click.echo)


@hub.command(name="settings")
def show_settings() -> None:
    """以表格列出全部设置。 Lists every setting with its variable, default and meaning."""
    from hub.settings import settings_table

    click.echo(settings_table())
