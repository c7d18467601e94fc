"""What one visitor may do over websockets: how many, how fast, how large, from which pages, and which of the
framework's own handlers answer."""

import asyncio
import json
import re
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import aiohttp
import pytest
from engineio.packet import Packet as EngineIOPacket
from reflex_base.registry import RegistrationContext
from socketio.packet import Packet as SocketIOPacket

import singleuse_app.app  # noqa: F401 - the pages register their handlers
from singleuse_app.handlers import FRAMEWORK_HANDLERS
from tests.harness import server as servers
from tests.harness.people import HostAtHome
from tests.harness.server import Server
from tests.harness.socket_client import CONNECT, EVENT, ROOT_STATE, SocketClient

NOTICE = f"{ROOT_STATE}.singleuse_app___notice____notice"
EXCEPTIONS = f"{ROOT_STATE}.reflex___state____frontend_event_exception_state.handle_frontend_exception"


@pytest.fixture(scope="module")
def strict(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """The app with its real limits, behind a proxy that it trusts: each test speaks for visitors of its own."""
    folder = tmp_path_factory.mktemp("strict")
    with servers.backend(folder, LIMITS_FACTOR="1", TRUSTED_PROXIES="127.0.0.1, ::1") as running:
        HostAtHome.set_up(running)
        yield running


def visitor(server: Server, address: str, path: str = "/sign-in", **how: str) -> SocketClient:
    """A tab of somebody at that address."""
    tab = SocketClient(server.url, path, **how)
    tab.headers["X-Forwarded-For"] = address
    return tab


async def ping_pong(tab: SocketClient, word: str) -> float:
    """How long an event takes, there and back."""
    began = time.monotonic()
    await tab.fire(f"{NOTICE}.tell", {"code": word})
    await tab.until(lambda tab: tab.value("notice.text"), 60)
    await tab.fire(f"{NOTICE}.dismiss")
    await tab.until(lambda tab: not tab.value("notice.text"), 60)
    return time.monotonic() - began


async def test_events_that_come_too_fast_wait_and_none_is_lost(strict: Server) -> None:
    async with visitor(strict, "192.0.2.1") as tab:
        before = len(tab.frames)
        began = time.monotonic()
        for _ in range(60):
            await tab.fire(f"{NOTICE}.tell", {"code": "try_again"})
            await tab.fire(f"{NOTICE}.dismiss")
        await tab.until(lambda tab: sum('"text_rx_state_"' in frame for frame in tab.frames[before:]) >= 120, 60)
        assert time.monotonic() - began > 2, "80 at once, 15 a second"
        assert await ping_pong(tab, "try_again") < 2


@pytest.mark.thorough
async def test_control_without_the_limit_they_would_not_wait(backend: Server) -> None:
    async with SocketClient(backend.url, "/sign-in") as tab:
        before = len(tab.frames)
        began = time.monotonic()
        for _ in range(60):
            await tab.fire(f"{NOTICE}.tell", {"code": "try_again"})
            await tab.fire(f"{NOTICE}.dismiss")
        await tab.until(lambda tab: sum('"text_rx_state_"' in frame for frame in tab.frames[before:]) >= 120, 60)
        assert time.monotonic() - began < 2


async def flood(tab: SocketClient) -> None:
    """Events, a hundred a second, for half a minute."""
    for _ in range(3_000):
        await tab.fire(f"{NOTICE}.dismiss")
        await asyncio.sleep(0.01)


async def open_many(server: Server, address: str, tabs: list[SocketClient]) -> None:
    """More tabs than one address may have."""
    while len(tabs) < 130:
        tabs.append(await visitor(server, address).connect())


async def begin_many(tab: SocketClient, number: int, pause: float) -> None:
    """Further sessions over the same websocket."""
    hydrate = {"event": {"name": f"{ROOT_STATE}.hydrate_and_load", "payload": {}, "router_data": {}}}
    assert tab._socket is not None
    for _ in range(number):
        await tab._socket.send_str(CONNECT + json.dumps(hydrate))
        await asyncio.sleep(pause)


@pytest.mark.thorough
async def test_whoever_does_not_stop_is_hung_up_on(strict: Server) -> None:
    async with visitor(strict, "192.0.2.2") as tab:
        with pytest.raises(ConnectionError):
            await flood(tab)
    assert "A websocket was closed" in strict.log()


async def test_an_address_has_so_many_websockets_and_another_still_connects(strict: Server) -> None:
    tabs: list[SocketClient] = []
    with pytest.raises(aiohttp.WSServerHandshakeError) as refused:
        await open_many(strict, "192.0.2.3", tabs)
    assert refused.value.status == 429
    assert int((refused.value.headers or {})["Retry-After"]) >= 1
    assert 90 <= len(tabs) <= 101
    async with visitor(strict, "192.0.2.4") as other:
        assert await ping_pong(other, "try_again") < 2
    await asyncio.gather(*(tab.close() for tab in tabs))


@pytest.mark.thorough
async def test_one_websocket_is_no_way_around_the_number_of_sessions(strict: Server) -> None:
    async with visitor(strict, "192.0.2.5") as tab:
        await begin_many(tab, 60, 0)
        with pytest.raises(ConnectionError):
            await begin_many(tab, 100, 0.1)


@pytest.mark.parametrize("message", [EVENT + "[" + '"x"' * 30_000 + "]", b"\x00\x01"], ids=["large", "bytes"])
async def test_a_message_that_no_page_sends_ends_the_connection(strict: Server, message: str | bytes) -> None:
    async with visitor(strict, "192.0.2.6") as tab:
        assert tab._socket is not None
        await (tab._socket.send_str(message) if isinstance(message, str) else tab._socket.send_bytes(message))
        with pytest.raises(ConnectionError):
            await tab.until(lambda _tab: False, 10)
    async with visitor(strict, "192.0.2.6") as again:
        assert await ping_pong(again, "try_again") < 2


@pytest.mark.parametrize(
    "origin", ["https://evil.example", "null", "http://localhost", "http://localhost.evil.example"]
)
async def test_another_sites_page_gets_no_websocket_also_behind_a_proxy(strict: Server, origin: str) -> None:
    tab = visitor(strict, "192.0.2.7", origin=origin)
    tab.headers |= {"X-Forwarded-Host": origin.rpartition("/")[2], "X-Forwarded-Proto": origin.partition(":")[0]}
    with pytest.raises(aiohttp.WSServerHandshakeError):
        await tab.connect()


async def test_control_the_apps_own_pages_do(strict: Server) -> None:
    async with visitor(strict, "192.0.2.7", origin=strict.url) as tab:
        assert await ping_pong(tab, "try_again") < 2


def test_the_frameworks_own_handlers_are_exactly_these() -> None:
    """Whatever else the framework brings, now or with its next version, is dropped before it does anything."""
    found = {name for name in RegistrationContext.get().event_handlers if ".singleuse_app___" not in name}
    shut = {name for name in found if name.endswith(".setvar")} | {EXCEPTIONS}
    assert found - shut == FRAMEWORK_HANDLERS.keys()


@pytest.mark.parametrize(
    "handler",
    [
        f"{ROOT_STATE}.setvar",
        f"{NOTICE}.setvar",
        f"{ROOT_STATE}.singleuse_app___session____binding.setvar",
        EXCEPTIONS,
        f"{NOTICE}.no_such_handler",
        "told by a stranger",
    ],
)
async def test_a_handler_that_is_shut_does_nothing_and_logs_nothing(strict: Server, handler: str) -> None:
    async with visitor(strict, "192.0.2.8") as tab:
        began = len(strict.log())
        for payload in (
            {"var_name": "text", "value": "set by a stranger"},
            {"info": "told by a stranger" * 1000, "component_stack": "told by a stranger"},
        ):
            await tab.fire(handler, payload)
        assert await ping_pong(tab, "try_again") < 2
        assert "stranger" not in "".join(tab.frames)
        log = strict.log()[began:]
        assert "set by" not in log
        assert log.count("stranger") <= 2 if "stranger" in handler else "stranger" not in log
        assert "Traceback" not in log


@pytest.mark.parametrize(
    ("handler", "payload"),
    [
        (f"{NOTICE}.dismiss", {"more": "than it takes"}),
        (f"{ROOT_STATE}.set_is_hydrated", {}),
        (f"{ROOT_STATE}.hydrate", {"self": None}),
        (f"{ROOT_STATE}.hydrate_and_load", {"vars": "text"}),
        (f"{ROOT_STATE}.hydrate_and_load", {"vars": {"no.such.var": "text"}}),
        (f"{ROOT_STATE}.reflex___state____update_vars_internal_state.update_vars_internal", {"vars": None}),
        (f"{ROOT_STATE}.hydrate_and_load", {"hashes": {"a": 1}}),
        (f"{ROOT_STATE}.set_is_hydrated", {"value": "text"}),
        (f"{NOTICE}.dismiss", None),
        (f"{NOTICE}.dismiss", 0),
    ],
)
async def test_arguments_that_a_handler_does_not_take_make_no_line_of_the_log(
    strict: Server, handler: str, payload: Any
) -> None:
    async with visitor(strict, "192.0.2.10") as tab:
        began = len(strict.log())
        await tab._emit({"name": handler, "payload": payload})
        assert await ping_pong(tab, "try_again") < 2
        assert "Traceback" not in strict.log()[began:]


@pytest.mark.thorough
async def test_what_is_asked_in_vain_leaves_nothing_that_the_server_waits_for(tmp_path: Path) -> None:
    """The framework would keep each such event for good, and wait for it before it stops."""
    with servers.backend(tmp_path) as server:
        async with SocketClient(server.url, "/sign-in") as tab:
            for number in range(50):
                await tab.fire(f"{NOTICE}.no_such_handler_{number}", {"text": "x" * 1000})
            assert tab._socket is not None
            for wrong in ("text", 7, None, ["list"], {"name": f"{NOTICE}.tell", "payload": "text", "router_data": 7}):
                await tab._socket.send_str(EVENT + json.dumps(["event", wrong]))
            assert await ping_pong(tab, "try_again") < 5
        began = time.monotonic()
        server.stop()
        assert time.monotonic() - began < 8
        assert 1 <= server.log().count("no_such_handler") <= 20
        assert "xxxx" not in server.log()


async def test_pages_tell_of_their_errors_within_bounds_and_in_one_line(strict: Server) -> None:
    began = len(strict.log())
    report = {"error_type": "render", "message": "told\n\x1b[31mERROR forged\u202e" + "x" * 3_000}
    for number in range(8):
        async with visitor(strict, "192.0.2.9") as tab:
            assert tab._socket is not None
            for _ in range(10):
                await tab._socket.send_str(EVENT + json.dumps(["client_error", report]))
            assert await ping_pong(tab, "try_again") < 2, number
    log = strict.log()[began:]
    assert 1 <= log.count("told") <= 20
    assert len(log) < 60_000
    assert not re.search("[\x1b\u202e]|^ERROR forged", log, re.MULTILINE)


NO_PAGES = "44/_event,7"  # which only a server says
GARBAGE = [
    "42/_event,[nonsense",
    "42/_event,",
    "42/_event,{}",
    "42/_event,[7]",
    "42/_event," + "[" * 9_000,
    "4",
    "9",
    "zzz",
]


@pytest.mark.parametrize("text", [*GARBAGE, NO_PAGES])
async def test_whoever_sends_what_is_no_packet_is_hung_up_on_without_a_line_in_the_log(
    strict: Server, text: str
) -> None:
    async with visitor(strict, f"192.0.2.{100 + [*GARBAGE, NO_PAGES].index(text)}") as tab:
        began = len(strict.log())
        assert tab._socket is not None
        assert tab._reader is not None
        await tab._socket.send_str(text)
        await asyncio.wait_for(asyncio.shield(tab._reader), 10)
        assert strict.log()[began:] == ""


@pytest.mark.parametrize("text", GARBAGE)
def test_control_the_framework_stumbles_over_it(text: str) -> None:
    def decode() -> None:
        within = EngineIOPacket(encoded_packet=text).data
        event = SocketIOPacket(encoded_packet=within).data
        assert isinstance(event[0], str)

    with pytest.raises((ValueError, TypeError, KeyError, IndexError, RecursionError, AssertionError)):
        decode()
