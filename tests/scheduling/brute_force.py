"""The slots again, by brute force: minute by minute, asking ``zoneinfo`` what the host's clock shows.

It shares no code with the engine, only the values that both are given, and it can afford to take each rule literally:
recurrences are dateutil's from their real start on, public holidays what the holidays library says of a date.
"""

from collections.abc import Iterable, Iterator
from datetime import UTC, date, datetime, timedelta
from functools import cache
from zoneinfo import ZoneInfo

from dateutil.rrule import rrulestr
from holidays import HolidayBase, country_holidays

from singleuse_app.scheduling.availability import AvailabilitySchedule
from singleuse_app.scheduling.intervals import Interval
from singleuse_app.scheduling.recurrence import Recurrence
from singleuse_app.scheduling.slot_rules import SlotRules
from singleuse_app.scheduling.slots import Slot

MINUTE, DAY = (timedelta(minutes=1), timedelta(days=1))
EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
WEEK_MINUTES = 7 * 24 * 60

LONG_OPEN = WEEK_MINUTES + 3 * 24 * 60
"""Whoever has been open for so long has a grid of each day's own, whenever it was that they opened."""


def dates_by_dateutil(rrule: str, start: date, first: date, last: date) -> Iterator[date]:
    """The dates from ``first`` to ``last`` that a rule names, counted from its real start."""
    for moment in rrulestr(rrule, dtstart=datetime(start.year, start.month, start.day)):  # noqa: DTZ001 - wall time
        if moment.date() > last:
            return
        if moment.date() >= first:
            yield moment.date()


@cache
def holidays_of(country: str, region: str | None, year: int) -> HolidayBase:
    return country_holidays(country, subdiv=region, years=year)


class Wall:
    """What the host's clock shows from ``start`` to ``end``, and whether the host is open then."""

    def __init__(
        self, schedule: AvailabilitySchedule, start: datetime, end: datetime, only: tuple[tuple[int, int], ...] = ()
    ) -> None:
        self.only = only or ((0, 1440),)
        self.zone = ZoneInfo(schedule.time_zone)
        self.schedule = schedule
        self.overrides = {override.date: override.hours for override in schedule.date_overrides}
        span = ((start - 2 * DAY).date(), (end + 2 * DAY).date())
        self.recurring = [(rule, self._dates(rule, *span)) for rule in schedule.recurrences]
        self.open_minutes: dict[int, bytes] = {}

    @staticmethod
    def _dates(rule: Recurrence, first: date, last: date) -> set[date]:
        return set(dates_by_dateutil(rule.rrule, rule.start, first, last))

    def hours(self, day: date) -> Iterable[tuple[int, int]]:
        """The minutes of a date that are open."""
        if day in self.overrides:
            return self.overrides[day]
        public = self.schedule.holidays
        if public and day not in public.worked and day in holidays_of(public.country, public.region, day.year):
            return ()
        today = [rule.hours for rule, dates in self.recurring if day in dates]
        if () in today:
            return ()
        weekly = [(h.start_minute, h.end_minute) for h in self.schedule.weekly_hours if h.weekday == day.weekday()]
        return weekly + [pair for hours in today for pair in hours]

    def read(self, minute: int) -> tuple[int, int]:
        """The local date as an ordinal, and whether the host is open, at a minute that is counted from the epoch."""
        local = datetime.fromtimestamp(minute * 60, self.zone)
        day = local.toordinal()
        if day not in self.open_minutes:
            flags = bytearray(1440)
            for opens, closes in self.hours(local.date()):
                flags[opens:closes] = b"\1" * (closes - opens)
            inside = [any(first <= minute < last for first, last in self.only) for minute in range(1440)]
            self.open_minutes[day] = bytes(map(int.__and__, flags, inside))
        return day, self.open_minutes[day][local.hour * 60 + local.minute]

    def is_open(self, instant: datetime) -> bool:
        return bool(self.read((instant - EPOCH) // MINUTE)[1])

    def date(self, instant: datetime) -> date:
        return instant.astimezone(self.zone).date()


def minutes(first: datetime, last: datetime) -> Iterator[datetime]:
    """The whole minutes from ``first`` on, before ``last``. Hours, clock changes and so starts all lie on minutes."""
    minute = first.replace(second=0, microsecond=0)
    minute += MINUTE if minute < first else timedelta(0)
    while minute < last:
        yield minute
        minute += MINUTE


def overlap(start: datetime, end: datetime, other_start: datetime, other_end: datetime) -> bool:
    return max(start, other_start) < min(end, other_end)


def brute_force_slots(
    rules: SlotRules,
    schedule: AvailabilitySchedule,
    busy: list[Interval],
    *,
    now: datetime,
    within: Interval,
    booked: list[datetime],
) -> list[Slot]:
    wall = Wall(schedule, within.start - LONG_OPEN * MINUTE, within.end + rules.duration, rules.hours)
    first, last = ((end - EPOCH) // MINUTE for end in (within.start, within.end + rules.duration))
    # The grid depends on when the host opened: back to a closed minute, or until that makes no difference.
    back = [wall.read(first)]
    while back[-1][1] and len(back) < LONG_OPEN:
        back.append(wall.read(first - len(back)))
    begin = first - len(back) + 1
    readings = back[::-1] + [wall.read(minute) for minute in range(first + 1, last + 1)]
    step = rules.start_time_increment // MINUTE
    on_grid: list[int] = []
    was_open = bytearray()
    opened_at = anchor = 0
    newest_day = wall.read(begin - 1)[0]
    for minute, (day, is_open) in enumerate(readings, begin):
        if is_open and not (was_open and was_open[-1]):
            opened_at = anchor = minute
        elif day > newest_day and minute - opened_at > WEEK_MINUTES:
            anchor = minute
        newest_day = max(newest_day, day)
        if is_open and (minute - anchor) % step == 0:
            on_grid.append(minute)
        was_open.append(is_open)

    counted = [wall.date(start) for start in booked]
    notice, days = rules.minimum_notice, rules.booking_window_days
    today = wall.date(now)
    length = rules.duration // MINUTE

    def on_offer(start: datetime) -> bool:
        end, day = start + rules.duration, wall.date(start)
        return (
            within.start <= start < within.end
            and (start >= now + notice if notice else start > now)
            and (days is None or day <= today + days * DAY)
            and (rules.first_date is None or day >= rules.first_date)
            and (rules.last_date is None or day <= rules.last_date)
            and not cap_reached(rules, day, counted)
            and not any(overlap(start - rules.before_buffer, end + rules.after_buffer, b.start, b.end) for b in busy)
        )

    open_throughout = [
        minute for minute in on_grid if was_open.find(b"\0", minute - begin, minute - begin + length) < 0
    ]
    starts = [EPOCH + minute * MINUTE for minute in open_throughout]
    return [Slot(start, start + rules.duration) for start in starts if on_offer(start)]


def cap_reached(rules: SlotRules, day: date, counted: list[date]) -> bool:
    """Whether as many meetings as one of the caps allows are on that date, in its week or in its month."""
    caps = (
        (rules.max_per_day, [other for other in counted if other == day]),
        (rules.max_per_week, [other for other in counted if monday_of(other) == monday_of(day)]),
        (rules.max_per_month, [other for other in counted if (other.year, other.month) == (day.year, day.month)]),
    )
    return any(cap is not None and len(same) >= cap for cap, same in caps)


def monday_of(day: date) -> date:
    return day - day.weekday() * DAY
