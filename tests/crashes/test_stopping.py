"""What runs beside the pages stops when it is told to, whatever happens at that very moment."""

import asyncio
import sys
from collections.abc import Awaitable, Callable

import pytest

from singleuse_app.worker import _wait

Wait = Callable[[asyncio.Event], Awaitable[object]]
TURNS = range(6)
"""So many turns of the loop after something happened it is told to stop."""


async def stops(wait: Wait, turns: int) -> bool:
    """Whether a task that waits for the next thing to happen ends, told so just after something did."""
    woken = asyncio.Event()

    async def watch() -> None:
        while True:
            await wait(woken)
            woken.clear()

    watching = asyncio.create_task(watch())
    await asyncio.sleep(0.01)
    woken.set()
    for _ in range(turns):
        await asyncio.sleep(0)
    watching.cancel()
    done, _ = await asyncio.wait([watching], timeout=0.2)
    watching.cancel()
    return bool(done)


@pytest.mark.parametrize("turns", TURNS)
async def test_what_happens_just_then_keeps_nothing_running(turns: int) -> None:
    assert await stops(lambda woken: _wait(woken, 60), turns)


async def test_control_the_librarys_own_way_forgets_it_in_some_versions() -> None:
    """CPython issue 86296: the app went on for ever."""
    found = [await stops(lambda woken: asyncio.wait_for(woken.wait(), 60), turns) for turns in TURNS]
    assert all(found) == (sys.version_info >= (3, 12))
