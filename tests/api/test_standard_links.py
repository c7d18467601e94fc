"""The statuses of standard addresses: 200 for what a host publishes, and one 404 for everything else."""

import sqlite3
from contextlib import closing
from typing import Any

import pytest

from tests.harness.people import Answer, HostAtHome, ask
from tests.harness.server import Server
from tests.harness.socket_client import SocketClient

ADDRESS = "/with/grace-host/30-minute-meeting"
NEVER = "/with/grace-host/nothing-of-the-kind"
SWITCH = "event_types_state.switch_standard_link"


@pytest.fixture(scope="module")
def host(backend: Server) -> HostAtHome:
    return HostAtHome.set_up(backend)


async def switch(host: HostAtHome, *, on: bool) -> SocketClient:
    """Press the switch; the tab in which it was pressed, closed."""
    async with SocketClient(host.server.url, "/", cookie=host.cookie) as tab:
        await tab.until(lambda tab: tab.value("event_types_state.ready"))
        await tab.fire(SWITCH, {"event_type_id": host.event_type_id(), "on": on})
        await tab.until(lambda tab: tab.value("event_types_state.announcement").endswith("on." if on else "off."))
        return tab


@pytest.fixture
async def published(host: HostAtHome) -> HostAtHome:
    await switch(host, on=True)
    return host


def get(host: HostAtHome, path: str, **how: Any) -> Answer:
    return ask(f"{host.server.api_url}{path}", **how)


def told(answer: Answer) -> tuple[int, str, set[str]]:
    return answer.status, answer.body, {*answer.headers}


async def test_it_starts_switched_off(fresh_backend: Server) -> None:
    fresh = HostAtHome.set_up(fresh_backend)
    assert told(get(fresh, ADDRESS)) == told(get(fresh, NEVER))
    assert get(fresh, ADDRESS).status == 404


@pytest.mark.parametrize("method", ["GET", "HEAD"])
async def test_what_is_published_is_found_and_what_was_is_like_what_never_was(
    published: HostAtHome, method: str
) -> None:
    assert get(published, ADDRESS, method=method).status == 200
    await switch(published, on=False)
    assert told(get(published, ADDRESS, method=method)) == told(get(published, NEVER, method=method))
    assert get(published, ADDRESS, method=method).status == 404


@pytest.mark.parametrize("column", ["off_at", "archived_at"])
def test_an_event_type_that_is_away_is_like_one_that_never_was(published: HostAtHome, column: str) -> None:
    def put(value: str) -> None:
        with closing(sqlite3.connect(published.server.database)) as database, database:
            database.execute(f"UPDATE event_type SET {column} = {value}")

    assert get(published, ADDRESS).status == 200
    put("1")
    hidden = told(get(published, ADDRESS))
    put("NULL")
    assert hidden == told(get(published, NEVER))
    assert hidden[0] == 404


@pytest.mark.parametrize(
    "path",
    [
        "/with",
        "/with/",
        "/with/grace-host",
        "/with/grace-host/",
        "/with//30-minute-meeting",
        ADDRESS[:-1],
        f"{ADDRESS}x",
        ADDRESS.upper().replace("/WITH", "/with"),
        "/with/nobody/30-minute-meeting",
        "/with/%00/%FF",
        "/with/grace-host/..",
        "/with/grace-host/%2e%2e%2f30-minute-meeting",
        f"/with/{'x' * 2_000}/{'y' * 2_000}",
        f"/book{ADDRESS}",
        "/book/with%2Fgrace-host%2F30-minute-meeting",
        "/manage/with%2Fgrace-host%2F30-minute-meeting",
        "/grace-host/30-minute-meeting",
        f"{ADDRESS}/more",
    ],
)
def test_a_trimmed_or_guessed_address_has_status_404(published: HostAtHome, path: str) -> None:
    assert get(published, path).status == 404
    assert get(published, ADDRESS).status == 200


async def test_it_is_copied_by_its_host_and_nobody_else(published: HostAtHome) -> None:
    copy = f"/api/links/{published.link_ids()[0]}/copy"
    answer = published.post(copy)
    assert (answer.status, answer.json()) == (200, {"url": f"{published.server.url}{ADDRESS}"})
    assert published.another_host().post(copy).status == 404


@pytest.mark.parametrize("on", [True, False])
async def test_another_host_switches_nothing(host: HostAtHome, on: bool) -> None:
    await switch(host, on=not on)
    before = host.statuses()
    stranger = host.another_host()
    async with SocketClient(host.server.url, "/", cookie=stranger.cookie) as tab:
        await tab.until(lambda tab: tab.value("event_types_state.ready"))
        await tab.fire(SWITCH, {"event_type_id": host.event_type_id(), "on": on})
        await tab.until(lambda tab: "not here any more" in tab.value("notice.text"))
        assert "grace" not in "\n".join(tab.frames).lower()
    assert host.statuses() == before


@pytest.mark.parametrize("value", [None, "", 1, [], {}, "true", {"a": 1}])
async def test_only_a_plain_yes_publishes(host: HostAtHome, value: Any) -> None:
    await switch(host, on=False)
    async with SocketClient(host.server.url, "/", cookie=host.cookie) as tab:
        await tab.until(lambda tab: tab.value("event_types_state.ready"))
        await tab.fire(SWITCH, {"event_type_id": host.event_type_id(), "on": value})
        await tab.until(lambda tab: tab.value("event_types_state.announcement") != "")
    assert host.statuses() == ["revoked"]


@pytest.mark.parametrize("odd", [None, 1, True, [], {"a": 1}, ["grace-host"], "", "x" * 10_000])
async def test_an_address_of_any_type_finds_nothing(published: HostAtHome, odd: Any) -> None:
    for params in ({"host": "grace-host", "event_type": odd}, {"host": odd, "event_type": "30-minute-meeting"}):
        async with SocketClient(published.server.url, "/with/x/y", params=params) as tab:
            await tab.until(lambda tab: tab.value("booking_state.view") == "dead")
            assert tab.value("booking_state.dead")["kind"] == "unknown"
            assert not tab.value("booking_state.choice")["days"]


async def test_what_is_not_published_says_the_same_over_the_socket(published: HostAtHome) -> None:
    async def dead(event_type: str) -> object:
        params = {"host": "grace-host", "event_type": event_type}
        async with SocketClient(published.server.url, f"/with/grace-host/{event_type}", params=params) as tab:
            await tab.until(lambda tab: tab.value("booking_state.view") == "dead")
            return tab.state[next(name for name in tab.state if name.endswith("booking_state"))]

    never = await dead("nothing-of-the-kind")
    await switch(published, on=False)
    assert await dead("30-minute-meeting") == never
