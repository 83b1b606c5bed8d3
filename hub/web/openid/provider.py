"""Authlib's authorization server with our sessions, our table and our signing key. Made anew for each request.

The database is asked synchronously, so the endpoints call this from threads.
"""

from __future__ import annotations

import json
import secrets
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from typing import Any

from authlib.oauth2 import OAuth2Error, OAuth2Request
from authlib.oauth2.rfc6749 import AuthorizationServer, InvalidRequestError
from authlib.oauth2.rfc6749.grants import AuthorizationCodeGrant
from authlib.oauth2.rfc6749.requests import OAuth2Payload
from authlib.oauth2.rfc7636 import CodeChallenge
from authlib.oidc.core import OpenIDCode
from authlib.oidc.rpinitiated import EndSessionEndpoint
from joserfc.jwk import KeySet, RSAKey
from sqlalchemy import Engine, select
from sqlalchemy.orm import Session
from starlette.responses import JSONResponse, Response

from hub import sign_ins
from hub.context import Viewer
from hub.document.registry import spec
from hub.identity import viewer_of
from hub.secret_store import SecretStore
from hub.settings import Settings
from hub.web.openid.clients import SCOPES, Client, clients, issuer

ALGORITHM = "RS256"


def signing_key(chosen: Settings) -> RSAKey:
    """The key that ID tokens are signed with: made on this machine, kept with its secrets."""

    def make() -> str:
        return json.dumps(RSAKey.generate_key(2048, auto_kid=True).as_dict(private=True))

    return RSAKey.import_key(json.loads(SecretStore(chosen.secrets_file).get("openid_signing_key", make)))


class _Values(OAuth2Payload):
    """The values of a request, by name."""

    def __init__(self, values: Sequence[tuple[str, str]]) -> None:
        self._values = values

    @property
    def data(self) -> dict[str, str]:
        return dict(self._values)

    @property
    def datalist(self) -> dict[str, list[str]]:
        return {name: [value for one, value in self._values if one == name] for name, _ in self._values}


class Asked(OAuth2Request):
    """A request in Authlib's shape: the values of its query or form.

    The address given to Authlib is not the real one: it refuses plain http, which is the operator's decision.
    """

    def __init__(self, method: str, values: Sequence[tuple[str, str]], headers: Mapping[str, str]) -> None:
        super().__init__(method, "https://hub/", headers={"Authorization": headers.get("authorization")})
        self.values = values
        self.payload = _Values(values)

    @property
    def form(self) -> dict[str, str]:
        """The values that were sent."""
        found: dict[str, str] = self.payload.data
        return found

    @property
    def silent(self) -> bool:
        """Whether no page may be shown to the user."""
        return "none" in self.form.get("prompt", "").split()


class Provider(AuthorizationServer):
    """The authorization server, for a browser that named this machine `host`, in the browser session `session_id`."""

    def __init__(
        self,
        chosen: Settings,
        engine: Engine,
        host: str | None = None,
        session_id: str = "",
        signed_in_at: datetime | None = None,
    ) -> None:
        super().__init__(scopes_supported=None)
        self.chosen, self.engine = chosen, engine
        self.session_id, self.signed_in_at = session_id, signed_in_at or datetime.now(UTC)
        self.key = signing_key(chosen)
        self._clients = clients(chosen, host)
        self.register_grant(_Grant, [_Challenge(), _IdToken()])
        self.register_endpoint(_EndSession)

    def query_client(self, client_id: str) -> Client | None:
        """The page of that name."""
        return self._clients.get(client_id)

    def create_oauth2_request(self, request: Asked) -> Asked:
        """It is in Authlib's shape already."""
        return request

    def handle_error_response(self, request: Asked, error: OAuth2Error) -> Response:
        """An error in the protocol's words: sent to the page, or as JSON."""
        answer: Response = super().handle_error_response(request, error)
        return answer

    def create_authorization_response(self, request: Asked, grant_user: Viewer, grant: Any) -> Response:
        """The way back to the page, with a code."""
        answer: Response = super().create_authorization_response(request, grant_user, grant)
        return answer

    def save_token(self, token: dict[str, Any], request: Asked) -> None:
        """Kept already, when its code was taken."""

    def send_signal(self, name: str, *args: Any, **kwargs: Any) -> None:
        """Nobody listens."""

    def handle_response(self, status: int, body: Any, headers: Sequence[tuple[str, str]]) -> Response:
        """Authlib's answer as ours; never kept by a cache."""
        response = JSONResponse(body, status) if isinstance(body, dict) else Response(body, status)
        for name, value in headers:
            response.headers[name] = value
        response.headers["Cache-Control"] = "no-store"
        return response

    def who(self, token: str) -> dict[str, Any] | None:
        """The claims about whom a token stands for, None when the sign-in has ended or the page is no longer open."""
        with Session(self.engine) as session, session.begin():
            found = sign_ins.sign_in_of(session, token)
            viewer = viewer_of(session, user_id=found.user_id) if found else None
        if found is None or viewer is None or not self._clients[found.client].admits(viewer.roles):
            return None
        return self.claims(viewer, found.scope)

    def claims(self, viewer: Viewer, scope: str) -> dict[str, Any]:
        """What is said about somebody: `sub` always, the rest by scope."""
        said: dict[str, Any] = {"sub": str(viewer.user_id)}
        if "profile" in scope.split():
            locale = "en" if viewer.language == "en" else "zh-CN"
            said |= {"preferred_username": viewer.code, "name": viewer.name, "locale": locale}
            said["roles"] = sorted(viewer.roles)
        if "email" in scope.split():
            user = spec("User").table
            with Session(self.engine) as session:
                email = session.execute(select(user.c.email).where(user.c.id == viewer.user_id)).scalar()
            said |= {"email": email, "email_verified": False} if email else {}
        return said


