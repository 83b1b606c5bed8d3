"""The workbench: where people work in a browser. Lists and menu by starlette-admin, pages from the specs.

Everything is read through GraphQL with the viewer's rights and written by one verb per form.
"""

from __future__ import annotations

from starlette.applications import Starlette

from hub.secret_store import SecretStore
from hub.settings import Settings


def mount(app: Starlette, settings: Settings) -> None:
    """Serve the workbench at `/` of `app`, behind the routes it has already. `app.state.engine` is used for writes."""
    from hub.web.workbench.site import Workbench  # here: templates and views are only made when they are served

    Workbench(app, settings, SecretStore(settings.secrets_file).get("workbench")).mount_to(app)
