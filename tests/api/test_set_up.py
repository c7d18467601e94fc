"""The first host: made at this computer, or from elsewhere with the code that the terminal shows; then never again."""

import asyncio
import re
import sqlite3
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from http.cookies import SimpleCookie
from pathlib import Path

import pytest

from singleuse_app.session import is_at_this_computer
from tests.harness import server as servers
from tests.harness.people import EMAIL, FORM, PASSWORD, Answer, HostAtHome, ask
from tests.harness.server import Server
from tests.harness.socket_client import SocketClient

PUBLIC = "https://book.example.org"
FROM_ELSEWHERE = {"X-Forwarded-For": "203.0.113.7"}
NAMELESS = {**FORM, "name": ""}
"""A form that passes the door and stops at its first field: what a request that may set up gets, without setting up."""


def send(server: Server, form: object = FORM, *, origin: str | None = None, **headers: str) -> Answer:
    """Send the set-up form from the app's own page, unless told otherwise."""
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    return ask(f"{server.api_url}/api/set-up", form, origin=origin or server.url, headers=named)


def hosts(server: Server) -> int:
    with closing(sqlite3.connect(server.database)) as database:
        return database.execute("SELECT count(*) FROM host").fetchone()[0]


def code_in_log(server: Server) -> str:
    found = re.search(r"code is asked for: ([A-Z2-7]{4}(?:-[A-Z2-7]{4}){3})$", server.log(), re.MULTILINE)
    assert found, server.log()
    return found[1]


def flags(answer: Answer) -> dict[str, str | bool]:
    """The attributes of the only cookie that an answer sets."""
    [cookie] = SimpleCookie(answer.headers["set-cookie"]).values()
    return {"name": cookie.key, **{name: value for name, value in cookie.items() if value and name != "expires"}}


@pytest.fixture
def public_server(tmp_path: Path) -> Iterator[Server]:
    """The app as it runs behind a proxy that ends TLS."""
    with servers.backend(tmp_path / "public", PUBLIC_URL=PUBLIC) as running:
        yield running


def test_at_this_computer_it_needs_no_code_and_is_gone_afterwards(fresh_backend: Server) -> None:
    first = send(fresh_backend)
    assert (first.status, first.json()) == (200, {"next": "/"})
    assert flags(first) == {"name": "singleuse_session", "path": "/", "httponly": True, "samesite": "lax"}
    code = code_in_log(fresh_backend)
    for again in (send(fresh_backend), send(fresh_backend, {**FORM, "code": code}, **FROM_ELSEWHERE)):
        assert (again.status, again.json()["code"]) == (403, "set_up_done")
        assert "set-cookie" not in again.headers
    assert hosts(fresh_backend) == 1
    told = fresh_backend.log().count(code)
    fresh_backend.restart()
    assert fresh_backend.log().count(code) == told


@pytest.mark.parametrize(
    "headers",
    [
        {"Forwarded": "for=127.0.0.1"},
        {"Via": "1.1 proxy"},
        {"X-Forwarded-For": "127.0.0.1"},
        {"X-Forwarded-Host": "localhost"},
        {"X-Forwarded-Proto": "https"},
        {"X-Real-IP": "127.0.0.1"},
        {"Host": "rebound.example"},
        {"Host": "127.0.0.1.rebound.example"},
        {"Host": "localhost.rebound.example:3000"},
        {"Host": "192.168.1.20:3000"},
        {"Host": ""},
    ],
    ids=lambda headers: "-".join(*headers.items()),
)
def test_whatever_may_come_from_elsewhere_is_asked_for_the_code(backend: Server, headers: dict[str, str]) -> None:
    answer = send(backend, **headers)
    assert (answer.status, answer.json()["code"]) == (403, "set_up_not_here")
    assert "Enter the set-up code" in answer.json()["message"]
    assert hosts(backend) == 0


@pytest.mark.parametrize("name", ["localhost", "127.0.0.1", "127.0.0.1:3000", "[::1]:3000"])
def test_control_the_same_request_passes_at_this_computer(backend: Server, name: str) -> None:
    answer = send(backend, NAMELESS, Host=name)
    assert (answer.status, list(answer.json()["errors"])) == (422, ["name"])


@pytest.mark.parametrize(
    ("peer", "is_here"),
    [
        ("127.0.0.1", True),
        ("::1", True),
        ("::ffff:127.0.0.1", True),
        ("192.168.1.20", False),
        ("", False),
        (None, False),
    ],
)
def test_a_connection_from_another_computer_is_told_by_its_address(
    monkeypatch: pytest.MonkeyPatch, peer: str | None, is_here: bool
) -> None:
    monkeypatch.delenv("PUBLIC_URL", raising=False)
    assert is_at_this_computer(peer, {"host": "localhost:3000"}) is is_here


def test_from_elsewhere_it_works_with_the_code_that_the_terminal_shows(fresh_backend: Server) -> None:
    code = code_in_log(fresh_backend)
    for wrong in ("AAAA-AAAA-AAAA-AAAA", code[:-1], f"{code}A", "ü"):
        answer = send(fresh_backend, {**FORM, "code": wrong}, **FROM_ELSEWHERE)
        assert (answer.status, list(answer.json()["errors"])) == (422, ["code"])
        assert "terminal" in answer.json()["errors"]["code"]
    assert hosts(fresh_backend) == 0
    form = {**FORM, "password": "schöne Schlüssel 🔑", "code": f" {code.lower()} "}
    assert send(fresh_backend, form, **FROM_ELSEWHERE).status == 200


