"""The command line `hub`. Every command imports its parts when it runs, so that `hub --help` is quick.

What is wrong with the machine or the request is one sentence in Chinese and one in English, never a traceback.
"""

from __future__ import annotations

import contextlib
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any, TextIO

import click

from hub.trouble import Trouble, disk_trouble

if TYPE_CHECKING:
    from uuid import UUID

    from sqlalchemy import Engine
    from sqlalchemy.orm import Session

    from hub.settings import Settings


def main() -> None:
    """Runs the command line. Exit code 1 for trouble with a sentence, 2 for a wrong command, 130 for Ctrl-C."""
    try:
        sys.exit(hub.main(standalone_mode=False) or 0)
    except click.ClickException as wrong:
        wrong.show()
        sys.exit(2)
    except (click.Abort, KeyboardInterrupt):
        sys.exit(130)
    except Trouble as trouble:
        _complain(trouble.zh, trouble.en)
    except OSError as error:
        known = disk_trouble(error)
        if known is None:
            raise
        _complain(known.zh, known.en)


def _complain(zh: str, en: str) -> None:
    click.echo(f"✗ {zh}\n  {en}", err=True)
    sys.exit(1)


@contextlib.contextmanager
def _database() -> Iterator[Engine]:
    """An engine on a prepared database; an embedded server that is not running runs for this command only."""
    from sqlalchemy.exc import DBAPIError

    from hub.db.access import database_trouble, open_database
    from hub.db.engine import make_engine
    from hub.errors import HubError

    with open_database():
        engine = make_engine(pool_size=2, name="hub-cli")
        try:
            yield engine
        except HubError as error:
            first = error.problems[0].message
            raise Trouble(first.chinese, first.english) from error
        except DBAPIError as error:
            raise (database_trouble(error) or error) from error
        finally:
            engine.dispose()


@contextlib.contextmanager
def _session() -> Iterator[Session]:
    """A session on that database, committed at its end, with every document type declared."""
    from sqlalchemy.orm import Session

    import hub.domains  # noqa: F401 (users, departments and all others are document types)

    with _database() as engine, Session(engine) as session, session.begin():
        yield session


