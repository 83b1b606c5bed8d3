"""A small company whose orders are followed, in a database of its own, and one who follows in process."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncGenerator, AsyncIterator, Iterator
from contextlib import aclosing, asynccontextmanager
from dataclasses import dataclass, replace
from typing import Any
from uuid import UUID

import pytest
from sqlalchemy.orm import Session

from graph_schema.answer import Answerer
from hub.context import SYSTEM, Viewer
from hub.db.embedded import EmbeddedServer
from hub.db.engine import make_async_pool
from hub.document.access import ROLES
from hub.errors import HubError
from hub.identity import issue_token
from hub.writes import create, unit_of_work, update
from tests.conftest import Database, copy_of_template
from tests.reading.wire import count_on
from tests.serving import serving

PATIENCE = 20.0
"""Seconds after which something that should have come has not."""
Change = dict[str, Any]


@dataclass(frozen=True)
class Works:
    """The database, ids by code, tokens of users, a viewer of the company and one of another."""

    database: Database
    ids: dict[str, UUID]
    tokens: dict[str, str]
    viewer: Viewer
    stranger: Viewer

    def with_role(self, role: str) -> Viewer:
        """Somebody of the company with this role only."""
        return replace(self.viewer, permissions=ROLES[role].permissions, roles=frozenset({role}))

    def order(self, viewer: Viewer | None = None, **values: Any) -> UUID:
        """A new sales order."""
        given = {"customer": "K1", "order_date": "2026-03-05", "promised_date": "2026-03-20"}
        lines = [{"item": "I1", "quantity": "3", "unit_price": "2"}]
        with unit_of_work(self.database.engine, viewer or self.viewer, "tests") as ctx:
            return UUID(str(create(ctx, "SalesOrder", {**given, "lines": lines, **values}).id))

    def note(self, id_: UUID, text: str | None, viewer: Viewer | None = None) -> None:
        """A change of a sales order."""
        with unit_of_work(self.database.engine, viewer or self.viewer, "tests") as ctx:
            update(ctx, "SalesOrder", id_, {"note": text})


@pytest.fixture(scope="module")
def hub(works: Works, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The address of a real hub over the works."""
    with serving(works.database, tmp_path_factory.mktemp("live") / "hub.log") as url:
        yield url


@pytest.fixture(scope="module")
def works(migrated_server: EmbeddedServer) -> Iterator[Works]:
    """The data, written once per module."""
    with copy_of_template(migrated_server) as database:
        ids: dict[str, UUID] = {}
        viewers = {}
        for company in ("A", "B"):
            with unit_of_work(database.engine, _boss(None), "tests") as ctx:
                ids[company] = create(ctx, "Company", {"code": f"C-{company}", "name": f"公司{company}"}).id
            viewers[company] = _boss(ids[company])
            with unit_of_work(database.engine, viewers[company], "tests") as ctx:
                create(ctx, "UnitOfMeasure", {"code": "PCS", "name": "个"})
                for code, city in (("K1", "宁波"), ("K2", "上海")):
                    create(ctx, "Customer", {"code": code, "name": f"客户{code}", "city": city})
                create(ctx, "Item", {"code": "I1", "name": "外壳", "unit": "PCS"})
                create(ctx, "Warehouse", {"code": "W1", "name": "成品仓"})
        with unit_of_work(database.engine, viewers["A"], "tests") as ctx:
            for code in ("sally", "sam"):
                create(ctx, "User", {"code": code, "name": code, "roles": ["quality"]})
        with Session(database.engine) as session, session.begin():
            tokens = {code: issue_token(session, code, purpose="tests") for code in ("sally", "sam")}
        yield Works(database, ids, tokens, viewers["A"], viewers["B"])


def _boss(company_id: UUID | None) -> Viewer:
    return Viewer(SYSTEM, "boss", "老板", frozenset({"*"}), company_id)


class Follower:
    """Reads a subscription in process, at once or (not prompt) only when asked; `tokens` are those beside answers."""

    def __init__(self, answers: AsyncGenerator[Any, None], *, prompt: bool) -> None:
        self._answers = answers
        self._heard: asyncio.Queue[Any] = asyncio.Queue()
        self._reading = asyncio.create_task(self._read()) if prompt else None
        self.tokens: list[str | None] = []

    async def _read(self) -> None:
        try:
            async for told in self._answers:
                self._heard.put_nowait(told)
        except HubError as error:
            self._heard.put_nowait(error)

    async def next(self, patience: float = PATIENCE) -> dict[str, Any]:
        """The next answer's only field; raises what ends the subscription."""
        coming = self._heard.get() if self._reading else anext(self._answers)
        told = await asyncio.wait_for(coming, patience)
        if isinstance(told, HubError):
            raise told
        self.tokens.append(told.token)
        ((_, value),) = json.loads(told.answer)["data"].items()
        found: dict[str, Any] = value
        return found

    async def silent(self, seconds: float = 0.5) -> bool:
        """Whether nothing comes."""
        try:
            await self.next(seconds)
        except TimeoutError:
            return True
        return False

    async def end(self) -> None:
        """Stop reading."""
        if self._reading is not None:
            self._reading.cancel()
            await asyncio.gather(self._reading, return_exceptions=True)


class Following:
    """An answerer of the works."""

    def __init__(self, answerer: Answerer, works: Works) -> None:
        self.answerer, self.works = answerer, works

    @asynccontextmanager
    async def follow(
        self,
        document: str,
        viewer: Viewer | None = None,
        resume: str | None = None,
        *,
        prompt: bool = True,
        **variables: Any,
    ) -> AsyncIterator[Follower]:
        """A subscription for the length of a block."""
        stream = self.answerer.subscribe(document, variables, viewer or self.works.viewer, None, resume)
        async with aclosing(stream) as answers:
            follower = Follower(answers, prompt=prompt)
            try:
                yield follower
            finally:
                await follower.end()

    def waiting(self) -> bool:
        """Whether somebody waits for what comes next."""
        return bool(self.answerer._live._feed._followers)

    async def refused(self, document: str, viewer: Viewer | None = None, **variables: Any) -> str:
        """The code with which a subscription is refused."""
        try:
            async with self.follow(document, viewer, **variables) as follower:
                await follower.next()
        except HubError as error:
            return error.problems[0].code
        return "allowed"

    async def do(self, verb: Any, *arguments: Any, **values: Any) -> Any:
        """A write on a thread, so that the followers go on."""
        return await asyncio.to_thread(verb, *arguments, **values)


@asynccontextmanager
async def following(works: Works, size: int = 4) -> AsyncIterator[Following]:
    """An answerer on a pool whose exchanges are counted."""
    pool = make_async_pool(works.database.url, size=size)
    count_on(pool)
    async with pool:
        answerer = Answerer(pool, works.database.engine)
        try:
            yield Following(answerer, works)
        finally:
            await answerer.close()