async def test_what_the_last_host_leaves_is_nobodys_who_has_not_the_code(fresh_backend: Server) -> None:
    """The terminal shows the code again, for whoever runs the app."""
    host = HostAtHome.set_up(fresh_backend)
    told = fresh_backend.log().count(code := code_in_log(fresh_backend))
    async with SocketClient(fresh_backend.url, "/settings", cookie=host.cookie) as tab:
        await tab.until(lambda tab: tab.value("settings_state.ready"))
        form = {"delete_email": EMAIL, "delete_password": PASSWORD}
        await tab.fire("settings_state.delete_account", {"form": form})
        await tab.until(
            lambda tab: ("_redirect", "/set-up") in [(name, said.get("path")) for name, said in tab.actions]
        )
    assert hosts(fresh_backend) == 0
    for given, status, refusal in (
        ({}, 403, "set_up_not_here"),
        ({"code": "AAAA-AAAA-AAAA-AAAA"}, 422, "invalid_input"),
    ):
        answer = send(fresh_backend, {**FORM, **given}, **FROM_ELSEWHERE)
        assert (answer.status, answer.json()["code"]) == (status, refusal)
    until = time.monotonic() + 10
    while fresh_backend.log().count(code) == told:
        assert time.monotonic() < until
        await asyncio.sleep(0.05)
    assert send(fresh_backend, {**FORM, "code": code}, **FROM_ELSEWHERE).status == 200


def test_of_simultaneous_set_ups_one_wins(fresh_backend: Server) -> None:
    def try_it(number: int) -> int:
        return send(fresh_backend, {**FORM, "email": f"host{number}@example.org"}).status

    with ThreadPoolExecutor(4) as pool:
        assert sorted(pool.map(try_it, range(4))) == [200, 403, 403, 403]
    assert hosts(fresh_backend) == 1


def test_under_a_public_address_the_code_is_always_asked_for_and_the_cookie_is_tied_to_it(
    public_server: Server,
) -> None:
    bare = send(public_server, origin=PUBLIC)
    assert (bare.status, bare.json()["code"]) == (403, "set_up_not_here")
    answer = send(public_server, {**FORM, "code": code_in_log(public_server)}, origin=PUBLIC)
    assert answer.status == 200
    assert flags(answer) == {
        "name": "__Host-singleuse_session",
        "path": "/",
        "secure": True,
        "httponly": True,
        "samesite": "lax",
    }
    cookie = answer.headers["set-cookie"].partition(";")[0]
    path = f"/api/event-types/{HostAtHome(public_server, cookie).event_type_id()}/single-use-links"
    link = ask(f"{public_server.api_url}{path}", {}, origin=PUBLIC, cookie=cookie)
    assert link.json()["url"].startswith(f"{PUBLIC}/book/")
    unprefixed = cookie.removeprefix("__Host-")
    assert ask(f"{public_server.api_url}{path}", {}, origin=PUBLIC, cookie=unprefixed).status == 401


@pytest.mark.parametrize("origin", [None, "null", "https://evil.example", "http://localhost", "http://localhost.evil"])
def test_another_sites_page_cannot_set_up(backend: Server, origin: str | None) -> None:
    answer = ask(f"{backend.api_url}/api/set-up", FORM, origin=origin)
    assert (answer.status, answer.json()["code"]) == (403, "origin_unknown")
    assert hosts(backend) == 0


BAD_BODIES = {
    "empty": b"",
    "no-json": b"name=Grace",
    "array": b"[1, 2]",
    "text": b'"name"',
    "null": b"null",
    "number": b'{"name": 1}',
    "nested": b'{"name": {"first": ["Grace"]}}',
    "bytes": b"\xff\xfe\x00",
    "deep": b"[" * 50_000,
    "deep-object": b'{"name":' * 7_000,
    "60-kB": b'{"name": "%s", "age": 1}' % (b"x" * 60_000),
    "long-number": b'{"name": %s}' % (b"1" * 10_000),
}


@pytest.mark.parametrize("route", ["set-up", "sign-in"])
@pytest.mark.parametrize("body", BAD_BODIES.values(), ids=BAD_BODIES)
def test_a_body_that_is_no_form_is_refused_in_words(backend: Server, route: str, body: bytes) -> None:
    answer = ask(f"{backend.api_url}/api/{route}", body, origin=backend.url)
    assert 400 <= answer.status < 500
    assert answer.json()["code"] == "body_unreadable"
    assert "JSON object" in answer.json()["message"]


@pytest.mark.parametrize("field", ["name", "email", "password", "time_zone", "code"])
@pytest.mark.parametrize("text", ["\ud800" * 12, "\x00\u202e", "ü" * 5_000], ids=["half-a-letter", "unseen", "long"])
def test_no_text_breaks_the_form(backend: Server, field: str, text: str) -> None:
    from_elsewhere = {"Via": "1.1 proxy"} if field == "code" else {}
    answer = send(backend, {**FORM, field: text}, **from_elsewhere)
    assert 400 <= answer.status < 500
    assert answer.json()["message"]
    assert hosts(backend) == 0


@pytest.mark.parametrize("method", ["GET", "PUT", "PATCH", "DELETE"])
def test_another_method_is_refused_in_words(backend: Server, method: str) -> None:
    answer = ask(f"{backend.api_url}/api/set-up", FORM, method=method, origin=backend.url)
    assert answer.status == 405
    assert answer.json()["message"]
