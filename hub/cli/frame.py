"""What all commands share: the group they belong to, the database they work on."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from typing import TYPE_CHECKING

import click

from hub.trouble import Trouble

if TYPE_CHECKING:
    from sqlalchemy import Engine
    from sqlalchemy.orm import Session


@contextlib.contextmanager
def database() -> Iterator[Engine]:
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
def working_session() -> Iterator[Session]:
    """A session on that database, committed at its end, with every document type declared."""
    from sqlalchemy.orm import Session

    import hub.domains  # noqa: F401 (users, departments and all others are document types)

    with database() as engine, Session(engine) as session, session.begin():
        yield session


@click.group(context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(package_name="shuniu")
def hub() -> None:
    """枢纽：制造企业的唯一事实来源。 The hub: one truth for a manufacturer, beside the systems it has."""
