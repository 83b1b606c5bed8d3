"""The analysts' JupyterLab: a working copy of the notebooks, Chinese menus, charts that stay at home.

The checkout is never worked in: saving a run notebook would change it. What a person has edited is never touched.
"""

from __future__ import annotations

import hashlib
import json
import os
from contextlib import suppress
from dataclasses import asdict
from pathlib import Path

from hub.platform.page_sign_in import page_sign_in
from hub.secret_store import SecretStore
from hub.settings import ROOT, Settings

COPIED = ("*.ipynb", "*.md")
"""What is copied; the Python modules beside them are imported from the checkout and stay one."""

STARTUP = """\
# Written at every start of JupyterLab: charts in the house style, without the button that sends their data away.
# Put your own start-up code into another file of this folder.
try:
    from notebooks.charts import use_house_style
except ImportError:
    pass
else:
    use_house_style()
    del use_house_style
"""


def workspace(chosen: Settings) -> Path:
    """Where analysts work and JupyterLab opens."""
    return chosen.home / "jupyter" / "notebooks"


def prepare(chosen: Settings, source: Path = ROOT / "notebooks") -> None:
    """Brings the working copy, the defaults of the pages and the kernels' start-up file up to date."""
    home = chosen.home / "jupyter"
    home.mkdir(parents=True, exist_ok=True, mode=0o700)
    copy_new(source, workspace(chosen), home / "copied.json")
    defaults = {
        "@jupyterlab/translation-extension:plugin": {"locale": "zh_CN" if chosen.language == "zh" else "default"},
        "@jupyterlab/apputils-extension:notification": {"fetchNews": "false", "checkForUpdates": False},
    }
    _write(home / "config" / "labconfig" / "default_setting_overrides.json", json.dumps(defaults, indent=2))
    _write(home / "config" / "jupyter_server_config.json", json.dumps(_server(chosen), indent=2))
    _write(home / "ipython" / "profile_default" / "startup" / "00-charts-stay-here.py", STARTUP)


def _server(chosen: Settings) -> dict[str, dict[str, object]]:
    """Who may enter: people through the hub, programs by a token. In a file: kernels inherit the environment."""
    return {
        "ServerApp": {"identity_provider_class": "hub.platform.jupyter_sign_in.HubIdentityProvider"},
        "HubIdentityProvider": {
            "service_token": SecretStore(chosen.secrets_file).get("jupyter_token"),
            "hub": asdict(page_sign_in("jupyterlab", chosen)),
            "cookie_options": {"samesite": "Lax", "expires_days": None},
            "secure_cookie": chosen.public_url.startswith("https://"),
        },
    }


def arguments(chosen: Settings) -> list[str]:
    """JupyterLab's arguments: nothing is asked of the internet and nothing installed from a page."""
    return [
        "--no-browser",
        f"--ServerApp.ip={chosen.host}",
        f"--ServerApp.port={chosen.jupyter_port}",
        "--ServerApp.port_retries=0",
        f"--ServerApp.root_dir={workspace(chosen)}",
        "--ServerApp.allow_root=True",
        "--LabApp.news_url=None",
        "--LabApp.check_for_updates_class=jupyterlab.NeverCheckForUpdate",
        "--LabApp.extension_manager=readonly",
    ]


def copy_new(source: Path, target: Path, record: Path) -> None:
    """Copies what is new or newer in `source`, but nothing over a file that is not as it was copied before.

    `record` remembers what was copied, by digest. A file that was deleted comes back.
    """
    try:
        copied: dict[str, str] = json.loads(record.read_text(encoding="utf-8"))
    except (FileNotFoundError, ValueError):
        copied = {}
    for path in sorted(found for pattern in COPIED for found in source.glob(pattern)):
        content, there = path.read_bytes(), target / path.name
        with suppress(FileNotFoundError):
            if _digest(there.read_bytes()) != copied.get(path.name):
                continue
        _write(there, content)
        copied[path.name] = _digest(content)
    _write(record, json.dumps(copied, indent=2))


def _digest(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()


def _write(path: Path, content: str | bytes) -> None:
    """Puts a file in place whole, for its owner only."""
    path.parent.mkdir(parents=True, exist_ok=True)
    fresh = path.with_name(f"{path.name}.new")
    with open(os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "wb") as file:
        file.write(content.encode() if isinstance(content, str) else content)
    fresh.replace(path)
