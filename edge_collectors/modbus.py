"""One Modbus line behind a guard: what is returned is the answer to this question, complete, or an error.

pymodbus alone hands a late answer on RTU framing to the next question, without an error (its maintainers: not
detectable there). So a connection that missed an answer is never used again, short answers are refused, and each
request has one short timeout with our own retries.
"""

from __future__ import annotations

import asyncio
import logging
import struct
from typing import Any

from pymodbus import FramerType
from pymodbus.client import AsyncModbusSerialClient, AsyncModbusTcpClient
from pymodbus.exceptions import ModbusException

from edge_collectors.errors import EdgeError
from edge_collectors.registers import BIT_TABLES
from edge_collectors.site import Line

# Its own messages would repeat ours, with a traceback for each silent meter.
logging.getLogger("pymodbus").setLevel(logging.CRITICAL + 1)

# What pymodbus raises for a missing answer, and for one that it cannot take apart.
_BROKEN = (ModbusException, OSError, ValueError, LookupError, struct.error)
TARGET_SILENT = (0x0A, 0x0B)  # a gateway answers in place of a device that does not


class LineDownError(Exception):
    """The socket or port cannot be opened: no device of the line can be read."""


class SilentError(Exception):
    """No answer, a short one or a broken one; the line was reopened so that it cannot come late."""


class RefusedError(Exception):
    """The device answered with a Modbus exception."""

    def __init__(self, code: int) -> None:
        super().__init__(f"Modbus exception {code}")
        self.code = code


class Bus:
    """The connection of one line; used by one task, one request at a time."""

    def __init__(self, line: Line) -> None:
        self.line = line
        self._client: Any = None
        self._settle = 0.0

    def _make(self) -> Any:
        line = self.line
        options: dict[str, Any] = {"timeout": line.timeout, "retries": 0, "reconnect_delay": 0}
        if line.kind == "serial":
            try:
                return AsyncModbusSerialClient(
                    line.host, framer=FramerType.RTU, baudrate=line.baud or 9600, parity=line.parity, **options
                )
            except RuntimeError as problem:  # pymodbus without pyserial
                raise EdgeError(
                    "串口需要 pyserial：请安装 pymodbus[serial]。",
                    "A serial port needs pyserial: install pymodbus[serial].",
                ) from problem
        framer = FramerType.SOCKET if line.kind == "tcp" else FramerType.RTU
        return AsyncModbusTcpClient(line.host, port=line.port, framer=framer, **options)

    async def read(self, table: str, unit: int, start: int, count: int) -> list[int]:
        """`count` registers (or bits as 0 and 1) from `start`; retried only when nobody answered.

        Raises LineDownError, SilentError or RefusedError.
        """
        for attempt in range(self.line.retries + 1):
            try:
                return await self._ask(table, unit, start, count)
            except SilentError:
                if attempt == self.line.retries:
                    raise
        raise AssertionError("unreachable")

    async def _ask(self, table: str, unit: int, start: int, count: int) -> list[int]:
        client = await self._open()
        ask = {
            "coil": client.read_coils,
            "discrete": client.read_discrete_inputs,
            "holding": client.read_holding_registers,
            "input": client.read_input_registers,
        }[table]
        try:
            answer = await ask(start, count=count, device_id=unit)
        except _BROKEN as problem:
            self.close()
            raise SilentError(str(problem)) from problem
        except BaseException:  # cancelled as well: its answer may still be on the way
            self.close()
            raise
        if answer.isError():
            code = getattr(answer, "exception_code", 0)
            if code in TARGET_SILENT:
                raise SilentError(f"gateway: exception {code}")
            raise RefusedError(code)
        values = [int(bit) for bit in answer.bits[:count]] if table in BIT_TABLES else list(answer.registers)
        if len(values) != count:
            self.close()
            raise SilentError(f"asked for {count}, answered with {len(values)}")
        if self.line.pause:
            await asyncio.sleep(self.line.pause)
        return values

    async def _open(self) -> Any:
        if self._client is not None and self._client.connected:
            return self._client
        self.close()
        if self._settle and self.line.baud is not None:  # let a late answer pass on a real wire
            await asyncio.sleep(self._settle)
        client = self._make()
        try:
            opened = await client.connect()
        except (OSError, ModbusException) as problem:
            raise LineDownError(str(problem)) from problem
        except BaseException:
            client.close()
            raise
        if not opened:
            client.close()
            raise LineDownError(self.line.url)
        self._client = client
        return client

    def close(self) -> None:
        """Forget the connection, and with it every answer that has not come."""
        if self._client is not None:
            self._client.close()
            self._client = None
            self._settle = self.line.timeout
