"""The running app reads calendars by itself: at once, a few at a time, and never in the way of anything else."""

import asyncio
import threading
import time
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler
from pathlib import Path

import pytest

from singleuse_app import worker
from singleuse_app.operations.history import MINUTE
from tests.browser.steps import change
from tests.factories import Desk
from tests.harness import server as servers
from tests.harness.feed_server import EMPTY, FeedServer, giving, serving
from tests.harness.people import HostAtHome, ask
from tests.harness.server import Server
from tests.harness.socket_client import SocketClient

STATE = "reflex___state____state.singleuse_app___pages___calendars____calendars_state"


@pytest.fixture
def app(tmp_path: Path) -> Iterator[Server]:
    """The app without its pages, which lets calendars of this computer through."""
    with servers.backend(tmp_path / "backend", CALENDAR_FEED_ALLOW="127.0.0.1") as running:
        yield running


@pytest.fixture
def feed() -> Iterator[FeedServer]:
    """Where the calendars are."""
    with serving() as running:
        yield running


async def add(tab: SocketClient, feed: FeedServer, *names: str) -> None:
    await tab.until(lambda tab: tab.value("calendars_state.ready"))
    for name in names:
        await tab.fire(f"{STATE}.add", {"form": {"name": name, "feed_address": feed.url(f"/{name}.ics")}})


def wait_for(feed: FeedServer, times: int) -> None:
    """Until the calendars were asked for so often; 20 seconds at most."""
    until = time.monotonic() + 20
    while len(feed.asked) < times:
        assert time.monotonic() < until
        time.sleep(0.02)


def states(tab: SocketClient) -> dict[str, str]:
    return {row["name"]: row["wrong"] or row["state"] for row in tab.value("calendars_state.rows") or ()}


async def test_a_calendar_is_read_at_once_and_its_page_hears_of_it(app: Server, feed: FeedServer) -> None:
    host = HostAtHome.set_up(app)
    async with SocketClient(app.url, "/calendars", cookie=host.cookie) as tab:
        began = time.monotonic()
        await add(tab, feed, "Work")
        await tab.until(lambda tab: states(tab).get("Work", "").startswith("Read just now"))
        assert time.monotonic() - began < 5
    assert [asked["path"] for asked in feed.asked] == ["/Work.ics"]


@pytest.mark.thorough
async def test_at_most_four_are_asked_at_a_time_and_a_slow_one_holds_up_nobody(app: Server, feed: FeedServer) -> None:
    lock, under_way, most = threading.Lock(), [0], [0]

    def slow(request: BaseHTTPRequestHandler) -> None:
        with lock:
            under_way[0] += 1
            most[0] = max(most[0], under_way[0])
        time.sleep(0.7)
        with lock:
            under_way[0] -= 1
        giving(EMPTY)(request)

    feed.answer = slow
    host = HostAtHome.set_up(app)
    names = [f"N{number}" for number in range(9)]
    async with SocketClient(app.url, "/calendars", cookie=host.cookie) as tab:
        await add(tab, feed, *names)
        waited = 0.0
        while not all(state.startswith("Read") for state in states(tab).values()) or len(states(tab)) < len(names):
            began = time.monotonic()
            assert (await asyncio.to_thread(ask, f"{app.api_url}/ping")).status == 200
            waited = max(waited, time.monotonic() - began)
            await asyncio.sleep(0.05)
    assert most == [4]
    assert waited < 0.5
    assert sorted(asked["path"] for asked in feed.asked) == [f"/{name}.ics" for name in names], "each of them once"


async def test_a_server_that_is_told_to_stop_waits_for_no_calendar(app: Server, feed: FeedServer) -> None:
    is_over = threading.Event()
    feed.answer = lambda request: is_over.wait(60) and None
    host = HostAtHome.set_up(app)
    async with SocketClient(app.url, "/calendars", cookie=host.cookie) as tab:
        await add(tab, feed, "Hanging")
        await asyncio.to_thread(wait_for, feed, 1)
    began = time.monotonic()
    await asyncio.to_thread(app.stop)
    assert time.monotonic() - began < 8
    is_over.set()
    assert "Traceback" not in app.log()
    [(lease,)] = app.rows("SELECT leased_until FROM calendar_feed")
    assert lease, "it is left, and ends by itself"


async def test_pages_hear_of_time_going_by(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(worker, "MINUTE", 0.05)
    heard = asyncio.Event()

    async def publish(topics: set[str]) -> None:
        if MINUTE in topics:
            heard.set()

    async def tell_ends(_: object) -> None:
        return None

    async with worker.watching(publish, tell_ends, lambda: None):
        await asyncio.wait_for(heard.wait(), 10)
    await asyncio.get_running_loop().shutdown_default_executor()  # nobody looks into the database any more
    for thread in threading.enumerate():
        if thread.name == "postman":
            thread.join(10)


async def test_what_was_due_while_the_app_was_down_is_read_when_it_is_back(app: Server, feed: FeedServer) -> None:
    host = HostAtHome.set_up(app)
    async with SocketClient(app.url, "/calendars", cookie=host.cookie) as tab:
        await add(tab, feed, "Work")
        await tab.until(lambda tab: states(tab).get("Work", "").startswith("Read"))
    app.stop()
    change(app, "UPDATE calendar_feed SET next_check_at = next_check_at - 3600")
    app.start()
    await asyncio.to_thread(wait_for, feed, 2)
