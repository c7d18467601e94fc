"""Hours on a host's wall clock, and the instants that they stand for."""

import json
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pytest

from singleuse_app.scheduling.availability import AvailabilitySchedule, DateOverride, WeeklyHours
from singleuse_app.scheduling.errors import InvalidAvailability
from singleuse_app.scheduling.intervals import Interval
from singleuse_app.scheduling.open_hours import open_intervals
from tests.scheduling.scenes import DAY, minute

CLOCK_CHANGES = json.loads((Path(__file__).parent / "data" / "clock_changes.json").read_text())["cases"]


def instant(text: str) -> datetime:
    return datetime.fromisoformat(text).astimezone(UTC)


def opened(schedule: AvailabilitySchedule, start: str, end: str) -> list[tuple[str, str]]:
    """The open stretches between two UTC times, as text."""
    found = open_intervals(schedule, Interval(instant(start + "Z"), instant(end + "Z")))
    return [(f"{i.start:%Y-%m-%dT%H:%M}", f"{i.end:%Y-%m-%dT%H:%M}") for i in found]


@pytest.mark.parametrize("written_as", ["weekly hours", "date override"])
@pytest.mark.parametrize("case", CLOCK_CHANGES, ids=lambda case: case["id"])
def test_hours_on_the_day_of_a_clock_change_are_the_instants_whose_wall_reading_lies_inside(
    case: dict, written_as: str
) -> None:
    day, hours = (date.fromisoformat(case["date"]), (minute(case["start"]), minute(case["end"])))
    if written_as == "weekly hours":
        schedule = AvailabilitySchedule(case["tz"], (WeeklyHours(day.weekday(), *hours),))
    else:
        schedule = AvailabilitySchedule(case["tz"], (), (DateOverride(day, (hours,)),))
    noon = datetime(day.year, day.month, day.day, 12, tzinfo=UTC)
    assert open_intervals(schedule, Interval(noon - 2 * DAY, noon + 2 * DAY)) == [
        Interval(instant(start), instant(end)) for start, end in case["windows_by_wall_clock_membership"]
    ]


def test_an_hour_that_the_clock_skips_is_never_open() -> None:
    schedule = AvailabilitySchedule("America/New_York", (WeeklyHours(6, minute("02:00"), minute("03:00")),))
    assert opened(schedule, "2026-03-08T00:00", "2026-03-09T00:00") == []
    assert opened(schedule, "2026-03-15T00:00", "2026-03-16T00:00") == [("2026-03-15T06:00", "2026-03-15T07:00")]


def test_part_of_a_repeated_hour_is_open_at_both_passes() -> None:
    schedule = AvailabilitySchedule("America/New_York", (WeeklyHours(6, minute("01:15"), minute("01:45")),))
    assert opened(schedule, "2026-11-01T00:00", "2026-11-02T00:00") == [
        ("2026-11-01T05:15", "2026-11-01T05:45"),
        ("2026-11-01T06:15", "2026-11-01T06:45"),
    ]


def test_a_clock_that_falls_back_over_midnight_opens_the_old_date_again() -> None:
    # At 02:00 on 5 March 2010 clocks at Casey station went back to 23:00 on 4 March, a Thursday.
    thursday_evening = AvailabilitySchedule("Antarctica/Casey", (WeeklyHours(3, minute("22:00"), minute("24:00")),))
    assert opened(thursday_evening, "2010-03-04T00:00", "2010-03-06T00:00") == [
        ("2010-03-04T11:00", "2010-03-04T13:00"),
        ("2010-03-04T15:00", "2010-03-04T16:00"),
    ]


def test_hours_keep_their_wall_time_on_both_sides_of_a_clock_change() -> None:
    schedule = AvailabilitySchedule("Europe/Berlin", (WeeklyHours(5, 540, 1020), WeeklyHours(0, 540, 1020)))
    assert opened(schedule, "2026-03-28T00:00", "2026-03-31T00:00") == [
        ("2026-03-28T08:00", "2026-03-28T16:00"),
        ("2026-03-30T07:00", "2026-03-30T15:00"),
    ]


def test_a_summer_time_of_one_week_moves_the_hours_of_that_week_alone() -> None:
    schedule = AvailabilitySchedule("America/Noronha", (WeeklyHours(1, 540, 600), WeeklyHours(6, 540, 600)))
    assert [start for start, _ in opened(schedule, "2000-10-01T00:00", "2000-10-19T00:00")] == [
        "2000-10-01T11:00",
        "2000-10-03T11:00",
        "2000-10-08T10:00",
        "2000-10-10T10:00",
        "2000-10-15T11:00",
        "2000-10-17T11:00",
    ]


def test_hours_belong_to_the_host_local_weekday() -> None:
    monday = (WeeklyHours(0, minute("08:00"), minute("10:00")),)
    week = ("2026-07-05T00:00", "2026-07-12T00:00")
    assert opened(AvailabilitySchedule("Pacific/Kiritimati", monday), *week) == [
        ("2026-07-05T18:00", "2026-07-05T20:00")
    ]
    assert opened(AvailabilitySchedule("Pacific/Pago_Pago", monday), *week) == [
        ("2026-07-06T19:00", "2026-07-06T21:00")
    ]


