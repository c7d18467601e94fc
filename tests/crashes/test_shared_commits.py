"""On SQLite those who wait to write share a commit: all of them are told when it is done, or that nothing was."""

import sqlite3
import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import AbstractContextManager, ExitStack, contextmanager
from functools import partial
from secrets import token_hex

import pytest
from sqlalchemy import Connection, event

from singleuse_app import db, turns
from singleuse_app.operations.history import Happened, record
from singleuse_app.scheduling.errors import NotFound, TryAgain
from tests.crashes.checks import lies
from tests.crashes.conftest import Place, Times
from tests.crashes.crowd import Crowd
from tests.crashes.test_sqlite_in_trouble import no_file_can_be_written
from tests.factories import NOW, Desk, book, later, make_link, rows

WRITERS = 8


@pytest.fixture
def desk(in_a_file: Place) -> Desk:
    return in_a_file.office.desks[0]


@pytest.fixture
def commits(desk: Desk) -> Iterator[list[float]]:
    """When something was committed."""
    moments: list[float] = []

    def note(_connection: Connection) -> None:
        moments.append(time.monotonic())

    event.listen(db.engine(), "commit", note)
    yield moments
    event.remove(db.engine(), "commit", note)


def lines() -> int:
    """What the writers of these tests have written."""
    return rows(f"SELECT count(*) FROM event_log WHERE kind = '{Happened.NO_SHOW_TAKEN_BACK}'")[0][0]


def write(desk: Desk, then: Callable[[], object] = lambda: None) -> float:
    """One line, and what else happens in its transaction; when that was over."""
    with db.writing() as session:
        record(session, Happened.NO_SHOW_TAKEN_BACK, now=NOW, host_id=desk.host_id)
        then()
    return time.monotonic()


@contextmanager
def all_at_once(desk: Desk, writers: list[Callable[[], object]]) -> Iterator[list]:
    """What becomes of writers who all queue while somebody else writes. Inside, all wait and none has begun."""
    inside, over = threading.Event(), threading.Event()

    def slow() -> None:
        inside.set()
        over.wait(30)

    with ThreadPoolExecutor(len(writers) + 1) as pool:
        tasks = [pool.submit(write, desk, slow)]
        inside.wait(30)
        tasks += [pool.submit(writer) for writer in writers]
        until = time.monotonic() + 10
        while db._turns()._waiting < len(writers) and time.monotonic() < until:
            time.sleep(0.001)
        came: list = []
        yield came
        over.set()
        came += [task.exception() or task.result() for task in tasks]


def refuse() -> None:
    """What an operation does that finds something in the way."""
    raise NotFound


def test_those_who_wait_share_a_commit_and_are_told_after_it(desk: Desk, commits: list[float]) -> None:
    with all_at_once(desk, [lambda: write(desk)] * WRITERS) as came:
        assert commits == []
    assert lines() == WRITERS + 1
    assert len(commits) < WRITERS
    told = sorted(came)
    for number, moment in enumerate(told):
        assert sum(commit <= moment for commit in commits) * turns.MOST > number, "nobody was told before a commit"


def test_who_is_refused_undoes_nobody_else(desk: Desk, commits: list[float]) -> None:
    good, bad = (lambda: write(desk)), (lambda: write(desk, refuse))
    with all_at_once(desk, [good, bad, good, bad, bad, good, good, bad]) as came:
        pass
    assert [type(one) for one in came[1:]] == [float, NotFound, float, NotFound, NotFound, float, float, NotFound]
    assert lines() == 5
    assert len(commits) < 5


def test_a_link_that_somebody_before_in_the_same_commit_has_used_is_used(desk: Desk) -> None:
    one, other = make_link(desk), make_link(desk)
    people = [partial(book, link, start=later(days=1), receipt=token_hex()) for link in (one, other, one, other)]
    with all_at_once(desk, people) as came:
        pass
    assert sorted(type(result).__name__ for result in came[1:]) == [
        "BookingConfirmation",
        "LinkAlreadyUsed",
        "SlotUnavailable",
        "SlotUnavailable",
    ]
    assert lies() == {}


def test_a_commit_that_fails_keeps_nothing_of_anybody_and_all_are_told(desk: Desk) -> None:
    with ExitStack() as disk, all_at_once(desk, [lambda: write(desk)] * WRITERS) as came:
        disk.enter_context(no_file_can_be_written())
    assert [one for one in came if not isinstance(one, TryAgain)] == []
    assert lines() == 0
    write(desk)
    assert lines() == 1


def told_and_there(desk: Desk) -> tuple[int, int]:
    """Of five in one queue the third loses the transaction that it shares: how many were told that they have written,
    and how many lines there are."""

    def lose() -> None:
        [shared] = opened
        shared.connection.exec_driver_sql("ROLLBACK")
        refuse()

    opened: list[turns._Shared] = []
    one_more = turns._Shared.one_more

    def noted(shared: turns._Shared) -> AbstractContextManager[None]:
        opened[:] = [shared]
        return one_more(shared)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(turns._Shared, "one_more", noted)
        good = [lambda: write(desk)]
        with all_at_once(desk, [*good, lambda: write(desk, lose), *good, *good]) as came:
            pass
    return sum(isinstance(one, float) for one in came), lines()


def test_a_transaction_that_is_lost_is_lost_for_all_who_shared_it(desk: Desk) -> None:
    told, there = told_and_there(desk)
    assert told == there > 0


def test_control_who_does_not_look_tells_people_of_what_is_not_there(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(turns._Shared, "_undo", lambda *_: None)
    told, there = told_and_there(desk)
    assert told > there


def test_whoever_loses_patience_just_when_it_is_their_turn_keeps_nobody_waiting(desk: Desk) -> None:
    queue = db._turns()
    queue._waiting += 1  # somebody who will not come
    began = time.monotonic()
    assert write(desk) - began < 5
    assert lines() == 1
    queue._waiting -= 1


def test_a_connection_that_cannot_be_given_back_keeps_nobody_from_writing(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    close = Connection.close

    def fail_once(connection: Connection) -> None:
        monkeypatch.setattr(Connection, "close", close)
        close(connection)
        raise OSError("gone")

    monkeypatch.setattr(db._turns(), "_patience", 5.0)
    with pytest.raises(OSError, match="gone"), db._turns().writing():
        monkeypatch.setattr(Connection, "close", fail_once)
    write(desk)
    assert lines() == 1


def test_a_file_that_is_full_again_and_again_halves_nothing_for_a_crowd(in_a_file: Place, times: Times) -> None:
    """Six people book through one file that has no room, then has, then has none."""
    room = [2**30]

    def limit(connection: sqlite3.Connection, *_: object) -> None:
        connection.execute(f"PRAGMA max_page_count={room[-1]}")

    event.listen(db.engine(), "checkout", limit)
    with Crowd(in_a_file.office) as crowd:
        for _ in range(times(20)):
            room.append(rows("PRAGMA page_count")[0][0])
            seen = sum(crowd.refusals.values())
            until = time.monotonic() + 30
            while sum(crowd.refusals.values()) < seen + 3 and time.monotonic() < until:
                time.sleep(0.005)
            room.pop()
            crowd.goes_on()
    crowd.check()
    assert crowd.refusals["try_again"] > 0
    print(f"\nsqlite full {times(20)} times under six people: {crowd}")
