"""When a calendar says that its owner is busy: rule by rule, and as four calendars write it."""

from datetime import UTC, date, datetime, time, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from singleuse_app.calendars.events import busy_spans
from singleuse_app.calendars.problems import FeedProblem
from singleuse_app.scheduling.intervals import Span, floor_epoch, merge

BERLIN = ZoneInfo("Europe/Berlin")
FIRST, LAST = datetime(2026, 9, 1, tzinfo=UTC), datetime(2027, 9, 1, tzinfo=UTC)
WITHIN = floor_epoch(FIRST), floor_epoch(LAST)
AT_NINE = "DTSTART;TZID=Europe/Berlin:20260907T090000\nDTEND;TZID=Europe/Berlin:20260907T100000\nUID:a"
WEEKLY = f"{AT_NINE}\nRRULE:FREQ=WEEKLY;COUNT=3"
NINE = "2026-09-07 09:00–10:00"


def calendar(*events: str, head: str = "") -> str:
    """A calendar of events, each given as its lines."""
    inside = "".join(f"BEGIN:VEVENT\n{event}\nEND:VEVENT\n" for event in events)
    return f"BEGIN:VCALENDAR\nVERSION:2.0\n{head}{inside}END:VCALENDAR\n"


def busy(
    *events: str, head: str = "", zone: str = "Europe/Berlin", bookings: dict[str, Span] | None = None
) -> list[str]:
    """When the calendar's owner is busy, as a clock in Berlin shows it."""
    spans = busy_spans(calendar(*events, head=head), zone=zone, within=WITHIN, bookings=bookings)
    return [in_words(span) for span in spans]


def in_words(span: Span) -> str:
    start, end = (datetime.fromtimestamp(second, BERLIN) for second in span)
    return (
        f"{start:%Y-%m-%d %H:%M}–{end:%H:%M}"
        if start.date() == end.date()
        else f"{start:%Y-%m-%d %H:%M} – {end:%Y-%m-%d %H:%M}"
    )


def problem_of(text: str) -> str:
    with pytest.raises(FeedProblem) as problem:
        busy_spans(text, zone="Europe/Berlin", within=WITHIN)
    return problem.value.code


@pytest.mark.parametrize(
    "free",
    [
        "TRANSP:TRANSPARENT",
        "TRANSP: transparent",
        "STATUS:CANCELLED",
        "STATUS:cancelled",
        "X-MICROSOFT-CDO-BUSYSTATUS:FREE",
        "TRANSP:OPAQUE\nX-MICROSOFT-CDO-BUSYSTATUS:FREE",
    ],
)
def test_who_shows_as_free_or_cancelled_is_free(free: str) -> None:
    assert busy(AT_NINE) == [NINE]
    assert busy(f"{AT_NINE}\n{free}") == []
    assert busy(f"{WEEKLY}\n{free}") == []


@pytest.mark.parametrize(
    "not_free", ["TRANSP:OPAQUE", "STATUS:TENTATIVE", "X-MICROSOFT-CDO-BUSYSTATUS:OOF", "STATUS:whatever", "TRANSP:"]
)
def test_who_does_not_is_busy(not_free: str) -> None:
    assert busy(f"{AT_NINE}\n{not_free}") == [NINE]


def test_a_day_is_busy_from_midnight_to_midnight_in_the_calendars_zone() -> None:
    day = "DTSTART;VALUE=DATE:20260907\nDTEND;VALUE=DATE:20260908"
    assert busy(day) == ["2026-09-07 00:00 – 2026-09-08 00:00"]
    assert busy(day, zone="America/New_York") == ["2026-09-07 06:00 – 2026-09-08 06:00"]
    assert busy(day, zone="UTC", head="X-WR-TIMEZONE:America/New_York\n") == ["2026-09-07 06:00 – 2026-09-08 06:00"]
    assert busy(day, zone="UTC", head="X-WR-TIMEZONE:Eastern Standard Time\n") == [
        "2026-09-07 06:00 – 2026-09-08 06:00"
    ]
    assert busy(day, head="X-WR-TIMEZONE:Nowhere/At_All\n") == ["2026-09-07 00:00 – 2026-09-08 00:00"]
    assert busy(f"{day}\nTRANSP:TRANSPARENT") == []


@pytest.mark.parametrize("end", ["", "DTEND;VALUE=DATE:20260907", "DTEND;VALUE=DATE:20260901", "DURATION:P1D"])
def test_a_day_lasts_a_day_at_least(end: str) -> None:
    assert busy(f"DTSTART;VALUE=DATE:20260907\n{end}") == ["2026-09-07 00:00 – 2026-09-08 00:00"]


