"""The keys of this installation: made at first use, kept in the secret store, rotated by `hub keys rotate`.

Without this file nobody opens an encrypted column or an attachment: it belongs into the backup, apart from the data.
"""

from __future__ import annotations

import base64
import json
import secrets
from functools import lru_cache
from pathlib import Path

from hub.ciphers import Ring
from hub.secret_store import SecretStore
from hub.settings import Settings, settings

_NAME = "encryption_keys"


def ring(chosen: Settings | None = None) -> Ring:
    """The keys as the secrets file has them now; read again when the file has changed."""
    path = (chosen or settings()).secrets_file
    try:
        found = path.stat()
    except FileNotFoundError:
        return _read(path, 0, 0)
    return _read(path, found.st_mtime_ns, found.st_size)


def rotate(chosen: Settings | None = None) -> str:
    """Make a new key, which seals from now on; the old ones still open. Returns the new key's id."""
    store = SecretStore((chosen or settings()).secrets_file)
    kept = json.loads(store.get(_NAME, _first))
    key_id, key = _new()
    store.put(_NAME, json.dumps({**kept, "current": key_id, "keys": {**kept["keys"], key_id: key}}))
    return key_id


@lru_cache(maxsize=4)
def _read(path: Path, _changed: int, _size: int) -> Ring:
    kept = json.loads(SecretStore(path).get(_NAME, _first))
    keys = {key_id: base64.b64decode(key) for key_id, key in kept["keys"].items()}
    return Ring(kept["current"], keys, base64.b64decode(kept["hashing"]))


def _first() -> str:
    key_id, key = _new()
    return json.dumps({"current": key_id, "keys": {key_id: key}, "hashing": _new()[1]})


def _new() -> tuple[str, str]:
    return secrets.token_hex(4), base64.b64encode(secrets.token_bytes(32)).decode()
