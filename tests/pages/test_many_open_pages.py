"""Two hundred invitees look at one host's calendar, each with a link of their own, when one of them books."""

import asyncio

import pytest

from tests.harness.people import HostAtHome
from tests.harness.server import Server
from tests.harness.socket_client import SocketClient

PAGES = 200


async def opened(server: Server, link: str) -> SocketClient:
    tab = await SocketClient(server.url, f"/book/{link}", params={"token": link}).connect(seconds=120)
    return await tab.until(lambda tab: tab.value("booking_state.view") == "choose", 120)


def last_start(tab: SocketClient) -> str:
    return tab.value("booking_state.choice")["times"][-1]["times"][-1]["value"]


def offers(tab: SocketClient, start: str) -> bool:
    groups = tab.value("booking_state.choice")["times"]
    return any(time["value"] == start for group in groups for time in group["times"])


@pytest.mark.thorough
async def test_a_time_that_is_taken_leaves_all_of_them_and_everybody_is_told(backend: Server) -> None:
    host = HostAtHome.set_up(backend)
    tabs: list[SocketClient] = []
    while len(tabs) < PAGES:
        tabs += await asyncio.gather(*(opened(backend, host.new_link()) for _ in range(20)))
    booker, chooser, *others = tabs
    start = last_start(booker)
    assert all(offers(tab, start) for tab in tabs)
    await chooser.fire("booking_state.choose_time", {"start": start})
    await chooser.until(lambda tab: tab.value("booking_state.choice")["chosen"] == start)
    form = {"name": "Ada", "email": "ada@example.org", "time": start}
    await booker.fire("booking_state.book", {"form": form})
    await booker.until(lambda tab: tab.value("booking_state.view") == "booked")
    await asyncio.gather(*(tab.until(lambda tab: not offers(tab, start), 30) for tab in [chooser, *others]))
    told = {tab.value("booking_state.announcement") for tab in others}
    assert len(told) == 1
    assert " is not free any more. " in told.pop()
    choice = chooser.value("booking_state.choice")
    assert "is not free any more" in choice["gone"]
    assert chooser.value("booking_state.announcement") == choice["gone"]
    assert len(choice["nearest"]) == 3
    assert {tab.value("booking_state.view") for tab in [chooser, *others]} == {"choose"}
    await asyncio.gather(*(tab.close() for tab in tabs))
