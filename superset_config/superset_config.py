# mypy: ignore-errors
"""Superset's configuration, read by Superset itself (SUPERSET_CONFIG_PATH), in Superset's interpreter.

Reads only SUPERSET_… variables, which superset_config.run sets. Chinese first, English by the switch; nothing leaves
the machine. Three faults of Superset 6.1 are mended at the end: the Chinese texts, the missing login limit and CSV
files that Excel garbles.
"""

from __future__ import annotations

import base64
import hashlib
import json
import os
import re
from datetime import timedelta
from importlib.util import module_from_spec, spec_from_file_location
from pathlib import Path
from types import ModuleType
from urllib.parse import unquote

from flask import Flask, Response, request
from limits import RateLimitItem, parse, storage, strategies
from superset.config import THEME_DEFAULT as SHIPPED_THEME  # already defined when Superset loads this file

HERE = Path(os.environ["SUPERSET_CONFIG_PATH"]).parent


def _required(name: str) -> str:
    value = os.environ.get(name, "")
    if not value:
        raise RuntimeError(f"{name} 未设置，Superset 不会用默认密钥启动。 · {name} is not set; there is no default.")
    return value


SECRET_KEY = _required("SUPERSET_SECRET_KEY")
_METADATA = re.fullmatch(r"([^:]+://[^:@/]+)(?::([^@]*))?(@.*)", _required("SUPERSET_METADATA_URI"))
if _METADATA is None:
    raise RuntimeError("SUPERSET_METADATA_URI 应为 postgresql+psycopg2://用户:密码@/库 · is not a database address")
SQLALCHEMY_DATABASE_URI = _METADATA[1] + _METADATA[3]
if _METADATA[2]:
    os.environ["PGPASSWORD"] = unquote(_METADATA[2])  # Superset writes the address into its log when it cannot connect
HOME = Path(_required("SUPERSET_HOME"))
PORT = int(os.environ.get("SUPERSET_PORT", "8088"))
PORTAL_ORIGINS = [
    origin for origin in os.environ.get("SUPERSET_PORTAL_ORIGINS", "").replace(",", " ").split() if origin
]

DATA_DIR = str(HOME)
SQLALCHEMY_ENGINE_OPTIONS = {"pool_size": 5, "max_overflow": 5, "pool_pre_ping": True, "pool_recycle": 1800}

# --- language and formats
BABEL_DEFAULT_LOCALE = "zh"
LANGUAGES = {"zh": {"flag": "cn", "name": "简体中文"}, "en": {"flag": "us", "name": "English"}}
D3_FORMAT = {"decimal": ".", "thousands": ",", "grouping": [3], "currency": ["¥", ""]}
_MONTHS = [f"{month}月" for month in range(1, 13)]
D3_TIME_FORMAT = {
    "dateTime": "%Y-%m-%d %H:%M:%S",
    "date": "%Y-%m-%d",
    "time": "%H:%M:%S",
    "periods": ["上午", "下午"],
    "days": ["星期日", "星期一", "星期二", "星期三", "星期四", "星期五", "星期六"],
    "shortDays": ["周日", "周一", "周二", "周三", "周四", "周五", "周六"],
    "months": _MONTHS,
    "shortMonths": _MONTHS,
}
CURRENCIES = ["CNY", "USD", "EUR", "JPY"]

# --- what is on: dashboards by role and drilling; what needs a worker, uploads or templates is off
FEATURE_FLAGS = {
    "DASHBOARD_RBAC": True,
    "DRILL_BY": True,
    "DRILL_TO_DETAIL": True,
    "EMBEDDED_SUPERSET": False,
    "ENABLE_TEMPLATE_PROCESSING": False,
    "ALERT_REPORTS": False,
}
RLS_IN_SQLLAB = True  # without it a user's row rules do not hold in SQL Lab
ALLOWED_EXTENSIONS = set()
CELERY_CONFIG = None
FAB_API_SWAGGER_UI = False
ENABLE_CORS = False
ENABLE_UI_THEME_ADMINISTRATION = False
THEME_FONT_URL_ALLOWED_DOMAINS = []
WEBDRIVER_BASEURL = f"http://127.0.0.1:{PORT}/"

