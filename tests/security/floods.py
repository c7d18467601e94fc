"""Visitors who mean no good, each a process of its own: as much as it can send from one address, until it is ended."""

import asyncio
import contextlib
import json
from collections.abc import Callable, Coroutine, Generator
from contextlib import contextmanager
from multiprocessing import get_context
from typing import Any

import aiohttp

from tests.harness.people import EMAIL
from tests.harness.socket_client import EVENT, SocketClient

HEADERS = {"X-Forwarded-For": "198.51.100.66"}
"""From where it comes: each flood from an address of its own."""

BOOKING = "reflex___state____state.singleuse_app___pages___booking____booking_state"


def tab_of(url: str, link: str) -> SocketClient:
    """A tab of the flood's."""
    tab = SocketClient(url, f"/book/{link}", params={"token": link})
    tab.headers |= HEADERS
    return tab


async def events(url: str, link: str) -> None:
    """The dearest event that anybody may send, over 20 websockets, as fast as they take it."""

    async def send() -> None:
        async with tab_of(url, link) as tab:
            assert tab._socket is not None
            where = {"pathname": f"/book/{link}", "asPath": f"/book/{link}", "query": {"token": link}}
            look = {"name": f"{BOOKING}.refresh", "payload": {}, "router_data": where}
            while True:
                await tab._socket.send_str(EVENT + json.dumps(["event", look]))
                await asyncio.sleep(0.002)

    await _for_ever(send, 20)


async def bookings(url: str, link: str) -> None:
    """Tries to book, over 20 websockets."""

    async def send() -> None:
        async with tab_of(url, link) as tab:
            assert tab._socket is not None
            where = {"pathname": f"/book/{link}", "asPath": f"/book/{link}", "query": {"token": link}}
            form = {"form": {"name": "Eve", "email": "eve@example.org", "time": "1900000000"}}
            book = {"name": f"{BOOKING}.book", "payload": form, "router_data": where}
            while True:
                await tab._socket.send_str(EVENT + json.dumps(["event", book]))
                await asyncio.sleep(0.002)

    await _for_ever(send, 20)


async def connects(url: str, link: str) -> None:
    """New pages, opened and left."""

    async def send() -> None:
        while True:
            await tab_of(url, link).connect(wait=False)

    await _for_ever(send, 20)


async def pages(url: str, link: str) -> None:
    """Documents of a link."""
    await _requests(lambda session: session.get(f"{url}/book/{link}", headers=HEADERS))


async def sign_ins(url: str, link: str) -> None:
    """Passwords, for as many accounts."""
    headers = {**HEADERS, "Origin": url}

    def post(session: aiohttp.ClientSession) -> Any:
        return session.post(f"{url}/api/sign-in", json={"email": EMAIL, "password": "wrong"}, headers=headers)

    await _requests(post)


FLOODS = (events, bookings, connects, pages, sign_ins)


async def _requests(ask: Callable[[aiohttp.ClientSession], Any]) -> None:
    async def send() -> None:
        async with aiohttp.ClientSession() as session:
            while True:
                async with ask(session) as answer:
                    await answer.read()

    await _for_ever(send, 20)


async def _for_ever(send: Callable[[], Coroutine[Any, Any, None]], number: int) -> None:
    async def again() -> None:
        while True:
            with contextlib.suppress(OSError, aiohttp.ClientError, TimeoutError):
                await send()
            await asyncio.sleep(0.02)

    await asyncio.gather(*(again() for _ in range(number)))


def _run(name: str, url: str, link: str) -> None:
    [(number, flood)] = [(number, flood) for number, flood in enumerate(FLOODS) if flood.__name__ == name]
    HEADERS["X-Forwarded-For"] = f"198.51.100.{number}"
    asyncio.run(flood(url, link))


@contextmanager
def flooding(name: str, url: str, link: str) -> Generator[None]:
    """A flood, for as long as the block lasts."""
    process = get_context("spawn").Process(target=_run, args=(name, url, link), daemon=True)
    process.start()
    try:
        yield
    finally:
        process.kill()
        process.join()
