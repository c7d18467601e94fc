"""What a schedule comes to on each date, as its host sees it."""

from datetime import UTC, date, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from singleuse_app.scheduling.availability import AvailabilitySchedule, DateOverride, HoursFrom, WeeklyHours
from singleuse_app.scheduling.days_ahead import days_ahead, instants_of
from singleuse_app.scheduling.intervals import Interval
from singleuse_app.scheduling.open_hours import open_intervals
from singleuse_app.scheduling.public_holidays import PublicHolidays
from singleuse_app.scheduling.recurrence import Recurrence

BERLIN = "Europe/Berlin"
SPRING, AUTUMN = date(2027, 3, 28), date(2027, 10, 31)
ALL_NIGHT = tuple(WeeklyHours(day, 60, 240) for day in range(7))


def test_each_date_says_what_decides_it() -> None:
    schedule = AvailabilitySchedule(
        BERLIN,
        tuple(WeeklyHours(day, 540, 1020) for day in range(5)),
        (DateOverride(date(2026, 12, 24), ((540, 720),)),),
        (Recurrence("FREQ=WEEKLY;BYDAY=TU", date(2026, 12, 1)),),
        PublicHolidays("DE"),
    )
    found = {day.date.day: day for day in days_ahead(schedule, date(2026, 12, 21), 7)}
    assert {number: day.hours_from for number, day in found.items()} == {
        21: HoursFrom.WEEK,
        22: HoursFrom.DAY_OFF,
        23: HoursFrom.WEEK,
        24: HoursFrom.OVERRIDE,
        25: HoursFrom.HOLIDAY,
        26: HoursFrom.HOLIDAY,
        27: HoursFrom.WEEK,
    }
    assert (found[24].hours, found[25].hours, found[25].holiday) == (((540, 720),), (), "Christmas Day")


def test_an_override_on_a_day_of_a_clock_change_loses_the_hour_that_is_skipped() -> None:
    overrides = (DateOverride(SPRING, ((90, 200),)), DateOverride(AUTUMN, ((90, 200),)))
    schedule = AvailabilitySchedule(BERLIN, (), overrides)
    [spring], [autumn] = days_ahead(schedule, SPRING, 1), days_ahead(schedule, AUTUMN, 1)
    assert (spring.hours, spring.clock_change) == (((90, 120), (180, 200)), 60)
    assert (autumn.hours, autumn.clock_change) == (((90, 200),), -60)


@given(
    st.sampled_from([BERLIN, "America/New_York", "Australia/Lord_Howe", "America/Havana", "Africa/Casablanca", "UTC"]),
    st.dates(date(2020, 1, 1), date(2035, 12, 31)),
)
def test_it_is_what_the_clock_shows_in_the_open_hours(zone: str, day: date) -> None:
    schedule = AvailabilitySchedule(zone, ALL_NIGHT)
    [ahead] = days_ahead(schedule, day, 1)
    noon = datetime(day.year, day.month, day.day, 12, tzinfo=UTC)
    opened = open_intervals(schedule, Interval(noon - timedelta(days=2), noon + timedelta(days=2)))
    for minute in range(0, 300, 10):
        shown = any(opens <= minute < closes for opens, closes in ahead.hours)
        instants = instants_of(zone, day, minute)
        assert shown == any(each.start <= at < each.end for at in instants for each in opened)