class _Grant(AuthorizationCodeGrant):
    """Codes for a minute and for one use."""

    def generate_authorization_code(self) -> str:
        return secrets.token_urlsafe(32)

    def save_authorization_code(self, code: str, request: Asked) -> None:
        data, server = request.payload.data, self.server
        given = sign_ins.Code(
            user_id=request.user.user_id,
            client=request.client.client_id,
            redirect_uri=data.get("redirect_uri") or request.client.redirect_uri,
            scope=request.scope,
            nonce=data.get("nonce"),
            code_challenge=data["code_challenge"],
            signed_in_at=server.signed_in_at,
        )
        with Session(server.engine) as session, session.begin():
            sign_ins.keep_code(session, code, given, server.session_id)

    def query_authorization_code(self, code: str, client: Client) -> sign_ins.Code | None:
        """Takes the code: whatever is wrong with the rest of the request, it does not work a second time."""
        self._token = secrets.token_urlsafe(32)
        with Session(self.server.engine) as session, session.begin():
            return sign_ins.exchange(session, code, client.client_id, self._token)

    def delete_authorization_code(self, authorization_code: sign_ins.Code) -> None:
        """Taken already."""

    def authenticate_user(self, authorization_code: sign_ins.Code) -> Viewer | None:
        with Session(self.server.engine) as session, session.begin():
            viewer = viewer_of(session, user_id=authorization_code.user_id)
        return viewer if viewer and self.client.admits(viewer.roles) else None

    def generate_token(self, user: Viewer, scope: str, **_more: Any) -> dict[str, Any]:
        seconds = sign_ins.TOKEN_HOURS * 3600
        return {"token_type": "Bearer", "access_token": self._token, "expires_in": seconds, "scope": scope}


class _Challenge(CodeChallenge):
    """PKCE, asked of every client and by SHA-256 only."""

    SUPPORTED_CODE_CHALLENGE_METHOD = ("S256",)

    def validate_code_challenge(self, grant: _Grant, redirect_uri: str) -> None:
        data = grant.request.payload.data
        if not data.get("code_challenge") or data.get("code_challenge_method") != "S256":
            raise InvalidRequestError("A code_challenge with the method S256 is needed.")
        super().validate_code_challenge(grant, redirect_uri)


class _IdToken(OpenIDCode):
    """The signed statement who has signed in."""

    def exists_nonce(self, nonce: str, request: Asked) -> bool:
        """Codes work once, so a nonce cannot be used again."""
        return False

    def __call__(self, grant: _Grant) -> None:
        self._server: Provider = grant.server
        super().__call__(grant)

    def resolve_client_private_key(self, client: Client) -> RSAKey:
        return self._server.key

    def get_client_algorithm(self, client: Client) -> str:
        return ALGORITHM

    def get_client_claims(self, client: Client) -> dict[str, Any]:
        return {"iss": issuer(self._server.chosen), "aud": client.client_id}

    def get_encode_header(self, client: Client) -> dict[str, Any]:
        return {"alg": ALGORITHM, "kid": self._server.key.kid}

    def generate_user_info(self, user: Viewer, scope: str) -> dict[str, Any]:
        return self._server.claims(user, scope)


class _EndSession(EndSessionEndpoint):
    """Signing out, asked for by a page: it shows the ID token it was given."""

    def get_server_jwks(self) -> KeySet:
        return KeySet([self.server.key])

    def get_algorithms(self) -> list[str]:
        return [ALGORITHM]

    def end_session(self, end_session_request: Any) -> None:
        """The endpoint does it, which has the browser's cookie."""


def discovery(chosen: Settings) -> dict[str, Any]:
    """OpenID Connect Discovery 1.0: what there is and where."""
    at = issuer(chosen)
    return {
        "issuer": at,
        "authorization_endpoint": f"{at}/oauth/authorize",
        "token_endpoint": f"{at}/oauth/token",
        "userinfo_endpoint": f"{at}/oauth/userinfo",
        "jwks_uri": f"{at}/oauth/jwks",
        "end_session_endpoint": f"{at}/oauth/end-session",
        "scopes_supported": list(SCOPES),
        "response_types_supported": ["code"],
        "response_modes_supported": ["query"],
        "grant_types_supported": ["authorization_code"],
        "subject_types_supported": ["public"],
        "id_token_signing_alg_values_supported": [ALGORITHM],
        "token_endpoint_auth_methods_supported": ["client_secret_basic", "client_secret_post"],
        "code_challenge_methods_supported": ["S256"],
        "prompt_values_supported": ["none", "login"],
        "claims_supported": [
            *("sub", "iss", "aud", "exp", "iat", "auth_time", "nonce"),
            *("preferred_username", "name", "locale", "roles", "email"),
        ],
    }
