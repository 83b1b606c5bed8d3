"""The command line `edge`: run, simulate, check, read, status.

Options can also be given as EDGE_… variables, so that a Procfile or a systemd unit moves a site without editing it.
"""

from __future__ import annotations

import asyncio
import logging
import signal
import sqlite3
import sys
from collections.abc import Callable, Coroutine
from dataclasses import replace
from pathlib import Path
from typing import Any

import click
import uvloop

from edge_collectors import diagnosis
from edge_collectors.collector import collect
from edge_collectors.errors import EdgeError
from edge_collectors.replay import ReplayFormat, read_counter
from edge_collectors.simulator import Replay, simulate
from edge_collectors.site import Site, host_and_port, hub_url, load_site, redirect

SITE = click.argument("site_file", metavar="SITE")
LINE = click.option(
    "--line", envvar="EDGE_LINE", metavar="HOST:PORT", help="线路地址 / Address of the only network line."
)
STEEL = ReplayFormat()
BUFFER = click.option(
    "--buffer", envvar="EDGE_BUFFER", type=click.Path(path_type=Path), help="缓存文件 / The buffer file."
)


def main() -> None:
    """Run the command line; a user's mistake is one sentence in each language and exit code 2."""
    try:
        edge(standalone_mode=False)
    except EdgeError as problem:
        click.echo(f"错误：{problem.chinese}\nError: {problem.english}", err=True)
        sys.exit(2)
    except click.Abort:
        sys.exit(130)
    except click.ClickException as problem:
        click.echo(f"错误：命令行参数不对，见 edge --help。\nError: {problem.format_message()}", err=True)
        sys.exit(2)


@click.group()
@click.option("--verbose", is_flag=True, help="更多日志 / More log lines.")
def edge(verbose: bool) -> None:
    """边缘采集 / Reads meters, keeps readings safe, sends them to the hub."""
    logging.basicConfig(level=logging.WARNING, format="%(asctime)s %(levelname)-7s %(message)s", stream=sys.stderr)
    logging.getLogger("edge").setLevel(logging.DEBUG if verbose else logging.INFO)


@edge.command()
@SITE
@LINE
@BUFFER
@click.option("--hub", envvar="EDGE_HUB", help="枢纽地址 / The hub's address.")
@click.option("--token-file", envvar="EDGE_TOKEN_FILE", type=click.Path(path_type=Path), help="令牌文件 / Token file.")
@click.option("--token", envvar="EDGE_TOKEN", help="令牌，宜用变量 / The token; better as the variable EDGE_TOKEN.")
@click.option("--until-idle", is_flag=True, help="数据回放完并送达后退出 / End when devices ended and all is sent.")
def run(
    site_file: str,
    line: str | None,
    buffer: Path | None,
    hub: str | None,
    token_file: Path | None,
    token: str | None,
    until_idle: bool,
) -> None:
    """采集并上报 / Poll the devices of SITE (a file, or a packaged one such as `demo`)."""
    site = _site(site_file, line, buffer)
    if hub:
        site = replace(site, hub=hub_url(hub))
    if token_file:
        site = replace(site, token_file=token_file)
    _run(lambda: collect(site, token, until_idle))


@edge.command(name="simulate")
@click.option("--listen", envvar="EDGE_LINE", default="127.0.0.1:5020", show_default=True, metavar="HOST:PORT")
@click.option("--replay", type=click.Path(path_type=Path), help="回放的 CSV / CSV of energy per interval to replay.")
@click.option("--time-column", default=STEEL.time_column, show_default=True)
@click.option("--value-column", default=STEEL.value_column, show_default=True)
@click.option("--time-format", default=STEEL.time_format, show_default=True)
@click.option("--stamp", type=click.Choice(["end", "start"]), default=STEEL.stamp, show_default=True)
@click.option("--interval", default=STEEL.interval, show_default=True, type=click.IntRange(1), help="秒 / Seconds.")
@click.option("--time-zone", default=STEEL.time_zone, show_default=True)
def simulate_command(listen: str, replay: Path | None, **form: Any) -> None:
    """模拟电表 / Serve simulated meters on Modbus TCP: units 1 to 3, and the replay as unit 10."""
    host, port = host_and_port(listen)
    source = Replay(read_counter(replay, ReplayFormat(**form))) if replay else None

    async def serve() -> None:
        stop = asyncio.Event()
        for number in (signal.SIGTERM, signal.SIGINT):
            asyncio.get_running_loop().add_signal_handler(number, stop.set)
        await simulate(host, port, source, stop)

    _run(serve)


@edge.command()
@SITE
@LINE
def check(site_file: str, line: str | None) -> None:
    """检查站点文件 / Print the plan of SITE: requests, registers, estimated bus time. Asks no device."""
    for text in diagnosis.plan_lines(_site(site_file, line, None)):
        click.echo(text)


@edge.command()
@SITE
@click.argument("device")
@LINE
def read(site_file: str, device: str, line: str | None) -> None:
    """试读设备 / Poll DEVICE of SITE once and show it in all four byte orders."""
    site = _site(site_file, line, None)
    _run(lambda: _echo(diagnosis.read_device(site, device)))


@edge.command()
@click.argument("site_file", metavar="[SITE]", default="demo")
@BUFFER
def status(site_file: str, buffer: Path | None) -> None:
    """缓存状态 / Buffered readings, the oldest, the last sent, and gaps."""
    site = _site(site_file, None, buffer)
    try:
        for text in diagnosis.status_lines(site.buffer, site.time_zone):
            click.echo(text)
    except sqlite3.Error as problem:
        raise EdgeError(
            f"无法读取缓存 {site.buffer}：{problem}。", f"Cannot read the buffer {site.buffer}: {problem}."
        ) from None


async def _echo(lines: Coroutine[Any, Any, list[str]]) -> None:
    for text in await lines:
        click.echo(text)


def _site(name: str, line: str | None, buffer: Path | None) -> Site:
    site = load_site(name)
    if line:
        site = redirect(site, line)
    return replace(site, buffer=buffer) if buffer else site


def _run(work: Callable[[], Coroutine[Any, Any, None]]) -> None:
    with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
        runner.run(work())
