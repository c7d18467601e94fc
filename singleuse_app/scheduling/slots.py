"""Which starts are on offer: the one function that draws the page and that judges a booking.

Candidates sit on a grid. It starts where a window of open hours starts and steps by the start-time increment; what is
busy, too soon or too late removes candidates and moves none. A window that stays open for more than a week, around the
clock, has a grid of each day's own from then on: at every local midnight that lies over seven days after the window's
start, the grid starts afresh. So a start is found, or not, whatever range is asked for, by looking back nine days; or
one, where something was closed on it.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from singleuse_app.scheduling.availability import (
    DAY_SECONDS,
    AvailabilitySchedule,
    local_date,
    local_midnight,
    open_windows,
)
from singleuse_app.scheduling.errors import InvalidAvailability
from singleuse_app.scheduling.intervals import Interval, Span, as_instant, ceil_epoch, floor_epoch, from_epoch, merge

_SECOND = timedelta(seconds=1)
_MINUTE = timedelta(minutes=1)
_DAY = timedelta(days=1)

_LIMITS = {
    "duration": (_MINUTE, _DAY),
    "start_time_increment": (_MINUTE, _DAY),
    "before_buffer": (timedelta(0), _DAY),
    "after_buffer": (timedelta(0), _DAY),
    "minimum_notice": (timedelta(0), 365 * _DAY),
}
_MAX_BOOKING_WINDOW_DAYS = 730

_LONGEST_GRID = 7 * DAY_SECONDS
# Far enough back to meet the grid of any instant, for no local day lasts two.
_LOOK_BACK = _LONGEST_GRID + 2 * DAY_SECONDS


@dataclass(frozen=True, slots=True)
class SlotRules:
    """How an event type cuts slots out of open hours. Times are whole minutes.

    duration
        How long the meeting lasts, 1 minute to 24 hours; all of it lies inside the open hours.
    start_time_increment
        The spacing of the grid, 1 minute to 24 hours.
    before_buffer, after_buffer
        What must be free around the meeting, up to 24 hours; it may stick out of the open hours.
    minimum_notice
        How long before its start a meeting must be booked, up to 365 days.
    booking_window_days
        The last date to book on, counted from the host's today, 0 to 730; ``None`` for no last date.

    Raises ``InvalidAvailability`` for anything else.

    >>> half_hour = timedelta(minutes=30)
    >>> SlotRules(duration=half_hour, start_time_increment=half_hour).minimum_notice
    datetime.timedelta(0)
    """

    duration: timedelta
    start_time_increment: timedelta
    before_buffer: timedelta = timedelta(0)
    after_buffer: timedelta = timedelta(0)
    minimum_notice: timedelta = timedelta(0)
    booking_window_days: int | None = None

    def __post_init__(self) -> None:
        for field, (least, most) in _LIMITS.items():
            value = getattr(self, field)
            if not least <= value <= most:
                raise InvalidAvailability(
                    "rule_out_of_range", field=field, least_minutes=least // _MINUTE, most_minutes=most // _MINUTE
                )
            if value % _MINUTE:
                raise InvalidAvailability("rule_not_whole_minutes", field=field)
        days = self.booking_window_days
        if days is not None and not 0 <= days <= _MAX_BOOKING_WINDOW_DAYS:
            raise InvalidAvailability("booking_window_out_of_range", least_days=0, most_days=_MAX_BOOKING_WINDOW_DAYS)


@dataclass(frozen=True, slots=True, order=True)
class Slot:
    """A start and an end on offer, as UTC instants. It says nothing once anything has been booked since."""

    start: datetime
    end: datetime


def available_slots(
    rules: SlotRules, schedule: AvailabilitySchedule, busy: Sequence[Interval], *, now: datetime, within: Interval
) -> list[Slot]:
    """The slots that start inside ``within``, in order.

    ``busy`` holds what is taken, each with its own buffers and in any order; the new meeting's buffers are added here.
    It must know all that lies from ``within.start - before_buffer`` to ``within.end + duration + after_buffer``.
    ``within`` bounds the starts and never changes which there are: ``Interval(start, start + timedelta(seconds=1))``
    asks whether one start is on offer. The work grows with its length, which the caller bounds. Raises ``ValueError``
    for a naive ``now``.

    >>> from datetime import UTC
    >>> from singleuse_app.scheduling.availability import WeeklyHours
    >>> monday = datetime(2026, 7, 6, tzinfo=UTC)
    >>> rules = SlotRules(duration=timedelta(minutes=30), start_time_increment=timedelta(minutes=30))
    >>> mornings = AvailabilitySchedule("Europe/Berlin", (WeeklyHours(0, 9 * 60, 10 * 60),))
    >>> slots = available_slots(rules, mornings, [], now=monday, within=Interval(monday, monday + timedelta(days=1)))
    >>> [f"{slot.start:%H:%M}" for slot in slots]
    ['07:00', '07:30']
    """
    now = as_instant(now)
    soonest = ceil_epoch(now + rules.minimum_notice) if rules.minimum_notice else floor_epoch(now) + 1
    first, stop = max(ceil_epoch(within.start), soonest), ceil_epoch(within.end)
    if rules.booking_window_days is None:
        starts = _free_starts(rules, schedule, busy, first, stop)
    else:
        last_date = local_date(schedule, floor_epoch(now)) + rules.booking_window_days * _DAY
        last_midnight = local_midnight(schedule, last_date)
        stop = min(stop, local_midnight(schedule, last_date + 2 * _DAY))
        starts = (
            start
            for start in _free_starts(rules, schedule, busy, first, stop)
            if start < last_midnight or local_date(schedule, start) <= last_date
        )
    return [Slot(from_epoch(start), from_epoch(start) + rules.duration) for start in starts]


def _free_starts(
    rules: SlotRules, schedule: AvailabilitySchedule, busy: Sequence[Interval], first: int, stop: int
) -> Iterator[int]:
    """The starts in ``[first, stop)`` on the grids of the open windows, without those that collide: one sweep."""
    if first >= stop:
        return
    duration, step, before, after = (
        value // _SECOND
        for value in (rules.duration, rules.start_time_increment, rules.before_buffer, rules.after_buffer)
    )
    # A start collides with [a, b) if start - before < b and a < start + duration + after.
    collisions = merge(
        (floor_epoch(block.start) - duration - after + 1, ceil_epoch(block.end) + before)
        for block in busy
        if block.start < block.end
    )
    ahead = iter([*collisions, (stop, stop)])
    taken_from, taken_to = next(ahead)
    for window in _windows_from_their_start(schedule, first, stop + duration):
        for anchor, end in _grids(schedule, window):
            start = _on_grid(anchor, step, first)
            limit = min(end, window[1] - duration + 1, stop)
            while start < limit:
                while taken_to <= start:
                    taken_from, taken_to = next(ahead)
                if start < taken_from:
                    yield start
                    start += step
                else:
                    start = _on_grid(anchor, step, taken_to)


def _windows_from_their_start(schedule: AvailabilitySchedule, first: int, end: int) -> list[Span]:
    """The open windows until ``end``; those that ``first`` or later lies in, from their start or far enough back."""
    windows = open_windows(schedule, first - DAY_SECONDS, end)
    if windows and windows[0][0] == first - DAY_SECONDS and windows[0][1] > first:  # it may have opened before
        return open_windows(schedule, first - _LOOK_BACK, end)
    return windows


def _grids(schedule: AvailabilitySchedule, window: Span) -> Iterator[Span]:
    """The parts of a window that have a grid of their own: it starts with them. Nearly always, the window itself."""
    start, end = window
    anchor = start
    if end - start > _LONGEST_GRID:
        day = local_date(schedule, start + _LONGEST_GRID)
        while (midnight := local_midnight(schedule, day)) < end:
            if midnight - start > _LONGEST_GRID:
                yield anchor, midnight
                anchor = midnight
            day += _DAY
    yield anchor, end


def _on_grid(anchor: int, step: int, earliest: int) -> int:
    """The first point of the grid that is not before ``earliest``."""
    return anchor + max(0, -((anchor - earliest) // step)) * step
