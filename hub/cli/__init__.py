"""The command line `hub`. Every command imports its parts when it runs, so that `hub --help` is quick.

What is wrong with the machine or the request is one sentence in Chinese and one in English, never a traceback.
"""

from __future__ import annotations

import sys

import click

from hub.cli import asking, importing, keeping, people, running, telling  # noqa: F401  (each adds its commands)
from hub.cli.frame import hub
from hub.trouble import Trouble, disk_trouble

__all__ = ["hub", "main"]


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
