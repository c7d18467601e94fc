"""Signing in with a password and a code, over HTTP: what each cookie is worth."""

import asyncio
import http.client
import json
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from urllib.parse import urlsplit

import pytest

from tests.harness import server as servers
from tests.harness.authenticator import Authenticator
from tests.harness.people import EMAIL, PASSWORD, Answer, HostAtHome, ask
from tests.harness.second_factor import switch_on
from tests.harness.server import Server

PAIR = {"email": EMAIL, "password": PASSWORD}
SESSION, STEP = "singleuse_session", "singleuse_step"


@dataclass
class Browser:
    """Keeps cookies, at some address."""

    server: Server
    address: str = "192.0.2.1"
    cookies: dict[str, str] = field(default_factory=dict)
    said: list[str] = field(default_factory=list)

    def post(self, path: str, form: dict[str, str]) -> Answer:
        """Send a form, and keep what cookies come back."""
        kept = "; ".join(f"{name}={value}" for name, value in self.cookies.items())
        headers = {"Origin": self.server.url, "X-Forwarded-For": self.address, "Cookie": kept}
        connection = http.client.HTTPConnection(urlsplit(self.server.api_url).netloc, timeout=30)
        connection.request("POST", path, json.dumps(form), headers)
        response = connection.getresponse()
        answer = Answer(response.status, dict(response.headers), response.read().decode())
        self.said = response.headers.get_all("set-cookie") or []
        connection.close()
        for name, value in (each.partition(";")[0].split("=", 1) for each in self.said):
            self.cookies[name] = value.strip('"')
        return answer

    def is_in(self) -> bool:
        """Whether a host's own data is answered."""
        cookie = f"{SESSION}={self.cookies.get(SESSION, '')}"
        return ask(f"{self.server.api_url}/api/my-data.json", cookie=cookie).status == 200


@pytest.fixture(scope="module")
def strict(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """The app with its real limits, behind a proxy that it trusts."""
    folder = tmp_path_factory.mktemp("strict")
    with servers.backend(folder, LIMITS_FACTOR="1", TRUSTED_PROXIES="127.0.0.1, ::1") as running:
        yield running


@pytest.fixture(scope="module")
def second(strict: Server) -> tuple[Authenticator, list[str]]:
    """App and recovery codes of the server's host."""
    return asyncio.run(switch_on(HostAtHome.set_up(strict)))


def half_way(server: Server, address: str = "192.0.2.1") -> Browser:
    browser = Browser(server, address)
    answer = browser.post("/api/sign-in", PAIR)
    assert (answer.status, answer.json()) == (200, {"next": "/sign-in/code"})
    assert {*browser.cookies} == {STEP}
    [said] = browser.said
    assert all(flag in said.lower() for flag in ("httponly", "samesite=lax", "path=/", "expires="))
    return browser


def test_the_password_alone_opens_nothing_and_the_code_a_session(
    strict: Server, second: tuple[Authenticator, list[str]]
) -> None:
    _, codes = second
    browser = half_way(strict)
    assert not browser.is_in()
    browser.cookies[SESSION] = browser.cookies[STEP]
    assert not browser.is_in(), "its secret is no session"
    wrong = browser.post("/api/sign-in/code", {"code": "12345"})
    assert (wrong.status, {*wrong.json()["errors"]}) == (422, {"code"})
    wrong = browser.post("/api/sign-in/code", {"recovery_code": "a" * 16})
    assert (wrong.status, {*wrong.json()["errors"]}) == (422, {"recovery_code"})
    step = browser.cookies[STEP]
    right = browser.post("/api/sign-in/code", {"code": "", "recovery_code": codes[0]})
    assert (right.status, right.json()) == (200, {"next": "/"})
    assert browser.is_in()
    assert browser.cookies[STEP] == ""
    replayed = Browser(strict, cookies={STEP: step}).post("/api/sign-in/code", {"recovery_code": codes[1]})
    assert (replayed.status, replayed.json()["code"]) == (410, "second_step_gone")
    assert step not in strict.log()
    assert codes[0] not in strict.log()


def test_a_code_of_the_app_signs_in(strict: Server, second: tuple[Authenticator, list[str]]) -> None:
    app, _ = second
    browser = half_way(strict)
    soon = app.code(datetime.now(UTC) + timedelta(seconds=30))  # the present one was shown when it was switched on
    assert browser.post("/api/sign-in/code", {"code": soon}).status == 200
    assert browser.is_in()


def test_nobody_learns_of_it_without_the_password(strict: Server, second: tuple[Authenticator, list[str]]) -> None:
    answers = [
        Browser(strict, "192.0.2.7").post("/api/sign-in", {"email": email, "password": "wrong password"})
        for email in (EMAIL, "nobody@example.org")
    ]
    assert (answers[0].status, answers[0].body) == (answers[1].status, answers[1].body)
    assert all("set-cookie" not in answer.headers for answer in answers)
    answer = Browser(strict, "192.0.2.8").post("/api/sign-in/code", {"code": "123456"})
    assert (answer.status, answer.json()["code"]) == (410, "second_step_gone")


def test_who_begins_again_leaves_nothing_behind(strict: Server, second: tuple[Authenticator, list[str]]) -> None:
    browser = half_way(strict)
    step = browser.cookies[STEP]
    assert browser.post("/api/sign-out", {}).json() == {"next": "/sign-in"}
    assert browser.cookies[STEP] == ""
    answer = Browser(strict, cookies={STEP: step}).post("/api/sign-in/code", {"recovery_code": second[1][5]})
    assert (answer.status, answer.json()["code"]) == (410, "second_step_gone")


@pytest.mark.parametrize("origin", [None, "null", "https://evil.example"])
def test_another_sites_page_gives_no_code(
    strict: Server, second: tuple[Authenticator, list[str]], origin: str | None
) -> None:
    cookie = f"{STEP}={half_way(strict).cookies[STEP]}"
    form = {"recovery_code": second[1][6]}
    answer = ask(f"{strict.api_url}/api/sign-in/code", form, origin=origin, cookie=cookie)
    assert (answer.status, answer.json()["code"]) == (403, "origin_unknown")


def test_who_has_learnt_the_password_guesses_so_often_and_keeps_no_host_out(
    strict: Server, second: tuple[Authenticator, list[str]]
) -> None:
    _, codes = second
    known = half_way(strict)
    assert known.post("/api/sign-in/code", {"recovery_code": codes[2]}).status == 200
    found = []
    for number in range(3):
        thief = half_way(strict, f"198.51.100.{number}")
        found += [thief.post("/api/sign-in/code", {"recovery_code": "a" * 16}).status for _ in range(5)]
    assert found[:10] == [422] * 10
    assert found[-1] == 429
    late = half_way(strict, "198.51.100.9").post("/api/sign-in/code", {"recovery_code": codes[3]})
    assert (late.status, late.json()["code"]) == (429, "too_many_passwords")
    assert known.post("/api/sign-in", PAIR).json() == {"next": "/sign-in/code"}
    assert known.post("/api/sign-in/code", {"recovery_code": codes[4]}).status == 200, "where one has signed in before"
    assert known.is_in()


@pytest.mark.thorough
def test_control_without_limits_one_guesses_on(backend: Server) -> None:
    asyncio.run(switch_on(HostAtHome.set_up(backend)))
    found = []
    for _ in range(3):
        thief = half_way(backend)
        found += [thief.post("/api/sign-in/code", {"recovery_code": "a" * 16}).status for _ in range(5)]
    assert found == [422] * 15
