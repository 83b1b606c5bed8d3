"""Every setting of the product, in one place: the only module that reads the environment.

Each field has a description, from which `hub settings` and the documentation are made. A setting `port` is the
variable `HUB_PORT`. Other processes (collector, Superset) get what they need passed by the platform.
"""

from __future__ import annotations

import os
from functools import cache
from pathlib import Path
from typing import Literal
from urllib.parse import urlsplit

from pydantic import AliasChoices, Field, ValidationError, field_validator
from pydantic_settings import BaseSettings, SettingsConfigDict

from hub.context import is_time_zone
from hub.trouble import Trouble

Introspection = Literal["signed_in", "staff", "administrators", "nobody"]

ROOT = Path(__file__).resolve().parent.parent
"""The checkout: where the Procfile, the notebooks and the edge sites lie."""


class Settings(BaseSettings):
    """The settings of one installation. Each is changed by the variable HUB_<NAME>."""

    model_config = SettingsConfigDict(env_prefix="HUB_", frozen=True, extra="ignore", env_ignore_empty=True)

    home: Path = Field(
        default=ROOT / ".hub", description="Folder of all state: data, generated secrets, logs, demo silos."
    )
    database_url: str = Field(
        default="",
        description="PostgreSQL 18 or newer to use, postgresql://user:password@host:5432/database. "
        "Empty: an embedded server under the home folder.",
    )
    superset_role: str = Field(
        default="hub_superset", description="Database role that owns Superset's metadata schema."
    )
    mart_role: str = Field(
        default="hub_mart", description="Database role that may read the schema mart and nothing else."
    )
    mart_statement_timeout_seconds: int = Field(
        default=30, ge=1, description="Longest query of the mart role (dashboards, notebooks), in seconds."
    )
    write_pool: int = Field(
        default=8, ge=1, description="Database connections for writes; also the thread limit of the hub."
    )
    read_pool: int = Field(default=16, ge=1, description="Database connections for reads and subscriptions.")

    read_timeout_seconds: float = Field(
        default=20.0, gt=0, description="Longest statement of a GraphQL request, in seconds."
    )
    cost_limit: int = Field(
        default=100_000, ge=1, description="Most one GraphQL request may cost; about the rows it may show."
    )
    quota_per_minute: int = Field(
        default=100_000_000,
        ge=0,
        description="GraphQL cost that a user may spend per minute; 0: any.",
    )
    partner_quota_per_minute: int = Field(
        default=1_000_000, ge=0, description="The same for whoever has the role partner; 0: any."
    )
    introspection: Introspection = Field(
        default="signed_in",
        description="Who may ask for the GraphQL schema: signed_in, staff (all but partners), administrators, nobody.",
    )
    trusted_documents_only: bool = Field(
        default=False, description="GraphQL runs registered documents only (`hub documents register`)."
    )

    host: str = Field(default="127.0.0.1", description="Address every server listens on.")
    public_url: str = Field(
        default="",
        description="Address by which browsers reach the hub through a proxy, such as https://hub.example.com:8000. "
        "The other pages then have its scheme and name, with their own ports. Empty: http and the name in the browser.",
    )
    port: int = Field(default=8000, ge=1, le=65535, description="Hub: GraphQL and workbench.")
    dagster_port: int = Field(default=3000, ge=1, le=65535, description="Dagster's page.")
    superset_port: int = Field(default=8088, ge=1, le=65535, description="Superset.")
    jupyter_port: int = Field(default=8888, ge=1, le=65535, description="JupyterLab.")
    simulator_port: int = Field(default=5020, ge=1, le=65535, description="Modbus TCP device simulator.")

    idempotency_days: int = Field(
        default=90, ge=1, description="Days for which the answer to a write's idempotency key is kept."
    )
    file_limit_megabytes: int = Field(default=500, ge=1, le=2047, description="Largest attachment, in MB.")
    files_quota_gigabytes: int = Field(
        default=100, ge=0, description="Most that the attachments of a company may take together, in GB; 0: any."
    )
    file_groups_refused: str = Field(
        default="program page",
        description="Attachments refused by what they hold: document, image, text, archive, drawing, media, page, "
        "program, other; several with spaces.",
    )

    time_zone: str = Field(
        default="Asia/Shanghai", description="Time zone of every database session, schedule and page."
    )
    language: Literal["zh", "en"] = Field(
        default="zh", description="Language of a page for whom nothing else is known."
    )
    sources: Path = Field(
        default=ROOT / "hub" / "seed" / "sources",
        description="Folder (or one file) of the TOML files that declare the source systems.",
    )
    source_values: dict[str, str] = Field(
        default_factory=dict,
        description="Values for ${NAME} in source files, such as URLs with passwords: a JSON object.",
    )
    demo_days: int = Field(
        default=365, ge=0, description="Days of the demo company's year on the hub that its first start tells."
    )
    edge_site: Path = Field(
        default=ROOT / "edge_collectors" / "sites" / "demo.toml", description="Site file the demo's collector polls."
    )
    superset_environment: Path = Field(
        default=ROOT / ".venv-superset", description="Folder of Superset's own Python environment, made when missing."
    )
    superset_python: str = Field(
        default="", description="Path of a Python 3.11 or 3.12 to make that environment with; empty: found by uv."
    )
    minimum_free_megabytes: int = Field(
        default=2048, ge=0, description="`hub up` warns below this much free disk space, in MB."
    )
    prove: bool = Field(default=False, description="Tests use the full counts of `make prove`.")

    # Read without the HUB_ prefix because the whole industry spells them this way.
    no_color: bool = Field(
        default=False, validation_alias=AliasChoices("HUB_NO_COLOR", "NO_COLOR"), description="Plain terminal output."
    )

    @field_validator("home", "sources", "edge_site", "superset_environment")
    @classmethod
    def _absolute(cls, value: Path) -> Path:
        """Relative folders count from where the command was given, and stay true when a child changes folder."""
        return Path.cwd() / value.expanduser()

    @field_validator("public_url")
    @classmethod
    def _web_address(cls, value: str) -> str:
        found = urlsplit(value)
        if value and (found.scheme not in ("http", "https") or not found.hostname or found.path.strip("/")):
            raise ValueError("not an address like https://hub.example.com:8000")
        return value.rstrip("/")

    @field_validator("time_zone")
    @classmethod
    def _known_zone(cls, value: str) -> str:
        if not is_time_zone(value):
            raise ValueError(f"no such time zone: {value}")
        return value

    @field_validator("no_color", mode="before")
    @classmethod
    def _any_word_counts(cls, value: object) -> bool:
        """NO_COLOR is set or not; its value has no meaning."""
        return bool(value) and str(value).lower() not in {"0", "false"}

    @property
    def embedded(self) -> bool:
        """True when the database is the embedded server."""
        return not self.database_url

    @property
    def logs(self) -> Path:
        """Folder of the log files."""
        return self.home / "logs"

    @property
    def secrets_file(self) -> Path:
        """File of the passwords and tokens generated on this machine."""
        return self.home / "secrets.json"


