"""Times, days, zones and durations in words, for every page. English; dates are never ambiguous."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

from singleuse_app.scheduling.hours_text import hours_text
from singleuse_app.scheduling.zones import known_time_zones

WEEKDAYS = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")
MONTHS = (
    "January",
    "February",
    "March",
    "April",
    "May",
    "June",
    "July",
    "August",
    "September",
    "October",
    "November",
    "December",
)
_SMALL_NUMBERS = (
    "no",
    "one",
    "two",
    "three",
    "four",
    "five",
    "six",
    "seven",
    "eight",
    "nine",
    "ten",
    "eleven",
    "twelve",
)

_BROWSERS = (
    ("Edg", "Edge"),
    ("OPR/", "Opera"),
    ("Firefox/", "Firefox"),
    ("FxiOS/", "Firefox"),
    ("CriOS/", "Chrome"),
    ("Chrome/", "Chrome"),
    ("Safari/", "Safari"),
)
_SYSTEMS = (
    ("iPhone", "an iPhone"),
    ("iPad", "an iPad"),
    ("Android", "Android"),
    ("Windows", "Windows"),
    ("Mac OS X", "a Mac"),
    ("CrOS", "a Chromebook"),
    ("Linux", "Linux"),
)


@dataclass(frozen=True, slots=True)
class Conventions:
    """How a reader is used to see times and days. ``first_weekday`` counts from Monday, 0."""

    twelve_hours: bool = False
    month_first: bool = False
    first_weekday: int = 0


PLAIN = Conventions()
FIRST_WEEKDAYS = (0, 6, 5)
"""On which weeks begin somewhere: Monday, Sunday, Saturday."""


def day_words(day: date, how: Conventions = PLAIN) -> str:
    """A day with its weekday.

    >>> day_words(date(2026, 9, 4)), day_words(date(2026, 9, 4), Conventions(month_first=True))
    ('Friday 4 September', 'Friday, September 4')
    """
    weekday, month = WEEKDAYS[day.weekday()], MONTHS[day.month - 1]
    return f"{weekday}, {month} {day.day}" if how.month_first else f"{weekday} {day.day} {month}"


def date_words(day: date, how: Conventions = PLAIN) -> str:
    """A day with its weekday and year.

    >>> date_words(date(2026, 9, 4)), date_words(date(2026, 9, 4), Conventions(month_first=True))
    ('Friday 4 September 2026', 'Friday, September 4, 2026')
    """
    return day_words(day, how) + (", " if how.month_first else " ") + str(day.year)


def month_words(day: date) -> str:
    """The month of a day, with its year.

    >>> month_words(date(2026, 9, 4))
    'September 2026'
    """
    return f"{MONTHS[day.month - 1]} {day.year}"


def clock_words(start: datetime, end: datetime | None = None, how: Conventions = PLAIN) -> str:
    """The wall clock of a local time, or of a stretch.

    >>> clock_words(datetime(2026, 9, 4, 9, 30), datetime(2026, 9, 4, 10, 0))
    '09:30–10:00'
    >>> clock_words(datetime(2026, 9, 4, 11, 30), datetime(2026, 9, 4, 12, 0), Conventions(twelve_hours=True))
    '11:30 am–12:00 pm'
    """
    if not how.twelve_hours:
        return f"{start:%H:%M}–{end:%H:%M}" if end else f"{start:%H:%M}"
    first, last = (f"{(at.hour % 12) or 12}:{at:%M}" for at in (start, end or start))
    first_half, last_half = ("am" if at.hour < 12 else "pm" for at in (start, end or start))
    if end is None:
        return f"{first} {first_half}"
    return f"{first}–{last} {last_half}" if first_half == last_half else f"{first} {first_half}–{last} {last_half}"


def hours_words(hours: Iterable[tuple[int, int]], how: Conventions = PLAIN) -> str:
    """The open hours of a day, in minutes since midnight.

    >>> hours_words([(540, 720), (780, 1440)]), hours_words([(540, 1440)], Conventions(twelve_hours=True))
    ('09:00–12:00, 13:00–24:00', '9:00 am–midnight')
    """
    if not how.twelve_hours:
        return hours_text(hours)

    def words(opens: int, closes: int) -> str:
        first, last = (datetime(2000, 1, 1, tzinfo=UTC) + timedelta(minutes=at) for at in (opens, closes))
        return clock_words(first, last, how) if closes % (24 * 60) else f"{clock_words(first, how=how)}–midnight"

    return ", ".join(words(*stretch) for stretch in hours)


def zone_words(zone: str, at: datetime) -> str:
    """A zone by its city, with its offset at that instant.

    >>> from datetime import UTC
    >>> zone_words("Asia/Kathmandu", datetime(2026, 9, 4, tzinfo=UTC))
    'Kathmandu (UTC+5:45)'
    """
    city = zone.rsplit("/", 1)[-1].replace("_", " ")
    return f"{city} ({offset_words(zone, at)})" if city != "UTC" else "UTC"


def offset_words(zone: str, at: datetime) -> str:
    """How far a zone's clocks are from UTC at an instant.

    >>> from datetime import UTC
    >>> offset_words("America/New_York", datetime(2026, 9, 4, tzinfo=UTC))
    'UTC−4'
    """
    minutes = (at.astimezone(ZoneInfo(zone)).utcoffset() or timedelta()) // timedelta(minutes=1)
    hours, rest = divmod(abs(minutes), 60)
    return "UTC" + (f"{'+' if minutes > 0 else '−'}{hours}" + (f":{rest:02}" if rest else "") if minutes else "")


def duration_words(minutes: int) -> str:
    """A duration as people say it.

    >>> duration_words(90)
    '1 hour 30 minutes'
    """
    hours, rest = divmod(minutes, 60)
    parts = [f"{n} {unit}{'s' if n != 1 else ''}" for n, unit in ((hours, "hour"), (rest, "minute")) if n]
    return " ".join(parts)


def age_words(age: timedelta) -> str:
    """How long something lasts already, roughly.

    >>> age_words(timedelta(days=9, hours=5)), age_words(timedelta(minutes=61)), age_words(timedelta(seconds=5))
    ('9 days', '1 hour', 'just now')
    """
    for name, unit in (("day", timedelta(days=1)), ("hour", timedelta(hours=1)), ("minute", timedelta(minutes=1))):
        if number := age // unit if age > timedelta(0) else 0:
            return f"{number} {name}{'' if number == 1 else 's'}"
    return "just now"


def count_words(number: int, noun: str) -> str:
    """A number of things, in words up to twelve.

    >>> count_words(6, "time"), count_words(1, "time"), count_words(14, "time")
    ('six times', 'one time', '14 times')
    """
    words = _SMALL_NUMBERS[number] if number < len(_SMALL_NUMBERS) else str(number)
    return f"{words} {noun}{'s' if number != 1 else ''}"


def moment_words(at: datetime, zone: str, *, now: datetime, how: Conventions = PLAIN) -> str:
    """An instant as a host reads it: near days in words.

    >>> from datetime import UTC
    >>> moment_words(datetime(2026, 9, 4, 7, 5, tzinfo=UTC), "UTC", now=datetime(2026, 9, 4, 9, 0, tzinfo=UTC))
    'today 07:05'
    """
    local = at.astimezone(ZoneInfo(zone))
    day = near_day_words(local.date(), today=now.astimezone(ZoneInfo(zone)).date())
    return f"{day} {clock_words(local, how=how)}"


def browser_words(user_agent: str) -> str:
    """The browser and the system that call themselves so, as far as anybody can tell.

    >>> browser_words("Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0")
    'Firefox on Linux'
    """
    found = [
        next((name for sign, name in signs if sign in user_agent), "")
        for signs in (_BROWSERS, _SYSTEMS)  # in this order, for most call themselves by several names
    ]
    return " on ".join(filter(None, found)) or "Some browser"


def ago_words(since: timedelta) -> str:
    """How long ago something was, in its largest unit.

    >>> ago_words(timedelta(minutes=4)), ago_words(timedelta(hours=49)), ago_words(timedelta(seconds=59))
    ('4 minutes ago', '2 days ago', 'just now')
    """
    for unit, length in (("day", timedelta(days=1)), ("hour", timedelta(hours=1)), ("minute", timedelta(minutes=1))):
        if number := since // length if since > timedelta() else 0:
            return f"{number} {unit}{'s' if number != 1 else ''} ago"
    return "just now"


def near_day_words(day: date, *, today: date) -> str:
    """A day, in a word where one will do; with its year where it is another one.

    >>> near_day_words(date(2026, 9, 5), today=date(2026, 9, 4))
    'tomorrow'
    """
    near = {0: "today", 1: "tomorrow", -1: "yesterday"}.get((day - today).days)
    return near or day_words(day) + (f" {day.year}" if day.year != today.year else "")


def first_upper(text: str) -> str:
    """Text as the beginning of a sentence; names inside it keep their capitals.

    >>> first_upper("tomorrow, Friday")
    'Tomorrow, Friday'
    """
    return text[:1].upper() + text[1:]


def zone_options() -> list[tuple[str, str]]:
    """The zones to choose from, by area and city: value and text. UTC is the last."""
    areas = (
        "Africa/",
        "America/",
        "Antarctica/",
        "Arctic/",
        "Asia/",
        "Atlantic/",
        "Australia/",
        "Europe/",
        "Indian/",
        "Pacific/",
    )
    names = sorted(name for name in known_time_zones() if name.startswith(areas))
    return [(name, name.replace("_", " ").replace("/", " / ")) for name in names] + [("UTC", "UTC")]
