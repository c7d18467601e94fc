"""The connection breaks while a commit is under way, so that nobody knows whether it arrived: people get the truth.

A deferred trigger makes the commit itself last, and it is cut in its middle.
"""

import contextlib
import time
from collections.abc import Callable, Iterator
from dataclasses import replace
from threading import Timer

import pytest
from sqlalchemy import event

from singleuse_app import db
from singleuse_app.scheduling.errors import OutcomeUnknown
from tests.crashes.checks import bookings_there, lies
from tests.crashes.conftest import Place, Times
from tests.factories import NOW, book, later, make_link, rows
from tests.harness.databases import opened
from tests.harness.postgres import Postgres
from tests.harness.proxy import Proxy

SLOW = """
    CREATE FUNCTION slow() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN PERFORM pg_sleep(0.2); RETURN NULL; END $$;
    CREATE CONSTRAINT TRIGGER slow AFTER INSERT ON booking
      DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION slow();
    CREATE CONSTRAINT TRIGGER slow AFTER INSERT ON scheduling_link
      DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION slow()"""
ROLL_BACK = "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE query = 'COMMIT' AND state = 'active'"


@pytest.fixture
def proxy(fragile_postgres: Postgres, on_fragile_postgres: Place) -> Iterator[Proxy]:
    """The app talks to its database through this; commits of bookings and of links last."""
    fragile_postgres.execute(SLOW, on_fragile_postgres.database.url.rpartition("/")[2])
    with Proxy(fragile_postgres.port) as running:
        url = on_fragile_postgres.database.url.replace(f":{fragile_postgres.port}/", f":{running.port}/")
        with opened(replace(on_fragile_postgres.database, url=url)):
            yield running


@contextlib.contextmanager
def at_commit(what: Callable[[], None], *, after: float) -> Iterator[list[str]]:
    """Do something at the next commit, just before it is sent or some time ``after``. Yields which rows are written."""
    inserts: list[str] = []
    pending = [what]

    def commits(_connection: object) -> None:
        while pending:
            Timer(after, pending.pop()).start() if after else pending.pop()()

    def executes(_connection: object, _cursor: object, statement: str, *_: object) -> None:
        if statement.startswith("INSERT INTO"):
            inserts.append(statement.split()[2])

    event.listen(db.engine(), "commit", commits)
    event.listen(db.engine(), "before_cursor_execute", executes)
    yield inserts
    event.remove(db.engine(), "commit", commits)
    event.remove(db.engine(), "before_cursor_execute", executes)


@pytest.mark.parametrize("how", ["the answer is lost", "the commit never arrives", "the commit is undone"])
def test_whoever_books_is_told_what_became_of_it(
    fragile_postgres: Postgres, on_fragile_postgres: Place, proxy: Proxy, times: Times, how: str
) -> None:
    [desk, *_] = on_fragile_postgres.office.desks
    trials = times(20)
    for number in range(trials):
        link = make_link(desk)
        breaks = (lambda: fragile_postgres.execute(ROLL_BACK)) if how == "the commit is undone" else proxy.cut
        with at_commit(breaks, after=0.0 if how == "the commit never arrives" else 0.05) as inserts:
            booking = book(link, start=later(days=1, hours=number))
        assert inserts.count("booking") == (1 if how == "the answer is lost" else 2)
        assert booking.taken
        assert book(link, start=later(days=1, hours=number)).booking_id == booking.booking_id
        assert bookings_there() == number + 1
        assert lies() == {}
    print(f"\npostgresql, a commit in flight, {how}: {trials} times, each receipt told the truth, one booking each")


def test_what_cannot_be_repeated_says_that_nobody_knows(on_fragile_postgres: Place, proxy: Proxy, times: Times) -> None:
    [desk, *_] = on_fragile_postgres.office.desks
    trials = times(10)
    for after in (0.05, 0.0):
        for _ in range(trials):
            before = rows("SELECT count(*) FROM scheduling_link")[0][0]
            with at_commit(proxy.cut, after=after), pytest.raises(OutcomeUnknown):
                make_link(desk)
            time.sleep(0.3 if after else 0.0)  # what the server does with a commit whose client is gone
            assert rows("SELECT count(*) FROM scheduling_link") == [(before + bool(after),)]
    print(f"\npostgresql, a commit in flight, a new link: {trials} answers lost, {trials} commits lost: all told so")


def test_a_database_that_stays_away_leaves_the_outcome_unknown_until_the_receipt_tells(
    on_fragile_postgres: Place, proxy: Proxy
) -> None:
    [desk, *_] = on_fragile_postgres.office.desks
    link = make_link(desk)

    def away() -> None:
        proxy.refuse()
        proxy.cut()

    with at_commit(away, after=0.05) as inserts, pytest.raises(OutcomeUnknown):
        book(link, start=later(days=1))
    proxy.accept_again()
    with at_commit(lambda: None, after=0.0) as more:
        assert book(link, start=later(days=1), now=NOW).taken
    assert (inserts.count("booking"), more.count("booking"), bookings_there()) == (1, 0, 1)
    assert lies() == {}
