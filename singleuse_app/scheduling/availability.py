"""When a host is open: hours on the wall clock of the host's zone, and the instants that they stand for.

The rule is *membership*: an instant is open if and only if its wall-clock reading in the host's zone lies inside the
hours of its local date. So an hour that the clock skips vanishes, an hour that it repeats is open twice, and no hours
are ever moved. This is the only module that knows wall time.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, time
from functools import cache
from zoneinfo import ZoneInfo, available_timezones

from singleuse_app.scheduling.errors import InvalidAvailability
from singleuse_app.scheduling.intervals import Interval, Span, ceil_epoch, floor_epoch, from_epoch, merge

DAY_MINUTES = 1440
DAY_SECONDS = 86_400

_EPOCH_ORDINAL = date(1970, 1, 1).toordinal()
_EPOCH_WEEKDAY = date(1970, 1, 1).weekday()

# Local dates near the ends of the calendar cannot be written in every zone; nothing is open there.
_CALENDAR = (-62_135_000_000, 253_402_000_000)


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
        _check_hours(self.start_minute, self.end_minute)


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
        for start_minute, end_minute in self.hours:
            _check_hours(start_minute, end_minute)


@dataclass(frozen=True, slots=True)
class AvailabilitySchedule:
    """A host's open hours in one IANA zone. Hours may come in any order, touch and overlap.

    Raises ``InvalidAvailability`` for a zone that nobody knows, and for two overrides of one date.

    >>> AvailabilitySchedule("Europe/Berlin", (WeeklyHours(0, 540, 1020),)).date_overrides
    ()
    """

    time_zone: str
    weekly_hours: tuple[WeeklyHours, ...]
    date_overrides: tuple[DateOverride, ...] = ()

    def __post_init__(self) -> None:
        if self.time_zone not in known_time_zones():
            raise InvalidAvailability("time_zone_unknown", time_zone=self.time_zone)
        dates = [override.date for override in self.date_overrides]
        if len(set(dates)) < len(dates):
            raise InvalidAvailability("date_override_repeated")


@cache
def known_time_zones() -> frozenset[str]:
    """The names of all IANA time zones, without the two that mean "wherever this machine is"."""
    return frozenset(available_timezones() - {"localtime", "Factory"})


def open_intervals(schedule: AvailabilitySchedule, within: Interval) -> list[Interval]:
    """The open stretches inside ``within``, in order; those that touch, as at midnight, are one.

    >>> monday = Interval(datetime(2026, 7, 6, tzinfo=UTC), datetime(2026, 7, 7, tzinfo=UTC))
    >>> [open] = open_intervals(AvailabilitySchedule("Europe/Berlin", (WeeklyHours(0, 540, 1020),)), monday)
    >>> f"{open.start:%H:%M}-{open.end:%H:%M} UTC"
    '07:00-15:00 UTC'
    """
    if within.start == within.end:
        return []
    windows = open_windows(schedule, floor_epoch(within.start), ceil_epoch(within.end))
    return [Interval(max(from_epoch(a), within.start), min(from_epoch(b), within.end)) for a, b in windows]


def open_windows(schedule: AvailabilitySchedule, start: int, end: int) -> list[Span]:
    """:func:`open_intervals` in epoch seconds, for the engine."""
    weekly: list[list[Span]] = [[] for _ in range(7)]
    for hours in schedule.weekly_hours:
        weekly[hours.weekday].append((hours.start_minute * 60, hours.end_minute * 60))
    overrides = {
        override.date.toordinal() - _EPOCH_ORDINAL: [(a * 60, b * 60) for a, b in override.hours]
        for override in schedule.date_overrides
    }
    windows: list[Span] = []
    for first, last, offset in _steady_stretches(ZoneInfo(schedule.time_zone), start, end):
        for day in range((first + offset) // DAY_SECONDS, (last - 1 + offset) // DAY_SECONDS + 1):
            midnight = day * DAY_SECONDS - offset
            for opens, closes in overrides.get(day, weekly[(day + _EPOCH_WEEKDAY) % 7]):
                windows.append((max(midnight + opens, first), min(midnight + closes, last)))
    return merge(windows)


def local_date(schedule: AvailabilitySchedule, seconds: int) -> date:
    """The host's date at an instant, given in epoch seconds."""
    return datetime.fromtimestamp(seconds, ZoneInfo(schedule.time_zone)).date()


def local_midnight(schedule: AvailabilitySchedule, day: date) -> int:
    """The epoch second at which the host's clock first shows, or jumps over, 00:00 of ``day``."""
    return int(datetime.combine(day, time(), ZoneInfo(schedule.time_zone)).timestamp())


def _steady_stretches(zone: ZoneInfo, start: int, end: int) -> Iterator[tuple[int, int, int]]:
    """The stretches of ``[start, end)`` over which the zone keeps one UTC offset: first, last, offset in seconds.

    Looks once a day and bisects where the offset differs. That misses a change only if it is undone within a day;
    from 2000 to 2037 the shortest-lived offset of the IANA database stays for almost a week (America/Noronha, 2000).
    """
    start, end = max(start, _CALENDAR[0]), min(end, _CALENDAR[1])
    if start >= end:
        return

    def offset_at(seconds: int) -> int:
        return floor_epoch(datetime.fromtimestamp(seconds, zone).replace(tzinfo=UTC)) - seconds

    here, offset = start, offset_at(start)
    while here < end:
        there = min(here + DAY_SECONDS, end)
        if offset_at(there) != offset:
            while there - here > 1:
                middle = (here + there) // 2
                here, there = (middle, there) if offset_at(middle) == offset else (here, middle)
            yield start, there, offset
            start, offset = there, offset_at(there)
        here = there
    if start < end:
        yield start, end, offset


def _check_hours(start_minute: int, end_minute: int) -> None:
    if not (0 <= start_minute <= DAY_MINUTES and 0 <= end_minute <= DAY_MINUTES):
        raise InvalidAvailability("hours_out_of_range", start_minute=start_minute, end_minute=end_minute)
    if end_minute <= start_minute:
        raise InvalidAvailability("hours_end_before_start", start_minute=start_minute, end_minute=end_minute)
