"""Passwords, codes, links and bookings can be tried so often and no more, and nobody can keep somebody else out."""

import http.client
import json
import re
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import urlsplit

import pytest

from singleuse_app import keys
from tests.harness import server as servers
from tests.harness.people import EMAIL, FORM, PASSWORD, Answer, HostAtHome, ask
from tests.harness.server import Server
from tests.harness.socket_client import SocketClient

RIGHT, WRONG = {"email": EMAIL, "password": PASSWORD}, {"email": EMAIL, "password": "wrong password"}


@pytest.fixture(scope="module")
def strict(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """The app with its real limits, behind a proxy that it trusts: each test speaks for visitors of its own."""
    folder = tmp_path_factory.mktemp("strict")
    with servers.backend(folder, LIMITS_FACTOR="1", TRUSTED_PROXIES="127.0.0.1, ::1") as running:
        HostAtHome.set_up(running)
        yield running


@pytest.fixture(scope="module")
def host(strict: Server) -> HostAtHome:
    return HostAtHome.sign_in(strict)


@pytest.fixture
def fresh(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """The same, for one test alone: nobody has tried anything yet."""
    folder = tmp_path_factory.mktemp("fresh")
    with servers.backend(folder, LIMITS_FACTOR="1", TRUSTED_PROXIES="127.0.0.1, ::1") as running:
        HostAtHome.set_up(running)
        yield running


def post(server: Server, path: str, form: dict[str, str], address: str, cookie: str | None = None) -> Answer:
    """A form that somebody at that address sends."""
    from_there = {"X-Forwarded-For": address}
    return ask(f"{server.api_url}{path}", form, origin=server.url, cookie=cookie, headers=from_there)


def browser_cookie(server: Server, address: str) -> str:
    """What a browser keeps that has just signed in, without its session."""
    where = urlsplit(server.url)
    connection = http.client.HTTPConnection(where.netloc)
    headers = {"Origin": server.url, "X-Forwarded-For": address}
    connection.request("POST", "/api/sign-in", json.dumps(RIGHT), headers)
    answer = connection.getresponse()
    answer.read()
    cookies = answer.headers.get_all("set-cookie") or []
    connection.close()
    [kept] = [cookie for cookie in cookies if cookie.startswith("singleuse_browser=")]
    assert all(flag in kept for flag in ("HttpOnly", "Path=/", "SameSite=lax"))
    return kept.partition(";")[0]


def bites(statuses: list[int], most: int) -> bool:
    """Whether the limit let so many through and then no more, or one more where the window slid on meanwhile."""
    return 429 not in statuses[:most] and set(statuses[most + 1 :]) == {429}


def test_a_password_is_guessed_a_few_times_from_one_address_even_the_right_one_comes_too_late(strict: Server) -> None:
    assert bites([post(strict, "/api/sign-in", WRONG, "192.0.2.1").status for _ in range(10)], 8)
    late = post(strict, "/api/sign-in", RIGHT, "192.0.2.1")
    assert (late.status, late.json()["code"]) == (429, "too_many_sign_ins")
    assert "minute" in late.json()["message"]
    assert "new password by mail" in late.json()["message"]
    assert 1 <= int(late.headers["retry-after"]) <= 15 * 60
    assert post(strict, "/api/sign-in", RIGHT, "192.0.2.2").status == 200, "elsewhere nothing happened"


def test_control_without_limits_one_guesses_on(backend: Server) -> None:
    HostAtHome.set_up(backend)
    assert {post(backend, "/api/sign-in", WRONG, "192.0.2.1").status for _ in range(12)} == {401}


@pytest.mark.thorough
def test_an_address_that_is_made_up_gets_nobody_past_the_limit(tmp_path: Path) -> None:
    with servers.backend(tmp_path, LIMITS_FACTOR="1") as unproxied:
        HostAtHome.set_up(unproxied)
        assert bites([post(unproxied, "/api/sign-in", WRONG, f"192.0.2.{number}").status for number in range(10)], 8)


def test_capitals_and_blanks_are_no_further_accounts(strict: Server) -> None:
    spelt = [EMAIL, EMAIL.upper(), f" {EMAIL} ", EMAIL.title()] * 3
    found = [post(strict, "/api/sign-in", {**WRONG, "email": email}, "192.0.2.3").status for email in spelt]
    assert bites(found, 8)


def test_whoever_is_right_in_the_end_starts_over(strict: Server) -> None:
    for _ in range(3):
        assert {post(strict, "/api/sign-in", WRONG, "192.0.2.4").status for _ in range(5)} == {401}
        assert post(strict, "/api/sign-in", RIGHT, "192.0.2.4").status == 200


@pytest.mark.thorough
def test_many_accounts_are_no_way_around_it(strict: Server) -> None:
    forms = [{**WRONG, "email": f"ada{number}@example.org"} for number in range(32)]
    assert bites([post(strict, "/api/sign-in", form, "192.0.2.5").status for form in forms], 30)


@pytest.mark.thorough
def test_a_crowd_of_strangers_keeps_no_host_out_of_a_browser_that_is_known(fresh: Server) -> None:
    known = browser_cookie(fresh, "192.0.2.200")
    keys.add_key(fresh.folder / "singleuse.key")  # which changes nothing for those who are known
    for number in range(62):
        post(fresh, "/api/sign-in", WRONG, f"198.51.100.{number}")
    stranger = post(fresh, "/api/sign-in", RIGHT, "198.51.100.200")
    assert (stranger.status, stranger.json()["code"]) == (429, "too_many_strangers")
    for address in ("192.0.2.200", "198.51.100.1", "203.0.113.9"):
        assert post(fresh, "/api/sign-in", RIGHT, address, known).status == 200
    # control: a cookie that was made up, or made for another account, is worth nothing
    nonce, _, proof = known.removeprefix("singleuse_browser=").partition(".")
    for forged in (
        f"{nonce}.{proof[:-1]}{'1' if proof[-1] == '0' else '0'}",
        f"x{nonce}.{proof}",
        f".{proof}",
        "x",
        "",
    ):
        assert post(fresh, "/api/sign-in", RIGHT, "198.51.100.201", f"singleuse_browser={forged}").status == 429
    other = {**WRONG, "email": "another@example.org"}
    found = [post(fresh, "/api/sign-in", other, "203.0.113.10", known).status for _ in range(10)]
    assert bites(found, 8)


@pytest.mark.thorough
def test_a_known_browser_that_was_stolen_guesses_no_more_than_others(fresh: Server) -> None:
    known = browser_cookie(fresh, "192.0.2.200")
    found = [post(fresh, "/api/sign-in", WRONG, f"198.51.100.{number}", known).status for number in range(22)]
    assert bites(found, 20)


def test_nobody_learns_from_a_limit_whether_there_is_an_account(strict: Server) -> None:
    answers = [
        [re.sub(r"\d+", "N", post(strict, "/api/sign-in", {**WRONG, "email": email}, address).body) for _ in range(9)]
        for email, address in ((EMAIL, "192.0.2.6"), ("nobody@example.org", "192.0.2.7"))
    ]
    assert answers[0] == answers[1]


@pytest.mark.parametrize(
    ("path", "form", "most"),
    [
        ("/api/forgot-password", {"email": "nobody"}, 10),
        ("/api/reset-password", {"token": "x", "password": PASSWORD}, 30),
        ("/api/accept-invitation", {"token": "x"}, 30),
    ],
)
def test_secrets_of_other_kinds_are_tried_so_often_too(
    strict: Server, path: str, form: dict[str, str], most: int
) -> None:
    address = f"203.0.113.{len(path)}"
    found = [post(strict, path, form, address).status for _ in range(most + 2)]
    assert bites(found, most)
    assert post(strict, path, form, "203.0.113.200").status != 429


@pytest.mark.thorough
def test_set_up_codes_are_tried_so_often_and_who_sits_at_the_computer_needs_none(
    tmp_path_factory: pytest.TempPathFactory,
) -> None:
    with servers.backend(tmp_path_factory.mktemp("bare"), LIMITS_FACTOR="1") as bare:
        form = {**FORM, "code": "AAAA-AAAA-AAAA-AAAA"}
        found = [post(bare, "/api/set-up", form, f"192.0.2.{number}") for number in range(12)]
        assert bites([answer.status for answer in found], 10)
        assert found[-1].json()["code"] == "too_many_codes"
        assert ask(f"{bare.api_url}/api/set-up", FORM, origin=bare.url).status == 200


def test_links_are_looked_up_so_often(strict: Server) -> None:
    for path, address in (
        ("/book/{}", "192.0.2.20"),
        ("/with/grace-host/{}", "192.0.2.21"),
        ("/manage/{}", "192.0.2.22"),
        ("/api/calendars/{}.ics", "192.0.2.24"),
        (f"/api/bookings/bkg_{'0' * 32}/{{}}.ics", "192.0.2.25"),
    ):
        there = {"X-Forwarded-For": address}
        found = [ask(f"{strict.url}{path.format(number)}", headers=there) for number in range(280)]
        assert {answer.status for answer in found[:240]} == {404}
        assert found[-1].status == 429
        assert int(found[-1].headers["retry-after"]) >= 1
    assert ask(f"{strict.url}/book/x", headers={"X-Forwarded-For": "192.0.2.23"}).status == 404


async def test_a_page_that_was_opened_too_often_says_so_and_stays(strict: Server, host: HostAtHome) -> None:
    async with booking_tab(strict, host.new_link(), "192.0.2.40") as tab:
        await tab.until(lambda tab: tab.value("booking_state.view") == "choose")
        for _ in range(280):
            ask(f"{strict.url}/book/x", headers={"X-Forwarded-For": "192.0.2.40"})
        await tab.fire("booking_state.open")
        await tab.until(lambda tab: tab.value("notice.text"))
        assert tab.value("notice.text").startswith("Links were opened too often")
        assert tab.value("notice.text").endswith("Try again in 1 minute.")
        assert tab.value("booking_state.view") == "choose"


def test_one_single_use_link_is_looked_up_so_often_whoever_does(strict: Server, host: HostAtHome) -> None:
    link, other = host.new_link(), host.new_link()

    def look(token: str, number: int) -> int:
        return ask(f"{strict.url}/book/{token}", headers={"X-Forwarded-For": f"198.51.100.{number % 250}"}).status

    found = [look(link, number) for number in range(280)]
    assert (set(found[:240]), found[-1]) == ({200}, 429)
    assert look(other, 7) == 200


def booking_tab(server: Server, link: str, address: str) -> SocketClient:
    tab = SocketClient(server.url, f"/book/{link}", params={"token": link})
    tab.headers["X-Forwarded-For"] = address
    return tab


def public_tab(server: Server, address: str) -> SocketClient:
    """A tab of somebody at that address, on the page of a standard link."""
    params = {"host": "grace-host", "event_type": "30-minute-meeting"}
    tab = SocketClient(server.url, "/with/grace-host/30-minute-meeting", params=params)
    tab.headers["X-Forwarded-For"] = address
    return tab


async def test_bookings_are_tried_so_often_and_what_was_typed_stays(strict: Server, host: HostAtHome) -> None:
    async with booking_tab(strict, host.new_link(), "192.0.2.30") as tab:
        await tab.until(lambda tab: tab.value("booking_state.view") == "choose")
        form = {"name": "Ada", "email": "ada@example.org", "time": "1"}
        for number in range(31):
            seen = len(tab.frames)
            await tab.fire("booking_state.book", {"form": form})
            await tab.until(lambda tab, seen=seen: any('"is_sending_rx_state_":false' in f for f in tab.frames[seen:]))
            assert ("Too many" in tab.value("booking_state.form_error")) == (number == 30)
        assert tab.value("booking_state.view") == "choose"
    async with booking_tab(strict, host.new_link(), "192.0.2.31") as tab:
        await tab.until(lambda tab: tab.value("booking_state.view") == "choose")
        start = tab.value("booking_state.choice")["times"][-1]["times"][-1]["value"]
        await tab.fire("booking_state.book", {"form": {**form, "time": start}})
        await tab.until(lambda tab: tab.value("booking_state.view") == "booked")


async def test_whoever_tries_so_often_closes_no_public_link_to_others(strict: Server) -> None:
    host = HostAtHome.sign_in(strict)
    async with SocketClient(strict.url, "/", cookie=host.cookie) as desk:
        await desk.until(lambda tab: tab.value("event_types_state.ready"))
        switch = {"event_type_id": host.event_type_id(), "on": True}
        await desk.fire("event_types_state.switch_standard_link", switch)
        await desk.until(lambda tab: tab.value("event_types_state.announcement").endswith("on."))
    form = {"name": "Ada", "email": "ada@example.org", "time": "1"}
    for address, tries in (("192.0.2.35", 31), ("192.0.2.36", 1)):
        async with public_tab(strict, address) as tab:
            await tab.until(lambda tab: tab.value("booking_state.view") == "choose")
            for number in range(tries):
                seen = len(tab.frames)
                await tab.fire("booking_state.book", {"form": form})
                await tab.until(
                    lambda tab, seen=seen: any('"is_sending_rx_state_":false' in f for f in tab.frames[seen:])
                )
                assert ("Too many" in tab.value("booking_state.form_error")) == (number == 30)


async def test_new_links_are_asked_for_so_often(strict: Server, host: HostAtHome) -> None:
    async with booking_tab(strict, "unknown", "192.0.2.32") as tab:
        await tab.until(lambda tab: tab.value("booking_state.view") == "dead")
        form = {"ask-name": "Ada", "ask-email": "ada@example.org"}
        for number in range(11):
            seen = len(tab.frames)
            await tab.fire("asking_state.ask", {"form": form})
            await tab.until(lambda tab, seen=seen: any('"is_sending_rx_state_":false' in f for f in tab.frames[seen:]))
            assert ("Too many" in tab.value("asking_state.form_error")) == (number == 10)


async def test_a_thief_of_a_session_guesses_the_password_so_often_and_the_host_is_let_in(strict: Server) -> None:
    thief, owner = HostAtHome.sign_in(strict), HostAtHome.sign_in(strict)
    form = {"email": "eve@example.org", "email_password": "wrong password"}
    harmless = {"name": "Grace Host", "time_zone": "Europe/Berlin", "clock": "24", "first_weekday": "0", "locale": "en"}
    for who, tries, last in ((thief, 9, "Too many tries"), (owner, 1, "")):
        async with SocketClient(strict.url, "/settings", cookie=who.cookie) as tab:
            await tab.until(lambda tab: tab.value("settings_state.ready"))
            for number in range(tries):
                for event, said in (("save_email", form), ("save_profile", harmless))[: 2 if number == 6 else 1]:
                    seen = len(tab.frames)
                    await tab.fire(f"settings_state.{event}", {"form": said})
                    await tab.until(
                        lambda tab, seen=seen: any('"is_sending_rx_state_":""' in f for f in tab.frames[seen:])
                    )
                    assert tab.value("settings_state.saved") == ("profile" if event == "save_profile" else "")
            await tab.until(lambda tab, last=last: tab.value("notice.text").startswith(last))
            assert bool(tab.value("settings_state.errors")["email_password"]) == (not last)
