"""What an invitee sees while the database is in trouble: to try again, with the form kept; the next press books."""

import os
import resource
import sqlite3
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, closing, contextmanager, suppress
from pathlib import Path

import pytest

from singleuse_app import clock, messages
from tests.crashes.checks import bookings_there, lies
from tests.crashes.conftest import Place
from tests.crashes.page import STATE, choose, confirm, served, tab
from tests.factories import make_link
from tests.harness.server import Server


@contextmanager
def disk_cannot_be_written(server: Server, _file: Path) -> Iterator[None]:
    """Every write to a file by the app fails, until the block ends."""
    most = resource.getrlimit(resource.RLIMIT_FSIZE)[1]
    limit(server, 0)
    yield
    limit(server, most)


@contextmanager
def locked(_server: Server, file: Path) -> Iterator[None]:
    """Somebody else writes."""
    with closing(sqlite3.connect(file, isolation_level=None)) as other:
        other.execute("BEGIN IMMEDIATE")
        yield
        other.execute("COMMIT")


def limit(server: Server, size: int) -> None:
    """How large a file may be that a process of the server writes."""
    assert server._process is not None
    for name in filter(str.isdigit, os.listdir("/proc")):
        with suppress(ProcessLookupError):
            if os.getpgid(int(name)) == server._process.pid:
                most = resource.prlimit(int(name), resource.RLIMIT_FSIZE)[1]
                resource.prlimit(int(name), resource.RLIMIT_FSIZE, (size, most))


@pytest.mark.parametrize(
    "trouble", [disk_cannot_be_written, pytest.param(locked, marks=pytest.mark.thorough)], ids=["written", "locked"]
)
async def test_the_page_says_to_try_again_and_keeps_the_form(
    in_a_file: Place, tmp_path: Path, trouble: Callable[[Server, Path], AbstractContextManager[None]]
) -> None:
    token = make_link(in_a_file.office.desks[0], now=clock.now()).token
    with served(in_a_file, tmp_path) as server:
        async with tab(server, token) as page:
            start = await choose(page)
            with trouble(server, in_a_file.database.file):
                await confirm(page, start)
                await page.until(lambda page: page.value(f"{STATE}.form_error"), 30)
            assert page.value(f"{STATE}.form_error") == messages.WORDS["try_again"]
            assert page.value(f"{STATE}.view") == "choose"
            assert page.value(f"{STATE}.choice")["chosen"] == start
            await page.until(lambda page: not page.value(f"{STATE}.is_sending"))
            assert (bookings_there(), lies()) == (0, {})
            await confirm(page, start)
            await page.until(lambda page: page.value(f"{STATE}.view") == "booked")
        assert (bookings_there(), lies()) == (1, {})
        assert "Traceback" not in server.log()
    what = trouble.__name__.replace("_", " ")
    print(f"\nsqlite, through the page, {what}: told to try again, the form kept, the next press booked")
