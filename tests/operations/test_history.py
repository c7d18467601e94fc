"""Reading the event log: every line once, in whatever order its transactions commit."""

import threading
from datetime import timedelta

from singleuse_app import db
from singleuse_app.ids import LINK, parse_id
from singleuse_app.operations import links
from singleuse_app.operations.history import Happened, Numbered, Reader, record
from singleuse_app.operations.history import desk as desk_topic
from tests.factories import NOW, Desk, book, later, make_link, rows


def kinds(reader: Reader, **delta: float) -> list[Happened]:
    return [entry.kind for entry in reader.news(now=later(**delta))]


def test_what_happens_after_the_reader_began_is_read_once(desk: Desk) -> None:
    make_link(desk)
    reader = Reader()
    book(make_link(desk))
    assert kinds(reader) == [Happened.LINK_CREATED, Happened.BOOKED]
    assert kinds(reader) == []


def test_a_first_opening_is_heard_of_once_and_is_no_line_of_the_log(desk: Desk) -> None:
    link_id = parse_id(LINK, make_link(desk).id)
    reader = Reader()
    before = rows("SELECT count(*) FROM event_log")
    for second in range(2):
        links.note_opening(link_id=link_id, now=later(seconds=second))
    [heard] = reader.news(now=NOW)
    assert (heard.kind, heard.host_id, heard.link_id) == (Happened.LINK_OPENED, desk.host_id, link_id)
    assert heard.topics() == [desk_topic(desk.host_id)], "no invitee's page reads again"
    assert reader.news(now=NOW) == []
    assert rows("SELECT count(*) FROM event_log") == before


def test_a_line_that_is_committed_after_later_ones_is_not_missed(desk: Desk) -> None:
    """Only PostgreSQL lets two write at once; on SQLite the second waits and comes later anyway."""
    reader = Reader()
    written, go_on = threading.Event(), threading.Event()

    def write_slowly() -> None:
        with db.writing() as session:
            record(session, Happened.LINK_REVOKED, now=NOW, host_id=desk.host_id)
            written.set()
            go_on.wait(10)

    slow = threading.Thread(target=write_slowly)
    slow.start()
    assert written.wait(10)
    if not db.is_sqlite():
        make_link(desk)
        assert kinds(reader) == [Happened.LINK_CREATED]
        assert kinds(reader, seconds=30) == []
    go_on.set()
    slow.join()
    assert kinds(reader, seconds=59) == [Happened.LINK_REVOKED]
    assert kinds(reader, seconds=59) == []


def test_a_number_whose_line_was_undone_is_not_asked_for_for_ever(desk: Desk) -> None:
    reader = Reader()
    for _ in range(3):
        try:
            with db.writing() as session:
                record(session, Happened.LINK_REVOKED, now=NOW, host_id=desk.host_id)
                raise RuntimeError
        except RuntimeError:
            make_link(desk)
    assert kinds(reader) == [Happened.LINK_CREATED] * 3
    assert kinds(reader, seconds=Numbered.PATIENCE / timedelta(seconds=1)) == []
    assert not reader._lines._passed_over


def test_more_lines_than_fit_are_read_in_several_looks(desk: Desk) -> None:
    reader = Reader()
    with db.writing() as session:
        for _ in range(Reader.AT_MOST + 7):
            record(session, Happened.LINK_CREATED, now=NOW, host_id=desk.host_id)
    assert [len(kinds(reader)) for _ in range(3)] == [Reader.AT_MOST, 7, 0]
