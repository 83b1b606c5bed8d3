"""Commands about types and queries: describe, schema, explain, documents."""

from __future__ import annotations

from typing import Any, TextIO

import click

from hub.cli.frame import database, hub
from hub.trouble import Trouble


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
    with database() as engine:
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
    with database() as engine, Session(engine) as session, session.begin():
        for name, text in texts:
            click.echo(f"sha256:{trusted_documents.register(session, name, text)}  {name}")


@documents.command(name="list")
def list_documents() -> None:
    """列出已登记的文档。 Lists the registered documents."""
    from sqlalchemy.orm import Session

    from hub.trusted_documents import registered

    with database() as engine, Session(engine) as session:
        for one in registered(session):
            click.echo(f"sha256:{one.hash}  {one.registered_at:%Y-%m-%d %H:%M}  {one.name}")


@documents.command(name="remove")
@click.argument("ids", nargs=-1, required=True, metavar="ID…")
def remove_documents(ids: tuple[str, ...]) -> None:
    """删除已登记的文档。 Removes registered documents; hubs that run notice within ten seconds."""
    from sqlalchemy.orm import Session

    from hub.trusted_documents import remove

    with database() as engine, Session(engine) as session, session.begin():
        for id_ in ids:
            if not remove(session, id_.removeprefix("sha256:")):
                raise Trouble(f"没有登记过 {id_}。", f"{id_} is not registered.")
