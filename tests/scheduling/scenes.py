"""Short words for the examples: hours, instants, and the starts that come of them."""

from collections.abc import Iterable
from datetime import UTC, datetime, timedelta

from singleuse_app.scheduling.availability import AvailabilitySchedule, WeeklyHours
from singleuse_app.scheduling.intervals import Interval
from singleuse_app.scheduling.slot_rules import SlotRules
from singleuse_app.scheduling.slots import available_slots

MINUTE, HOUR, DAY, SECOND = (timedelta(minutes=1), timedelta(hours=1), timedelta(days=1), timedelta(seconds=1))
TICK = timedelta(microseconds=1)
LONG_AGO = datetime(2000, 1, 1, tzinfo=UTC)
HOURLY = SlotRules(duration=HOUR, start_time_increment=HOUR)
ALWAYS = tuple(WeeklyHours(weekday, 0, 1440) for weekday in range(7))


def at(text: str) -> datetime:
    """A UTC instant: ``at("2026-07-06T09:00")``."""
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


def taken(start: str, end: str) -> Interval:
    return Interval(at(start), at(end))


def minute(text: str) -> int:
    """Minutes since midnight: ``minute("09:30")``."""
    hours, minutes = text.split(":")
    return int(hours) * 60 + int(minutes)


def weekly(start: str, end: str, *weekdays: int) -> tuple[WeeklyHours, ...]:
    """The same hours on each of the weekdays, or on every day."""
    return tuple(WeeklyHours(day, minute(start), minute(end)) for day in weekdays or range(7))


def daily(time_zone: str, start: str, end: str, *weekdays: int) -> AvailabilitySchedule:
    """The same hours on each of the weekdays, or on every day."""
    return AvailabilitySchedule(time_zone, weekly(start, end, *weekdays))


def starts(
    schedule: AvailabilitySchedule,
    first: str,
    days: int = 1,
    *,
    rules: SlotRules = HOURLY,
    busy: tuple[Interval, ...] = (),
    now: datetime = LONG_AGO,
    booked: Iterable[datetime] = (),
) -> list[str]:
    """The starts in some days from 00:00 UTC of a date on, as ``dd HH:MM`` in UTC."""
    begin = at(f"{first}T00:00")
    within = Interval(begin, begin + days * DAY)
    slots = available_slots(rules, schedule, busy, now=now, within=within, booked=booked)
    return [f"{slot.start:%d %H:%M}" for slot in slots]
