"""The hub is killed in the middle of an upload: nothing half is stored or named, and the upload can be done again."""

from __future__ import annotations

import os
import signal
import socket
import time
from pathlib import Path
from urllib.parse import urlsplit

import httpx
from sqlalchemy import text
from sqlalchemy.orm import Session

from hub import writes
from hub.context import system_viewer
from hub.files import care, store
from hub.identity import issue_token
from tests.conftest import Database
from tests.serving import free_port, launched

SIZE = 8 * 1024 * 1024


def half_an_upload(url: str, token: str, content: bytes, folder: Path) -> socket.socket:
    """A connection over which half of a content has gone, and has begun to be stored."""
    address = urlsplit(url)
    connection = socket.create_connection((address.hostname or "", address.port or 0), timeout=30)
    head = (
        f"POST {address.path}?{address.query} HTTP/1.1\r\nHost: {address.netloc}\r\nAuthorization: Bearer {token}\r\n"
    )
    connection.sendall(f"{head}Content-Length: {len(content)}\r\n\r\n".encode() + content[: len(content) // 2])
    until = time.monotonic() + 30
    while not any(part.stat().st_size > len(content) // 8 for part in folder.glob("*.part")):
        assert time.monotonic() < until, "the hub stores nothing of what it is sent"
        time.sleep(0.05)
    return connection


def test_half_an_upload_is_none(fresh_database: Database, tmp_path: Path) -> None:
    with writes.unit_of_work(fresh_database.engine, system_viewer("test"), "test") as ctx:
        company = writes.create(ctx, "Company", {"code": "C1", "name": "测试公司"}).id
    with writes.unit_of_work(fresh_database.engine, system_viewer("test", company), "test") as ctx:
        writes.create(ctx, "User", {"code": "ann", "name": "安", "roles": ["administrator"]})
        target = writes.create(ctx, "Warehouse", {"code": "W1", "name": "成品仓"}).id
    with Session(fresh_database.engine) as session, session.begin():
        token = issue_token(session, "ann", purpose="test")
    care.sweep(fresh_database.engine)  # what other databases of these tests name
    port, content, folder = free_port(), os.urandom(SIZE), store.folder(str(company))
    url = f"http://127.0.0.1:{port}/files/Warehouse/{target}?name=big.bin"
    attachments = text("SELECT count(*) FROM hub.attachment")

    process = launched(fresh_database, tmp_path / "hub.log", port)
    with half_an_upload(url, token, content, folder):
        os.killpg(process.pid, signal.SIGKILL)
        process.wait(timeout=20)
    with fresh_database.engine.connect() as connection:
        assert connection.execute(attachments).scalar_one() == 0
    assert [path.suffix for path in folder.rglob("*") if path.is_file()] == [".part"]

    with launched(fresh_database, tmp_path / "hub.log", port) as process:
        try:
            headers = {"Authorization": f"Bearer {token}"}
            again = httpx.post(url, content=content, headers=headers, trust_env=False, timeout=60)
            assert again.status_code == httpx.codes.CREATED, again.text
            back = httpx.get(f"http://127.0.0.1:{port}/files/{again.json()['id']}", headers=headers, trust_env=False)
            assert back.content == content
        finally:
            os.killpg(process.pid, signal.SIGKILL)
    assert list(care.verify(fresh_database.engine)) == [None]
    assert care.sweep(fresh_database.engine) == 0, "what is on its way in may still come"
    assert store.remove_parts(time.time() + 2 * 24 * 3600) >= 1
    assert not list(folder.glob("*.part"))
    store.place(str(company), again.json()["sha256"]).unlink()
