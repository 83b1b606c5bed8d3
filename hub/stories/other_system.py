"""Another system that the hub calls: it listens on a free port of this machine and knows who signed what comes."""

from __future__ import annotations

import base64
import hashlib
import hmac
import threading
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

Take = Callable[[Mapping[str, str], str], int]
"""Takes the headers, their names in small letters, and the content; returns the status to answer with."""


@contextmanager
def listening(take: Take) -> Iterator[str]:
    """An HTTP server on a free port for as long as the block lasts; yields its address."""

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            """Take what is sent."""
            content = self.rfile.read(int(self.headers["content-length"])).decode()
            self.send_response(take({key.lower(): value for key, value in self.headers.items()}, content))
            self.end_headers()

        def log_message(self, *_: object) -> None:
            """Say nothing."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_address[1]}/hook"
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


def signed(headers: Mapping[str, str], content: str, secret: str) -> bool:
    """Whether content bears the signature of who knows the secret, as https://www.standardwebhooks.com says."""
    key = base64.b64decode(secret.removeprefix("whsec_"))
    text = f"{headers['webhook-id']}.{headers['webhook-timestamp']}.{content}".encode()
    expected = base64.b64encode(hmac.new(key, text, hashlib.sha256).digest()).decode()
    return hmac.compare_digest(headers["webhook-signature"], f"v1,{expected}")
