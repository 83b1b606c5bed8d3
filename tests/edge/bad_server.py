"""A hand-written Modbus server that misbehaves on purpose, on RTU framing or MBAP, over real TCP.

Registers answer with their own address as value, so an answer to another question is seen at once.
"""

from __future__ import annotations

import asyncio
import struct
from collections import deque
from dataclasses import dataclass, field
from typing import Self

from pymodbus.framer.rtu import FramerRTU


@dataclass
class BadServer:
    """`moods`: what to do with the next requests, one each.

    ok, silent, late, short, close, garbage, wrong-unit, exc-N.
    """

    rtu: bool = True
    moods: deque[str] = field(default_factory=deque)
    delay: float = 0.3
    asked: int = 0
    connections: int = 0
    silent_units: set[int] = field(default_factory=set)
    noise: bytes | None = None  # sent in place of every answer; on MBAP behind a right header
    port: int = 0
    _server: asyncio.Server | None = None

    async def __aenter__(self) -> Self:
        self._server = await asyncio.start_server(self._serve, "127.0.0.1", 0)
        self.port = self._server.sockets[0].getsockname()[1]
        return self

    async def __aexit__(self, *_: object) -> None:
        assert self._server is not None
        self._server.close()

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.connections += 1
        try:
            while True:
                head = b"" if self.rtu else await reader.readexactly(6)
                unit, function, start, count = struct.unpack(">BBHH", await reader.readexactly(6))
                if self.rtu:
                    await reader.readexactly(2)  # its checksum
                self.asked += 1
                mood = self.moods.popleft() if self.moods else "ok"
                if unit in self.silent_units:
                    mood = "silent"
                if mood == "close":
                    break
                if self.noise is not None:
                    writer.write(self.noise if self.rtu else head[:4] + struct.pack(">H", len(self.noise)) + self.noise)
                    continue
                answer = self._answer(mood, unit, function, start, count)
                if mood == "silent":
                    continue
                if mood == "late":
                    await asyncio.sleep(self.delay)
                writer.write(self._framed(head, answer) if mood != "garbage" else b"\x00\x17\xff" * 5)
                await writer.drain()
        except (asyncio.IncompleteReadError, ConnectionError):
            pass
        finally:
            writer.close()

    def _answer(self, mood: str, unit: int, function: int, start: int, count: int) -> bytes:
        if mood.startswith("exc-"):
            return struct.pack(">BBB", unit, function | 0x80, int(mood[4:]))
        unit += mood == "wrong-unit"
        sent = count - 1 if mood == "short" else count
        return struct.pack(f">BBB{sent}H", unit, function, 2 * sent, *range(start, start + sent))

    def _framed(self, head: bytes, answer: bytes) -> bytes:
        if self.rtu:
            return answer + struct.pack(">H", FramerRTU.compute_CRC(answer))
        return head[:4] + struct.pack(">H", len(answer)) + answer
