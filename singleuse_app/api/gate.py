"""What one visitor may ask of the server in bulk, whatever it is that they ask: the outermost gate.

It counts by address, as :mod:`singleuse_app.peers` finds it, in this process alone. What is tried rather than asked,
like passwords, is the business of :mod:`singleuse_app.limits`.
"""

import asyncio
import json
import logging
import re
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta

from starlette.datastructures import Headers
from starlette.responses import JSONResponse, PlainTextResponse, Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from singleuse_app.api.refusals import retry_after, status_of
from singleuse_app.buckets import Buckets
from singleuse_app.messages import words
from singleuse_app.peers import client_address, neighbourhood
from singleuse_app.scheduling.errors import BodyTooLarge, BodyTooSlow, NotFound, Refusal, TooMany, UnreadableRequest
from singleuse_app.settings import settings

logger = logging.getLogger(__name__)

MAX_BODY_BYTES = 64 * 1024
"""No form and no list is larger; a websocket message may not be either (``rxconfig.py``)."""

BODY_SECONDS = 20
FLOOD_SECONDS = 10
"""Whoever sends faster than they may for so long is hung up on."""

PIECE = 4096
"""Characters: what a long message counts as several of."""

SHUT = ("/_", "/auth-codespace")
"""The framework's own endpoints, of which none is needed: ``/_health`` tells strangers of the machinery, ``/_upload``
takes files, ``/_all_routes`` lists pages, and ``/_event`` serves websockets, to which this does not apply."""

PACKET = re.compile(
    r"[12356]|[23]probe|4(?P<kind>[0-3])(/[^,]{0,99},|/[^,]{0,99}$)?[0-9]{0,9}(?P<content>.*)", re.DOTALL
)
"""What pages send: of Engine.IO's packets those of a websocket, of Socket.IO's those that carry text."""

HALF_A_LETTER = re.compile(r"\\u[dD][89a-fA-F]")
"""How JSON writes half of a letter beyond the first 65,536; two halves make one (RFC 8259, sections 7 and 8.2)."""

EVENT = "2"
CONNECT = "40"
"""How a Socket.IO packet begins that makes a session, and loads its page."""

PAGE = 4
"""How many events the loading of a page counts as."""


@dataclass(frozen=True, slots=True)
class Bounds:
    """What an address may do, ``LIMITS_FACTOR`` not counted: a rate in a second, and how much at once."""

    requests: tuple[float, float] = (40, 400)
    connects: tuple[float, float] = (0.5, 100)
    events: tuple[float, float] = (60, 150)
    events_of_one: tuple[float, float] = (15, 80)
    sockets: int = 100


class Gate:
    """ASGI middleware. Too much is refused (429), too large (413), too slow (408); events that come too fast wait.

    A wait costs a person nothing and a flood everything: while it lasts nothing is read, so it fills the sender's own
    buffers. ``scope["client"]`` is the visitor's address for everybody further in.
    """

    def __init__(self, app: ASGIApp, *, bounds: Bounds | None = None, clock: Callable[[], float] | None = None) -> None:
        self.app = app
        factor, bounds = settings().limits_factor, bounds or Bounds()
        self.sockets = bounds.sockets * factor
        self.open: Counter[str] = Counter()
        self.requests, self.connects, self.events, self.events_of_one = (
            Buckets(rate * factor, most * factor, clock)
            for rate, most in (bounds.requests, bounds.connects, bounds.events, bounds.events_of_one)
        )
        self.has_warned = False

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "http":
            where = self._locate(scope)
            await self._answer(where, scope, receive, send)
        elif scope["type"] == "websocket":
            where = self._locate(scope)
            await self._converse(where, scope, receive, send)
        else:
            await self.app(scope, receive, send)

    def _locate(self, scope: Scope) -> str:
        """By what the visitor is counted."""
        peer, port = scope.get("client") or ("", 0)
        forwarded = Headers(scope=scope).getlist("x-forwarded-for")
        address = client_address(peer, forwarded, settings().trusted_proxies)
        if forwarded and not settings().trusted_proxies and not self.has_warned:
            self.has_warned = True
            logger.warning(
                "A proxy sends X-Forwarded-For, and TRUSTED_PROXIES names none: all visitors count as one. If the "
                "proxy is yours, name its address there."
            )
        scope["client"] = (address, port)
        return neighbourhood(address)

    async def _answer(self, where: str, scope: Scope, receive: Receive, send: Send) -> None:
        refused: Refusal | None = None
        if scope["path"].startswith(SHUT):
            refused = NotFound()
        elif wait := self.requests.take(where):
            refused = TooMany(again=timedelta(seconds=wait))
        elif _said_length(scope) > MAX_BODY_BYTES:
            refused = BodyTooLarge()
        if refused:
            await _refusal(refused, scope)(scope, receive, send)
        else:
            await self.app(scope, _Body(receive).next, send)

    async def _converse(self, where: str, scope: Scope, receive: Receive, send: Send) -> None:
        wait = self.connects.take(where) if self.open[where] < self.sockets else 60
        if wait:
            await receive()  # that somebody would like to connect
            response = _refusal(TooMany(again=timedelta(seconds=wait)), scope)
            if "websocket.http.response" in scope.get("extensions", {}):
                await response(scope, receive, send)
            else:
                await send({"type": "websocket.close", "code": 1013})
            return
        self.open[where] += 1
        try:
            await self.app(scope, _Paced(self, where, receive).next, send)
        finally:
            self.open[where] -= 1
            if not self.open[where]:
                del self.open[where]


