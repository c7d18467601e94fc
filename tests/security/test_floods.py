"""One visitor sends all that they can. Another one's page answers as if nothing were."""

import asyncio
from collections.abc import Iterator
from statistics import median

import aiohttp
import pytest

from tests.harness import server as servers
from tests.harness.people import HostAtHome
from tests.harness.runqueue import Wait, busiest_thread, watched
from tests.harness.server import Server
from tests.harness.socket_client import SocketClient
from tests.security.floods import FLOODS, flooding

pytestmark = pytest.mark.thorough

VISITS, FEW = 20, 7
SOON = 0.5
"""Seconds, from asking for a page to free times in it: the document, the websocket, the first look. Each of twenty
visitors has it so soon. What is not counted is time in which the server's loop stood ready and the machine did
something else; its other threads are not so excused."""

ROUNDS = 3
"""The floods, the visitors and the server share a machine that may stand still for longer than that and does not say
so: of three rounds one has to do."""


@pytest.fixture(scope="module")
def host(tmp_path_factory: pytest.TempPathFactory) -> Iterator[HostAtHome]:
    """Of an app with its real limits."""
    folder = tmp_path_factory.mktemp("strict")
    with servers.backend(folder, LIMITS_FACTOR="1", TRUSTED_PROXIES="127.0.0.1, ::1") as running:
        yield HostAtHome.set_up(running)


async def visit(server: Server, link: str, number: int) -> Wait:
    """How long another visitor waits for their page."""
    assert server._process is not None
    with watched(busiest_thread(server._process.pid)) as wait:
        tab = await _open(server, link, number)
    await tab.close()
    return wait


async def _open(server: Server, link: str, number: int) -> SocketClient:
    headers = {"X-Forwarded-For": f"192.0.2.{number}"}
    async with aiohttp.ClientSession() as session, session.get(f"{server.url}/book/{link}", headers=headers) as answer:
        assert answer.status == 200
        await answer.read()
    tab = SocketClient(server.url, f"/book/{link}", params={"token": link})
    tab.headers |= headers
    await tab.connect()
    await tab.until(lambda tab: tab.value("booking_state.view") == "choose", 30)
    return tab


async def visits(host: HostAtHome, flood: str, visitors: int = VISITS) -> list[Wait]:
    """How long each of so many visitors waits, in the middle of a flood: from when all is spent that may come at once
    until after those that were hung up on are back."""
    flooded, link = host.new_link(), host.new_link()
    with flooding(flood, host.server.url, flooded):
        await asyncio.sleep(4)
        found = []
        for number in range(visitors):
            found.append(await visit(host.server, link, number))
            await asyncio.sleep(0.4)
    return found


@pytest.mark.parametrize("flood", [flood.__name__ for flood in FLOODS])
async def test_a_flood_from_one_address_is_no_other_visitors_business(host: HostAtHome, flood: str) -> None:
    for _ in range(ROUNDS):
        waited = await visits(host, flood)
        report(flood, waited)
        if are_served(waited):
            return
    pytest.fail("in no round did each of the others have their page soon")


async def test_control_without_limits_it_is(host: HostAtHome, fresh_backend: Server) -> None:
    with_limits = await visits(host, "events", FEW)
    without = await visits(HostAtHome.set_up(fresh_backend), "events", FEW)
    fresh_backend.kill()  # it would work off all of it first
    report("events, with limits", with_limits)
    report("events, without limits", without)
    assert median(wait.own for wait in without) > 2 * median(wait.own for wait in with_limits)


def are_served(waited: list[Wait]) -> bool:
    return max(wait.own for wait in waited) < SOON


def report(flood: str, waited: list[Wait]) -> None:
    own, clock = (sorted(1000 * getattr(wait, of) for wait in waited) for of in ("own", "seconds"))
    print(f"{flood}: median {median(own):.0f} ms, worst three {[round(each) for each in own[-3:]]} ms")
    print(f"    on the clock of this machine: {median(clock):.0f} ms, {[round(each) for each in clock[-3:]]} ms")
