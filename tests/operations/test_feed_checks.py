"""A host's calendars elsewhere are read: by whom, how often, and what stays when one is broken."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime, timedelta
from threading import Barrier

import pytest
from sqlalchemy import true

from singleuse_app import db
from singleuse_app.calendars.problems import FeedProblem
from singleuse_app.operations import calendar_feeds, feed_checks
from singleuse_app.operations.feed_checks import EVERY, LEASE, Copy, claim_due
from singleuse_app.operations.history import Happened, Reader
from singleuse_app.scheduling.errors import SlotUnavailable
from singleuse_app.scheduling.intervals import Interval
from tests.factories import NOW, Desk, add_calendar, book, free_starts, later, make_link, read_calendar, rows
from tests.harness.feed_server import FeedServer, giving, serving
from tests.operations.reading import BUSY, NINE, claim, keep, only

BROKEN = FeedProblem("feed_gone", "404")


def kinds(reader: Reader) -> list[Happened]:
    return [entry.kind for entry in reader.news(now=NOW)]


def test_while_it_is_broken_the_last_good_copy_stays(desk: Desk) -> None:
    read_calendar(desk, BUSY)
    for minutes in (30, 60, 120):
        feed_checks.keep_problem(claim(now=later(minutes=minutes)), BROKEN, now=later(minutes=minutes))
    card = only(desk, now=later(hours=2))
    assert (card.problem, card.problem_detail, card.problem_since) == ("feed_gone", "404", later(minutes=30))
    assert (card.read_at, card.checked_at, card.busy_count) == (NOW, later(hours=2), 1)
    assert NINE not in free_starts(make_link(desk))
    with pytest.raises(SlotUnavailable):
        book(make_link(desk), start=NINE)
    keep(claim(now=later(days=1)), [], now=later(days=1))
    card = only(desk, now=later(days=1))
    assert (card.problem, card.problem_since, card.read_at) == ("", None, later(days=1))
    assert NINE in free_starts(make_link(desk))


def test_a_broken_one_is_asked_ever_more_rarely_and_a_good_one_every_ten_minutes(desk: Desk) -> None:
    read_calendar(desk, BUSY)
    assert timedelta(minutes=9) <= only(desk).next_check_at - NOW <= timedelta(minutes=11)
    at, pauses = later(hours=1), list[float]()
    for _ in range(12):
        feed_checks.keep_problem(claim(now=at), BROKEN, now=at)
        following = only(desk, now=at).next_check_at
        assert claim_due(now=following - timedelta(seconds=2), at_most=1) == []
        pauses.append((following - at) / timedelta(minutes=5))
        at = following + timedelta(seconds=1)
    for number, pause in enumerate(pauses):
        expected = min(2**number, 72)
        assert 0.79 * expected <= pause <= 1.21 * expected
    keep(claim(now=at), BUSY, now=at)
    assert only(desk, now=at).next_check_at - at <= EVERY * 1.1


def test_one_reader_at_a_time_has_a_calendar(desk: Desk) -> None:
    add_calendar(desk)
    first = claim()
    assert claim_due(now=NOW, at_most=9) == []
    assert claim_due(now=NOW + LEASE - timedelta(seconds=1), at_most=9) == []
    second = claim(now=NOW + LEASE)
    keep(first, BUSY, now=NOW + LEASE)
    feed_checks.keep_problem(first, BROKEN, now=NOW + LEASE)
    late = only(desk, now=NOW + LEASE)
    assert (late.read_at, late.problem, late.busy_count) == (None, "", 0), "whose lease is over changes nothing"
    keep(second, BUSY, now=NOW + LEASE)
    assert only(desk, now=NOW + LEASE).busy_count == 1


def claims_at_once(desk: Desk) -> int:
    """How many of four readers get the lease of one calendar that is due."""
    with db.writing() as session:
        session.connection().exec_driver_sql("UPDATE calendar_feed SET leased_until = NULL")
    barrier = Barrier(4)

    def reader(_: int) -> int:
        barrier.wait()
        return len(claim_due(now=NOW, at_most=9))

    with ThreadPoolExecutor(4) as pool:
        return sum(pool.map(reader, range(4)))


def test_of_readers_who_come_at_the_same_moment_one_gets_it(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    add_calendar(desk)
    assert [claims_at_once(desk) for _ in range(10)] == [1] * 10
    monkeypatch.setattr(feed_checks, "_due", lambda now: (true(),))
    assert max(claims_at_once(desk) for _ in range(10)) > 1, "control: without the condition several do"


def test_what_comes_after_a_removal_changes_nothing(desk: Desk) -> None:
    key = add_calendar(desk)
    claimed = claim()
    calendar_feeds.remove_feed(host_id=desk.host_id, feed_id=key, now=NOW)
    keep(claimed, BUSY)
    assert rows("SELECT * FROM calendar_busy") == []
    calendar_feeds.restore_feed(host_id=desk.host_id, feed_id=key, now=NOW)
    keep(claimed, BUSY)
    assert rows("SELECT * FROM calendar_busy") == []
    keep(claim(), BUSY)
    assert only(desk).busy_count == 1


@pytest.mark.parametrize(
    "damage",
    [
        "UPDATE calendar_feed SET kid = 'k9'",
        "UPDATE calendar_feed SET sealed_url = 'x'",
        "UPDATE calendar_feed SET sealed_url = ''",
        "UPDATE calendar_feed SET sealed_url = substr(sealed_url, 1, 40)",
    ],
)
def test_an_address_that_cannot_be_opened_is_told_and_the_copy_stays(desk: Desk, damage: str) -> None:
    read_calendar(desk, BUSY)
    with db.writing() as session:
        session.connection().exec_driver_sql(damage)
    claimed = claim(now=later(hours=1))
    with pytest.raises(FeedProblem) as problem:
        feed_checks.look(claimed, now=later(hours=1))
    assert problem.value.code == "feed_key_missing"
    feed_checks.keep_problem(claimed, problem.value, now=later(hours=1))
    assert NINE not in free_starts(make_link(desk))
    add_calendar(desk)


def test_pages_hear_of_what_they_show_and_the_log_does_not_grow_meanwhile(desk: Desk) -> None:
    reader = Reader()
    key = add_calendar(desk)
    assert kinds(reader) == [Happened.CALENDAR_CHANGED]
    at = NOW
    for busy, expected in (
        (BUSY, [Happened.CALENDAR_READ]),
        (BUSY, []),
        (None, []),
        ([], [Happened.CALENDAR_READ]),
        ([], []),
        (BROKEN, [Happened.CALENDAR_CHECKED]),
        (BROKEN, []),
        (FeedProblem("feed_slow"), [Happened.CALENDAR_CHECKED]),
        ([], [Happened.CALENDAR_CHECKED]),
        ([(NOW - timedelta(hours=3), NOW - timedelta(hours=2))], []),
    ):
        claimed = claim(now=at)
        if isinstance(busy, FeedProblem):
            feed_checks.keep_problem(claimed, busy, now=at)
        else:
            keep(claimed, busy, now=at)
        assert kinds(reader) == expected
        at += timedelta(hours=7)
    calendar_feeds.remove_feed(host_id=desk.host_id, feed_id=key, now=at)
    calendar_feeds.restore_feed(host_id=desk.host_id, feed_id=key, now=at)
    assert kinds(reader) == [Happened.CALENDAR_READ] * 2


def test_a_calendar_is_asked_for_again_only_where_it_is_another(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    """A real server: the whole round, with what it costs."""
    monkeypatch.setenv("CALENDAR_FEED_ALLOW", "127.0.0.1")
    with serving() as server:
        add_calendar(desk, url=server.url())

        def round_at(at: datetime) -> Copy:
            claimed = claim(now=at)
            copy = feed_checks.look(claimed, now=at)
            feed_checks.keep_copy(claimed, copy, now=at)
            return copy

        stamped = event_at_nine(server, "DTSTAMP:20260901T000000Z")
        assert round_at(NOW).busy == [Interval(*BUSY[0])]
        event_at_nine(server, "DTSTAMP:20260901T111111Z")
        assert round_at(later(minutes=11)).busy is None, "only its stamp is another"
        server.answer = giving(b"", 304)
        assert round_at(later(minutes=22)).busy is None
        server.answer = stamped
        assert round_at(later(days=1, minutes=1)).busy, "recurrences go on, so it is computed anew each day"
        assert "if-none-match" not in server.asked[-1]
        assert server.asked[2]["if-none-match"] == '"1"'
        event_at_nine(server, "TRANSP:TRANSPARENT")
        assert round_at(later(days=1, minutes=12)).busy == []
    claimed = claim(now=later(days=2))
    with pytest.raises(FeedProblem) as problem:
        feed_checks.look(claimed, now=later(days=2))
    assert problem.value.code == "feed_unreachable"


def event_at_nine(server: FeedServer, line: str) -> Callable:
    event = f"BEGIN:VEVENT\r\nUID:a\r\n{line}\r\nDTSTART:{NINE:%Y%m%dT%H%M%SZ}\r\nDURATION:PT1H\r\nEND:VEVENT\r\n"
    text = f"BEGIN:VCALENDAR\r\nVERSION:2.0\r\n{event}END:VCALENDAR\r\n"
    server.answer = giving(text.encode(), ETag='"1"')
    return server.answer