class _Body:
    """A request's body, of which only so much is taken, and only for so long."""

    def __init__(self, receive: Receive) -> None:
        self._receive = receive
        self._taken = 0
        self._is_whole = False
        self._until = asyncio.get_running_loop().time() + BODY_SECONDS

    async def next(self) -> Message:
        """What comes next, or a refusal."""
        if self._is_whole:  # what comes now is that the visitor is gone
            return await self._receive()
        try:
            async with asyncio.timeout_at(self._until):
                message = await self._receive()
        except TimeoutError:
            raise BodyTooSlow from None
        if message["type"] == "http.disconnect":  # after half of it: nobody's error, and no news for the log
            raise UnreadableRequest
        self._taken += len(message.get("body", b""))
        self._is_whole = not message.get("more_body", False)
        if self._taken > MAX_BODY_BYTES:
            raise BodyTooLarge
        return message


class _Paced:
    """What comes over one websocket, no faster than it may. A flood ends as if its sender had hung up."""

    def __init__(self, gate: Gate, where: str, receive: Receive) -> None:
        self._gate = gate
        self._where = where
        self._receive = receive
        self._own = gate.events_of_one.alone()
        self._sessions = 0
        self._fast_since: float | None = None

    async def next(self) -> Message:
        """What comes next, once it may."""
        message = await self._receive()
        if message["type"] != "websocket.receive":
            return message
        said = message.get("text") or ""  # no page sends bytes
        if len(said) > MAX_BODY_BYTES:  # before anybody reads it: the framework would look only afterwards
            return {"type": "websocket.disconnect", "code": 1009}
        text = _readable(said)
        if text is None or not self._may_begin(text):
            return {"type": "websocket.disconnect", "code": 1008}
        cost = 1 + len(text) // PIECE
        own = self._own.owe(cost)
        now = asyncio.get_running_loop().time()
        self._fast_since = (self._fast_since or now) if own else None
        if self._fast_since is not None and now - self._fast_since > FLOOD_SECONDS:
            logger.warning("A websocket was closed: for %s seconds it had sent more than it may.", FLOOD_SECONDS)
            return {"type": "websocket.disconnect", "code": 1008}
        if wait := max(own, self._gate.events.owe(self._where, PAGE if text.startswith(CONNECT) else cost)):
            await asyncio.sleep(wait)
        return {**message, "text": text}

    def _may_begin(self, text: str) -> bool:
        """Whether it is no further session, each of which holds a page's whole state, or one that is allowed."""
        if text.startswith(CONNECT):
            self._sessions += 1
            return self._sessions == 1 or not self._gate.connects.take(self._where)
        return True


def _readable(text: str) -> str | None:
    """A packet as pages send them, or ``None``: Engine.IO 4 around Socket.IO 5, with JSON in it or nothing.

    Over anything else the framework stumbles, and writes at length into the log how. Half a letter, which JSON can
    write and nothing else can, becomes the sign for a letter that cannot be read: no text with it could be hashed, kept
    or sent back.

    >>> [_readable(text) for text in ("2", "42/_event,[", "42/_event,{}", "9")]
    ['2', None, None, None]
    >>> _readable('42/_event,["event",{"name":"Ada \\\\ud83d"}]')
    '42/_event,["event", {"name": "Ada \ufffd"}]'
    """
    found = PACKET.fullmatch(text)
    if not found or found["kind"] is None:
        return text if found else None
    try:
        content = json.loads(found["content"] or "null")
        is_named = isinstance(content, list) and bool(content) and isinstance(content[0], str)
        if found["kind"] == EVENT and not is_named:
            return None
        if not HALF_A_LETTER.search(text):
            return text
        said = json.dumps(content, ensure_ascii=False)
    except (ValueError, RecursionError):
        return None
    return text[: found.start("content")] + said.encode("utf-16", "surrogatepass").decode("utf-16", "replace")


def _said_length(scope: Scope) -> int:
    said = Headers(scope=scope).get("content-length", "")
    return int(said) if said.isdecimal() and len(said) < 20 else 0


def _refusal(refusal: Refusal, scope: Scope) -> Response:
    text, status, headers = words(refusal), status_of(refusal), retry_after(refusal)
    if scope["path"].startswith("/api/"):
        return JSONResponse({"code": refusal.code, "message": text}, status, headers)
    return PlainTextResponse(text, status, headers)
