"""The command on the databases of ``tests/operations``: as a call, and where it matters as a process of its own."""

import os
import sqlite3
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import closing, suppress
from datetime import UTC, datetime
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from singleuse_app import db
from singleuse_app.cli import main
from singleuse_app.operations.links import HandedOutLink
from singleuse_app.scheduling.errors import LinkNotFound, SlotUnavailable
from tests.factories import Desk, book, change_event_type, free_starts, make_link
from tests.harness.project import environment

COMMAND = Path(sys.executable).parent / "singleuse"

TODAY = datetime.now(UTC).replace(microsecond=0)
"""The command has no other clock."""

EVE = ("--name", "Eve Host", "--email", "Eve@Example.org", "--time-zone", "Asia/Kathmandu")
SQLITE_ONLY = pytest.mark.parametrize("databases", ["sqlite"], indirect=True)
POSTGRESQL_ONLY = pytest.mark.parametrize("databases", ["postgresql"], indirect=True)


def called(*arguments: object, typed: str = "") -> Result:
    """What the command does in this process."""
    return CliRunner().invoke(main, [str(argument) for argument in arguments], input=typed)


def done(*arguments: object, typed: str = "") -> str:
    """What it prints where all goes well."""
    result = called(*arguments, typed=typed)
    assert (result.exit_code, result.exception) == (0, None), result.output
    return result.stdout


def refused(*arguments: object, typed: str = "") -> str:
    """What it says where it refuses."""
    result = called(*arguments, typed=typed)
    assert result.exit_code == 1, result.output
    assert isinstance(result.exception, SystemExit), result.exception
    return result.stderr


def process(*arguments: object, typed: str = "", **settings: str) -> subprocess.CompletedProcess[str]:
    """The installed command, as an operator runs it, on the database that this test has open."""
    own = {name: os.environ[name] for name in ("DATABASE_URL", "SECRET_KEY_FILE") if name in os.environ}
    return subprocess.run(
        [COMMAND, *map(str, arguments)],
        env=environment(**{**own, **settings}),
        input=typed,
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )


def live() -> Path:
    """The file of the database that this test has open."""
    return db.sqlite_file()


def book_today(link: HandedOutLink) -> None:
    """Book with a link, at one of the first times that it offers."""
    book(link, now=TODAY, slot=5)


def change(file: Path, *statements: str) -> None:
    """Change by hand what is in a file."""
    with closing(sqlite3.connect(file, isolation_level=None)) as connection:
        for statement in statements:
            connection.execute(statement)


class People:
    """Threads that book, each through links of its own, until they are stopped. ``told`` is what they were told."""

    def __init__(self, starts: list[list[datetime]], desk: Desk) -> None:
        self.told: list[str] = []
        self.over = threading.Event()
        self.threads = [threading.Thread(target=self._keep_booking, args=(mine, desk)) for mine in starts]
        for thread in self.threads:
            thread.start()

    def stop(self) -> bool:
        """End it, and say whether they were at it until now."""
        busy = any(thread.is_alive() for thread in self.threads)
        self.over.set()
        for thread in self.threads:
            thread.join()
        return busy

    def _keep_booking(self, starts: list[datetime], desk: Desk) -> None:
        for start in starts:
            if self.over.is_set():
                return
            with suppress(SlotUnavailable, LinkNotFound):  # a restore may take the link away before it is booked with
                self.told.append(book(make_link(desk, now=TODAY), start=start, now=TODAY).booking_id)


@pytest.fixture
def copy(tmp_path: Path) -> Path:
    """Where the test's backup goes."""
    (tmp_path / "copies").mkdir()
    return tmp_path / "copies" / "backup.db"


@pytest.fixture
def people(desk: Desk) -> Iterator[People]:
    """Four people who book until the test is over."""
    change_event_type(desk, duration_minutes=1, start_time_increment_minutes=1, minimum_notice_minutes=0)
    starts = [start for start in free_starts(make_link(desk, now=TODAY), now=TODAY) if start > TODAY]
    people = People([starts[number::4] for number in range(4)], desk)
    yield people
    people.stop()
