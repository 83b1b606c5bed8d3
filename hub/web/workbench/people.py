"""Who looks at the workbench: the viewer of a page, and signing in and out as starlette-admin's auth provider."""

from __future__ import annotations

from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.routing import Route
from starlette.templating import Jinja2Templates
from starlette_admin.auth import AdminUser
from starlette_admin.auth.base import BaseAuthProvider
from starlette_admin.helpers import index_url, safe_redirect_url

from graph_schema.current import current
from hub.context import Viewer
from hub.document.access import ROLES
from hub.web import auth
from hub.web.workbench.language import COOKIE, LANGUAGES, say, spoken

_YEAR = 365 * 24 * 3600
_SEE_OTHER = 303


def viewer_of(request: Request) -> Viewer:
    """The signed-in viewer; no page is reached without one, so its absence is a mistake of ours."""
    viewer = auth.viewer_of(request)
    assert viewer is not None, "a page was reached without signing in"
    return viewer


def role_names(request: Request) -> str:
    """The viewer's roles in the language of the page."""
    return "、".join(spoken(ROLES[role].label) for role in sorted(viewer_of(request).roles) if role in ROLES)


class Gate(BaseAuthProvider):
    """Lets signed-in viewers pass and shows everybody else the sign-in page; `hub` is the application around."""

    def __init__(self, hub: Starlette) -> None:
        super().__init__()
        self._hub = hub

    async def authenticate(self, request: Request) -> AdminUser | None:
        """The framework's user for the viewer that the hub's own middleware found, who now knows the custom fields."""
        viewer = auth.viewer_of(request)
        if viewer is None:
            return None
        request.state.viewer = await (await current()).informed(viewer)
        return AdminUser(username=viewer.name)

    def get_routes(self, templates: Jinja2Templates) -> list[Route]:
        """The pages for signing in and out."""

        async def sign_in(request: Request) -> Response:
            return await self._sign_in(request, templates)

        return [
            Route(self.login_path, sign_in, methods=["GET", "POST"], name="login"),
            Route(self.logout_path, self._sign_out, methods=["POST"], name="logout"),
        ]

    async def _sign_in(self, request: Request, templates: Jinja2Templates) -> Response:
        home = index_url(request)
        onward = safe_redirect_url(request.query_params.get("next") or home, request, home)
        if auth.viewer_of(request) is not None:
            return RedirectResponse(onward, _SEE_OTHER)
        if request.method == "GET":
            return templates.TemplateResponse(request, "login.html")
        form = await request.form()
        login = str(form.get("username") or "").strip()
        viewer = await auth.sign_in(self._outside(request), login, str(form.get("password") or ""))
        if viewer is None:
            sentence = say("账号或密码不正确，请重新输入。", "Login or password is wrong; please try again.")
            return templates.TemplateResponse(request, "login.html", {"error": sentence, "typed_login": login}, 401)
        response = RedirectResponse(onward, _SEE_OTHER)
        if COOKIE not in request.cookies and viewer.language in LANGUAGES:
            response.set_cookie(COOKIE, viewer.language, max_age=_YEAR, samesite="lax")
        return response

    async def _sign_out(self, request: Request) -> Response:
        await auth.sign_out(self._outside(request))
        return RedirectResponse(index_url(request), _SEE_OTHER)

    def _outside(self, request: Request) -> Request:
        """The same request as the application around us sees it: it keeps the identities."""
        return Request({**request.scope, "app": self._hub}, request.receive)
