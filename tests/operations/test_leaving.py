"""A host leaves while others are at it: nothing of theirs stays, and whoever had booked is owed word of it."""

import sqlite3
import time
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import closing, suppress
from datetime import timedelta
from threading import Barrier

import pytest
from sqlalchemy.exc import IntegrityError

from singleuse_app import db
from singleuse_app.calendars.fetching import Validators
from singleuse_app.calendars.problems import FeedProblem
from singleuse_app.models import Table
from singleuse_app.operations import exports, feed_checks, hosts, leaving, links, sessions
from singleuse_app.operations.feed_checks import Copy
from singleuse_app.operations.truths import violations
from singleuse_app.scheduling.bookings import Invitee
from singleuse_app.scheduling.errors import InvalidInput, LinkNotFound, NotFound, SignInRefused
from tests.factories import BOB, NOW, PASSWORD, Desk, add_calendar, book, free_starts, make_link, rows

BOOKERS = 6
MOMENT = 1.0
"""Seconds in which whoever has to wait has begun to."""


def leave(desk: Desk) -> None:
    leaving.delete_account(host_id=desk.host_id, email="grace@example.org", password=PASSWORD, now=NOW)


def assert_nothing_stays() -> None:
    with db.reading() as session:
        assert violations(session) == {}
        for table in Table.metadata.sorted_tables:
            if (own := exports.own_column(table)) and table.name != "event_log":
                theirs = table.select().where(table.columns[own].is_not(None))
                assert session.connection().execute(theirs).all() == [], table.name


def while_a_sign_in_is_not_committed(desk: Desk, act: Callable[[Desk], None]) -> Future[None]:
    """Begin ``act`` after a session was written that nobody else can see yet, and wait for its end."""
    with ThreadPoolExecutor(1) as pool:
        with db.writing() as session:
            sessions.sign_in_anew(session, desk.host_id, NOW, "")
            session.flush()
            acting = pool.submit(act, desk)
            time.sleep(MOMENT)
        return acting


def test_who_signs_in_at_that_moment_does_not_keep_a_host_from_leaving(desk: Desk) -> None:
    assert while_a_sign_in_is_not_committed(desk, leave).exception() is None
    assert_nothing_stays()


@pytest.mark.parametrize("databases", ["postgresql"], indirect=True)  # elsewhere there is one writer anyway
def test_control_a_lock_that_lets_others_add_rows_fails(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(leaving, "hold_alone", lambda *who: hosts.hold(*who).name)
    assert isinstance(while_a_sign_in_is_not_committed(desk, leave).exception(), IntegrityError)


def test_whoever_waits_for_a_host_who_leaves_hears_that_nothing_is_there(desk: Desk) -> None:
    link = make_link(desk)
    add_calendar(desk)
    [claimed] = feed_checks.claim_due(now=NOW, at_most=1)
    leave(desk)
    with pytest.raises(NotFound):
        links.revoke_link(host_id=desk.host_id, link_id=link.id, now=NOW)
    with pytest.raises(NotFound):
        feed_checks.keep_problem(claimed, FeedProblem("feed_unreadable"), now=NOW)
    with pytest.raises(NotFound):
        feed_checks.keep_copy(claimed, Copy([], Validators(), ""), now=NOW)
    with pytest.raises(SignInRefused):
        hosts.sign_in(email="grace@example.org", password=PASSWORD, now=NOW)
    leave(desk)  # twice is as good as once
    assert rows("SELECT count(*) FROM event_log WHERE kind = 'host_left'") == [(1,)]


def test_who_signs_in_and_finds_the_host_gone_is_refused(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    def leave_first(*_: object) -> bool:
        monkeypatch.undo()
        leave(desk)
        return True

    monkeypatch.setattr(hosts, "is_password", leave_first)
    with pytest.raises(SignInRefused):
        hosts.sign_in(email="grace@example.org", password=PASSWORD, now=NOW)
    assert_nothing_stays()


def test_whoever_books_at_that_moment_is_told_or_never_booked(desk: Desk) -> None:
    """Each through a link of its own, at a time of its own, so that only the leaving is in the way."""
    starts = free_starts(make_link(desk))
    own_links = [make_link(desk) for _ in range(BOOKERS)]
    barrier = Barrier(BOOKERS + 1)

    def try_to_book(number: int) -> str:
        invitee = Invitee(f"Ada {number}", f"ada{number}@example.org", "UTC")
        barrier.wait()
        with suppress(LinkNotFound):
            time.sleep(0.01 * number)
            return book(own_links[number], start=starts[2 * number], invitee=invitee).invitee.email
        return ""

    def leave_in_between() -> None:
        barrier.wait()
        leaving._delete(desk.host_id, NOW)

    with ThreadPoolExecutor(BOOKERS + 1) as pool:
        leaving_now = pool.submit(leave_in_between)
        booked = set(filter(None, pool.map(try_to_book, range(BOOKERS))))
    assert leaving_now.exception() is None
    told = [payload for (payload,) in rows("SELECT payload FROM outbox_message WHERE kind = 'host_left'")]
    assert len(told) == len(booked)
    assert all(any(email in str(payload) for payload in told) for email in booked)
    assert_nothing_stays()
    for number, link in enumerate(own_links):
        with pytest.raises(LinkNotFound):
            book(link, start=starts[2 * number])


def test_of_two_who_leave_at_once_neither_fails(desk: Desk) -> None:
    barrier = Barrier(2)

    def leave_too(_: int) -> None:
        barrier.wait()
        leave(desk)

    with ThreadPoolExecutor(2) as pool:
        list(pool.map(leave_too, range(2)))
    assert rows("SELECT count(*) FROM event_log WHERE kind = 'host_left'") == [(1,)]
    assert_nothing_stays()


def what_the_file_still_holds(desk: Desk) -> bool:
    """Of a note and an address, when their host has left."""
    book(make_link(desk), invitee=BOB)
    for _ in range(40):
        make_link(desk, note="met at the fair")
    with db.writing() as session:
        session.connection().exec_driver_sql("PRAGMA secure_delete=OFF")  # as SQLite is built in some places
    leaving.delete_account(
        host_id=desk.host_id, email="grace@example.org", password=PASSWORD, now=NOW + timedelta(days=300)
    )
    file = db.sqlite_file()
    with closing(sqlite3.connect(file)) as connection:
        connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    return any(text in file.read_bytes() for text in (b"met at the fair", BOB.email.encode()))


@pytest.mark.parametrize("databases", ["sqlite"], indirect=True)
def test_what_goes_is_overwritten_in_the_file(desk: Desk) -> None:
    assert not what_the_file_still_holds(desk)


@pytest.mark.parametrize("databases", ["sqlite"], indirect=True)
def test_control_what_is_only_deleted_stays_in_the_file(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(db, "overwrite_what_goes", lambda session: None)
    assert what_the_file_still_holds(desk)


def test_a_wrong_password_is_refused_however_often(desk: Desk) -> None:
    for password in ("wrong", None, {}, "x" * 10_000):
        with pytest.raises(InvalidInput):
            leaving.delete_account(host_id=desk.host_id, email="grace@example.org", password=password, now=NOW)
    assert rows("SELECT count(*) FROM host") == [(1,)]
