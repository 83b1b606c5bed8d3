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
    import httpx

    import hub.domains  # noqa: F401 (the company and its people are document types)
    from hub.settings import settings
    from hub.stories import STORIES, company, lived
    from hub.stories.office import Astray, Office, Refusal

    unknown = [name for name in names if name not in STORIES]
    if unknown:
        known = "、".join(STORIES)
        raise Trouble(f"没有故事 {unknown[0]}，有：{known}。", f"No story {unknown[0]}; there are: {known}.")
    address = url or f"http://127.0.0.1:{settings().port}"
    with database() as engine:
        code, tokens = company.found(engine)
    with Office(address, code, tokens, lambda chinese, english: click.echo(f"  {chinese}\n  {english}")) as office:
        try:
            for label in lived(office, names):
                click.echo(f"● {label}")
        except httpx.HTTPError as error:
            raise Trouble(f"无法连接枢纽 {address}。", f"Cannot reach the hub at {address}.") from error
        except (Astray, Refusal) as error:
            raise Trouble(f"故事没有讲完：{error}", f"The story went astray: {error}") from error
        click.echo(f"✓ 公司 Company {code}：{len(office.proofs)} 处影响得到证实 effects proven")
