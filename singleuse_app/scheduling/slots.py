"""Which starts are on offer: the one function that draws the page and that judges a booking.

Candidates sit on a grid. It starts where a window of open hours starts and steps by the start-time increment; what is
busy, too soon or too late removes candidates and moves none. A window that stays open for more than a week, around the
clock, has a grid of each day's own from then on: at every local midnight that lies over seven days after the window's
start, the grid starts afresh. So a start is found, or not, whatever range is asked for, by looking back nine days; or
one, where something was closed on it.
"""

from bisect import bisect_left, bisect_right
from collections.abc import Iterable, Sequence
from datetime import UTC, datetime, timedelta
from itertools import pairwise, repeat
from operator import add, attrgetter
from typing import NamedTuple

from singleuse_app.scheduling.availability import AvailabilitySchedule
from singleuse_app.scheduling.intervals import Interval, Span, as_instant, ceil_epoch, floor_epoch, from_epoch
from singleuse_app.scheduling.open_hours import open_windows
from singleuse_app.scheduling.slot_rules import BookableDates, Period, SlotRules
from singleuse_app.scheduling.zones import DAY_SECONDS, local_day, local_midnight, steady_stretches

_SECOND = timedelta(seconds=1)
_DAY = timedelta(days=1)

_NEVER = 2**62
_START = attrgetter("start")

_LONGEST_GRID = 7 * DAY_SECONDS
# Far enough back to meet the grid of any instant, for no local day lasts two.
_LOOK_BACK = _LONGEST_GRID + 2 * DAY_SECONDS


class Slot(NamedTuple):
    """A start and an end on offer, as UTC instants. It says nothing once anything has been booked since."""

    start: datetime
    end: datetime


def available_slots(
    rules: SlotRules,
    schedule: AvailabilitySchedule,
    busy: Sequence[Interval],
    *,
    now: datetime,
    within: Interval,
    booked: Iterable[datetime] = (),
) -> list[Slot]:
    """The slots that start inside ``within``, in order.

    ``busy`` holds what is taken, each with its own buffers and in any order; the new meeting's buffers are added here.
    It must know all that lies from ``within.start - before_buffer`` to ``within.end + duration + after_buffer``.
    ``booked`` are the starts that the caps count: those of the event type's live bookings, at least all inside
    :func:`counted_range`; without caps none is looked at.
    ``within`` bounds the starts and never changes which there are: ``Interval(start, start + timedelta(seconds=1))``
    asks whether one start is on offer. The work grows with its length, which the caller bounds. Raises ``ValueError``
    for a naive ``now``.

    >>> from singleuse_app.scheduling.availability import WeeklyHours
    >>> monday = datetime(2026, 7, 6, tzinfo=UTC)
    >>> rules = SlotRules(duration=timedelta(minutes=30), start_time_increment=timedelta(minutes=30))
    >>> mornings = AvailabilitySchedule("Europe/Berlin", (WeeklyHours(0, 9 * 60, 10 * 60),))
    >>> slots = available_slots(rules, mornings, [], now=monday, within=Interval(monday, monday + timedelta(days=1)))
    >>> [f"{slot.start:%H:%M}" for slot in slots]
    ['07:00', '07:30']
    """
    zone = schedule.time_zone
    dates = BookableDates(rules, zone, now=now, booked=booked)
    first, stop = max(ceil_epoch(within.start), soonest_start(rules, now)), ceil_epoch(within.end)
    if dates.first is not None:
        first = max(first, local_midnight(zone, dates.first - 1))
    if dates.last is not None:
        stop = min(stop, local_midnight(zone, dates.last + 2))
    return slots_at(_on(dates, zone, _free_starts(rules, schedule, busy, first, stop)), rules.duration)


def soonest_start(rules: SlotRules, now: datetime) -> int:
    """The first epoch second at which a meeting that is booked ``now`` may start."""
    now = as_instant(now)
    return ceil_epoch(now + rules.minimum_notice) if rules.minimum_notice else floor_epoch(now) + 1


def counted_range(rules: SlotRules, within: Interval) -> Interval | None:
    """Where the bookings lie that decide about starts inside ``within``, by the caps; ``None`` where there are none."""
    if not rules.caps:
        return None
    # whole months and weeks, and a day for clocks that fall back over midnight
    margin = 32 * _DAY if Period.MONTH in rules.caps else 8 * _DAY
    return Interval(within.start - margin, within.end + margin)


def slots_at(starts: Sequence[int], duration: timedelta) -> list[Slot]:
    """The slots that start at these epoch seconds."""
    instants = list(map(datetime.fromtimestamp, starts, repeat(UTC)))
    return list(map(tuple.__new__, repeat(Slot), zip(instants, map(add, instants, repeat(duration)), strict=True)))


