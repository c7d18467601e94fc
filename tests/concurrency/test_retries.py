"""What a database undoes for reasons of its own is done again inside, a few times; beyond that the person is asked to.

On PostgreSQL, where there are deadlocks, serialization failures and connections to lose. Each with its control.
"""

import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import Any
from uuid import UUID

import psycopg
import pytest
from sqlmodel import Session, col, func, select, update

from singleuse_app import db
from singleuse_app.models import Booking, EventLog, Host, Link
from singleuse_app.operations import links
from singleuse_app.operations.history import Happened, record
from singleuse_app.operations.hosts import hold
from singleuse_app.scheduling.errors import OutcomeUnknown, TryAgain
from tests.concurrency.contenders import DONE
from tests.concurrency.scene import Scene, at
from tests.factories import NOW
from tests.harness.databases import Database

pytestmark = pytest.mark.parametrize("databases", ["postgresql"], indirect=True)


@pytest.fixture
def hosts(database: Database) -> tuple[UUID, UUID]:
    """Two hosts."""
    scenes = Scene(), Scene()
    for scene in scenes:
        scene.write()
    return scenes[0].host_id, scenes[1].host_id


class Impolite:
    """An operation that holds two hosts in the order in which they are told, and waits for others in between."""

    def __init__(self) -> None:
        self.met = threading.Barrier(2)
        self.runs = 0

    def __call__(self, first: UUID, second: UUID) -> None:
        self.runs += 1
        with db.writing() as session:
            hold(session, first)
            if self.runs <= 2:
                self.met.wait(30)
            hold(session, second)
            record(session, Happened.HOURS_CHANGED, now=NOW, host_id=first)


def both_ways(operation: Callable[[UUID, UUID], None], hosts: tuple[UUID, UUID]) -> list[BaseException | None]:
    """Two at once, in opposite order: what each of them raises."""
    with ThreadPoolExecutor(2) as pool:
        tasks = [pool.submit(operation, *order) for order in (hosts, hosts[::-1])]
        return [task.exception() for task in tasks]


def test_of_two_who_lock_each_other_out_both_succeed(hosts: tuple[UUID, UUID]) -> None:
    operation = Impolite()
    assert both_ways(db.retrying(operation), hosts) == [None, None]
    assert 3 <= operation.runs <= 2 * db.TRIES, "one of them was undone, and done again"
    assert lines() == 2


def test_control_of_two_who_lock_each_other_out_one_is_undone(hosts: tuple[UUID, UUID]) -> None:
    operation = Impolite()
    raised = both_ways(operation, hosts)
    assert sorted(map(type, raised), key=str) == sorted([db.Conflict, type(None)], key=str)
    assert lines() == 1


class Overtaken:
    """An operation in whose transaction somebody else changes the row that it has read, the first ``times`` times."""

    def __init__(self, host_id: UUID, times: int) -> None:
        self.host_id, self.times, self.runs = host_id, times, 0

    def __call__(self) -> None:
        self.runs += 1
        with db.writing() as session:
            session.connection().exec_driver_sql("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ")
            assert session.exec(select(Host.name).where(Host.id == self.host_id)).one()
            if self.runs <= self.times:
                with ThreadPoolExecutor(1) as pool:
                    pool.submit(self._overtake).result()
            self._rename(session, "mine")

    def _overtake(self) -> None:
        with db.writing() as session:
            self._rename(session, f"yours {self.runs}")

    def _rename(self, session: Session, name: str) -> None:
        session.exec(update(Host).where(col(Host.id) == self.host_id).values(name=name))


def name_of(host_id: UUID) -> str:
    with db.reading() as session:
        return session.get_one(Host, host_id).name


def test_a_serialization_failure_is_retried(hosts: tuple[UUID, UUID]) -> None:
    operation = Overtaken(hosts[0], times=2)
    db.retrying(operation)()
    assert (operation.runs, name_of(hosts[0])) == (3, "mine")


def test_whoever_is_always_overtaken_is_told_to_try_again(hosts: tuple[UUID, UUID]) -> None:
    operation = Overtaken(hosts[0], times=1000)
    with pytest.raises(TryAgain):
        db.retrying(operation)()
    assert (operation.runs, name_of(hosts[0])) == (db.TRIES, f"yours {db.TRIES}")


def test_control_without_retrying_one_serialization_failure_is_enough(hosts: tuple[UUID, UUID]) -> None:
    operation = Overtaken(hosts[0], times=1)
    with pytest.raises(db.Conflict):
        operation()
    assert (operation.runs, name_of(hosts[0])) == (1, "yours 1")


@dataclass
class Line:
    """The line to the database, which is cut in the middle of the next commit, before or after it arrived."""

    arrives: bool
    commits: int = 0

    def commit(self, connection: Any) -> None:
        """In the place of the dialect's own."""
        self.commits += 1
        if self.commits > 1:
            connection.commit()
            return
        if self.arrives:
            connection.commit()
        connection.dbapi_connection.close()
        raise psycopg.OperationalError("server closed the connection unexpectedly")


@pytest.fixture(params=[True, False], ids=["the commit arrived", "the commit did not arrive"])
def cut_the_line(
    request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch, database: Database
) -> Callable[[], Line]:
    """Cut the line at the next commit."""

    def cut() -> Line:
        line = Line(request.param)
        monkeypatch.setattr(db.engine().dialect, "do_commit", line.commit)
        return line

    return cut


def test_a_booking_whose_commit_got_lost_is_made_once_and_its_invitee_knows(cut_the_line: Callable[[], Line]) -> None:
    scene = Scene()
    [link] = scene.links(1, scene.event_type())
    scene.write()
    booker, cut = scene.booker(link, at(0)), cut_the_line()
    told = booker.attempt()
    assert (told.said, told.start, told.taken) == (DONE, at(0), True)
    assert cut.commits == 2
    assert count(Booking) == 1


def test_a_link_whose_commit_got_lost_is_not_made_twice(cut_the_line: Callable[[], Line]) -> None:
    scene = Scene()
    event_type = scene.event_type()
    scene.write()
    cut = cut_the_line()
    with pytest.raises(OutcomeUnknown):
        links.create_link(host_id=scene.host_id, event_type_id=event_type, now=NOW)
    assert cut.commits == 1
    assert count(Link) == cut.arrives


def count(table: type[Booking | Link | EventLog]) -> int:
    with db.reading() as session:
        return session.exec(select(func.count()).select_from(table)).one()


def lines() -> int:
    return count(EventLog)
