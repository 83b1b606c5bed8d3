"""Commands that open and look after what is kept: books, audit, keys, files, webhook."""

from __future__ import annotations

import sys

import click

from hub.cli.frame import database, hub, working_session
from hub.trouble import Trouble


@hub.command()
@click.option("--company", metavar="CODE", help="公司编码，只有一家时可省 / The company, where there are several.")
def books(company: str | None) -> None:
    """建账：会计科目与记账规则。 Opens a company's books: the standard chart of accounts and posting rules."""
    with database() as engine:
        from hub.seed.books import open_company

        added = open_company(engine, company)
    click.echo(f"新增 {added} 个科目和规则。 {added} accounts and rules added.")


@hub.group()
def audit() -> None:
    """审计记录：核对与封存。 The audit: whether anybody changed it, and seals over it."""


@audit.command(name="verify")
def verify_audit() -> None:
    """核对全部审计记录，有篡改则逐条列出并以 1 退出。 Checks the whole audit; lists each break, exit code 1 if any."""
    with database() as engine:
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
    with database() as engine:
        from hub.audit_seals import seal

        made = seal(engine)
    click.echo(f"新增 {made} 个封存。 {made} seals were made.")


@hub.group()
def keys() -> None:
    """加密字段与附件的密钥。 Keys of encrypted columns and attachments."""


@keys.command()
def rotate() -> None:
    """换用新密钥并重新加密字段。 Makes a new key and seals columns with it; attachments follow: `hub files reseal`."""
    from hub import keys as ring
    from hub.db.sealed_columns import seal_columns

    with working_session() as session:
        key_id = ring.rotate()
        sealed = seal_columns(session.connection().connection.cursor(), anew=True)  # type: ignore[arg-type]
    click.echo(f"新密钥 {key_id}，已重新加密 {sealed} 个值。 New key {key_id}; {sealed} values sealed anew.")


@hub.group()
def files() -> None:
    """附件内容。 Contents of attachments."""


@files.command()
def verify() -> None:
    """核对全部附件，缺失或损坏以 1 退出。 Reads every stored content; exit code 1 if one is missing or damaged."""
    import hub.domains  # noqa: F401 (declares the type Attachment)
    from hub.files.care import verify as verified

    good = bad = 0
    with database() as engine:
        for fault in verified(engine):
            good += fault is None
            if fault is not None:
                bad += 1
                click.echo(f"✗ {fault.name} {fault.sha256[:12]}: {fault.problem.message}", err=True)
    click.echo(f"完好 {good}，有问题 {bad}。 {good} good, {bad} bad.")
    sys.exit(1 if bad else 0)


@files.command()
def reseal() -> None:
    """用新密钥重新加密附件。 Seals anew what an old key has sealed; exit code 1 when a content is damaged."""
    import hub.domains  # noqa: F401 (declares the type Attachment)
    from hub.files.care import reseal as resealed

    with database() as engine:
        found = list(resealed(engine))
    for fault in filter(None, found):
        click.echo(f"✗ {fault.name} {fault.sha256[:12]}: {fault.problem.message}", err=True)
    bad = sum(one is not None for one in found)
    click.echo(f"已重新加密 {len(found) - bad}，有问题 {bad}。 {len(found) - bad} sealed anew, {bad} bad.")
    sys.exit(1 if bad else 0)


@files.command()
def sweep() -> None:
    """清除无人引用的内容。 Removes contents that no attachment names; the hub does so every hour."""
    import hub.domains  # noqa: F401 (declares the type Attachment)
    from hub.files.care import sweep as swept

    with database() as engine:
        gone = swept(engine)
    click.echo(f"已清理 {gone} 个。 {gone} removed.")


@hub.command()
@click.argument("code")
def webhook(code: str) -> None:
    """打印回调的签名密钥。 Prints the secret that signs a webhook's deliveries (Standard Webhooks)."""
    from sqlalchemy import select
    from sqlalchemy.orm import Session

    from graph_schema.push.sending import secret_of
    from hub.document.registry import spec

    table = spec("Webhook").table
    with database() as engine, Session(engine) as session:
        found = session.execute(select(table.c.id, table.c.secret_number).where(table.c.code == code)).one_or_none()
    if found is None:
        raise Trouble(f"没有回调 {code}。", f"There is no webhook {code}.")
    click.echo(secret_of(found.id, found.secret_number))
