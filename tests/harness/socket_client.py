"""A browser tab as the server sees it: Reflex's websocket protocol without the browser.

    async with SocketClient(server.url, "/book/abc", params={"token": "abc"}) as tab:
        await tab.fire("booking_state.choose", {"start": "2030-01-07T09:00:00Z"})
        await tab.until(lambda tab: tab.value("booking_state.chosen") != "")

It speaks Engine.IO 4 and Socket.IO 5 itself, so :attr:`SocketClient.frames` is what was on the wire, to the letter.
Hundreds of them fit into one process.
"""

import asyncio
import json
import uuid
from collections.abc import Callable, Mapping
from importlib.metadata import version
from types import TracebackType
from typing import Any, Self
from urllib.parse import parse_qsl, urlencode, urlsplit

import aiohttp

NAMESPACE = "/_event"
ROOT_STATE = "reflex___state____state"
FIELD = "_rx_state_"
"""What Reflex appends to the name of a var on its way to the browser."""

# Engine.IO's packet type, followed by Socket.IO's for a message
OPEN, PING, PONG = "0", "2", "3"
CONNECT, EVENT, REFUSED = f"40{NAMESPACE},", f"42{NAMESPACE},", f"44{NAMESPACE},"


class SocketClient:
    """One tab on one page.

    ``path``     what the address bar shows, with its query string
    ``params``   the page's dynamic segments by name; the browser fills them in, the server does not check them
    ``token``    the tab's name; a new one unless given. The server may change it (:attr:`token`)
    ``cookie``   the Cookie header of the handshake
    ``origin``   the Origin header of the handshake; none unless given, as with programs that are not browsers
    ``storage``  what the browser keeps for ``rx.LocalStorage``, ``rx.SessionStorage`` and ``rx.Cookie`` vars, by the
                 full name of the var: ``f"{State.get_full_name()}.attempt_rx_state_"``

    ``state``    every var that the server sent, by full state name, then by name without Reflex's suffix
    ``actions``  what it told the browser to do: ``("_redirect", {"path": "/", …})``
    ``frames``   every text frame received, in order
    """

    def __init__(
        self,
        url: str,
        path: str = "/",
        *,
        params: Mapping[str, Any] | None = None,
        token: str | None = None,
        cookie: str | None = None,
        origin: str | None = None,
        storage: Mapping[str, Any] | None = None,
    ) -> None:
        self.url = url.rstrip("/")
        self.path = path
        self.params = dict(params or {})
        self.token = token or str(uuid.uuid4())
        self.headers = {name: value for name, value in (("Cookie", cookie), ("Origin", origin)) if value is not None}
        self.storage = dict(storage or {})
        self.state: dict[str, dict[str, Any]] = {}
        self.actions: list[tuple[str, dict[str, Any]]] = []
        self.frames: list[str] = []
        self._changed = asyncio.Event()
        self._session: aiohttp.ClientSession | None = None
        self._socket: aiohttp.ClientWebSocketResponse | None = None
        self._reader: asyncio.Task[None] | None = None

    async def connect(self, *, wait: bool = True, seconds: float = 30.0) -> Self:
        """Connects, and waits until the page has loaded (``wait``). After :meth:`close` it reconnects as a tab does.

        Raises :class:`aiohttp.WSServerHandshakeError` when the server refuses the handshake (a foreign origin).
        """
        async with asyncio.timeout(seconds):
            self._session = aiohttp.ClientSession(cookie_jar=aiohttp.DummyCookieJar())
            try:
                await self._shake_hands()
            except BaseException:
                await self.close()
                raise
            self._reader = asyncio.create_task(self._read())
        if wait:
            await self.until(lambda tab: tab.state.get(ROOT_STATE, {}).get("is_hydrated") is True, seconds)
        return self

    async def close(self) -> None:
        """Closes the tab. The server keeps its state under :attr:`token` for a while."""
        if self._socket is not None:
            await self._socket.close()
        if self._reader is not None:
            await asyncio.wait([self._reader])
        if self._session is not None:
            await self._session.close()
        self._session = self._socket = self._reader = None

    async def fire(self, event: str, payload: Mapping[str, Any] | None = None) -> None:
        """Sends an event, as a click does, and returns at once.

        ``event`` is a handler's name after its state's: in full, or from the state's class name on
        (``"booking_state.book"``), if that is clear among the states that the server has sent.
        """
        state, _, handler = event.rpartition(".")
        await self._emit({"name": f"{self._full_name(state)}.{handler}", "payload": dict(payload or {})})

    async def until(self, predicate: Callable[[Self], object], seconds: float = 10.0) -> Self:
        """Waits until ``predicate`` of this client is true, trying it again at each frame.

        Raises :class:`TimeoutError`, or :class:`ConnectionError` when nothing can come any more; both say what came.
        """
        try:
            async with asyncio.timeout(seconds):
                while not _holds(predicate, self):
                    if self._reader is None or self._reader.done():
                        raise ConnectionError(f"the server closed the connection; {self._summary()}")
                    self._changed.clear()
                    await self._changed.wait()
        except TimeoutError:
            raise TimeoutError(f"waited {seconds} s in vain; {self._summary()}") from None
        return self

    def value(self, var: str) -> Any:
        """A var's newest value, named like an event: ``"booking_state.chosen"``. Raises :class:`KeyError`."""
        state, _, name = var.rpartition(".")
        return self.state[self._full_name(state)][name]

    async def __aenter__(self) -> Self:
        return await self.connect()

    async def __aexit__(
        self, kind: type[BaseException] | None, problem: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self.close()

    async def _shake_hands(self) -> None:
        """Engine.IO's handshake, then Socket.IO's with the page's first event in it, as in the browser."""
        assert self._session is not None
        query = urlencode({"token": self.token, "EIO": "4", "transport": "websocket"})
        self._socket = await self._session.ws_connect(
            f"{self.url.replace('http', 'ws', 1)}{NAMESPACE}/?{query}",
            headers=self.headers,
            protocols=(version("reflex"),),
            max_msg_size=0,
        )
        opened = await self._socket.receive_str()
        if not opened.startswith(OPEN):
            raise ConnectionError(f"no Engine.IO greeting but {opened[:200]}")
        hydrate = {"name": f"{ROOT_STATE}.hydrate_and_load", "payload": {"vars": self.storage} if self.storage else {}}
        auth = json.dumps({"event": self._located(hydrate)})
        await self._socket.send_str(CONNECT + auth)

    async def _read(self) -> None:
        assert self._socket is not None
        try:
            async for message in self._socket:
                if message.type is not aiohttp.WSMsgType.TEXT:
                    continue
                text: str = message.data
                self.frames.append(text)
                if text == PING:
                    await self._socket.send_str(PONG)
                elif text.startswith(EVENT):
                    name, *arguments = json.loads(text.removeprefix(EVENT))
                    await self._receive(name, arguments[0] if arguments else None)
                elif text.startswith(REFUSED):
                    return
                self._changed.set()
        finally:
            self._changed.set()

    async def _receive(self, name: str, content: Any) -> None:
        if name == "new_token":
            self.token = content
        elif name == "event":
            for state, delta in (content.get("delta") or {}).items():
                values = {var.removesuffix(FIELD): value for var, value in delta.items()}
                self.state.setdefault(state, {}).update(values)
            for event in content.get("events") or []:
                if event["name"].startswith("_"):
                    self.actions.append((event["name"], event.get("payload") or {}))
                else:  # the browser sends back what is not for itself
                    await self._emit({"name": event["name"], "payload": event.get("payload") or {}})

    async def _emit(self, event: dict[str, Any]) -> None:
        if self._socket is None:
            raise ConnectionError("not connected")
        await self._socket.send_str(EVENT + json.dumps(["event", self._located(event)]))

    def _located(self, event: dict[str, Any]) -> dict[str, Any]:
        """The event with where it happened, as the browser tells it."""
        address = urlsplit(self.path)
        query = {**dict(parse_qsl(address.query)), **self.params}
        where = {"pathname": address.path, "asPath": self.path, **({"query": query} if query else {})}
        return {**event, "router_data": where}

    def _full_name(self, state: str) -> str:
        found = [name for name in self.state if name == state or name.endswith((f".{state}", f"____{state}"))]
        if len(found) > 1:
            raise KeyError(f"{state!r} may be any of {found}")
        return found[0] if found else state

    def _summary(self) -> str:
        return f"{len(self.frames)} frames, the last ones: {[frame[:300] for frame in self.frames[-3:]]}"


def _holds(predicate: Callable[[Any], object], client: object) -> bool:
    """A var that has not come yet makes a predicate false, not an error."""
    try:
        return bool(predicate(client))
    except KeyError:
        return False
