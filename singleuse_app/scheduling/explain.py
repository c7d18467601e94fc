"""Why a time is not on offer, for the host who expected it to be."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from singleuse_app.scheduling.availability import AvailabilitySchedule, Days, HoursFrom
from singleuse_app.scheduling.intervals import Interval, as_instant, floor_epoch, from_epoch
from singleuse_app.scheduling.slot_rules import BookableDates, Period, SlotRules
from singleuse_app.scheduling.slots import grids_of, soonest_start, windows_from_their_start
from singleuse_app.scheduling.zones import date_of, local_day

_SECOND = timedelta(seconds=1)


class Reason(StrEnum):
    """What keeps a time from being on offer."""

    OUTSIDE_HOURS = "outside_hours"
    OVERRIDE = "override"
    HOLIDAY = "holiday"
    DAY_OFF = "day_off"
    GRID = "grid"
    NOTICE = "notice"
    BOOKING_WINDOW = "booking_window"
    CAP_DAY = "cap_day"
    CAP_WEEK = "cap_week"
    CAP_MONTH = "cap_month"
    BUSY = "busy"
    CALENDAR = "calendar"
    BUFFER = "buffer"


_CLOSED = {
    HoursFrom.WEEK: Reason.OUTSIDE_HOURS,
    HoursFrom.OVERRIDE: Reason.OVERRIDE,
    HoursFrom.HOLIDAY: Reason.HOLIDAY,
    HoursFrom.DAY_OFF: Reason.DAY_OFF,
}
_CAPS = {Period.DAY: Reason.CAP_DAY, Period.WEEK: Reason.CAP_WEEK, Period.MONTH: Reason.CAP_MONTH}


@dataclass(frozen=True, slots=True)
class WhyNot:
    """One reason. Where that is it, ``holiday`` or ``calendar`` is the name of the holiday, of the host's calendar."""

    reason: Reason
    holiday: str = ""
    calendar: str = ""


def explain(
    rules: SlotRules,
    schedule: AvailabilitySchedule,
    busy: Sequence[Interval],
    start: datetime,
    *,
    now: datetime,
    booked: Iterable[datetime] = (),
    calendars: Sequence[tuple[str, Interval]] = (),
) -> list[WhyNot]:
    """All that keeps a meeting from starting at ``start``; nothing, if and only if ``available_slots`` offers it.

    ``busy`` and ``booked`` are as there; ``calendars`` are further busy times, each with the name of the calendar that
    has it. What the host is busy with is not told, nor which of the meetings counted.
    Hours come first, then the host's other rules, then what is booked. Raises ``ValueError`` for a naive datetime.

    >>> from datetime import UTC
    >>> from singleuse_app.scheduling.availability import WeeklyHours
    >>> half_hour, monday = timedelta(minutes=30), datetime(2026, 7, 6, tzinfo=UTC)
    >>> rules = SlotRules(duration=half_hour, start_time_increment=half_hour)
    >>> mornings = AvailabilitySchedule("UTC", (WeeklyHours(0, 9 * 60, 10 * 60),))
    >>> [why.reason.value for why in explain(rules, mornings, [], monday.replace(hour=9, minute=45), now=monday)]
    ['outside_hours', 'grid']
    """
    start = as_instant(start)
    second, zone = floor_epoch(start), schedule.time_zone
    reasons = _of_the_hours(rules, schedule, start)
    if second < soonest_start(rules, now):
        reasons.append(WhyNot(Reason.NOTICE))
    dates = BookableDates(rules, zone, now=now, booked=booked)
    day = local_day(zone, second)
    if not dates.inside(day):
        reasons.append(WhyNot(Reason.BOOKING_WINDOW))
    reasons += [WhyNot(_CAPS[period]) for period in dates.reached(day)]
    end = start + rules.duration
    taken = [WhyNot(Reason.BUSY)] if _collides(busy, start, end) else []
    names = dict.fromkeys(name for name, block in calendars if _collides([block], start, end))
    taken += [WhyNot(Reason.CALENDAR, calendar=name) for name in names]
    if not taken:
        everything = [*busy, *(block for _, block in calendars)]
        if _collides(everything, start - rules.before_buffer, end + rules.after_buffer):
            taken = [WhyNot(Reason.BUFFER)]
    return reasons + taken


def _of_the_hours(rules: SlotRules, schedule: AvailabilitySchedule, start: datetime) -> list[WhyNot]:
    second, duration, step = floor_epoch(start), rules.duration // _SECOND, rules.start_time_increment // _SECOND
    windows = windows_from_their_start(schedule, second, second + duration, rules.hours)
    window = next(((opens, closes) for opens, closes in windows if opens <= second < closes), None)
    if window is None:
        return [_why_closed(schedule, second)]
    reasons = [] if second + duration <= window[1] else [_why_closed(schedule, window[1])]
    anchor = max(anchor for anchor, _ in grids_of(schedule.time_zone, window) if anchor <= second)
    if (second - anchor) % step or start != from_epoch(second):
        reasons.append(WhyNot(Reason.GRID))
    return reasons


def _why_closed(schedule: AvailabilitySchedule, second: int) -> WhyNot:
    day = local_day(schedule.time_zone, second)
    hours_from, _ = Days(schedule).look_up(day)
    holiday = ""
    if hours_from is HoursFrom.HOLIDAY and schedule.holidays:
        holiday = schedule.holidays.names(date_of(day).year)[day]
    return WhyNot(_CLOSED[hours_from], holiday)


def _collides(busy: Sequence[Interval], start: datetime, end: datetime) -> bool:
    return any(block.start < block.end and block.start < end and start < block.end for block in busy)
