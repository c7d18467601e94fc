"""A host's calendars elsewhere: added, renamed, removed; and what they take from what is on offer."""

from collections.abc import Callable
from datetime import timedelta
from uuid import UUID

import pytest

from singleuse_app import db, tokens
from singleuse_app.messages import words
from singleuse_app.operations import calendar_feeds, event_types, feed_checks, hosts
from singleuse_app.operations.feed_checks import claim_due
from singleuse_app.operations.manage_booking import AsHost, cancel_booking, reschedule_booking
from singleuse_app.scheduling.errors import InvalidInput, NotFound, Refusal, SlotUnavailable, UndoTooLate
from singleuse_app.scheduling.explain import Reason, WhyNot
from tests.factories import NOW, PASSWORD, Desk, add_calendar, book, free_starts, later, make_link, read_calendar, rows
from tests.harness.feed_server import giving, serving
from tests.operations.reading import BUSY, HALF_HOUR, NINE, claim, keep, only

URL = "https://calendar.google.com/calendar/ical/grace%40example.org/private-0123456789abcdef0123456789abcdef/basic.ics"


def test_a_busy_time_of_a_calendar_is_neither_shown_nor_booked(desk: Desk) -> None:
    link = make_link(desk)
    assert {NINE, NINE + HALF_HOUR} <= set(free_starts(link))
    key = read_calendar(desk, BUSY)
    starts = free_starts(link)
    assert not {NINE, NINE + HALF_HOUR} & set(starts)
    assert NINE + 2 * HALF_HOUR in starts
    with pytest.raises(SlotUnavailable):
        book(link, start=NINE)
    calendar_feeds.remove_feed(host_id=desk.host_id, feed_id=key, now=NOW)
    assert book(link, start=NINE).start == NINE, "control"


def test_a_booking_is_not_moved_onto_a_busy_time_and_keeps_its_own(desk: Desk) -> None:
    booked = book(make_link(desk), start=NINE)
    read_calendar(desk, BUSY)
    who = AsHost(desk.host_id, booked.booking_id)
    with pytest.raises(SlotUnavailable):
        reschedule_booking(who=who, start=NINE + HALF_HOUR, sequence=0, now=NOW)
    after = NINE + 2 * HALF_HOUR
    assert reschedule_booking(who=who, start=after, sequence=0, now=NOW).start == after


def test_a_calendar_that_nobody_has_read_yet_takes_no_time_and_says_so(desk: Desk) -> None:
    before = free_starts(make_link(desk))
    add_calendar(desk)
    card = only(desk)
    assert (card.is_being_read, card.read_at, card.problem, card.busy_count) == (True, None, "", 0)
    assert free_starts(make_link(desk)) == before


def test_a_removed_one_frees_its_times_and_comes_back_with_them_within_the_hour(desk: Desk) -> None:
    key = read_calendar(desk, BUSY)
    own = {"host_id": desk.host_id, "feed_id": key}
    calendar_feeds.remove_feed(**own, now=NOW)
    assert calendar_feeds.list_feeds(host_id=desk.host_id, now=NOW) == []
    assert NINE in free_starts(make_link(desk))
    assert claim_due(now=later(minutes=59), at_most=9) == []
    calendar_feeds.restore_feed(**own, now=later(minutes=59))
    assert NINE not in free_starts(make_link(desk))
    assert only(desk, now=later(minutes=59)).is_being_read
    calendar_feeds.restore_feed(**own, now=later(minutes=59))
    calendar_feeds.remove_feed(**own, now=NOW)
    with pytest.raises(UndoTooLate):
        calendar_feeds.restore_feed(**own, now=later(minutes=61))
    assert claim_due(now=later(minutes=61), at_most=9) == []
    assert rows("SELECT * FROM calendar_feed") == rows("SELECT * FROM calendar_busy") == []
    with pytest.raises(NotFound):
        calendar_feeds.restore_feed(**own, now=NOW)


