"""Carries the buffer to the hub: batches in order, gzipped, deleted only after a 200 that accounts for every row.

At least once from here, once by key in the hub. No connection or a 5xx: back off from 1 to 30 s. A refusal (401, 403,
400, 413): keep everything and say so once a minute.
"""

from __future__ import annotations

import asyncio
import gzip
import json
import logging
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import httpx

from edge_collectors.buffer import Buffer
from edge_collectors.errors import EdgeError, both
from edge_collectors.reading import Reading, moment
from edge_collectors.site import Site

log = logging.getLogger("edge")

BATCH = 1_000
BACK_OFF = (1.0, 30.0)
COMPLAIN_EVERY = 60.0
GATHER_SECONDS = 0.2  # after the first reading arrives, wait this long for its neighbours


class Refusal(Exception):
    """The hub did not take the batch; the text says why, in both languages."""


class Uplink:
    """Sends until cancelled. `token` is given as text or read anew from the file before each batch."""

    def __init__(self, site: Site, buffer: Buffer, token: str | None) -> None:
        self._site = site
        self._buffer = buffer
        self._token = token
        self._batch = BATCH
        self._complained: dict[str, float] = {}
        self.sent = self.duplicates = self.rejected = 0

    async def run(self) -> None:
        """Send batch after batch; wait for readings when there are none."""
        wait = BACK_OFF[0]
        async with self._client() as client:
            while True:
                rows = await self._buffer.oldest(self._batch)
                if not rows:
                    self._buffer.arrived.clear()
                    if not self._buffer.rows:
                        await self._buffer.arrived.wait()
                        await asyncio.sleep(GATHER_SECONDS)
                    continue
                try:
                    await self._send(client, [reading for _, reading in rows])
                except Refusal as refusal:
                    self._complain(str(refusal))
                    await asyncio.sleep(wait)
                    wait = min(wait * 2, BACK_OFF[1])
                    continue
                wait = BACK_OFF[0]
                await self._buffer.delete_through(rows[-1][0], len(rows))

    def _client(self) -> httpx.AsyncClient:
        """The environment's proxies are not used: a gateway's hub is named in its site file, and so is its proxy."""
        ca_file = self._site.ca_file
        try:
            return httpx.AsyncClient(
                timeout=httpx.Timeout(30, connect=5),
                trust_env=False,
                proxy=self._site.proxy,
                verify=httpx.create_ssl_context(verify=str(ca_file), trust_env=False) if ca_file else True,
            )
        except (OSError, ValueError) as problem:
            raise EdgeError(
                f"proxy 或 ca_file 无法使用：{problem}。", f"proxy or ca_file cannot be used: {problem}."
            ) from None

    async def _send(self, client: httpx.AsyncClient, readings: Sequence[Reading]) -> None:
        """One POST; returns only when the hub has accounted for every row, else raises Refusal."""
        body = await asyncio.to_thread(self._body, readings)
        headers = {
            "Authorization": f"Bearer {self._bearer()}",
            "Content-Type": "application/json",
            "Content-Encoding": "gzip",
        }
        try:
            answer = await client.post(f"{self._site.hub}/edge/readings", content=body, headers=headers)
        except (httpx.HTTPError, httpx.InvalidURL) as problem:
            raise Refusal(
                both(f"无法连接枢纽 {self._site.hub}，读数保留。", f"Cannot reach {self._site.hub}; readings are kept.")
            ) from problem
        if answer.status_code == 413:
            self._batch = max(1, self._batch // 2)
        if answer.status_code != 200:
            raise Refusal(
                both(
                    f"枢纽拒收（HTTP {answer.status_code}{_REASONS.get(answer.status_code, ('', ''))[0]}），读数保留。",
                    f"The hub refused (HTTP {answer.status_code}{_REASONS.get(answer.status_code, ('', ''))[1]}); "
                    "readings are kept.",
                )
            )
        self._account(answer, len(readings))

    def _account(self, answer: httpx.Response, count: int) -> None:
        """Check that the answer is a hub's and counts every row: a 200 of some other server must not cost readings."""
        try:
            result: Any = answer.json()
            accepted, duplicates = int(result["accepted"]), int(result["duplicates"])
            rejected = list(result["rejected"])
        except (ValueError, TypeError, KeyError):
            raise Refusal(both("该地址不是枢纽，读数保留。", "This address is not a hub; readings are kept.")) from None
        if accepted + duplicates + len(rejected) != count:
            raise Refusal(
                both(
                    f"枢纽只说明了 {accepted + duplicates + len(rejected)} 条，共 {count} 条，读数保留。",
                    f"The hub accounts for {accepted + duplicates + len(rejected)} of {count} rows; readings are kept.",
                )
            )
        self.sent += accepted
        self.duplicates += duplicates
        self.rejected += len(rejected)
        for row in rejected:
            code, message = (row.get("code"), row.get("message")) if isinstance(row, dict) else ("?", row)
            self._complain(
                both(f"枢纽隔离了读数：{code} {message}", f"The hub quarantined a reading: {code} {message}")
            )

    def _body(self, readings: Sequence[Reading]) -> bytes:
        rows = [
            {
                "device": reading.device,
                "metric": reading.metric,
                "at": moment(reading.at, self._site.time_zone),
                "value": reading.value,
                "unit": reading.unit or "1",  # UCUM's sign for a number without dimension
                "quality": reading.quality,
            }
            for reading in readings
        ]
        text = json.dumps({"edge": self._site.edge, "readings": rows}, ensure_ascii=False, separators=(",", ":"))
        return gzip.compress(text.encode(), 5, mtime=0)

    def _bearer(self) -> str:
        """The token; its file is read each time, so a new token needs no restart."""
        path = self._site.token_file
        token = self._token
        if token is None and path is not None:
            token = _first_line(path)
        if not token or not token.isascii() or not token.isprintable():
            where = path or "EDGE_TOKEN_FILE"
            raise Refusal(
                both(f"没有可用的令牌（{where}），读数保留。", f"No usable token ({where}); readings are kept.")
            )
        return token

    def _complain(self, text: str) -> None:
        """Say the same thing at most once a minute."""
        now = time.monotonic()
        if now - self._complained.get(text, -COMPLAIN_EVERY) >= COMPLAIN_EVERY:
            if len(self._complained) > 100:
                self._complained.clear()
            self._complained[text] = now
            log.warning(text)


def _first_line(path: Path) -> str | None:
    try:
        return path.read_text(encoding="ascii").strip()
    except (OSError, UnicodeDecodeError):
        return None


_REASONS = {
    400: ("，批次无法理解", ", it did not understand the batch"),
    401: ("，令牌无效", ", the token is not valid"),
    403: ("，令牌无权上报", ", the token may not send readings"),
    404: ("，该地址没有上报接口", ", no such address"),
    413: ("，批次过大，将减半", ", the batch is too large and will be halved"),
}
