"""Days that come again: RFC 5545 recurrence rules of whole days, worked out by python-dateutil.

dateutil looks for the next day of a rule until the year 9999. A rule that has none would keep it busy for minutes, so
it is asked about years that are near its end. The calendar of 1901 to 2099 repeats itself every 28 years, weekdays and
leap days included, and so does that of 9904 to 9999: a year of ours is moved to one of those that looks like it, and so
do all the years around, and its days are moved back.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import MAXYEAR, date, datetime, timedelta
from functools import lru_cache

from dateutil.relativedelta import relativedelta
from dateutil.rrule import rrulestr

from singleuse_app.scheduling.errors import InvalidAvailability
from singleuse_app.scheduling.zones import day_number

FIRST_YEAR, LAST_YEAR = 2000, 2099
"""A rule starts, and names days, in these years."""

MAX_YEARS = 68
"""A rule names no days after so many years: 9904 is that long before the last cycle begins."""

PATIENCE_YEARS = 10
"""A rule that has no day in so many years from its start on is taken for one that never has."""

MAX_INTERVAL = 1000
MAX_COUNT = 1000

_CYCLE = 28
_PHASE = next(
    years for years in range(7900, 7928, 4) if date(2004, 1, 1).weekday() == date(2004 + years, 1, 1).weekday()
)
_DAYS = ("MO", "TU", "WE", "TH", "FR", "SA", "SU")
_PART = re.compile(r"[A-Z]+=[A-Z0-9,+-]+")
_NUMBERS = {"BYMONTH": 12, "BYMONTHDAY": 31, "BYYEARDAY": 366, "BYWEEKNO": 53, "BYSETPOS": 366}
_COUNTS_FROM_THE_END = {"BYMONTHDAY", "BYYEARDAY", "BYWEEKNO", "BYSETPOS"}
_NTH = {"MONTHLY": 5, "YEARLY": 53}
_BY_DAY = {"BYDAY", "BYMONTHDAY", "BYYEARDAY", "BYWEEKNO"}
_KNOWN = {"FREQ", "INTERVAL", "COUNT", "UNTIL", "WKST", "BYMONTH", "BYSETPOS"} | _BY_DAY
_FINER_THAN_DAILY = {"HOURLY", "MINUTELY", "SECONDLY", "BYHOUR", "BYMINUTE", "BYSECOND"}
_MAX_LENGTH = 200


@dataclass(frozen=True, slots=True)
class Recurrence:
    """Dates that an RRULE names (RFC 5545, section 3.3.10), from ``start`` on; with hours on them, or none: days off.

    ``rrule`` is the value alone, of daily frequency or coarser; UNTIL is a date. What a rule does not say, such as the
    weekday of a weekly one, follows from ``start``. A ``start`` that the rule does not name is not one of its dates.

    Raises ``InvalidAvailability`` for a rule that cannot be read, is finer than daily, or has no date in ten years.

    >>> every_other_friday = Recurrence("FREQ=WEEKLY;INTERVAL=2;BYDAY=FR", date(2026, 7, 3), hours=((540, 720),))
    >>> first_mondays_off = Recurrence("FREQ=MONTHLY;BYDAY=1MO", date(2026, 7, 1))
    """

    rrule: str
    start: date
    hours: tuple[tuple[int, int], ...] = ()

    def __post_init__(self) -> None:
        if not FIRST_YEAR <= self.start.year <= LAST_YEAR:
            raise InvalidAvailability("date_out_of_range", first_year=FIRST_YEAR, last_year=LAST_YEAR)
        rule = _read(self.rrule, self.start)
        room = _Axis(self.start.year, years_left=PATIENCE_YEARS)
        horizon = self.start + relativedelta(years=PATIENCE_YEARS)
        try:
            first = next(rule.days(rule.origin, room), horizon)
        except (ValueError, IndexError) as error:
            raise InvalidAvailability("recurrence_unreadable", rrule=self.rrule) from error
        if first >= horizon:
            raise InvalidAvailability("recurrence_never_fires", rrule=self.rrule, years=PATIENCE_YEARS)


@lru_cache(maxsize=4096)
def days_of(rrule: str, start: date, year: int) -> frozenset[int]:
    """The days of one year that a rule names, as :func:`day_number` counts them."""
    if not start.year <= year <= min(LAST_YEAR, start.year + MAX_YEARS):
        return frozenset()
    rule = _read(rrule, start)
    first, last = date(year, 1, 1), date(year, 12, 31)
    origin = rule.origin if rule.count else rule.period_before(first)
    found = set()
    for day in rule.days(origin, _Axis(year)):
        if day > last:
            break
        if day >= first:
            found.add(day_number(day))
    return frozenset(found)


class _Axis:
    """Moves dates to where the calendar ends soon after ``year``, and looks as it does here."""

    def __init__(self, year: int, *, years_left: int = 1) -> None:
        self.years = (MAXYEAR - years_left - year - _PHASE) // _CYCLE * _CYCLE + _PHASE

    def there(self, day: date) -> datetime:
        """A date of ours, moved."""
        return datetime(day.year + self.years, day.month, day.day)  # noqa: DTZ001 - wall time, as dateutil wants it

    def back(self, moment: datetime) -> date:
        """A date of ours again."""
        return date(moment.year - self.years, moment.month, moment.day)


@dataclass(frozen=True, slots=True)
class _Rule:
    """An RRULE that has been read. ``pattern`` is it without its end; ``origin`` begins the period of ``start``."""

    pattern: str
    start: date
    frequency: str
    interval: int
    count: int | None
    until: date | None
    origin: date

    def days(self, origin: date, axis: _Axis) -> Iterator[date]:
        """The days of the rule in order, worked out from a period that begins at ``origin``."""
        named, moments = 0, iter(rrulestr(self.pattern, dtstart=axis.there(origin)))
        while True:
            try:
                moment = next(moments)
            except (StopIteration, ValueError):  # the calendar has come to its end, maybe in the middle of a week
                return
            if moment.year > LAST_YEAR + axis.years:
                return
            day = axis.back(moment)
            if day < self.start:
                continue
            named += 1
            if (self.count is not None and named > self.count) or (self.until is not None and day > self.until):
                return
            yield day

    def period_before(self, day: date) -> date:
        """The beginning of a period of the rule that is at ``day`` or before; the first one, if all begin later."""
        if day <= self.origin:
            return self.origin
        gone = relativedelta(day, self.origin)
        match self.frequency:
            case "YEARLY":
                return self.origin + relativedelta(years=gone.years // self.interval * self.interval)
            case "MONTHLY":
                months = (gone.years * 12 + gone.months) // self.interval * self.interval
                return self.origin + relativedelta(months=months)
        step = self.interval * (7 if self.frequency == "WEEKLY" else 1)
        return self.origin + timedelta(days=(day - self.origin).days // step * step)


def _read(rrule: str, start: date) -> _Rule:
    parts = _parts(rrule)
    frequency = parts["FREQ"]
    interval = _number(parts.get("INTERVAL", "1"), MAX_INTERVAL, rrule)
    count = _number(parts.pop("COUNT"), MAX_COUNT, rrule) if "COUNT" in parts else None
    until = _date(parts.pop("UNTIL"), rrule) if "UNTIL" in parts else None
    week_start = _DAYS.index(parts.get("WKST", "MO"))
    if not parts.keys() & _BY_DAY:
        # What dateutil would take from its first day, which here is the beginning of a period.
        if frequency == "WEEKLY":
            parts["BYDAY"] = _DAYS[start.weekday()]
        elif frequency != "DAILY":
            parts["BYMONTHDAY"] = str(start.day)
        if frequency == "YEARLY":
            parts.setdefault("BYMONTH", str(start.month))
    origin = {
        "DAILY": start,
        "WEEKLY": start - timedelta(days=(start.weekday() - week_start) % 7),
        "MONTHLY": start.replace(day=1),
        "YEARLY": start.replace(month=1, day=1),
    }[frequency]
    pattern = ";".join(f"{name}={value}" for name, value in parts.items())
    try:
        rrulestr(pattern, dtstart=datetime(start.year, start.month, start.day))  # noqa: DTZ001
    except (ValueError, TypeError, IndexError, KeyError, AttributeError) as error:
        raise InvalidAvailability("recurrence_unreadable", rrule=rrule) from error
    return _Rule(pattern, start, frequency, interval, count, until, origin)


def _parts(rrule: str) -> dict[str, str]:
    written = rrule.split(";") if len(rrule) <= _MAX_LENGTH else []
    parts = dict(part.split("=") for part in written if _PART.fullmatch(part))
    if parts.keys() & _FINER_THAN_DAILY or parts.get("FREQ") in _FINER_THAN_DAILY:
        raise InvalidAvailability("recurrence_finer_than_daily", rrule=rrule)
    known = parts.keys() <= _KNOWN and parts.get("FREQ") in {"DAILY", "WEEKLY", "MONTHLY", "YEARLY"}
    if len(parts) != len(written) or not known or not all(_makes_sense(*part, parts) for part in parts.items()):
        raise InvalidAvailability("recurrence_unreadable", rrule=rrule)
    return parts


def _makes_sense(name: str, value: str, parts: dict[str, str]) -> bool:
    """Whether a part can stand in the rule: dateutil passes over some numbers that mean nothing."""
    match name:
        case "WKST":
            return value in _DAYS
        case "BYDAY":
            nth = _NTH.get(parts["FREQ"], 0)
            days = [re.fullmatch(r"([+-]?\d{1,2})?([A-Z]{2})", day) for day in value.split(",")]
            return all(day and day[2] in _DAYS and (not day[1] or 1 <= abs(int(day[1])) <= nth) for day in days)
        case "COUNT":
            return "UNTIL" not in parts
        case "BYSETPOS" if not parts.keys() & (_BY_DAY | {"BYMONTH"}):
            return False
    if name in _NUMBERS:
        least = -_NUMBERS[name] if name in _COUNTS_FROM_THE_END else 1
        numbers = [re.fullmatch(r"[+-]?\d{1,3}", number) for number in value.split(",")]
        return all(number and int(number[0]) and least <= int(number[0]) <= _NUMBERS[name] for number in numbers)
    return True


def _number(text: str, most: int, rrule: str) -> int:
    if not (text.isdecimal() and len(text) <= len(str(most)) and 1 <= int(text) <= most):
        raise InvalidAvailability("recurrence_number_out_of_range", rrule=rrule, most=most)
    return int(text)


def _date(text: str, rrule: str) -> date:
    try:
        return datetime.strptime(text, "%Y%m%d").date()  # noqa: DTZ007
    except ValueError as error:
        raise InvalidAvailability("recurrence_until_no_date", rrule=rrule) from error
