"""What decides the hours of a date: an override, a day off, or the weekly hours with those that recur."""

from datetime import date

import pytest

from singleuse_app.scheduling.availability import AvailabilitySchedule, DateOverride, Days, HoursFrom
from singleuse_app.scheduling.intervals import Interval
from singleuse_app.scheduling.open_hours import open_intervals
from singleuse_app.scheduling.public_holidays import PublicHolidays
from singleuse_app.scheduling.recurrence import Recurrence
from singleuse_app.scheduling.zones import day_number
from tests.scheduling.scenes import DAY, at, weekly

OFFICE = weekly("09:00", "17:00", 0, 1, 2, 3, 4)
MONDAY = date(2026, 7, 6)
BERLIN, BAVARIA = PublicHolidays("DE", "BE"), PublicHolidays("DE", "BY")
MORNING, EVENING = ((540, 720),), ((1080, 1200),)


def hours_on(day: date, schedule: AvailabilitySchedule) -> list[str]:
    """The open hours of a date in a zone without offset, as text."""
    start = at(f"{day}T00:00")
    found = open_intervals(schedule, Interval(start, start + DAY))
    return [f"{part.start:%H:%M}-{part.end:%H:%M}" for part in found]


def office(
    *overrides: DateOverride, recurrences: tuple[Recurrence, ...] = (), holidays: PublicHolidays | None = None
) -> AvailabilitySchedule:
    return AvailabilitySchedule("UTC", OFFICE, overrides, recurrences, holidays)


def test_every_second_friday_from_nine_to_twelve() -> None:
    fridays = Recurrence("FREQ=WEEKLY;INTERVAL=2;BYDAY=FR", date(2026, 7, 3), MORNING)
    schedule = AvailabilitySchedule("UTC", (), (), (fridays,))
    found = {day: hours_on(date(2026, 7, day), schedule) for day in range(1, 32)}
    assert {day: hours for day, hours in found.items() if hours} == {day: ["09:00-12:00"] for day in (3, 17, 31)}


def test_the_first_monday_of_the_month_off() -> None:
    schedule = office(recurrences=(Recurrence("FREQ=MONTHLY;BYDAY=1MO", date(2026, 1, 1)),))
    assert hours_on(MONDAY, schedule) == []
    assert hours_on(date(2026, 7, 13), schedule) == ["09:00-17:00"]
    assert hours_on(date(2026, 8, 3), schedule) == []


def test_recurring_hours_are_added_to_the_weekly_ones() -> None:
    later = Recurrence("FREQ=WEEKLY", MONDAY, EVENING)
    overlapping = Recurrence("FREQ=DAILY;INTERVAL=7", MONDAY, ((480, 600),))
    assert hours_on(MONDAY, office(recurrences=(later, overlapping))) == ["08:00-17:00", "18:00-20:00"]
    assert hours_on(date(2026, 7, 7), office(recurrences=(later, overlapping))) == ["09:00-17:00"]


def test_a_recurring_day_off_beats_weekly_and_recurring_hours_in_any_order() -> None:
    off, evening = Recurrence("FREQ=WEEKLY", MONDAY), Recurrence("FREQ=DAILY", MONDAY, EVENING)
    for rules in ((off, evening), (evening, off)):
        assert hours_on(MONDAY, office(recurrences=rules)) == []
        assert hours_on(date(2026, 7, 7), office(recurrences=rules)) == ["09:00-17:00", "18:00-20:00"]


def test_an_override_beats_a_recurring_day_off_and_recurring_hours() -> None:
    override = DateOverride(MONDAY, MORNING)
    for hours in ((), EVENING):
        assert hours_on(MONDAY, office(override, recurrences=(Recurrence("FREQ=DAILY", MONDAY, hours),))) == [
            "09:00-12:00"
        ]


def test_a_public_holiday_beats_weekly_and_recurring_hours() -> None:
    evenings = Recurrence("FREQ=DAILY", date(2026, 1, 1), EVENING)
    schedule = office(recurrences=(evenings,), holidays=BERLIN)
    assert hours_on(date(2026, 12, 25), schedule) == []
    assert hours_on(date(2026, 12, 24), schedule) == ["09:00-17:00", "18:00-20:00"]


def test_the_eighth_of_march_is_off_in_berlin_and_not_in_bavaria() -> None:
    womens_day = date(2027, 3, 8)  # a Monday
    assert hours_on(womens_day, office(holidays=BERLIN)) == []
    assert hours_on(womens_day, office(holidays=BAVARIA)) == ["09:00-17:00"]
    assert hours_on(womens_day, office(holidays=PublicHolidays("DE"))) == ["09:00-17:00"]


def test_a_holiday_that_is_switched_back_on_has_its_usual_hours() -> None:
    womens_day, unity_day = date(2027, 3, 8), date(2028, 10, 3)
    evenings = Recurrence("FREQ=DAILY", date(2026, 1, 1), EVENING)
    works = PublicHolidays("DE", "BE", worked=frozenset({womens_day}))
    schedule = office(recurrences=(evenings,), holidays=works)
    assert hours_on(womens_day, schedule) == ["09:00-17:00", "18:00-20:00"]
    assert hours_on(unity_day, schedule) == []


def test_a_holiday_that_is_switched_back_on_can_still_be_a_recurring_day_off() -> None:
    womens_day = date(2027, 3, 8)
    works = PublicHolidays("DE", "BE", worked=frozenset({womens_day}))
    off = Recurrence("FREQ=WEEKLY", womens_day)
    assert hours_on(womens_day, office(recurrences=(off,), holidays=works)) == []


def test_an_override_beats_a_public_holiday() -> None:
    christmas = date(2026, 12, 25)
    assert hours_on(christmas, office(DateOverride(christmas, MORNING), holidays=BERLIN)) == ["09:00-12:00"]


def test_an_override_without_hours_closes_a_worked_holiday() -> None:
    christmas = date(2026, 12, 25)
    works = PublicHolidays("DE", "BE", worked=frozenset({christmas}))
    assert hours_on(christmas, office(DateOverride(christmas, ()), holidays=works)) == []


def test_a_holiday_is_a_date_of_the_hosts_zone() -> None:
    around_the_clock = weekly("00:00", "24:00")
    schedule = AvailabilitySchedule("Asia/Tokyo", around_the_clock, (), (), PublicHolidays("JP"))
    start = at("2026-01-10T00:00")  # Coming of Age Day is Monday, 12 January
    found = open_intervals(schedule, Interval(start, start + 5 * DAY))
    assert [(part.start, part.end) for part in found] == [
        (start, at("2026-01-11T15:00")),
        (at("2026-01-12T15:00"), start + 5 * DAY),
    ]


@pytest.mark.parametrize(
    ("day", "decided_by"),
    [
        (date(2026, 12, 23), HoursFrom.WEEK),
        (date(2026, 12, 24), HoursFrom.OVERRIDE),
        (date(2026, 12, 25), HoursFrom.HOLIDAY),
        (date(2026, 12, 28), HoursFrom.DAY_OFF),
    ],
)
def test_what_decides_a_date_can_be_told(day: date, decided_by: HoursFrom) -> None:
    off = Recurrence("FREQ=WEEKLY;BYDAY=MO", MONDAY)
    schedule = office(DateOverride(date(2026, 12, 24), MORNING), recurrences=(off,), holidays=BERLIN)
    assert Days(schedule).look_up(day_number(day))[0] is decided_by
