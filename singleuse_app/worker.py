"""What runs beside the pages. No rule lives here.

The watch reads the event log: what this process committed at once, because a commit wakes it; what others committed
(another process, a command) within two seconds. A push that was lost is healed by the next look.
"""

import asyncio
import logging
from collections.abc import AsyncGenerator, Awaitable, Callable
from contextlib import asynccontextmanager, suppress

from singleuse_app import clock, db
from singleuse_app.operations import history
from singleuse_app.scheduling.errors import TryAgain

LOOK_AT_LEAST_EVERY = 2.0
"""Seconds."""

logger = logging.getLogger(__name__)


@asynccontextmanager
async def watching(publish: Callable[[set[str]], Awaitable[None]]) -> AsyncGenerator[None]:
    """Publish the topics of whatever is committed, until the block ends."""
    loop, woken = asyncio.get_running_loop(), asyncio.Event()

    def wake() -> None:
        loop.call_soon_threadsafe(woken.set)

    log = await asyncio.to_thread(history.Reader)
    db.after_commit.append(wake)
    watch = asyncio.create_task(_watch(publish, woken, log))
    try:
        yield
    finally:
        db.after_commit.remove(wake)
        watch.cancel()
        with suppress(asyncio.CancelledError):
            await watch


async def _watch(publish: Callable[[set[str]], Awaitable[None]], woken: asyncio.Event, log: history.Reader) -> None:
    while True:
        with suppress(TimeoutError):
            await asyncio.wait_for(woken.wait(), LOOK_AT_LEAST_EVERY)
        woken.clear()
        try:
            if entries := await asyncio.to_thread(log.news, now=clock.now()):
                await publish({topic for entry in entries for topic in entry.topics()})
        except TryAgain:
            logger.warning("The event log could not be read; trying again.")
        except Exception:
            logger.exception("A change could not be published.")
