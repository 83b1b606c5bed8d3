"""A client of Superset's REST interface: the calls that provisioning, checks and tests need, with answers a person can
read.

Superset wants three things of a program that writes: a bearer token, a CSRF token that belongs to the session's
cookie, and an `Accept: application/json` header (else a failure is an HTML page). Works on any Superset 6.1, ours or
another.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping
from types import TracebackType
from typing import Any, Self

import httpx

from superset_config.errors import SupersetError

PAGE_SIZE = 100  # the most that Superset gives at once
LONGEST_REASON = 400

Record = dict[str, Any]


class Superset:
    """A signed-in session. `url` without a path, as `http://127.0.0.1:8088`; use it in a `with` block.

    Every method raises SupersetError: no connection, wrong password, a right that is missing, or Superset's own reason.
    """

    def __init__(self, url: str, user: str, password: str, timeout_seconds: float = 120.0) -> None:
        self.url = url.rstrip("/")
        self.user = user
        headers = {"Accept": "application/json", "Referer": f"{self.url}/"}
        self._http = httpx.Client(base_url=self.url, headers=headers, timeout=timeout_seconds, trust_env=False)
        try:
            self._sign_in(password)
        except SupersetError:
            self._http.close()
            raise

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._http.close()

    def _sign_in(self, password: str) -> None:
        asked = {"username": self.user, "password": password, "provider": "db", "refresh": False}
        answer = self._send("POST", "/api/v1/security/login", json=asked)
        if answer.status_code == httpx.codes.UNAUTHORIZED:
            raise SupersetError(
                f"Superset 不接受用户 {self.user} 的密码。", f"Superset refuses the password of {self.user}."
            )
        self._http.headers["Authorization"] = f"Bearer {self._content(answer, 'sign in')['access_token']}"

    # --- the calls everything else is made of

    def get(self, path: str) -> Record:
        """The answer to `GET /api/v1/<path>`."""
        return self._content(self._send("GET", f"/api/v1/{path}"), f"GET {path}")

    def put(self, path: str, content: Record) -> Record:
        """Change an object."""
        return self._write("PUT", path, json=content)

    def post(self, path: str, content: Record) -> Record:
        """Create an object or ask for something that needs a body."""
        return self._write("POST", path, json=content)

    def delete(self, path: str) -> Record:
        """Delete an object."""
        return self._write("DELETE", path)

    def all(self, resource: str) -> Iterator[Record]:
        """All objects of a list, as chart, dashboard, dataset, database, security/roles, security/users,
        rowlevelsecurity.
        """
        page = 0
        while True:
            found = self.get(f"{resource}/?q=(page:{page},page_size:{PAGE_SIZE})")["result"]
            yield from found
            if len(found) < PAGE_SIZE:
                return
            page += 1

    # --- assets

    def import_assets(self, bundle: bytes, passwords: Mapping[str, str]) -> None:
        """Import a bundle; objects are recognised by uuid and overwritten. `passwords` by the database file's path in
        it.
        """
        told = {"passwords": json.dumps(dict(passwords))}
        self._write("POST", "assets/import/", files={"bundle": ("bundle.zip", bundle, "application/zip")}, data=told)

    def test_connection(self, uri: str, name: str, extra: Record) -> None:
        """Let Superset try a database connection; SupersetError when the database refuses it."""
        asked = {"sqlalchemy_uri": uri, "database_name": name, "extra": json.dumps(extra), "impersonate_user": False}
        self.post("database/test_connection/", asked)

    def charts(self) -> list[Record]:
        """All charts the user may see, each with `id`, `uuid`, `slice_name`, `datasource_id`."""
        return list(self.all("chart"))

    def chart_data(self, chart_id: int, *, is_fresh: bool = True) -> list[Record]:
        """The rows of a chart from its saved query; `is_fresh` passes the cache by."""
        results = self.get(f"chart/{chart_id}/data/?force={str(is_fresh).lower()}")["result"]
        for result in results:
            if result.get("error"):
                raise _refused(f"chart {chart_id}", str(result["error"]))
        return [row for result in results for row in result["data"]]

    def export_csv(self, chart_id: int) -> bytes:
        """A chart's rows as a CSV file with Chinese headings, as a reader downloads it."""
        answer = self._send("GET", f"/api/v1/chart/{chart_id}/data/?format=csv")
        if not answer.is_success:
            self._content(answer, f"export of chart {chart_id}")
        return answer.content

    # --- people and rights

    def roles(self) -> dict[str, int]:
        """Ids of the roles by name."""
        return {role["name"]: role["id"] for role in self.all("security/roles")}

    def users(self) -> list[Record]:
        """All users with `id`, `username` and `roles`."""
        return list(self.all("security/users"))

    def permissions_of(self, role_id: int) -> dict[int, tuple[str, str]]:
        """A role's permissions: id to (permission, what it is for)."""
        found = self.get(f"security/roles/{role_id}/permissions/")["result"]
        return {each["id"]: (each["permission_name"], each["view_menu_name"]) for each in found}

    def dataset_rights(self) -> dict[int, int]:
        """The permission that opens a data set, by the data set's id (Superset names it `[database].[table](id:4)`)."""
        rights = {}
        for each in self.all("security/permissions-resources"):
            if each["permission"]["name"] == "datasource_access":
                rights[int(each["view_menu"]["name"].rpartition("(id:")[2].rstrip(")"))] = int(each["id"])
        return rights

    def set_permissions(self, role_id: int, permission_ids: Iterable[int]) -> None:
        """Give a role exactly these permissions."""
        self.post(f"security/roles/{role_id}/permissions", {"permission_view_menu_ids": sorted(set(permission_ids))})

    def set_row_rule(
        self,
        name: str,
        clause: str,
        *,
        datasets: Iterable[int],
        roles: Iterable[int],
        group: str = "",
        is_base: bool = False,
    ) -> bool:
        """Row-level security: these roles see of these data sets only rows for which the SQL `clause` holds.

        Rules of one `group` are joined by OR. With `is_base` the rule holds for everyone but these roles. False when
        it stood so.
        """
        rule = {
            "name": name,
            "description": "",
            "filter_type": "Base" if is_base else "Regular",
            "tables": sorted(datasets),
            "roles": sorted(roles),
            "group_key": group,
            "clause": clause,
        }
        present = next((each for each in self.all("rowlevelsecurity") if each["name"] == name), None)
        if present is None:
            self.post("rowlevelsecurity/", rule)
            return True
        as_told = {key: present[key] for key in ("name", "filter_type", "clause")}
        as_told |= {key: sorted(each["id"] for each in present[key]) for key in ("tables", "roles")}
        as_told |= {"description": "", "group_key": present["group_key"] or ""}
        if as_told == rule:
            return False
        self.put(f"rowlevelsecurity/{present['id']}", rule)
        return True

    # --- how it is sent and what an answer means

    def _write(self, method: str, path: str, **content: Any) -> Record:
        if "X-CSRFToken" not in self._http.headers:
            self._http.headers["X-CSRFToken"] = self.get("security/csrf_token/")["result"]
        return self._content(self._send(method, f"/api/v1/{path}", **content), f"{method} {path}")

    def _send(self, method: str, path: str, **content: Any) -> httpx.Response:
        try:
            return self._http.request(method, path, **content)
        except httpx.TimeoutException as error:
            raise SupersetError(
                f"Superset（{self.url}）没有及时响应。", f"Superset ({self.url}) did not answer in time."
            ) from error
        except httpx.HTTPError as error:
            raise SupersetError(
                f"无法连接 Superset（{self.url}）：{error}", f"Superset cannot be reached ({self.url}): {error}"
            ) from error

    def _content(self, answer: httpx.Response, doing: str) -> Record:
        if answer.is_success:
            return _parsed(answer)
        if answer.status_code == httpx.codes.TOO_MANY_REQUESTS:
            raise SupersetError(
                "Superset 登录失败次数过多，请一分钟后再试。",
                "Too many failed sign-ins to Superset; try again in a minute.",
            )
        if answer.status_code in (httpx.codes.UNAUTHORIZED, httpx.codes.FORBIDDEN):
            raise SupersetError(
                f"Superset 用户 {self.user} 没有权限：{doing}。", f"Superset user {self.user} may not: {doing}."
            )
        raise _refused(doing, _reason(answer))


def _parsed(answer: httpx.Response) -> Record:
    try:
        content = answer.json()
    except ValueError:
        content = None
    if not isinstance(content, dict):
        raise _refused(str(answer.url), "an answer that is not JSON (is this Superset?)")
    return content


def _reason(answer: httpx.Response) -> str:
    """What Superset says: `message` (text or by field) or the list `errors`."""
    try:
        content = answer.json()
    except ValueError:
        return f"HTTP {answer.status_code}"
    said = content.get("message") if isinstance(content, dict) else None
    errors = content.get("errors") if isinstance(content, dict) else None
    if errors:
        said = "; ".join(
            str(error.get("message", error)) if isinstance(error, dict) else str(error) for error in errors
        )
    text = said if isinstance(said, str) else json.dumps(said, ensure_ascii=False)
    return f"{' '.join(text.split())[:LONGEST_REASON]} (HTTP {answer.status_code})"


def _refused(doing: str, reason: str) -> SupersetError:
    return SupersetError(f"Superset 未能完成 {doing}：{reason}", f"Superset could not do {doing}: {reason}")
