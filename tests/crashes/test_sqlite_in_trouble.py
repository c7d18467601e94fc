"""SQLite is full, locked, read-only or out of reach: people are told to try again, and it heals by itself."""

import resource
import sqlite3
import threading
import time
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import replace
from pathlib import Path

import pytest
from sqlalchemy import event

from singleuse_app import db, messages
from singleuse_app.operations.links import HandedOutLink
from singleuse_app.operations.manage_booking import AsHost, cancel_booking, reschedule_booking
from singleuse_app.scheduling.bookings import BookingConfirmation
from singleuse_app.scheduling.errors import TryAgain
from tests.crashes.checks import bookings_there, lies
from tests.crashes.conftest import Place, Times
from tests.factories import NOW, Desk, book, later, make_link, open_active, rows
from tests.harness.databases import opened

TABLES = ("scheduling_link", "booking", "time_claim", "outbox_message", "event_log")


@pytest.fixture
def desk(in_a_file: Place) -> Desk:
    return in_a_file.office.desks[0]


@pytest.fixture
def link(desk: Desk) -> HandedOutLink:
    return make_link(desk)


@pytest.fixture
def booked(desk: Desk) -> BookingConfirmation:
    return book(make_link(desk), start=later(days=2))


@pytest.fixture
def impatient(monkeypatch: pytest.MonkeyPatch, in_a_file: Place) -> None:
    """Nobody waits long for a lock."""
    monkeypatch.setattr(db, "PATIENCE_MS", 100)
    db.close()


def everything() -> list[tuple]:
    """All rows that a booking writes."""
    return [row for table in TABLES for row in rows(f"SELECT * FROM {table} ORDER BY id")]


def refused_politely(desk: Desk, link: HandedOutLink, booked: BookingConfirmation) -> None:
    """Whoever books, moves, cancels or makes a link is told to try again."""
    who = AsHost(desk.host_id, booked.booking_id)
    for change in (
        lambda: book(link, start=later(days=1)),
        lambda: reschedule_booking(who=who, start=later(days=3), sequence=0, now=NOW),
        lambda: cancel_booking(who=who, now=NOW),
        lambda: make_link(desk),
    ):
        with pytest.raises(TryAgain) as refusal:
            change()
        assert messages.words(refusal.value) == messages.WORDS["try_again"]


def goes_on(desk: Desk, link: HandedOutLink, booked: BookingConfirmation) -> None:
    """The very same is done now."""
    assert book(link, start=later(days=1)).taken
    who = AsHost(desk.host_id, booked.booking_id)
    assert reschedule_booking(who=who, start=later(days=3), sequence=0, now=NOW).sequence == 1
    assert cancel_booking(who=who, now=NOW).cancelled
    make_link(desk)
    assert lies() == {}


@contextmanager
def locked(file: Path, *statements: str) -> Iterator[None]:
    """Somebody else writes, and takes their time."""
    with closing(sqlite3.connect(file, isolation_level=None)) as other:
        for statement in (*statements, "BEGIN IMMEDIATE"):
            other.execute(statement)
        yield
        other.execute("COMMIT")


@contextmanager
def no_file_can_be_written() -> Iterator[None]:
    """Every write to a file fails, as on a disk that has come to its end."""
    _, most = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (0, most))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (most, most))


def test_full_it_asks_to_try_again_and_goes_on_when_there_is_room(desk: Desk, times: Times) -> None:
    engine, most_pages = db.engine(), [2**30]

    def limit(connection: sqlite3.Connection, *_: object) -> None:
        connection.execute(f"PRAGMA max_page_count={most_pages[-1]}")

    event.listen(engine, "checkout", limit)
    fillings, booked = times(20), 0
    for _ in range(fillings):
        waiting = [make_link(desk) for _ in range(12)]
        most_pages.append(rows("PRAGMA page_count")[0][0])
        while (refusal := refusal_of(waiting[-1], booked)) is None:
            waiting.pop()
            booked += 1
        assert messages.words(refusal) == messages.WORDS["try_again"]
        assert lies() == {}
        assert bookings_there() == booked
        assert open_active(waiting[-1]).times.starts
        most_pages.pop()
        assert refusal_of(waiting[-1], booked) is None
        booked += 1
    assert lies() == {}
    assert db.engine() is engine
    print(f"\nsqlite full (max_page_count) {fillings} times in {booked} bookings: nothing half done, then it went on")


