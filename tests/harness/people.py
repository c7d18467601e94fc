"""Somebody who uses a running app over HTTP, as their browser's forms and buttons do."""

import hashlib
import json
import secrets
import sqlite3
import time
import urllib.error
import urllib.request
import uuid
from contextlib import closing
from dataclasses import dataclass
from typing import Any, Self

from tests.harness.server import Server

EMAIL = "grace@example.org"
PASSWORD = "correct horse battery"
FORM = {"name": "Grace Host", "email": EMAIL, "password": PASSWORD, "time_zone": "Europe/Berlin"}

_opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))


@dataclass(frozen=True)
class Answer:
    """What came back: status, headers by lower-case name, body as text."""

    status: int
    headers: dict[str, str]
    body: str

    def json(self) -> Any:
        """The body, read as JSON."""
        return json.loads(self.body)


def ask(
    url: str,
    body: object = None,
    *,
    method: str | None = None,
    origin: str | None = None,
    cookie: str | None = None,
    headers: dict[str, str] | None = None,
) -> Answer:
    """One HTTP request; a ``body`` is sent as JSON, bytes as they are. A status of 400 or above is an answer too."""
    content = body if body is None or isinstance(body, bytes) else json.dumps(body).encode()
    request = urllib.request.Request(url, content, method=method or ("GET" if body is None else "POST"))
    named = {"Origin": origin, "Cookie": cookie, **(headers or {})}
    for name, value in named.items():
        if value is not None:
            request.add_header(name, value)
    try:
        with _opener.open(request, timeout=30) as answer:
            return Answer(answer.status, _lower(answer.headers), answer.read().decode())
    except urllib.error.HTTPError as error:
        return Answer(error.code, _lower(error.headers), error.read().decode())


@dataclass(frozen=True)
class HostAtHome:
    """A signed-in host: the server and the Cookie header of their browser."""

    server: Server
    cookie: str

    @classmethod
    def set_up(cls, server: Server) -> Self:
        """Be the first host of an app that has none."""
        return cls._with(server, ask(f"{server.api_url}/api/set-up", FORM, origin=server.url))

    @classmethod
    def sign_in(cls, server: Server) -> Self:
        """A session of its own for the first host."""
        form = {"email": EMAIL, "password": PASSWORD}
        return cls._with(server, ask(f"{server.api_url}/api/sign-in", form, origin=server.url))

    def another_host(self) -> Self:
        """A second host of the same app, with nothing of their own, signed in. There is no page for it yet."""
        secret = secrets.token_urlsafe(32)
        host, now = uuid.uuid4().hex, int(time.time())
        with closing(sqlite3.connect(self.server.database)) as database, database:
            database.execute(
                "INSERT INTO host (id, email, name, slug, password_hash, time_zone, created_at)"
                " VALUES (?, ?, 'Eve', ?, '-', 'UTC', ?)",
                (host, f"{host}@example.org", host, now),
            )
            database.execute(
                "INSERT INTO host_session (id, host_id, token_hash, created_at, last_seen_at, expires_at)"
                " VALUES (?, ?, ?, ?, ?, ?)",
                (uuid.uuid4().hex, host, hashlib.sha256(secret.encode()).hexdigest(), now, now, now + 3600),
            )
        return type(self)(self.server, f"singleuse_session={secret}")

    def event_type_id(self) -> str:
        """The host's first event type."""
        return f"evt_{self.server.rows('SELECT id FROM event_type ORDER BY id')[0][0]}"

    def link_ids(self) -> list[str]:
        """All links, oldest first."""
        return [f"lnk_{key}" for (key,) in self.server.rows("SELECT id FROM scheduling_link ORDER BY id")]

    def statuses(self) -> list[str]:
        """What each link is, oldest first: active, used or revoked."""
        return [
            "used" if uses >= max_uses else "revoked" if revoked_at else "active"
            for uses, max_uses, revoked_at in self.server.rows(
                "SELECT uses, max_uses, revoked_at FROM scheduling_link ORDER BY id"
            )
        ]

    @classmethod
    def _with(cls, server: Server, answer: Answer) -> Self:
        assert answer.status == 200, answer
        return cls(server, answer.headers["set-cookie"].partition(";")[0])

    def post(self, path: str, form: dict[str, str] | None = None) -> Answer:
        """Press a button that POSTs to ``path``, with the fields of the form around it."""
        return ask(f"{self.server.api_url}{path}", form or {}, origin=self.server.url, cookie=self.cookie)

    def new_link(self, event_type_id: str | None = None) -> str:
        """The token of a new single-use link, of the first event type unless told otherwise."""
        answer = self.post(f"/api/event-types/{event_type_id or self.event_type_id()}/single-use-links")
        assert answer.status == 201, answer
        return answer.json()["url"].rpartition("/")[2]


def _lower(headers: Any) -> dict[str, str]:
    return {name.lower(): value for name, value in headers.items()}