def variable_of(field: str) -> str:
    """The environment variable that changes a setting: `port` → `HUB_PORT`."""
    return f"HUB_{field.upper()}"


@cache
def settings() -> Settings:
    """The settings of this process, read once.

    Raises:
        Trouble: a variable has a value that cannot be used; the sentence names it.
    """
    try:
        return Settings()
    except ValidationError as error:
        found = error.errors()[0]
        name = variable_of(str(found["loc"][0])) if found["loc"] else "HUB_…"
        raise Trouble(
            f"环境变量 {name} 的值 {found['input']!r} 不可用：{found['msg']}。",
            f"The variable {name} has an unusable value {found['input']!r}: {found['msg']}.",
        ) from error


def inherited_environment() -> dict[str, str]:
    """A copy of this process's environment, for the children the platform starts."""
    return dict(os.environ)


def settings_table() -> str:
    """Every setting as a Markdown table: variable, default, meaning. The documentation holds this text."""
    lines = ["| Variable | Default | Meaning |", "|---|---|---|"]
    for name, field in Settings.model_fields.items():
        value = field.get_default(call_default_factory=True)
        shown = f"`{_relative(value)}`" if value not in ("", {}) else ""
        lines.append(f"| `{variable_of(name)}` | {shown} | {field.description} |")
    return "\n".join(lines)


def _relative(value: object) -> str:
    """A default as the reader's machine has it: paths from the checkout."""
    if isinstance(value, Path):
        return str(value.relative_to(ROOT))
    return str(value).lower() if isinstance(value, bool) else str(value)