# --- caches without redis; five minutes at most, because the marts change during the day
CACHE_CONFIG = {"CACHE_TYPE": "SimpleCache", "CACHE_DEFAULT_TIMEOUT": 300, "CACHE_THRESHOLD": 500}
DATA_CACHE_CONFIG = {
    "CACHE_TYPE": "FileSystemCache",
    "CACHE_DIR": str(HOME / "cache"),
    "CACHE_DEFAULT_TIMEOUT": 300,
    "CACHE_THRESHOLD": 500,
}

# --- sessions and headers
SESSION_COOKIE_NAME = "superset_session"  # cookies ignore ports: the hub on the same address has a session too
SESSION_COOKIE_SAMESITE = "Lax"
PERMANENT_SESSION_LIFETIME = timedelta(hours=8)
WTF_CSRF_ENABLED = True
RATELIMIT_ENABLED = True
RATELIMIT_STORAGE_URI = "memory://"
GUEST_TOKEN_JWT_SECRET = hashlib.sha256(
    f"guest token of {SECRET_KEY}".encode()
).hexdigest()  # the shipped one is public
CONTENT_SECURITY_POLICY_WARNING = False
TALISMAN_ENABLED = True
TALISMAN_CONFIG = {
    "content_security_policy": {
        "base-uri": ["'self'"],
        "default-src": ["'self'"],
        "img-src": ["'self'", "blob:", "data:"],  # also stops the page's telemetry pixel
        "worker-src": ["'self'", "blob:"],
        "connect-src": ["'self'"],
        "object-src": "'none'",
        "style-src": ["'self'", "'unsafe-inline'"],
        "font-src": ["'self'"],
        "script-src": ["'self'", "'strict-dynamic'"],
        "frame-ancestors": ["'self'", *PORTAL_ORIGINS],
        "form-action": ["'self'"],
    },
    "content_security_policy_nonce_in": ["script-src"],
    "frame_options": None,  # X-Frame-Options cannot name the portal; frame-ancestors rules instead
    "force_https": False,
    "session_cookie_secure": False,
}


# --- brand
def _picture(name: str) -> str:
    return "data:image/svg+xml;base64," + base64.b64encode((HERE / "brand" / name).read_bytes()).decode("ascii")


APP_NAME = "枢纽"
FAVICONS = [{"href": _picture("mark.svg")}]
THEME_DEFAULT = {
    "token": {
        **SHIPPED_THEME["token"],
        "brandAppName": APP_NAME,
        "brandLogoAlt": "枢纽 Shuniu",
        "brandLogoUrl": _picture("logo.svg"),
        "colorPrimary": "#0b6e6e",
        # what the algorithm makes of the colour is a grey on which the words of a button cannot be read
        "colorPrimaryBg": "#e3f1f0",
        "colorPrimaryBgHover": "#cde5e3",
        "colorLink": "#0b6e6e",
        "fontFamily": "Inter, 'PingFang SC', 'Microsoft YaHei', 'Noto Sans CJK SC', 'Noto Sans SC', sans-serif",
    },
    "algorithm": "default",
}
THEME_DARK = None


# --- who may enter: people through the hub, unless Superset runs without one
def _hub_sign_in() -> ModuleType:
    """The module beside this file, which Superset loads by its path."""
    found = spec_from_file_location("shuniu_hub_sign_in", HERE / "hub_sign_in.py")
    module = module_from_spec(found)
    found.loader.exec_module(module)
    return module


HUB = json.loads(os.environ.get("SUPERSET_HUB", "null"))
if HUB:
    _sign_in = _hub_sign_in()
    globals().update(_sign_in.configuration(HUB))
    SESSION_COOKIE_SECURE = HUB["public_url"].startswith("https://")
    TALISMAN_CONFIG["session_cookie_secure"] = SESSION_COOKIE_SECURE

