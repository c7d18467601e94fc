"""How an event type cuts slots out of open hours, and on which dates it may be booked at all."""

from collections import Counter
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from enum import StrEnum

from singleuse_app.scheduling.availability import check_hours
from singleuse_app.scheduling.errors import InvalidAvailability
from singleuse_app.scheduling.intervals import as_instant, floor_epoch
from singleuse_app.scheduling.zones import date_of, day_number, local_day

_MINUTE = timedelta(minutes=1)
_DAY = timedelta(days=1)

_LIMITS = {
    "duration": (_MINUTE, _DAY),
    "start_time_increment": (_MINUTE, _DAY),
    "before_buffer": (timedelta(0), _DAY),
    "after_buffer": (timedelta(0), _DAY),
    "minimum_notice": (timedelta(0), 365 * _DAY),
}
MAX_BOOKING_WINDOW_DAYS = 730
MAX_CAP = 10_000
FIRST_YEAR, LAST_YEAR = 2000, 2099


class Period(StrEnum):
    """What a cap counts the bookings of: a date, a week from Monday, or a month, in the host's zone."""

    DAY = "day"
    WEEK = "week"
    MONTH = "month"


_NUMBER_OF: dict[Period, Callable[[int], int]] = {
    Period.DAY: lambda day: day,
    Period.WEEK: lambda day: (day + 3) // 7,  # 1 January 1970 was a Thursday
    Period.MONTH: lambda day: date_of(day).year * 12 + date_of(day).month,
}


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
        The last date to book on, counted from the host's today, 0 to 730; ``None`` for no such date.
    first_date, last_date
        The first and the last date to book on; ``None`` for no such date.
    max_per_day, max_per_week, max_per_month
        Caps: how many live bookings of the event type one date, week from Monday or month of the host can have, 1 to
        10,000; ``None`` for no cap.
    hours
        What is open of each day besides: pairs of minutes since the host's midnight, within which a meeting lies; none
        for all that the schedule has.

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
    first_date: date | None = None
    last_date: date | None = None
    max_per_day: int | None = None
    max_per_week: int | None = None
    max_per_month: int | None = None
    hours: tuple[tuple[int, int], ...] = ()

    @property
    def has_caps(self) -> bool:
        """Whether live bookings are counted."""
        return not (self.max_per_day is None and self.max_per_week is None and self.max_per_month is None)

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
        if days is not None and not 0 <= days <= MAX_BOOKING_WINDOW_DAYS:
            raise InvalidAvailability("booking_window_out_of_range", least_days=0, most_days=MAX_BOOKING_WINDOW_DAYS)
        for day in (self.first_date, self.last_date):
            if day and not FIRST_YEAR <= day.year <= LAST_YEAR:
                raise InvalidAvailability("date_out_of_range", first_year=FIRST_YEAR, last_year=LAST_YEAR)
        if self.first_date and self.last_date and self.last_date < self.first_date:
            raise InvalidAvailability("booking_window_ends_before_start")
        check_hours(self.hours)
        for cap in self.caps.values():
            if not 1 <= cap <= MAX_CAP:
                raise InvalidAvailability("cap_out_of_range", least=1, most=MAX_CAP)

    @property
    def caps(self) -> dict[Period, int]:
        """The caps that there are."""
        caps = {Period.DAY: self.max_per_day, Period.WEEK: self.max_per_week, Period.MONTH: self.max_per_month}
        return {period: cap for period, cap in caps.items() if cap is not None}


class BookableDates:
    """On which of the host's dates an event type can be booked now. Days count from 1 January 1970.

    ``booked`` are the starts of its live bookings, for the caps.
    """

    def __init__(self, rules: SlotRules, zone: str, *, now: datetime, booked: Iterable[datetime] = ()) -> None:
        last = [] if rules.last_date is None else [day_number(rules.last_date)]
        if rules.booking_window_days is not None:
            last.append(local_day(zone, floor_epoch(as_instant(now))) + rules.booking_window_days)
        self.first = None if rules.first_date is None else day_number(rules.first_date)
        self.last = min(last, default=None)
        days = [local_day(zone, floor_epoch(start)) for start in booked] if rules.caps else []
        self._full = {period: _full(days, period, cap) for period, cap in rules.caps.items()}

    @property
    def capped(self) -> bool:
        """Whether any cap has been reached."""
        return any(self._full.values())

    def inside(self, day: int) -> bool:
        """Whether a date is inside the booking window."""
        return (self.first is None or self.first <= day) and (self.last is None or day <= self.last)

    def reached(self, day: int) -> list[Period]:
        """The caps that a date has reached."""
        return [period for period, full in self._full.items() if _NUMBER_OF[period](day) in full]


def _full(days: list[int], period: Period, cap: int) -> set[int]:
    counted = Counter(map(_NUMBER_OF[period], days))
    return {number for number, bookings in counted.items() if bookings >= cap}