def test_the_day_of_a_clock_change_is_as_long_as_it_is() -> None:
    [span] = busy_spans(calendar("DTSTART;VALUE=DATE:20261025"), zone="Europe/Berlin", within=WITHIN)
    assert span[1] - span[0] == 25 * 3600


def test_floating_times_are_in_the_calendars_zone() -> None:
    floating = "DTSTART:20260907T090000\nDURATION:PT1H\nRRULE:FREQ=WEEKLY;COUNT=2"
    assert busy(floating) == [NINE, "2026-09-14 09:00–10:00"]
    assert busy(floating, zone="UTC") == ["2026-09-07 11:00–12:00", "2026-09-14 11:00–12:00"]
    assert busy(floating, zone="UTC", head="X-WR-TIMEZONE:Europe/Berlin\n") == [NINE, "2026-09-14 09:00–10:00"]


@pytest.mark.parametrize(
    "zone", ["W. Europe Standard Time", "Europe/Berlin", "/freeassociation.sourceforge.net/Europe/Berlin"]
)
def test_zones_have_more_names_than_one(zone: str) -> None:
    assert busy(f"DTSTART;TZID={zone}:20260907T090000\nDURATION:PT1H") == [NINE]


def test_a_zone_may_be_the_calendars_own() -> None:
    own = (
        "BEGIN:VTIMEZONE\nTZID:Customized Time Zone\nBEGIN:STANDARD\nDTSTART:16010101T000000\nTZOFFSETFROM:+0000\n"
        "TZOFFSETTO:+0000\nEND:STANDARD\nEND:VTIMEZONE\n"
    )
    event = "DTSTART;TZID=Customized Time Zone:20260907T070000\nDURATION:PT1H"
    assert busy(event, head=own) == [NINE]
    assert problem_of(calendar(event.replace("Customized", "Some"))) == "feed_zone_unknown"


@pytest.mark.parametrize(
    "nothing",
    [
        "DTSTART:20260907T090000Z",
        "DTSTART:20260907T090000Z\nDTEND:20260907T090000Z",
        "DTSTART:20260907T090000Z\nDTEND:20260907T080000Z",
        "DTSTART:20260907T090000Z\nDURATION:PT0S",
        "DTSTART:20260907T090000Z\nDURATION:-PT1H",
        "DTSTART:20260907T090000Z\nDTEND:20260907T080000Z\nRRULE:FREQ=DAILY;COUNT=3",
    ],
)
def test_what_lasts_no_time_takes_none(nothing: str) -> None:
    assert busy(nothing) == []


def test_what_recurs_does_so_by_the_clock_of_its_zone() -> None:
    over_a_change = AT_NINE.replace("0907", "1019") + "\nRRULE:FREQ=WEEKLY;COUNT=2"
    assert busy(over_a_change) == ["2026-10-19 09:00–10:00", "2026-10-26 09:00–10:00"]
    in_utc = "DTSTART:20261019T070000Z\nDURATION:PT1H\nRRULE:FREQ=WEEKLY;UNTIL=20261026T070000Z"
    assert busy(in_utc) == ["2026-10-19 09:00–10:00", "2026-10-26 08:00–09:00"]


def test_single_times_are_taken_out_and_put_in() -> None:
    assert busy(f"{WEEKLY}\nEXDATE;TZID=Europe/Berlin:20260914T090000") == [NINE, "2026-09-21 09:00–10:00"]
    assert busy(f"{WEEKLY}\nEXDATE:20260914T070000Z") == [NINE, "2026-09-21 09:00–10:00"]
    assert busy(f"{AT_NINE}\nRDATE;TZID=Europe/Berlin:20260909T110000") == [NINE, "2026-09-09 11:00–12:00"]
    period = "RDATE;VALUE=PERIOD:20260909T090000Z/PT3H"
    assert busy(f"{AT_NINE}\n{period}") == [NINE, "2026-09-09 11:00–14:00"]


def test_one_of_many_is_moved_or_cancelled_by_itself() -> None:
    its_id = "UID:a\nRECURRENCE-ID;TZID=Europe/Berlin:20260914T090000"
    moved = f"{its_id}\nDTSTART;TZID=Europe/Berlin:20260915T160000\nDURATION:PT30M"
    assert busy(WEEKLY, moved) == [NINE, "2026-09-15 16:00–16:30", "2026-09-21 09:00–10:00"]
    assert busy(moved, WEEKLY) == busy(WEEKLY, moved)
    there = "DTSTART;TZID=Europe/Berlin:20260914T090000\nDURATION:PT1H"
    for free in ("STATUS:CANCELLED", "TRANSP:TRANSPARENT"):
        assert busy(WEEKLY, f"{its_id}\n{there}\n{free}") == [NINE, "2026-09-21 09:00–10:00"]
    assert busy(f"{WEEKLY}\nTRANSP:TRANSPARENT", moved) == ["2026-09-15 16:00–16:30"]


