"""When a host is open: what a schedule says of each date on the wall clock of the host's zone.

A date's hours come from the first of these that speaks of it: a date override; a day off, be it a public holiday or one
that recurs; the weekly hours and those that recur, together.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from enum import StrEnum

from singleuse_app.scheduling.errors import InvalidAvailability
from singleuse_app.scheduling.intervals import Span
from singleuse_app.scheduling.public_holidays import PublicHolidays
from singleuse_app.scheduling.recurrence import Recurrence, days_of
from singleuse_app.scheduling.zones import date_of, day_number, known_time_zones

DAY_MINUTES = 1440

MAX_WEEKLY_HOURS = 100
MAX_OVERRIDES = 1000
MAX_RECURRENCES = 50
MAX_HOURS_A_DAY = 24
"""Of one override, or of one recurrence."""

_EPOCH_WEEKDAY = date(1970, 1, 1).weekday()


@dataclass(frozen=True, slots=True)
class WeeklyHours:
    """Open hours that recur on one weekday (0 is Monday), in minutes of the wall clock since local midnight.

    1440 is 24:00, the midnight that ends the day; hours that reach past midnight are written as two. Raises
    ``InvalidAvailability`` for a weekday outside 0 to 6, a minute outside 0 to 1440, and an end that is not after its
    start.

    >>> WeeklyHours(weekday=0, start_minute=9 * 60, end_minute=17 * 60).end_minute
    1020
    """

    weekday: int
    start_minute: int
    end_minute: int

    def __post_init__(self) -> None:
        if not 0 <= self.weekday <= 6:
            raise InvalidAvailability("weekday_out_of_range", weekday=self.weekday)
        check_hours([(self.start_minute, self.end_minute)])


@dataclass(frozen=True, slots=True)
class DateOverride:
    """The hours of one local date, in place of its weekly ones: pairs of start and end minute; none is a day off.

    Raises ``InvalidAvailability`` for hours that :class:`WeeklyHours` would refuse too.

    >>> DateOverride(date(2026, 12, 24), hours=((9 * 60, 12 * 60),)).hours
    ((540, 720),)
    """

    date: date
    hours: tuple[tuple[int, int], ...]

    def __post_init__(self) -> None:
        check_hours(self.hours)


@dataclass(frozen=True, slots=True)
class AvailabilitySchedule:
    """A host's open hours in one IANA zone. Hours may come in any order, touch and overlap.

    Raises ``InvalidAvailability`` for a zone that nobody knows, for two overrides of one date, for recurring hours that
    make no sense, and for more than 100 weekly hours, 1000 overrides or 50 recurrences.

    >>> AvailabilitySchedule("Europe/Berlin", (WeeklyHours(0, 540, 1020),)).date_overrides
    ()
    """

    time_zone: str
    weekly_hours: tuple[WeeklyHours, ...]
    date_overrides: tuple[DateOverride, ...] = ()
    recurrences: tuple[Recurrence, ...] = ()
    holidays: PublicHolidays | None = None

    def __post_init__(self) -> None:
        if self.time_zone not in known_time_zones():
            raise InvalidAvailability("time_zone_unknown", time_zone=self.time_zone)
        dates = [override.date for override in self.date_overrides]
        if len(set(dates)) < len(dates):
            raise InvalidAvailability("date_override_repeated")
        for recurrence in self.recurrences:
            check_hours(recurrence.hours)
        for entries, most in (
            (self.weekly_hours, MAX_WEEKLY_HOURS),
            (self.date_overrides, MAX_OVERRIDES),
            (self.recurrences, MAX_RECURRENCES),
        ):
            if len(entries) > most:
                raise InvalidAvailability("too_many_entries", most=most)


class HoursFrom(StrEnum):
    """Which part of a schedule decides a date."""

    WEEK = "week"
    OVERRIDE = "override"
    HOLIDAY = "holiday"
    DAY_OFF = "day_off"


class Days:
    """What a schedule says of each date, read once for many dates. Days count from 1 January 1970, hours in seconds."""

    def __init__(self, schedule: AvailabilitySchedule) -> None:
        self._schedule = schedule
        self._plain = not schedule.recurrences and schedule.holidays is None
        self._weekly: list[list[Span]] = [[] for _ in range(7)]
        for hours in schedule.weekly_hours:
            # by the rest of the day's number: the first day of all was a Thursday
            same_days = self._weekly[(hours.weekday - _EPOCH_WEEKDAY) % 7]
            same_days += _in_seconds([(hours.start_minute, hours.end_minute)])
        self._overrides = {day_number(other.date): _in_seconds(other.hours) for other in schedule.date_overrides}

    def hours(self, day: int) -> list[Span]:
        """The open hours of a date."""
        if day in self._overrides:
            return self._overrides[day]
        if self._plain:
            return self._weekly[day % 7]
        return self.look_up(day)[1]

    def look_up(self, day: int) -> tuple[HoursFrom, list[Span]]:
        """The open hours of a date, and what decides them."""
        if day in self._overrides:
            return HoursFrom.OVERRIDE, self._overrides[day]
        day_of, schedule = date_of(day), self._schedule
        if schedule.holidays and day in schedule.holidays.names(day_of.year) and day_of not in schedule.holidays.worked:
            return HoursFrom.HOLIDAY, []
        today = [rule for rule in schedule.recurrences if day in days_of(rule.rrule, rule.start, day_of.year)]
        if not all(rule.hours for rule in today):
            return HoursFrom.DAY_OFF, []
        more = [hours for rule in today for hours in _in_seconds(rule.hours)]
        return HoursFrom.WEEK, self._weekly[day % 7] + more


def _in_seconds(hours: Iterable[tuple[int, int]]) -> list[Span]:
    return [(opens * 60, closes * 60) for opens, closes in hours]


def check_hours(hours: Iterable[tuple[int, int]]) -> None:
    """Raise ``InvalidAvailability`` for hours of a day that make no sense, and for too many of them."""
    for number, (start_minute, end_minute) in enumerate(hours):
        if number == MAX_HOURS_A_DAY:
            raise InvalidAvailability("too_many_entries", most=MAX_HOURS_A_DAY)
        if not (0 <= start_minute <= DAY_MINUTES and 0 <= end_minute <= DAY_MINUTES):
            raise InvalidAvailability("hours_out_of_range", start_minute=start_minute, end_minute=end_minute)
        if end_minute <= start_minute:
            raise InvalidAvailability("hours_end_before_start", start_minute=start_minute, end_minute=end_minute)
