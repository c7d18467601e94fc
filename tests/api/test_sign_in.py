"""Signing in and out: what a cookie is worth, and for how long."""

import sqlite3
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest
from pwdlib import PasswordHash

from singleuse_app.operations import hosts
from singleuse_app.scheduling.errors import SignInRefused
from tests.factories import NOW, make_desk
from tests.harness.databases import Databases, opened
from tests.harness.people import EMAIL, PASSWORD, HostAtHome, ask
from tests.harness.server import Server
from tests.harness.socket_client import SocketClient

PAIR = {"email": EMAIL, "password": PASSWORD}
COOKIE = "singleuse_session"


@pytest.fixture(scope="module")
def host(backend: Server) -> HostAtHome:
    return HostAtHome.set_up(backend)


def copies(host: HostAtHome, cookie: str) -> bool:
    """Whether a Cookie header is good for what a host alone may do."""
    answer = HostAtHome(host.server, cookie).post(f"/api/event-types/{host.event_type_id()}/single-use-links")
    assert answer.status in (201, 401)
    return answer.status == 201


def change_sessions(host: HostAtHome, statement: str) -> None:
    with closing(sqlite3.connect(host.server.database)) as database, database:
        database.execute(statement)


def test_the_right_pair_gets_a_session(host: HostAtHome) -> None:
    answer = ask(f"{host.server.api_url}/api/sign-in", PAIR, origin=host.server.url)
    assert (answer.status, answer.json()) == (200, {"next": "/"})
    said = answer.headers["set-cookie"].lower()
    assert all(flag in said for flag in ("httponly", "samesite=lax", "path=/", "expires="))
    assert "domain=" not in said
    assert copies(host, answer.headers["set-cookie"].partition(";")[0])


def test_each_session_is_fresh_whatever_cookie_came_with_the_form(host: HostAtHome) -> None:
    planted = f"{COOKIE}=planted-by-somebody-else"
    cookies = [planted]
    for _ in range(3):
        answer = ask(f"{host.server.api_url}/api/sign-in", PAIR, origin=host.server.url, cookie=cookies[-1])
        cookies.append(answer.headers["set-cookie"].partition(";")[0])
    assert len({host.cookie, *cookies}) == 5
    assert [copies(host, cookie) for cookie in cookies] == [False, False, False, True]
    assert copies(host, host.cookie), "elsewhere one stays signed in"


@pytest.mark.parametrize(
    "pair",
    [
        {"email": EMAIL, "password": "wrong password"},
        {"email": "nobody@example.org", "password": PASSWORD},
        {"email": "nobody@example.org", "password": "wrong password"},
        {"email": EMAIL},
        {"password": PASSWORD},
        {},
        {"email": "' OR 1=1 --", "password": "' OR 1=1 --"},
        {"email": EMAIL, "password": "x" * 10_000},
    ],
    ids=["password", "address", "both", "no-password", "no-address", "nothing", "sql", "long"],
)
def test_every_wrong_pair_gets_the_same_words_and_no_cookie(host: HostAtHome, pair: dict[str, str]) -> None:
    answer = ask(f"{host.server.api_url}/api/sign-in", pair, origin=host.server.url)
    assert (answer.status, answer.json()) == (
        401,
        {
            "code": "sign_in_refused",
            "message": "This e-mail address and password do not belong together. Check both and try again.",
        },
    )
    assert "set-cookie" not in answer.headers