def refusal_of(link: HandedOutLink, number: int) -> TryAgain | None:
    """Book the ``number``-th time with a link; what is said instead."""
    try:
        book(link, start=later(days=1, minutes=30 * number))
    except TryAgain as refusal:
        return refusal
    return None


def test_a_disk_that_cannot_be_written_asks_to_try_again(
    desk: Desk, link: HandedOutLink, booked: BookingConfirmation
) -> None:
    engine, before = db.engine(), everything()
    with no_file_can_be_written():
        refused_politely(desk, link, booked)
        assert open_active(link).times.starts
    assert everything() == before
    goes_on(desk, link, booked)
    assert db.engine() is engine
    print("\nsqlite on a disk that refuses every write: 4 of 4 operations told to try again; then all went on")


def test_locked_by_another_writer_it_asks_to_try_again(
    in_a_file: Place, desk: Desk, link: HandedOutLink, booked: BookingConfirmation, impatient: None
) -> None:
    engine, before = db.engine(), everything()
    with locked(in_a_file.database.file):
        refused_politely(desk, link, booked)
        assert everything() == before
        assert open_active(link).times.starts
    goes_on(desk, link, booked)
    assert db.engine() is engine
    print("\nsqlite locked by another writer: 4 of 4 operations told to try again, looking works; then all went on")


def test_locked_against_readers_too_even_a_look_asks_to_try_again(
    in_a_file: Place, desk: Desk, link: HandedOutLink, booked: BookingConfirmation, impatient: None
) -> None:
    before = everything()
    db.close()
    with locked(in_a_file.database.file, "PRAGMA locking_mode=EXCLUSIVE"):
        engine = db.engine()
        refused_politely(desk, link, booked)
        with pytest.raises(TryAgain):
            open_active(link)
    assert everything() == before
    goes_on(desk, link, booked)
    assert db.engine() is engine
    print("\nsqlite locked against readers: 5 of 5 operations told to try again; then all went on")


def test_whoever_waits_for_a_writer_in_this_process_is_asked_to_try_again(
    desk: Desk, link: HandedOutLink, booked: BookingConfirmation, impatient: None
) -> None:
    inside, over = threading.Event(), threading.Event()

    def write_slowly() -> None:
        with db.writing():
            inside.set()
            over.wait(30)

    slow = threading.Thread(target=write_slowly)
    slow.start()
    inside.wait(30)
    refused_politely(desk, link, booked)
    over.set()
    slow.join()
    goes_on(desk, link, booked)


def test_a_short_lock_is_waited_for(in_a_file: Place, link: HandedOutLink) -> None:
    waits = threading.Thread(target=book, args=(link,), kwargs={"start": later(days=1)})
    with locked(in_a_file.database.file):
        waits.start()
        time.sleep(0.3)
        assert waits.is_alive()
    waits.join()
    assert bookings_there() == 1


def test_opened_read_only_it_shows_links_and_asks_to_try_again(
    in_a_file: Place, desk: Desk, link: HandedOutLink, booked: BookingConfirmation
) -> None:
    before = everything()
    db.close()
    url = f"sqlite:///file:{in_a_file.database.file}?mode=ro&uri=true"
    with opened(replace(in_a_file.database, url=url)):
        db.prepare()
        refused_politely(desk, link, booked)
        assert everything() == before
        assert open_active(link).times.starts
    with opened(in_a_file.database):
        goes_on(desk, link, booked)
    print("\nsqlite opened with mode=ro: 4 of 4 operations told to try again, looking works; later all went on")


def test_out_of_reach_for_a_moment_it_asks_to_try_again(
    in_a_file: Place, desk: Desk, link: HandedOutLink, booked: BookingConfirmation
) -> None:
    before = everything()
    db.close()
    engine, folder = db.engine(), in_a_file.database.file.parent
    away = folder.rename(folder.with_name(f"{folder.name}-away"))
    refused_politely(desk, link, booked)
    with pytest.raises(TryAgain):
        open_active(link)
    away.rename(folder)
    assert everything() == before
    goes_on(desk, link, booked)
    assert db.engine() is engine
    print("\nsqlite's folder away: 5 of 5 operations told to try again; then all went on")


def test_a_damaged_file_asks_to_try_again_and_goes_on_when_the_file_is_whole(
    in_a_file: Place, desk: Desk, link: HandedOutLink
) -> None:
    db.close()
    file = in_a_file.database.file
    whole = file.read_bytes()
    file.write_bytes(whole[:4096] + b"\xff" * (len(whole) - 4096))
    with pytest.raises(TryAgain):
        book(link)
    db.close()
    file.write_bytes(whole)
    assert book(link).start
