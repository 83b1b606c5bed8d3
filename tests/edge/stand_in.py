"""What stands around the collector in these tests: a small real HTTP hub, real subprocesses, misbehaving devices.

The hub keeps rows by (device, metric, at) as the product's does, answers over real sockets, and can be stopped and
started again on the same port.
"""

from __future__ import annotations

import gzip
import json
import os
import signal
import socket
import subprocess
import sys
import threading
import time
from collections import Counter
from collections.abc import Callable
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

TOKEN = "edge-test-token"
Key = tuple[str, str, str]


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


def wait_until(condition: Callable[[], bool], seconds: float = 15, what: str = "the condition") -> None:
    deadline = time.monotonic() + seconds
    while not condition():
        if time.monotonic() > deadline:
            raise AssertionError(f"{what} did not come true in {seconds} s")
        time.sleep(0.02)


class StandInHub:
    """Rows by key; `batches` sizes; `conflicts` same key with another value.

    `status` is an answer to give instead; `most` the rows of the largest batch it takes.
    """

    def __init__(self) -> None:
        self.port = free_port()
        self.rows: dict[Key, dict[str, Any]] = {}
        self.order: list[Key] = []
        self.batches: list[int] = []
        self.conflicts: list[Key] = []
        self.deliveries: Counter[Key] = Counter()
        self.status: int | None = None
        self.most: int | None = None
        self.drop_answers = 0  # store the batch, then break the connection: the worst moment
        self.reply: bytes | None = None
        self.unknown_devices: set[str] = set()
        self._server: ThreadingHTTPServer | None = None
        self._lock = threading.Lock()

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def start(self) -> None:
        hub = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def do_POST(self) -> None:
                hub.answer(self)

            def log_message(self, *args: object) -> None:
                pass

        class Server(ThreadingHTTPServer):
            def handle_error(self, *args: object) -> None:
                """A collector killed in the middle of a request is what these tests are about."""

        self._server = Server(("127.0.0.1", self.port), Handler)
        self._server.daemon_threads = True
        threading.Thread(target=self._server.serve_forever, args=(0.02,), daemon=True).start()

    def stop(self) -> None:
        if self._server is not None:
            self._server.shutdown()
            self._server.server_close()
            self._server = None

    def answer(self, request: BaseHTTPRequestHandler) -> None:
        body = request.rfile.read(int(request.headers["Content-Length"]))
        status, reply = self._reply(request, body)
        if status == 200 and self.drop_answers:
            self.drop_answers -= 1
            request.close_connection = True
            request.connection.close()
            return
        request.send_response(status)
        request.send_header("Content-Length", str(len(reply)))
        # Answers of a stopped hub close their connection, as a process that ends does.
        if self._server is None:
            request.send_header("Connection", "close")
            request.close_connection = True
        request.end_headers()
        request.wfile.write(reply)

    def _reply(self, request: BaseHTTPRequestHandler, body: bytes) -> tuple[int, bytes]:
        if self._server is None:
            return 503, b"stopping"
        if self.status is not None:
            return self.status, b"no"
        if request.path != "/edge/readings" or request.headers["Authorization"] != f"Bearer {TOKEN}":
            return 401, b"who are you"
        if self.reply is not None:
            return 200, self.reply
        text = gzip.decompress(body) if request.headers.get("Content-Encoding") == "gzip" else body
        readings = json.loads(text)["readings"]
        if self.most is not None and len(readings) > self.most:
            return 413, b"too large"
        with self._lock:
            return 200, json.dumps(self._store(readings)).encode()

    def _store(self, readings: list[dict[str, Any]]) -> dict[str, Any]:
        accepted = duplicates = 0
        rejected = []
        for index, reading in enumerate(readings):
            key = (reading["device"], reading["metric"], reading["at"])
            self.deliveries[key] += 1
            if reading["device"] in self.unknown_devices:
                rejected.append({"index": index, "code": "DEVICE_UNKNOWN", "message": reading["device"]})
            elif key in self.rows:
                duplicates += 1
                if self.rows[key]["value"] != reading["value"]:
                    self.conflicts.append(key)
            else:
                accepted += 1
                self.rows[key] = reading
                self.order.append(key)
        self.batches.append(len(readings))
        return {"accepted": accepted, "duplicates": duplicates, "rejected": rejected}


class Edge:
    """A run of the real `edge` command in its own process, its log in a file."""

    def __init__(self, folder: Path, *arguments: str, **environment: str) -> None:
        self.log_path = folder / f"edge-{time.time_ns()}.log"
        clean = {key: value for key, value in os.environ.items() if not key.startswith("EDGE_")}
        with self.log_path.open("w") as log:
            self.process = subprocess.Popen(
                [sys.executable, "-c", "from edge_collectors.cli import main; main()", *arguments],
                stdout=log,
                stderr=subprocess.STDOUT,
                env={**clean, "EDGE_TOKEN": TOKEN, **environment},
                cwd=folder,
            )

    @property
    def log(self) -> str:
        return self.log_path.read_text()

    def wait(self, seconds: float = 60) -> int:
        return self.process.wait(seconds)

    def terminate(self) -> float:
        """SIGTERM, and the seconds until it was gone."""
        began = time.monotonic()
        self.process.terminate()
        self.process.wait(10)
        return time.monotonic() - began

    def kill(self) -> None:
        self.process.send_signal(signal.SIGKILL)
        self.process.wait(10)


def edge_once(folder: Path, *arguments: str, **environment: str) -> tuple[int, str]:
    """Run `edge` to its end: exit code and everything it printed."""
    run = Edge(folder, *arguments, **environment)
    try:
        return run.wait(30), run.log
    finally:
        if run.process.poll() is None:
            run.kill()


def listens(port: int) -> bool:
    with socket.socket() as probe:
        probe.settimeout(0.2)
        return probe.connect_ex(("127.0.0.1", port)) == 0
