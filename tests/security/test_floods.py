"""One visitor sends all that they can. Another one's page answers as if nothing were."""

import asyncio
import time
from collections.abc import Iterator
from statistics import median

import aiohttp
import pytest

from tests.harness import server as servers
from tests.harness.people import HostAtHome
from tests.harness.server import Server
from tests.harness.socket_client import SocketClient
from tests.security.floods import FLOODS, flooding

pytestmark = pytest.mark.thorough

SOON = 0.5
"""Seconds, from asking for a page to free times in it: the document, the websocket, the first look."""


@pytest.fixture
def strict(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    folder = tmp_path_factory.mktemp("strict")
    with servers.backend(folder, LIMITS_FACTOR="1", TRUSTED_PROXIES="127.0.0.1, ::1") as running:
        yield running


async def visit(server: Server, link: str, number: int) -> float:
    """How long another visitor waits for their page."""
    headers = {"X-Forwarded-For": f"192.0.2.{number}"}
    began = time.monotonic()
    async with aiohttp.ClientSession() as session, session.get(f"{server.url}/book/{link}", headers=headers) as answer:
        assert answer.status == 200
        await answer.read()
    tab = SocketClient(server.url, f"/book/{link}", params={"token": link})
    tab.headers |= headers
    await tab.connect()
    await tab.until(lambda tab: tab.value("booking_state.view") == "choose", 30)
    taken = time.monotonic() - began
    await tab.close()
    return taken


async def visits(server: Server, flood: str) -> list[float]:
    """How long each of ten visitors waits, in the middle of a flood."""
    host = HostAtHome.set_up(server)
    flooded, link = host.new_link(), host.new_link()
    with flooding(flood, server.url, flooded):
        await asyncio.sleep(6)
        found = []
        for number in range(10):
            found.append(await visit(server, link, number))
            await asyncio.sleep(0.5)
    return found


@pytest.mark.parametrize("flood", [flood.__name__ for flood in FLOODS])
async def test_a_flood_from_one_address_is_no_other_visitors_business(strict: Server, flood: str) -> None:
    waited = await visits(strict, flood)
    print(f"{flood}: median {median(waited) * 1000:.0f} ms, worst {max(waited) * 1000:.0f} ms")
    assert median(waited) < SOON


async def test_control_without_limits_it_is(strict: Server, fresh_backend: Server) -> None:
    with_limits, without = await visits(strict, "events"), await visits(fresh_backend, "events")
    print(f"events: median {median(with_limits) * 1000:.0f} ms with limits, {median(without) * 1000:.0f} ms without")
    assert median(without) > 3 * median(with_limits)
