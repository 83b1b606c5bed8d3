"""The command that lives the stories of a manufacturer's business against a running hub."""

from __future__ import annotations

import click

from hub.cli.frame import database, hub
from hub.trouble import Trouble


@hub.command()
@click.argument("names", nargs=-1, metavar="[STORY…]")
@click.option("--url", metavar="URL", help="枢纽的地址，默认本机 / The hub's address; this machine's by default.")
def story(names: tuple[str, ...], url: str | None) -> None:
    """在为此新建的公司里，逐句演示业务故事。 Lives stories of a business over HTTP, in a company made for them."""
    import hub.domains  # noqa: F401 (the company and its people are document types)
    from hub.platform.programs import hub_address
    from hub.settings import settings
    from hub.stories import STORIES, live

    unknown = [name for name in names if name not in STORIES]
    if unknown:
        known = "、".join(STORIES)
        raise Trouble(f"没有故事 {unknown[0]}，有：{known}。", f"No story {unknown[0]}; there are: {known}.")
    with database() as engine:
        closing = live(
            engine,
            url or hub_address(settings()),
            names,
            begins=lambda chinese, english: click.echo(f"● {chinese} ({english})"),
            aloud=lambda chinese, english: click.echo(f"  {chinese}\n  {english}"),
        )
    click.echo(f"✓ {closing}")