def _free_starts(
    rules: SlotRules, schedule: AvailabilitySchedule, busy: Sequence[Interval], first: int, stop: int
) -> list[int]:
    """The starts in ``[first, stop)`` on the grids of the open windows, without those that collide: one sweep."""
    if first >= stop:
        return []
    duration, step, before, after = (
        value // _SECOND
        for value in (rules.duration, rules.start_time_increment, rules.before_buffer, rules.after_buffer)
    )
    grids = _grids(schedule, rules.hours, duration, step, first, stop)
    takes_from, free_from = _taken(busy, grids, duration + after, before)
    number, starts = 0, list[int]()
    for earliest, limit in grids:
        start = earliest
        while start < limit:
            number = bisect_right(takes_from, start, number)
            then = free_from[number]
            if then <= start:
                then = takes_from[number]
                starts.extend(range(start, min(limit, then), step))
            start -= (start - then) // step * step
    return starts


def _taken(busy: Sequence[Interval], grids: list[Span], reach: int, before: int) -> tuple[list[int], list[int]]:
    """From when on each busy block takes starts of the grids, and when so many blocks leave them again.

    A block [a, b) takes the starts after a - reach and before b + before, where reach is the duration and the buffer
    after it. Most blocks take none, for their time is closed anyway: to pass over those as they are costs least.
    """
    opens = [from_epoch(start - before) for start, _ in grids]
    closes = [from_epoch(limit - 1 + reach) for _, limit in grids]
    takes_from, free_from, latest, grid = list[int](), [-_NEVER], -_NEVER, 0
    for block in sorted(busy, key=_START):
        block_start, block_end = block.start, block.end
        while grid < len(grids) and closes[grid] <= block_start:
            grid += 1
        if grid == len(grids):
            break
        if opens[grid] < block_end and block_start < block_end:
            takes_from.append(floor_epoch(block_start) - reach + 1)
            latest = max(latest, ceil_epoch(block_end) + before)
            free_from.append(latest)
    takes_from.append(_NEVER)
    return takes_from, free_from


def _grids(  # noqa: PLR0917
    schedule: AvailabilitySchedule, only: Sequence[tuple[int, int]], duration: int, step: int, first: int, stop: int
) -> list[Span]:
    """The grids that starts in ``[first, stop)`` lie on: the first start of each, and the end of its starts."""
    grids = []
    for window in windows_from_their_start(schedule, first, stop + duration, only):
        for anchor, last in grids_of(schedule.time_zone, window):
            start, limit = _on_grid(anchor, step, first), min(last, window[1] - duration + 1, stop)
            if start < limit:
                grids.append((start, limit))
    return grids


def windows_from_their_start(
    schedule: AvailabilitySchedule, first: int, end: int, only: Sequence[tuple[int, int]] = ()
) -> list[Span]:
    """The open windows until ``end``; those that ``first`` or later lies in, from their start or far enough back."""
    windows = open_windows(schedule, first - DAY_SECONDS, end, only)
    if windows and windows[0][0] == first - DAY_SECONDS and windows[0][1] > first:  # it may have opened before
        return open_windows(schedule, first - _LOOK_BACK, end, only)
    return windows


def grids_of(zone: str, window: Span) -> list[Span]:
    """The parts of a window that have a grid of their own: it starts with them. Nearly always, the window itself."""
    start, end = window
    if end - start <= _LONGEST_GRID:
        return [window]
    anchors = [start]
    day = local_day(zone, start + _LONGEST_GRID)
    while (midnight := local_midnight(zone, day)) < end:
        if midnight - start > _LONGEST_GRID:
            anchors.append(midnight)
        day += 1
    return list(pairwise([*anchors, end]))


def _on_grid(anchor: int, step: int, earliest: int) -> int:
    """The first point of the grid that is not before ``earliest``."""
    return anchor + max(0, -((anchor - earliest) // step)) * step


def _on(dates: BookableDates, zone: str, starts: list[int]) -> list[int]:
    """Those of the starts, which are in order, that lie on bookable dates."""
    if not starts:
        return starts
    if not dates.capped:
        # Only near its ends does anything but the calendar tell what lies inside the booking window.
        sure_from = 0 if dates.first is None else bisect_left(starts, local_midnight(zone, dates.first + 1))
        sure_to = len(starts) if dates.last is None else bisect_left(starts, local_midnight(zone, dates.last))
        if sure_from <= sure_to:
            return [
                *(start for start in starts[:sure_from] if dates.inside(local_day(zone, start))),
                *starts[sure_from:sure_to],
                *(start for start in starts[sure_to:] if dates.inside(local_day(zone, start))),
            ]
    open_days: dict[int, bool] = {}
    found = []
    for first, last, offset in steady_stretches(zone, starts[0], starts[-1] + 1):
        for start in starts[bisect_left(starts, first) : bisect_left(starts, last)]:
            day = (start + offset) // DAY_SECONDS
            if day not in open_days:
                open_days[day] = dates.inside(day) and not dates.reached(day)
            if open_days[day]:
                found.append(start)
    return found