def test_of_another_host_there_is_none(desk: Desk) -> None:
    other = hosts.add_host(name="Other", email="other@example.org", password=PASSWORD, time_zone="UTC", now=NOW)
    eleven = NINE + 4 * HALF_HOUR  # in Berlin; nine in UTC, where the other host begins
    key = read_calendar(desk, [(eleven, eleven + HALF_HOUR)])
    gone = read_calendar(desk, BUSY, name="Gone", url="https://example.org/gone.ics")
    calendar_feeds.remove_feed(host_id=desk.host_id, feed_id=gone, now=NOW)
    tables = ("SELECT * FROM calendar_feed ORDER BY id", "SELECT * FROM calendar_busy ORDER BY feed_id, start")
    before = list(map(rows, tables))
    attempts: list[Callable[[], object]] = [
        lambda: calendar_feeds.rename_feed(host_id=other.id, feed_id=key, name="Mine", now=NOW),
        lambda: calendar_feeds.check_now(host_id=other.id, feed_id=key, now=later(minutes=5)),
        lambda: calendar_feeds.remove_feed(host_id=other.id, feed_id=key, now=NOW),
        lambda: calendar_feeds.restore_feed(host_id=other.id, feed_id=gone, now=NOW),
    ]
    for attempt in attempts:
        with pytest.raises(NotFound):
            attempt()
    assert list(map(rows, tables)) == before
    assert calendar_feeds.list_feeds(host_id=other.id, now=NOW) == []
    [theirs] = event_types.list_event_types(host_id=other.id, now=NOW)
    their_desk = Desk(other.id, "", theirs.id)
    assert eleven not in free_starts(make_link(desk))
    assert eleven in free_starts(make_link(their_desk))
    calendar_feeds.add_feed(host_id=other.id, name="Same", url="https://example.org/calendar.ics", now=NOW)
    keep(claim(), [(eleven + HALF_HOUR, eleven + 2 * HALF_HOUR)])
    assert eleven + HALF_HOUR not in free_starts(make_link(their_desk))
    assert eleven + HALF_HOUR in free_starts(make_link(desk))
    own = {"host_id": other.id, "event_type_id": theirs.id, "now": NOW}
    assert event_types.explain_time(**own, start=eleven) == []


def test_why_a_time_is_not_offered_names_the_calendars(desk: Desk) -> None:
    read_calendar(desk, BUSY)
    read_calendar(desk, BUSY, name="Family", url="https://example.org/family.ics")
    own = {"host_id": desk.host_id, "event_type_id": desk.event_type_id, "now": NOW}
    told = [words(Refusal(Reason.CALENDAR, calendar="Work")), words(Refusal(Reason.BUSY))]
    assert told == ["You are busy then by your calendar: Work.", "You are busy then."]
    calendars = [WhyNot(Reason.CALENDAR, calendar="Family"), WhyNot(Reason.CALENDAR, calendar="Work")]
    assert event_types.explain_time(**own, start=NINE) == calendars
    assert event_types.explain_time(**own, start=NINE + 2 * HALF_HOUR) == []
    with db.writing() as session:
        session.connection().exec_driver_sql("UPDATE event_type SET before_buffer_minutes = 15")
    assert event_types.explain_time(**own, start=NINE + 2 * HALF_HOUR) == [WhyNot(Reason.BUFFER)]
    assert NINE + 2 * HALF_HOUR not in free_starts(make_link(desk))


def test_the_address_is_sealed_and_never_shown_whole(desk: Desk) -> None:
    key = add_calendar(desk, url=URL)
    secret = "0123456789abcdef0123456789abcdef"
    assert secret not in str(rows("SELECT * FROM calendar_feed"))
    assert "private" not in str(rows("SELECT * FROM calendar_feed"))
    assert only(desk).shown_as == "calendar.google.com …cdef"
    claimed = claim()
    assert claimed.url == URL
    [(sealed, kid)] = rows("SELECT sealed_url, kid FROM calendar_feed")
    with pytest.raises(KeyError):
        tokens.unseal(tokens.CALENDAR_FEED, UUID(int=7), sealed, kid)
    with pytest.raises(KeyError):
        tokens.unseal(tokens.CALENDAR_FEED, claimed.feed_id, sealed, "k9")
    with pytest.raises(KeyError):
        tokens.unseal(tokens.LINK, claimed.feed_id, sealed, kid)
    assert tokens.unseal(tokens.CALENDAR_FEED, claimed.feed_id, sealed, kid) == URL, "control"
    assert key == f"cal_{claimed.feed_id.hex}"