def test_hours_that_touch_at_midnight_are_one() -> None:
    schedule = AvailabilitySchedule("UTC", (WeeklyHours(1, 0, 120), WeeklyHours(0, 1320, 1440)))
    assert opened(schedule, "2026-07-06T00:00", "2026-07-08T00:00") == [("2026-07-06T22:00", "2026-07-07T02:00")]


def test_hours_that_overlap_are_one_in_any_order() -> None:
    hours = (WeeklyHours(0, 680, 760), WeeklyHours(0, 600, 720), WeeklyHours(0, 610, 620))
    assert opened(AvailabilitySchedule("UTC", hours), "2026-07-06T00:00", "2026-07-07T00:00") == [
        ("2026-07-06T10:00", "2026-07-06T12:40")
    ]


def test_an_override_replaces_all_the_hours_of_its_date_and_of_no_other() -> None:
    daily = tuple(WeeklyHours(weekday, 540, 600) for weekday in range(7))
    overrides = (DateOverride(date(2026, 7, 7), ((900, 960), (60, 120))), DateOverride(date(2026, 7, 8), ()))
    schedule = AvailabilitySchedule("UTC", daily, overrides)
    assert opened(schedule, "2026-07-06T00:00", "2026-07-10T00:00") == [
        ("2026-07-06T09:00", "2026-07-06T10:00"),
        ("2026-07-07T01:00", "2026-07-07T02:00"),
        ("2026-07-07T15:00", "2026-07-07T16:00"),
        ("2026-07-09T09:00", "2026-07-09T10:00"),
    ]


def test_open_stretches_are_clipped_to_the_microsecond() -> None:
    schedule = AvailabilitySchedule("UTC", tuple(WeeklyHours(weekday, 0, 1440) for weekday in range(7)))
    within = Interval(datetime(2026, 7, 6, 0, 0, 0, 7, UTC), datetime(2026, 7, 9, 0, 0, 0, 7, UTC))
    assert open_intervals(schedule, within) == [within]
    empty = Interval(within.start, within.start)
    assert open_intervals(schedule, empty) == []


def test_the_ends_of_the_calendar_are_closed_and_raise_nothing() -> None:
    schedule = AvailabilitySchedule("Pacific/Kiritimati", tuple(WeeklyHours(weekday, 0, 1440) for weekday in range(7)))
    first, last = datetime.min.replace(tzinfo=UTC), datetime.max.replace(tzinfo=UTC)
    assert open_intervals(schedule, Interval(first, first + DAY)) == []
    assert open_intervals(schedule, Interval(last - DAY, last)) == []


def test_a_naive_datetime_is_no_instant() -> None:
    aware = datetime(2026, 7, 6, tzinfo=UTC)
    naive = aware.replace(tzinfo=None)
    with pytest.raises(ValueError, match="needs a time zone"):
        Interval(naive, aware)
    with pytest.raises(ValueError, match="needs a time zone"):
        Interval(aware, naive)


def test_an_interval_is_kept_in_utc() -> None:
    start = datetime.fromisoformat("2026-07-06T09:00+02:00")
    assert Interval(start, start).start.isoformat() == "2026-07-06T07:00:00+00:00"


def test_an_interval_cannot_end_before_it_starts() -> None:
    start = datetime(2026, 7, 6, tzinfo=UTC)
    with pytest.raises(ValueError, match="before its start"):
        Interval(start, start - timedelta(microseconds=1))


@pytest.mark.parametrize(
    ("weekday", "start_minute", "end_minute", "code"),
    [
        (-1, 540, 600, "weekday_out_of_range"),
        (7, 540, 600, "weekday_out_of_range"),
        (0, -1, 600, "hours_out_of_range"),
        (0, 540, 1441, "hours_out_of_range"),
        (0, 1441, 1442, "hours_out_of_range"),
        (0, 540, 540, "hours_end_before_start"),
        (0, 1320, 120, "hours_end_before_start"),
    ],
)
def test_weekly_hours_that_make_no_sense_are_refused(
    weekday: int, start_minute: int, end_minute: int, code: str
) -> None:
    with pytest.raises(InvalidAvailability) as refusal:
        WeeklyHours(weekday, start_minute, end_minute)
    assert refusal.value.code == code


@pytest.mark.parametrize("hours", [(540, 540), (600, 540), (-1, 540), (540, 1441)])
def test_an_override_with_hours_that_make_no_sense_is_refused(hours: tuple[int, int]) -> None:
    with pytest.raises(InvalidAvailability):
        DateOverride(date(2026, 7, 6), ((0, 60), hours))


def test_two_overrides_of_one_date_are_refused() -> None:
    with pytest.raises(InvalidAvailability) as refusal:
        AvailabilitySchedule("UTC", (), (DateOverride(date(2026, 7, 6), ()), DateOverride(date(2026, 7, 6), ())))
    assert refusal.value.code == "date_override_repeated"


@pytest.mark.parametrize("name", ["", "Europe", "Europe/Atlantis", "europe/berlin", "../etc/passwd", "localtime"])
def test_a_zone_that_nobody_knows_is_refused(name: str) -> None:
    with pytest.raises(InvalidAvailability) as refusal:
        AvailabilitySchedule(name, ())
    assert (refusal.value.code, refusal.value.params) == ("time_zone_unknown", {"time_zone": name})