@click.group(context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(package_name="shuniu")
def hub() -> None:
    """枢纽：制造企业的唯一事实来源。 The hub: one truth for a manufacturer, beside the systems it has."""


@hub.command()
@click.option("--plain", is_flag=True, help="不用颜色 / No colours.")
def up(plain: bool) -> None:
    """启动全部组件并保持运行，Ctrl-C 停止。 Starts everything and keeps it running; Ctrl-C stops it."""
    from hub.platform.up import run

    sys.exit(run(plain=plain))


@hub.command()
def migrate() -> None:
    """把数据库升级到当前结构。 Brings the database to the present schema."""
    with _database() as engine:
        from hub.db.migrate import upgrade

        upgrade(engine)
    click.echo("数据库结构已是最新。 The database is up to date.")


@hub.command()
def seed() -> None:
    """载入演示公司。 Loads the demo company."""
    with _database() as engine:
        from hub.db.migrate import upgrade
        from hub.seed import run

        upgrade(engine)
        run(engine, click.echo)


@hub.command()
@click.option("--company", metavar="CODE", help="公司编码，只有一家时可省 / The company, where there are several.")
def books(company: str | None) -> None:
    """建账：会计科目与记账规则。 Opens a company's books: the standard chart of accounts and posting rules."""
    with _database() as engine:
        from hub.seed.books import open_company

        added = open_company(engine, company)
    click.echo(f"新增 {added} 个科目和规则。 {added} accounts and rules added.")


@hub.group(invoke_without_command=True)
@click.option("--as", "user", metavar="USER", help="登录名 / Login of the user.")
@click.option("--days", default=90, show_default=True, help="有效天数，0 为不限 / Days it is valid, 0 for ever.")
@click.option("--scope", "scopes", multiple=True, metavar="RIGHT", help="只给该权限，可重复 / Only this right; repeat.")
@click.option("--name", default="command line", show_default=True, help="用途 / What it is for.")
@click.pass_context
def token(context: click.Context, user: str | None, days: int, scopes: tuple[str, ...], name: str) -> None:
    """打印一个访问令牌；list 列出，revoke 吊销。 Prints a bearer token for a user, this once; list and revoke them."""
    if context.invoked_subcommand is not None:
        return
    if user is None:
        raise click.UsageError("请用 --as 指明用户。 Name the user with --as.")
    with _session() as session:
        from hub.identity import issue_token

        issued = issue_token(session, user, purpose=name, days=days or None, scopes=scopes or None)
    click.echo(issued)


@token.command(name="list")
@click.option("--as", "user", metavar="USER", help="只列此人的 / Only this user's.")
def list_tokens(user: str | None) -> None:
    """列出有效的令牌。 Lists the tokens that are valid, with their scopes and last use."""
    with _session() as session:
        from hub.identity import tokens

        for one in tokens(session, user):
            ends = f"{one.expires_at:%Y-%m-%d}" if one.expires_at else "∞"
            used = f"{one.last_used_at:%Y-%m-%d %H:%M}" if one.last_used_at else "—"
            scopes = "*" if one.scopes is None else ",".join(one.scopes)
            click.echo(f"{one.id}  {one.user:<16} {one.purpose:<24} 至 until {ends}  用 used {used}  {scopes}")


@token.command()
@click.argument("token_id", metavar="ID", type=click.UUID)
def revoke(token_id: UUID) -> None:
    """吊销一个令牌，十秒内处处失效。 Revokes a token; within ten seconds it is worth nothing anywhere."""
    with _session() as session:
        from hub.identity import revoke_token

        revoke_token(session, token_id)
    click.echo("已吊销。 Revoked.")


@hub.command()
@click.argument("user", metavar="USER")
@click.password_option("--password", prompt="新口令 New password", help="不写则询问 / Asked for when left out.")
def password(user: str, password: str) -> None:
    """设置用户的口令。 Gives a user a password."""
    with _database() as engine:
        import hub.domains  # noqa: F401 (users are a document type)
        from hub.context import system_viewer
        from hub.identity import set_password
        from hub.writes import unit_of_work

        with unit_of_work(engine, system_viewer("command line"), "command line") as ctx:
            set_password(ctx, user, password)
    click.echo("口令已更新。 The password is set.")


@hub.command()
@click.argument("user", metavar="USER")
@click.argument("verb", metavar="read|write|STEP")
@click.argument("what", metavar="[TYPE] DOCUMENT", nargs=-1, required=True)
@click.option("--field", metavar="FIELD", help="问一个字段 / Ask about one field.")
def why(user: str, verb: str, what: tuple[str, ...], field: str | None) -> None:
    """解释某人能否查看或办理一张单据，由哪条规则决定。 Says whether a user may do this, and which rule decides."""
    with _session() as session:
        from hub.why import explained

        for line in explained(session, user, verb, what, field):
            click.echo(line)


@hub.group()
def audit() -> None:
    """审计记录：核对与封存。 The audit: whether anybody changed it, and seals over it."""


@audit.command(name="verify")
def verify_audit() -> None:
    """核对全部审计记录，有篡改则逐条列出并以 1 退出。 Checks the whole audit; lists each break, exit code 1 if any."""
    with _database() as engine:
        from hub.audit_proof import verify

        found = verify(engine)
    for one in found.breaks:
        click.echo(str(one))
    click.echo(
        f"核对了 {found.entries} 条记录、{found.documents} 条单据链、{found.seals} 个封存"
        f"（{found.remembered} 个在数据库外有底），{found.unsealed} 条尚未封存。\n"
        f"Checked {found.entries} entries, {found.documents} chains of documents, {found.seals} seals "
        f"({found.remembered} noted beside the database); {found.unsealed} entries are not sealed yet."
    )
    if found.last is not None:
        click.echo(f"最后的封存 Last seal: {found.last.id} {found.last.at:%Y-%m-%d %H:%M} {found.last.digest.hex()}")
    click.echo("✗ 审计记录被改动过。 The audit was changed." if found.breaks else "✓ 未见改动。 Nothing was changed.")
    sys.exit(1 if found.breaks else 0)


@audit.command(name="seal")
def seal_audit() -> None:
    """立即封存；运行中的枢纽每十分钟自动封存。 Seals what is new; a running hub does so every ten minutes."""
    with _database() as engine:
        from hub.audit_seals import seal

        made = seal(engine)
    click.echo(f"新增 {made} 个封存。 {made} seals were made.")


@hub.command()
def roles() -> None:
    """以表格列出角色及其权限。 Lists the roles and what each may, as in docs/rights.md."""
    from hub.why import roles_table

    click.echo(roles_table())


@hub.command()
@click.argument("type_name", metavar="[TYPE]", required=False)
def describe(type_name: str | None) -> None:
    """列出单据类型，或一种类型的字段、权限和步骤。 Lists the document types, or what one of them has."""
    from hub.describe import all_types, one_type

    for line in one_type(type_name) if type_name else all_types():
        click.echo(line)


@hub.command()
@click.option("--release", is_flag=True, help="记为已发布的模式 / Keep it as the released one.")
def schema(release: bool) -> None:
    """打印 GraphQL 模式。 Prints the GraphQL schema, as committed in graph_schema/schema.graphql."""
    from graph_schema import sdl
    from graph_schema.release import RELEASED

    if release:
        RELEASED.write_text(sdl(), encoding="utf-8")
    else:
        click.echo(sdl(), nl=False)


@hub.command()
@click.argument("file", type=click.File(encoding="utf-8"))
@click.option("--as", "user", required=True, metavar="USER", help="登录名 / Login of the user.")
@click.option("--variables", default="{}", metavar="JSON", help="变量 / Variables, as a JSON object.")
def explain(file: TextIO, user: str, variables: str) -> None:
    """打印查询的选择、计划、成本和 SQL。 Prints what becomes of a query (FILE or -): selection, plan, cost, SQL."""
    with _database() as engine:
        from sqlalchemy.orm import Session

        import graph_schema
        from hub.errors import NotFound, problem
        from hub.identity import viewer_of

        document = file.read()
        with Session(engine) as session:
            viewer = viewer_of(session, code=user)
        if viewer is None:
            raise NotFound(problem("USER_UNKNOWN", f"没有用户 {user}。", f"There is no user {user}."))
        wrong = graph_schema.trouble_of(document)
        if wrong is not None:
            raise Trouble(f"不能执行这个查询：{wrong}", f"This query cannot be answered: {wrong}")
        click.echo(graph_schema.explain(document, viewer, _object(variables)))


@hub.command(name="import")
@click.argument("type_name", metavar="TYPE")
@click.argument("file", type=click.Path(dir_okay=False, path_type=Path))
@click.option("--as", "user", required=True, metavar="USER", help="登录名 / Login of the user.")
@click.option("--dry-run", is_flag=True, help="只检查，不写入 / Only try.")
@click.option("--mode", type=click.Choice(["both", "create", "update"]), default="both", show_default=True)
@click.option("--step", metavar="STEP", help="导入后执行的操作 / Step to take afterwards.")
@click.option("--template", "as_template", is_flag=True, help="把模板写到 FILE / Write the empty template to FILE.")
def import_file(
    type_name: str, file: Path, user: str, dry_run: bool, mode: str, step: str | None, as_template: bool
) -> None:
    """导入 Excel、CSV 或 NDJSON 文件。 Brings in a file of a type; every problem is told, then nothing is written."""
    with _database() as engine:
        from sqlalchemy.orm import Session

        import hub.domains  # noqa: F401 (users are a document type)
        from hub.errors import NotFound, problem
        from hub.exchange.asking import Asked, run
        from hub.exchange.columns import informed, plan_for
        from hub.exchange.template import template
        from hub.identity import viewer_of

        with Session(engine) as session:
            viewer = viewer_of(session, code=user)
        if viewer is None:
            raise NotFound(problem("USER_UNKNOWN", f"没有用户 {user}。", f"There is no user {user}."))
        if as_template:
            file.write_bytes(template(plan_for(type_name, informed(engine, viewer)), viewer.language))
            return
        asked = Asked(type_name, file.read_bytes(), file.name, mode=mode, step=step, dry_run=dry_run)
        out = run(engine, viewer, asked).outcome
    for one in out.troubles:
        click.echo(f"{one.row or '':>6}  {one.column:<16} {one.problem.message.chinese} {one.problem.message.english}")
    click.echo(
        f"{out.rows} 行 rows, {out.documents} 条 records: 新建 new {out.created}, 更新 changed {out.updated}, "
        f"不变 unchanged {out.unchanged}"
    )
    if out.troubles:
        raise Trouble(f"{len(out.troubles)} 个问题，没有写入。", f"{len(out.troubles)} problems, nothing is written.")


def _object(text: str) -> dict[str, Any]:
    """A JSON object from the command line."""
    import json

    try:
        found = json.loads(text)
    except ValueError:
        found = None
    if not isinstance(found, dict):
        raise Trouble("--variables 须为 JSON 对象。", "--variables must be a JSON object.")
    return found


@hub.group()
def keys() -> None:
    """Keys of encrypted columns and attachments."""


@keys.command()
def rotate() -> None:
    """Make a new key and seal every encrypted column with it; attachments follow by `hub files reseal`."""
    from hub import keys as ring
    from hub.db.sealed_columns import seal_columns

    with _session() as session:
        key_id = ring.rotate()
        sealed = seal_columns(session.connection().connection.cursor(), anew=True)  # type: ignore[arg-type]
    click.echo(f"新密钥 {key_id}，已重新加密 {sealed} 个值。 New key {key_id}; {sealed} values sealed anew.")


@hub.group()
def files() -> None:
    """Contents of attachments."""


@files.command()
def verify() -> None:
    """Read every stored content; exit code 1 when one is missing or damaged."""
    import hub.domains  # noqa: F401 (declares the type Attachment)
    from hub.files.care import verify as verified

    good = bad = 0
    with _database() as engine:
        for fault in verified(engine):
            good += fault is None
            if fault is not None:
                bad += 1
                click.echo(f"✗ {fault.name} {fault.sha256[:12]}: {fault.problem.message}", err=True)
    click.echo(f"完好 {good}，有问题 {bad}。 {good} good, {bad} bad.")
    sys.exit(1 if bad else 0)


@files.command()
def reseal() -> None:
    """Seal anew every stored content that an old key has sealed; exit code 1 when one is damaged."""
    import hub.domains  # noqa: F401 (declares the type Attachment)
    from hub.files.care import reseal as resealed

    with _database() as engine:
        found = list(resealed(engine))
    for fault in filter(None, found):
        click.echo(f"✗ {fault.name} {fault.sha256[:12]}: {fault.problem.message}", err=True)
    bad = sum(one is not None for one in found)
    click.echo(f"已重新加密 {len(found) - bad}，有问题 {bad}。 {len(found) - bad} sealed anew, {bad} bad.")
    sys.exit(1 if bad else 0)


@files.command()
def sweep() -> None:
    """Remove the contents that no attachment names; the hub does so by itself every hour."""
    import hub.domains  # noqa: F401 (declares the type Attachment)
    from hub.files.care import sweep as swept

    with _database() as engine:
        gone = swept(engine)
    click.echo(f"已清理 {gone} 个。 {gone} removed.")


@hub.group()
def documents() -> None:
    """登记 GraphQL 文档，客户端以散列引用。 Registers GraphQL documents, which clients then name by their hash."""


@documents.command()
@click.argument("files", nargs=-1, required=True, type=click.File(encoding="utf-8"), metavar="FILE…")
def register(files: tuple[TextIO, ...]) -> None:
    """登记文件中的文档并打印其标识。 Registers the document in each file and prints its id."""
    from pathlib import Path

    from sqlalchemy.orm import Session

    import graph_schema
    from hub import trusted_documents

    texts = [(Path(file.name).stem, file.read()) for file in files]
    for name, text in texts:
        wrong = graph_schema.trouble_of(text)
        if wrong is not None:
            raise Trouble(f"{name} 不能登记：{wrong}", f"{name} cannot be registered: {wrong}")
    with _database() as engine, Session(engine) as session, session.begin():
        for name, text in texts:
            click.echo(f"sha256:{trusted_documents.register(session, name, text)}  {name}")


@documents.command(name="list")
def list_documents() -> None:
    """列出已登记的文档。 Lists the registered documents."""
    from sqlalchemy.orm import Session

    from hub.trusted_documents import registered

    with _database() as engine, Session(engine) as session:
        for one in registered(session):
            click.echo(f"sha256:{one.hash}  {one.registered_at:%Y-%m-%d %H:%M}  {one.name}")


@documents.command(name="remove")
@click.argument("ids", nargs=-1, required=True, metavar="ID…")
def remove_documents(ids: tuple[str, ...]) -> None:
    """删除已登记的文档。 Removes registered documents; hubs that run notice within ten seconds."""
    from sqlalchemy.orm import Session

    from hub.trusted_documents import remove

    with _database() as engine, Session(engine) as session, session.begin():
        for id_ in ids:
            if not remove(session, id_.removeprefix("sha256:")):
                raise Trouble(f"没有登记过 {id_}。", f"{id_} is not registered.")


@hub.command()
@click.argument("code")
def webhook(code: str) -> None:
    """打印回调的签名密钥。 Prints the secret that signs a webhook's deliveries (Standard Webhooks)."""
    from sqlalchemy import select
    from sqlalchemy.orm import Session

    from graph_schema.push.sending import secret_of
    from hub.document.registry import spec

    table = spec("Webhook").table
    with _database() as engine, Session(engine) as session:
        found = session.execute(select(table.c.id, table.c.secret_number).where(table.c.code == code)).one_or_none()
    if found is None:
        raise Trouble(f"没有回调 {code}。", f"There is no webhook {code}.")
    click.echo(secret_of(found.id, found.secret_number))


@hub.command()
@click.argument("message")
def migration(message: str) -> None:
    """按单据类型的变化写一个迁移。 Writes a migration from what the document types have and the database lacks."""
    from hub.db.migrate import next_number, revision

    with _database() as engine:
        number = next_number()
        revision(engine, message, number)
    click.echo(f"hub/db/migrations/versions/{number}_…")


@hub.command(name="settings")
def show_settings() -> None:
    """以表格列出全部设置。 Lists every setting with its variable, default and meaning."""
    from hub.settings import settings_table

    click.echo(settings_table())


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
