"""Commands about who may do what: token, password, why, roles."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from hub.cli.frame import database, hub, working_session

if TYPE_CHECKING:
    from uuid import UUID


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
    with working_session() as session:
        from hub.identity import issue_token

        issued = issue_token(session, user, purpose=name, days=days or None, scopes=scopes or None)
    click.echo(issued)


@token.command(name="list")
@click.option("--as", "user", metavar="USER", help="只列此人的 / Only this user's.")
def list_tokens(user: str | None) -> None:
    """列出有效的令牌。 Lists the tokens that are valid, with their scopes and last use."""
    with working_session() as session:
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
    with working_session() as session:
        from hub.identity import revoke_token

        revoke_token(session, token_id)
    click.echo("已吊销。 Revoked.")


@hub.command()
@click.argument("user", metavar="USER")
@click.password_option("--password", prompt="新口令 New password", help="不写则询问 / Asked for when left out.")
def password(user: str, password: str) -> None:
    """设置用户的口令。 Gives a user a password."""
    with database() as engine:
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
    with working_session() as session:
        from hub.why import explained

        for line in explained(session, user, verb, what, field):
            click.echo(line)


@hub.command()
def roles() -> None:
    """以表格列出角色及其权限。 Lists the roles and what each may, as in docs/rights.md."""
    from hub.why import roles_table

    click.echo(roles_table())
