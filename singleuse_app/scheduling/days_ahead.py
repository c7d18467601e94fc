"""What a schedule comes to on each of some dates, for its host to look at."""

from dataclasses import dataclass
from datetime import UTC, date, datetime, time
from zoneinfo import ZoneInfo

from singleuse_app.scheduling.availability import AvailabilitySchedule, Days, HoursFrom
from singleuse_app.scheduling.hours_text import Hours
from singleuse_app.scheduling.intervals import merge
from singleuse_app.scheduling.zones import DAY_SECONDS, date_of, day_number, local_midnight, steady_stretches


@dataclass(frozen=True, slots=True)
class DayAhead:
    """One date: its open hours as the wall clock shows them, what decides them, and the name of its holiday.

    ``clock_change`` is by how many minutes the clocks of the zone are put forward that day, or back if it is negative.
    """

    date: date
    hours: Hours
    hours_from: HoursFrom
    holiday: str = ""
    clock_change: int = 0


def days_ahead(schedule: AvailabilitySchedule, first: date, count: int) -> list[DayAhead]:
    """So many dates from ``first`` on. An hour that the clocks skip is nobody's, one that they repeat is told once.

    >>> from singleuse_app.scheduling.availability import WeeklyHours
    >>> nights = AvailabilitySchedule("Europe/Berlin", (WeeklyHours(6, 60, 240),))
    >>> [sunday] = days_ahead(nights, date(2026, 3, 29), 1)
    >>> sunday.hours, sunday.clock_change
    (((60, 120), (180, 240)), 60)
    """
    days = Days(schedule)
    return [_day_ahead(schedule, days, day) for day in range(day_number(first), day_number(first) + count)]


def _day_ahead(schedule: AvailabilitySchedule, days: Days, day: int) -> DayAhead:
    hours_from, spans = days.look_up(day)
    zone = schedule.time_zone
    stretches = steady_stretches(zone, local_midnight(zone, day), local_midnight(zone, day + 1))
    readings = [(first + offset, last + offset) for first, last, offset in stretches]
    midnight = day * DAY_SECONDS
    shown = [
        (max(opens + midnight, first) - midnight, min(closes + midnight, last) - midnight)
        for opens, closes in spans
        for first, last in readings
    ]
    holiday = ""
    if hours_from is HoursFrom.HOLIDAY and schedule.holidays:
        holiday = schedule.holidays.names(date_of(day).year)[day]
    return DayAhead(
        date=date_of(day),
        hours=tuple((opens // 60, closes // 60) for opens, closes in merge(shown)),
        hours_from=hours_from,
        holiday=holiday,
        clock_change=(stretches[-1][2] - stretches[0][2]) // 60 if stretches else 0,
    )


def instants_of(zone: str, day: date, minute: int) -> list[datetime]:
    """When the wall clock of a zone shows a minute of a date: once, or never, or twice where the clocks are changed.

    >>> [len(instants_of("Europe/Berlin", date(2026, month, day), 150)) for month, day in ((3, 29), (7, 1), (10, 25))]
    [0, 1, 2]
    """
    wall = datetime.combine(day, time(minute // 60, minute % 60))
    both = {wall.replace(tzinfo=ZoneInfo(zone), fold=fold).astimezone(UTC) for fold in (0, 1)}
    return sorted(at for at in both if at.astimezone(ZoneInfo(zone)).replace(tzinfo=None) == wall)