# --- faults of Superset 6.1 mended
FAILED_LOGINS_PER_NAME = "10 per minute"
FAILED_LOGINS_PER_ADDRESS = "60 per minute"
PLACEHOLDER = re.compile(r"%(?:\(\w+\))?[sd]")
LOGIN_PATHS = ("/login", "/api/v1/security/login")


def FLASK_APP_MUTATOR(app: Flask) -> None:  # noqa: N802 - Superset's name
    """Called once by Superset with the Flask application."""
    _serve_chinese_texts(app)
    _limit_failed_logins(app)
    _mark_csv_as_utf8(app)
    if HUB:
        _sign_in.end_with_the_hub(app)


def _serve_chinese_texts(app: Flask) -> None:
    """Serve the Chinese pack to everyone (the sign-in page too), with the worst translations corrected.

    About fifty shipped entries belong to another sentence: their placeholders differ, so they say nothing true or break
    the page. Those without a correction of ours are left out, and the page shows the English.
    """
    import superset

    shipped = Path(superset.__file__).parent / "translations/zh/LC_MESSAGES/messages.json"
    pack = json.loads(shipped.read_text(encoding="utf-8"))
    fixes = json.loads((HERE / "words_zh.json").read_text(encoding="utf-8"))
    texts = pack["locale_data"]["superset"]
    for english, chinese in list(texts.items()):
        if english and any(PLACEHOLDER.findall(english) != PLACEHOLDER.findall(form) for form in chinese[:1] if form):
            del texts[english]
    texts.update({english: [chinese] for english, chinese in fixes.items()})
    body = json.dumps(pack, ensure_ascii=False).encode()

    @app.before_request
    def chinese_texts() -> Response | None:
        if request.path == "/superset/language_pack/zh/":
            return Response(body, mimetype="application/json", headers={"Cache-Control": "public, max-age=3600"})
        return None


def _limit_failed_logins(app: Flask) -> None:
    """Refuse sign-in after too many failures (AUTH_RATE_LIMIT does not reach Superset's own view); successes do not
    count.
    """
    limiter = strategies.MovingWindowRateLimiter(storage.MemoryStorage())
    per_name, per_address = parse(FAILED_LOGINS_PER_NAME), parse(FAILED_LOGINS_PER_ADDRESS)

    def is_login() -> bool:
        return request.method == "POST" and request.path.rstrip("/") in LOGIN_PATHS

    def keys() -> tuple[tuple[RateLimitItem, str, str], tuple[RateLimitItem, str]]:
        form = request.get_json(silent=True) if request.is_json else request.form
        name = str(form.get("username", "")) if hasattr(form, "get") else ""
        address = request.remote_addr or "?"
        return (per_name, address, name.strip().lower()), (per_address, address)

    @app.before_request
    def too_many_failures() -> Response | None:
        if is_login() and not all(limiter.test(*key) for key in keys()):
            text = "登录失败次数过多，请一分钟后再试。\nToo many failed sign-ins; try again in a minute.\n"
            return Response(text, 429, mimetype="text/plain", headers={"Retry-After": "60"})
        return None

    @app.after_request
    def count_failure(response: Response) -> Response:
        refused = response.status_code == 401 or "/login" in response.headers.get("Location", "")
        if is_login() and refused:
            for key in keys():
                limiter.hit(*key)
        return response


def _mark_csv_as_utf8(app: Flask) -> None:
    """Begin CSV files with a byte order mark, or Excel shows Chinese as garbage (CSV_EXPORT has no effect on
    charts).
    """
    mark = b"\xef\xbb\xbf"

    @app.after_request
    def mark_csv(response: Response) -> Response:
        if response.mimetype == "text/csv" and not response.is_streamed:
            content = response.get_data()
            if not content.startswith(mark):
                response.set_data(mark + content)
        return response