def test_one_that_is_moved_into_sight_from_far_away_is_seen() -> None:
    old = AT_NINE.replace("2026", "2025") + "\nRRULE:FREQ=WEEKLY;COUNT=3"
    moved = "UID:a\nRECURRENCE-ID;TZID=Europe/Berlin:20250914T090000\nDTSTART;TZID=Europe/Berlin:20260907T090000"
    assert busy(old, f"{moved}\nDURATION:PT1H") == [NINE]


def test_events_that_share_a_uid_by_mistake_all_count() -> None:
    other = AT_NINE.replace("0907", "0908")
    assert busy(AT_NINE, other) == [NINE, "2026-09-08 09:00–10:00"]
    without = [event.replace("\nUID:a", "") for event in (AT_NINE, other)]
    assert busy(*without) == busy(AT_NINE, other)
    assert busy(f"{AT_NINE}\nSEQUENCE:0", f"{other}\nSEQUENCE:1") == ["2026-09-08 09:00–10:00"]


def test_times_that_overlap_or_touch_are_one_and_are_cut_to_what_is_asked() -> None:
    touching = "DTSTART:20260907T080000Z\nDTEND:20260907T083000Z"
    assert busy(AT_NINE, AT_NINE, touching) == ["2026-09-07 09:00–10:30"]
    long = "DTSTART;VALUE=DATE:20200101\nDTEND;VALUE=DATE:20300101"
    assert busy_spans(calendar(long), zone="UTC", within=WITHIN) == [WITHIN]


def test_busy_blocks_count_and_free_ones_do_not() -> None:
    blocks = (
        "BEGIN:VFREEBUSY\nFREEBUSY:20260907T070000Z/PT1H\n"
        "FREEBUSY;FBTYPE=BUSY-TENTATIVE:20260908T070000Z/20260908T080000Z,20260909T070000Z/20260909T080000Z\n"
        "FREEBUSY;FBTYPE=FREE:20260910T070000Z/PT1H\nEND:VFREEBUSY\n"
    )
    assert busy(head=blocks) == [NINE, "2026-09-08 09:00–10:00", "2026-09-09 09:00–10:00"]
    assert problem_of(calendar(head=blocks.replace("/PT1H", "/garbage"))) == "feed_unreadable"


def test_a_hosts_own_booking_in_their_calendar_is_no_reason_to_be_busy_where_it_lies() -> None:
    start = floor_epoch(datetime(2026, 9, 7, 9, tzinfo=BERLIN))
    assert busy(AT_NINE, bookings={"a": (start, start + 3600)}) == []
    assert busy(AT_NINE, bookings={"a": (start + 60, start + 3600)}) == [NINE]
    assert busy(AT_NINE, bookings={"b": (start, start + 3600)}) == [NINE]


@pytest.mark.parametrize(
    "text",
    ["", "<!DOCTYPE html><html><body>Sign in</body></html>", "BEGIN:VCARD\nEND:VCARD", '{"error": "denied"}', "\0\0"],
)
def test_what_is_no_calendar_is_told(text: str) -> None:
    assert problem_of(text) == "feed_no_calendar"


def test_a_calendar_that_breaks_off_anywhere_is_told() -> None:
    whole = calendar(AT_NINE, WEEKLY).strip()
    for length in range(len("BEGIN:VCALENDAR\n"), len(whole)):
        assert problem_of(whole[:length]) in {"feed_cut_off", "feed_no_calendar"}


@pytest.mark.parametrize("lost", ["BEGIN:VEVENT\n", "END:VEVENT\n"])
def test_a_calendar_that_lacks_a_line_in_the_middle_is_told(lost: str) -> None:
    assert problem_of(calendar(AT_NINE).replace(lost, "", 1)) == "feed_unreadable"
    assert problem_of(calendar(AT_NINE, WEEKLY).replace(lost, "", 1)) == "feed_unreadable"


