"""The instants at which a host is open.

The rule is *membership*: an instant is open if and only if its wall-clock reading in the host's zone lies inside the
hours of its local date. So an hour that the clock skips vanishes, an hour that it repeats is open twice, and no hours
are ever moved.
"""

from collections.abc import Sequence

from singleuse_app.scheduling.availability import AvailabilitySchedule, Days
from singleuse_app.scheduling.intervals import Interval, Span, ceil_epoch, floor_epoch, from_epoch, merge
from singleuse_app.scheduling.zones import DAY_SECONDS, steady_stretches


def open_intervals(schedule: AvailabilitySchedule, within: Interval) -> list[Interval]:
    """The open stretches inside ``within``, in order; those that touch, as at midnight, are one.

    >>> from datetime import UTC, datetime
    >>> from singleuse_app.scheduling.availability import WeeklyHours
    >>> monday = Interval(datetime(2026, 7, 6, tzinfo=UTC), datetime(2026, 7, 7, tzinfo=UTC))
    >>> [open] = open_intervals(AvailabilitySchedule("Europe/Berlin", (WeeklyHours(0, 540, 1020),)), monday)
    >>> f"{open.start:%H:%M}-{open.end:%H:%M} UTC"
    '07:00-15:00 UTC'
    """
    if within.start == within.end:
        return []
    windows = open_windows(schedule, floor_epoch(within.start), ceil_epoch(within.end))
    return [Interval(max(from_epoch(a), within.start), min(from_epoch(b), within.end)) for a, b in windows]


def open_windows(
    schedule: AvailabilitySchedule, start: int, end: int, only: Sequence[tuple[int, int]] = ()
) -> list[Span]:
    """:func:`open_intervals` in epoch seconds, for the engine; ``only`` within these minutes of any day, if there are
    some."""
    hours_of = Days(schedule).hours
    windows: list[Span] = []
    for first, last, offset in steady_stretches(schedule.time_zone, start, end):
        for day in range((first + offset) // DAY_SECONDS, (last - 1 + offset) // DAY_SECONDS + 1):
            midnight = day * DAY_SECONDS - offset
            for opens, closes in _common(hours_of(day), only) if only else hours_of(day):
                windows.append((max(midnight + opens, first), min(midnight + closes, last)))
    return merge(windows)


def _common(hours: Sequence[Span], only: Sequence[tuple[int, int]]) -> list[Span]:
    """What lies in both, in seconds; ``only`` is in minutes. Where they miss one another, something that is empty."""
    return [(max(a, 60 * first), min(b, 60 * last)) for a, b in hours for first, last in only]