@pytest.mark.parametrize(
    ("typed", "wrong"),
    [
        ({"name": ""}, {"name": "feed_name_missing"}),
        ({"name": None}, {"name": "feed_name_missing"}),
        ({"name": "x" * 101}, {"name": "name_too_long"}),
        ({"url": ""}, {"url": "feed_address_missing"}),
        ({"url": {"a": 1}}, {"url": "feed_address_missing"}),
        ({"url": "file:///etc/passwd"}, {"url": "feed_address_malformed"}),
        ({"name": "", "url": "x"}, {"name": "feed_name_missing", "url": "feed_address_malformed"}),
    ],
)
def test_what_cannot_be_taken_is_told_at_its_field(desk: Desk, typed: dict, wrong: dict) -> None:
    with pytest.raises(InvalidInput) as refusal:
        calendar_feeds.add_feed(host_id=desk.host_id, **{"name": "Work", "url": URL, **typed}, now=NOW)
    assert refusal.value.fields == wrong
    assert rows("SELECT * FROM calendar_feed") == []


def test_the_same_calendar_twice_and_one_too_many_are_refused(desk: Desk) -> None:
    keys = [add_calendar(desk, url=f"{URL}?{number}") for number in range(calendar_feeds.MAX_FEEDS)]
    with pytest.raises(InvalidInput) as refusal:
        add_calendar(desk, url="https://example.org/one-more.ics")
    assert refusal.value.fields == {"url": "too_many_feeds"}
    calendar_feeds.remove_feed(host_id=desk.host_id, feed_id=keys[0], now=NOW)
    with pytest.raises(InvalidInput) as refusal:
        add_calendar(desk, url=f" {URL}?1 ")
    assert refusal.value.fields == {"url": "feed_twice"}
    add_calendar(desk, url=f"{URL}?0")
    with pytest.raises(InvalidInput):
        calendar_feeds.restore_feed(host_id=desk.host_id, feed_id=keys[0], now=NOW)


def test_a_calendar_gets_another_name_and_is_checked_when_asked(desk: Desk) -> None:
    key = read_calendar(desk, BUSY)
    own = {"host_id": desk.host_id, "feed_id": key}
    calendar_feeds.rename_feed(**own, name=" Family ", now=NOW)
    assert only(desk).name == "Family"
    calendar_feeds.check_now(**own, now=later(seconds=1))
    assert claim_due(now=later(seconds=1), at_most=9) == [], "not twice within 15 seconds"
    assert claim(now=later(seconds=15)).feed_id
    with pytest.raises(InvalidInput):
        calendar_feeds.rename_feed(**own, name="", now=NOW)


def test_a_long_absence_is_found_from_anywhere_inside_it(desk: Desk) -> None:
    read_calendar(desk, [(NOW, later(days=40)), (later(days=800), later(days=849))])
    assert max(end - start for start, end in rows('SELECT start, "end" FROM calendar_busy')) == 4 * 86_400
    assert min(free_starts(make_link(desk))) >= later(days=40)


def test_a_booking_that_the_calendar_shows_too_can_be_moved_onto_itself_and_given_up(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Invitations come into calendars. The time of a booking is the app's own to hold and to give back."""
    monkeypatch.setenv("CALENDAR_FEED_ALLOW", "127.0.0.1")
    with db.writing() as session:
        session.connection().exec_driver_sql("UPDATE event_type SET start_time_increment_minutes = 15")
    booked = book(make_link(desk), start=NINE)
    who = AsHost(desk.host_id, booked.booking_id)
    with serving() as server:
        add_calendar(desk, url=server.url())
        for uid, times in ((booked.uid, 0), ("somebody-else", 1)):
            event = f"BEGIN:VEVENT\nUID:{uid}\nDTSTART:{NINE:%Y%m%dT%H%M%SZ}\nDURATION:PT30M\nEND:VEVENT\n"
            server.answer = giving(f"BEGIN:VCALENDAR\n{event}END:VCALENDAR\n".encode())
            at = later(minutes=20 * times)
            claimed = claim(now=at)
            feed_checks.keep_copy(claimed, feed_checks.look(claimed, now=at), now=at)
            assert only(desk, now=at).busy_count == times
            if not times:
                moved = NINE + timedelta(minutes=15)
                assert reschedule_booking(who=who, start=moved, sequence=0, now=NOW).start == moved
    cancel_booking(who=who, now=NOW)
    assert NINE not in free_starts(make_link(desk)), "control: another event there does keep the host busy"
