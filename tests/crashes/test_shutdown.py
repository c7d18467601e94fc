"""The app is told to stop while somebody's booking waits for the database: it is finished first, and they see it.

The counter-proof kills the app at the same moment.
"""

import asyncio
import signal
import sqlite3
import time
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path

import psycopg
import pytest

from singleuse_app import clock
from singleuse_app.operations.bookings import OpenLink, open_link
from singleuse_app.scheduling.bookings import BookingConfirmation
from tests.crashes.checks import bookings_there, lies
from tests.crashes.conftest import Place, Times
from tests.crashes.page import STATE, choose, confirm, served, tab
from tests.factories import RECEIPT, make_link
from tests.harness.server import Server

SECONDS = 1.0
"""How long the booking waits after the signal."""


@contextmanager
def nobody_can_book(place: Place) -> Iterator[None]:
    """Whoever confirms waits for the database until the block ends."""
    if place.database.kind == "sqlite":
        with closing(sqlite3.connect(place.database.file, isolation_level=None)) as other:
            other.execute("BEGIN IMMEDIATE")
            yield
            other.execute("COMMIT")
    else:
        with psycopg.connect(place.database.url.replace("+psycopg", "")) as other:
            other.execute("SELECT 1 FROM host FOR UPDATE")
            yield


async def stop_while_booking(place: Place, server: Server, token: str, how: signal.Signals, pause: float) -> float:
    """Confirm, and after a pause stop the app; seconds until it has ended."""
    process = server._process
    assert process is not None
    before = bookings_there()
    async with tab(server, token) as page:
        start = await choose(page)
        with nobody_can_book(place):
            await confirm(page, start)
            await page.until(lambda page: page.value(f"{STATE}.is_sending"))
            await asyncio.sleep(pause)
            begun = time.monotonic()
            if how is signal.SIGKILL:
                server.kill()
                return time.monotonic() - begun
            process.send_signal(how)
            await asyncio.sleep(SECONDS)
            assert process.poll() is None, "it did not wait"
            assert bookings_there() == before
        await page.until(lambda page: page.value(f"{STATE}.view") == "booked")
        assert await asyncio.to_thread(process.wait, 60) == 0
        server.stop()
        return time.monotonic() - begun


@pytest.mark.thorough
async def test_a_booking_that_is_under_way_is_finished(place: Place, tmp_path: Path, times: Times) -> None:
    trials, seen, slowest, token = 6 if times.thorough else 1, [], 0.0, ""
    with served(place, tmp_path) as server:
        for number in range(trials):
            if token:
                server.start()
                async with tab(server, token) as page:
                    await page.until(lambda page: page.value(f"{STATE}.view") != "loading")
                    seen.append(page.value(f"{STATE}.view"))
            token = make_link(place.office.desks[0], now=clock.now()).token
            slowest = max(slowest, await stop_while_booking(place, server, token, signal.SIGTERM, 0.3 * (number % 2)))
    print(
        f"\n{place.database.kind}, SIGTERM while booking: {trials} of {trials} bookings made and told on the page, "
        f"{seen.count('booked')} of {len(seen)} shown after the next start; ended after at most {slowest:.1f} s"
    )
    assert (bookings_there(), lies()) == (trials, {})
    assert set(seen) <= {"booked"}
    assert isinstance(open_link(token=token, receipt=RECEIPT, now=clock.now()), BookingConfirmation)


@pytest.mark.thorough
async def test_control_killed_at_the_same_moment_it_makes_no_booking(place: Place, tmp_path: Path) -> None:
    with served(place, tmp_path) as server:
        token = make_link(place.office.desks[0], now=clock.now()).token
        await stop_while_booking(place, server, token, signal.SIGKILL, 0.3)
    print(f"\n{place.database.kind}, SIGKILL while booking: {bookings_there()} of 1 bookings made")
    assert (bookings_there(), lies()) == (0, {})
    assert isinstance(open_link(token=token, receipt=RECEIPT, now=clock.now()), OpenLink)