@pytest.fixture
def passwords_checked(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[list[str]]:
    """The hashes that a password is compared with, in a database of this process with the first host."""
    checked: list[str] = []
    verify = PasswordHash.verify

    def remember(self: PasswordHash, password: str, kept: str) -> bool:
        checked.append(kept)
        return verify(self, password, kept)

    with opened(Databases(tmp_path).empty()):
        make_desk()
        monkeypatch.setattr(PasswordHash, "verify", remember)
        yield checked


def test_an_unknown_address_costs_as_much_as_a_wrong_password(passwords_checked: list[str]) -> None:
    for email in (EMAIL, "nobody@example.org"):
        with pytest.raises(SignInRefused):
            hosts.sign_in(email=email, password="wrong password", now=NOW)
    costs = [kept.rsplit("$", 2)[0] for kept in passwords_checked]
    assert len(costs) == 2
    assert costs[0] == costs[1]
    assert costs[0].startswith("$argon2id$")


@pytest.mark.parametrize("field", PAIR)
def test_half_a_letter_breaks_nothing(host: HostAtHome, field: str) -> None:
    answer = ask(f"{host.server.api_url}/api/sign-in", {**PAIR, field: "\ud800"}, origin=host.server.url)
    assert 400 <= answer.status < 500
    assert answer.json()["message"]


@pytest.mark.parametrize("action", ["sign-in", "sign-out"])
@pytest.mark.parametrize("origin", [None, "null", "https://evil.example"])
def test_another_sites_page_can_neither_sign_in_nor_out(host: HostAtHome, action: str, origin: str | None) -> None:
    answer = ask(f"{host.server.api_url}/api/{action}", PAIR, origin=origin, cookie=host.cookie)
    assert (answer.status, answer.json()["code"]) == (403, "origin_unknown")
    assert "set-cookie" not in answer.headers
    assert copies(host, host.cookie)


def test_signing_out_ends_the_session_for_whoever_has_the_cookie(host: HostAtHome) -> None:
    leaving, staying = HostAtHome.sign_in(host.server), HostAtHome.sign_in(host.server)
    host.new_link()
    link_id = host.link_ids()[-1]
    answer = leaving.post("/api/sign-out")
    assert (answer.status, answer.json()) == (200, {"next": "/sign-in"})
    assert answer.headers["set-cookie"].startswith(f'{COOKIE}="";')
    for path in (f"/api/links/{link_id}/copy", f"/api/event-types/{host.event_type_id()}/single-use-links"):
        refused = leaving.post(path)
        assert (refused.status, refused.json()["code"]) == (401, "not_signed_in")
        assert staying.post(path).status in (200, 201)


async def test_signing_out_ends_what_open_tabs_may_see(host: HostAtHome) -> None:
    leaving = HostAtHome.sign_in(host.server)
    async with SocketClient(host.server.url, "/links", cookie=leaving.cookie) as tab:
        await tab.until(lambda tab: tab.value("links_state.ready"))
        leaving.post("/api/sign-out")
        await tab.until(
            lambda tab: ("_redirect", "/sign-in") in [(name, told.get("path")) for name, told in tab.actions]
        )
        assert not tab.value("links_state.rows")


def test_signing_out_without_a_session_is_as_good(host: HostAtHome) -> None:
    for cookie in ("", f"{COOKIE}=nothing", "=;;,"):
        assert HostAtHome(host.server, cookie).post("/api/sign-out").status == 200


NEWEST = "WHERE id = (SELECT id FROM host_session ORDER BY id DESC LIMIT 1)"
DAYS = 24 * 60 * 60


@pytest.mark.parametrize(
    ("good", "over"),
    [
        ("expires_at = unixepoch() + 60", "expires_at = unixepoch()"),
        (f"last_seen_at = unixepoch() + 60 - 14 * {DAYS}", f"last_seen_at = unixepoch() - 14 * {DAYS}"),
    ],
    ids=["expiry", "not used"],
)
async def test_a_session_that_is_over_is_shown_nothing_any_more(host: HostAtHome, good: str, over: str) -> None:
    short = HostAtHome.sign_in(host.server)
    change_sessions(host, f"UPDATE host_session SET {good} {NEWEST}")
    assert copies(host, short.cookie)
    async with (
        SocketClient(host.server.url, "/links", cookie=short.cookie) as tab,
        SocketClient(host.server.url, "/links", cookie=host.cookie) as control,
    ):
        for each in (tab, control):
            await each.until(lambda each: each.value("links_state.ready"))
        change_sessions(host, f"UPDATE host_session SET {over} {NEWEST}")
        assert not copies(host, short.cookie)
        host.new_link()
        added = host.link_ids()[-1]
        await control.until(lambda control: added in "".join(control.frames))
        await tab.until(lambda tab: ("_redirect", "/sign-in") in [(name, it.get("path")) for name, it in tab.actions])
        assert not tab.value("links_state.rows")
        assert added not in "".join(tab.frames)
    assert copies(host, host.cookie)


@pytest.mark.parametrize(
    "others",
    ["theme=dark", 'seen={"a": 1}', "path=/home", "version=1", "a[b]=c d", "=x", 'quoted="a; b"', "ü=ä", ";;"],
)
def test_cookies_of_other_apps_on_this_computer_do_not_sign_anybody_out(host: HostAtHome, others: str) -> None:
    header = f"{others}; {host.cookie}; {others}"
    assert copies(host, header.encode().decode("latin-1"))


@pytest.mark.parametrize("cookie", ["", COOKIE, f"{COOKIE}=", f"{COOKIE}=;", f'{COOKIE}=""', f"x{COOKIE}=y"])
def test_a_cookie_without_a_secret_is_nobodys(host: HostAtHome, cookie: str) -> None:
    assert not copies(host, cookie)
