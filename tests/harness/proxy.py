"""A door in front of a server, for tests of what happens when the connection is lost.

with Proxy(postgres.port) as proxy:
    ...  # connect to proxy.port
    proxy.cut()
"""

import asyncio
import contextlib
import socket
import struct
from collections.abc import Coroutine
from threading import Thread
from types import TracebackType
from typing import Self

from tests.harness.server import free_port

RESET = struct.pack("ii", 1, 0)
"""``SO_LINGER``: closing tells the other side that the connection broke, and sends nothing that still waits."""


class Proxy:
    """Passes on what it gets, in both directions, between its own ``port`` and ``target`` on 127.0.0.1."""

    def __init__(self, target: int) -> None:
        self.port = free_port()
        self._target = target
        self._loop = asyncio.new_event_loop()
        self._thread = Thread(target=self._loop.run_forever, name=f"proxy of {target}", daemon=True)
        self._door: asyncio.Server | None = None
        self._ends: set[asyncio.StreamWriter] = set()
        self._relays: set[asyncio.Task[None]] = set()

    def cut(self) -> None:
        """Breaks every connection there is, on both sides. New ones are welcome."""
        self._run(self._cut())

    def refuse(self) -> None:
        """Refuses new connections, as a server that is not there does. The existing ones stay."""
        self._run(self._refuse())

    def accept_again(self) -> None:
        """Ends :meth:`refuse`."""
        self._run(self._accept())

    def __enter__(self) -> Self:
        self._thread.start()
        self.accept_again()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, problem: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.refuse()
        self.cut()
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join()
        self._loop.close()

    def _run(self, work: Coroutine[None, None, None]) -> None:
        asyncio.run_coroutine_threadsafe(work, self._loop).result(10)

    async def _accept(self) -> None:
        if self._door is None:
            self._door = await asyncio.start_server(self._relay, "127.0.0.1", self.port, backlog=300)

    async def _refuse(self) -> None:
        if self._door is not None:
            self._door.close()
            self._door = None

    async def _cut(self) -> None:
        for end in self._ends:
            with contextlib.suppress(OSError):  # closed already
                end.get_extra_info("socket").setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, RESET)
            end.transport.abort()
        for relay in self._relays:
            relay.cancel()
        await asyncio.gather(*self._relays, return_exceptions=True)

    async def _relay(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        assert task is not None
        self._relays.add(task)
        ends = {writer}
        self._ends.add(writer)
        try:
            with contextlib.suppress(OSError, asyncio.CancelledError):
                far_reader, far_writer = await asyncio.open_connection("127.0.0.1", self._target)
                ends.add(far_writer)
                self._ends.add(far_writer)
                await asyncio.gather(_pass_on(reader, far_writer), _pass_on(far_reader, writer))
        finally:
            for end in ends:
                end.close()
            self._ends -= ends
            self._relays.discard(task)


async def _pass_on(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    while data := await reader.read(65536):
        writer.write(data)
        await writer.drain()
    writer.close()