@pytest.mark.parametrize(
    "event",
    [
        "SUMMARY:no start",
        "DTSTART:20260999T090000Z\nDURATION:PT1H",
        "DTSTART:garbage",
        "DTSTART;20260907T090000Z\nDURATION:PT1H",
        f"{AT_NINE}\nDTSTART:20260908T090000Z",
        "DTSTART:20260907T090000Z\nDTEND:tomorrow",
        "DTSTART:20260907T090000Z\nDURATION:long",
        "DTSTART:20260907T090000Z\nDTEND;VALUE=DATE:20260908",
        f"{AT_NINE}\nRRULE:FREQ=SOMETIMES",
        f"{AT_NINE}\nRRULE:FREQ=WEEKLY;BYDAY=XX",
        f"{AT_NINE}\nRRULE;FREQ=WEEKLY",
        f"{AT_NINE}\nRRULE:INTERVAL=2",
        f"{AT_NINE}\nRRULE",
        f"{WEEKLY}\nEXDATE:garbage",
        f"{WEEKLY}\nRDATE:garbage",
        f"{AT_NINE}\nRECURRENCE-ID:garbage",
    ],
)
def test_an_event_that_cannot_be_read_is_told_and_never_free(event: str) -> None:
    assert problem_of(calendar(AT_NINE.replace("0907", "0908"), event)) == "feed_event_unreadable"


@pytest.mark.parametrize("name", ["DTSTART", "DTEND", "EXDATE", "RDATE", "RECURRENCE-ID"])
def test_an_unknown_zone_is_told(name: str) -> None:
    there = {"DTSTART": "20260907T090000", "DTEND": "20260907T100000"}
    lines = [f"{key}:{value}Z" for key, value in there.items() if key != name]
    event = "\n".join([*lines, f"{name};TZID=Mars/Olympus:{there.get(name, '20260907T090000')}"])
    assert problem_of(calendar(event)) == "feed_zone_unknown"


def test_a_mistake_that_changes_no_time_changes_nothing() -> None:
    assert busy(f"{AT_NINE}\nATTENDEE\nGEO:nowhere\nthis is no line\nLAST-MODIFIED:yesterday") == [NINE]


def of(name: str) -> list[str]:
    text = (Path(__file__).parent / "data" / name).read_text()
    return [in_words(span) for span in busy_spans(text, zone="Europe/Berlin", within=WITHIN)]


def test_as_google_writes_it() -> None:
    assert of("google.ics") == [
        "2026-09-07 10:00–11:00",
        "2026-09-08 09:30–10:00",
        "2026-09-16 14:00–14:30",
        "2026-09-29 09:30–10:00",
        "2026-10-06 09:30–10:00",
    ]


def test_as_outlook_writes_it() -> None:
    assert of("outlook.ics") == [
        "2026-09-07 10:00–11:00",
        "2026-09-07 14:00–14:30",
        "2026-09-10 00:00 – 2026-09-12 00:00",
    ]


def test_as_fastmail_writes_it() -> None:
    assert of("fastmail.ics") == ["2026-09-07 10:00–11:30", "2026-09-09 12:00–13:00"]


def test_as_nextcloud_writes_it() -> None:
    assert of("nextcloud.ics") == ["2026-09-07 13:00–14:00", "2026-09-11 13:00–14:00"]


ZONES = st.sampled_from(["Europe/Berlin", "America/New_York", "Australia/Lord_Howe", "Asia/Kathmandu", "UTC"])
CHANGES = {"2026-10-25", "2026-11-01", "2027-03-14", "2027-03-28", "2027-04-04", "2026-10-04"}


@given(
    zone=ZONES,
    change=st.sampled_from(sorted(CHANGES)),
    before=st.integers(0, 20),
    minutes=st.tuples(st.integers(0, 24 * 60 - 1), st.integers(1, 10 * 60)),
    times=st.tuples(st.integers(1, 3), st.integers(1, 8)),
)
def test_a_weekly_event_over_a_clock_change_is_where_a_clock_shows_it(
    zone: str, change: str, before: int, minutes: tuple[int, int], times: tuple[int, int]
) -> None:
    """The oracle looks at the clock of every week: start and end are its readings."""
    (minute, length), (interval, count) = minutes, times
    first = datetime.combine(date.fromisoformat(change) - timedelta(days=before), time(minute // 60, minute % 60))
    last = first + timedelta(minutes=length)
    event = (
        f"DTSTART;TZID={zone}:{first:%Y%m%dT%H%M%S}\nDTEND;TZID={zone}:{last:%Y%m%dT%H%M%S}\n"
        f"RRULE:FREQ=WEEKLY;INTERVAL={interval};COUNT={count}"
    )
    expected = []
    for number in range(count):
        weeks = timedelta(weeks=interval * number)
        start, end = (floor_epoch((at + weeks).replace(tzinfo=ZoneInfo(zone))) for at in (first, last))
        expected.append((start, end if end > start else start + length * 60))
    within = 0, 2**33
    assert busy_spans(calendar(event), zone="UTC", within=within) == merge(expected)
