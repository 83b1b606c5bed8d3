"""The command that brings a file in: import."""

from __future__ import annotations

from pathlib import Path

import click

from hub.cli.frame import database, hub
from hub.trouble import Trouble


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
    with database() as engine:
        from sqlalchemy.orm import Session

        import hub.domains  # noqa: F401 (users are a document type)
        from hub.document.catalogue import informed
        from hub.errors import NotFound, problem
        from hub.exchange.asking import Asked, run
        from hub.exchange.columns import plan_for
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
