"""Times, days, zones and durations in words, for every page, in its reader's language; dates are never ambiguous."""

from collections.abc import Iterable
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

from singleuse_app.scheduling.hours_text import hours_text
from singleuse_app.scheduling.locations import OFFERED, TO_HOST, Location
from singleuse_app.scheduling.zones import known_time_zones, offset_words
from singleuse_app.wording import PLAIN, Conventions, count, noted, reader, say

WEEKDAYS = (
    noted("Monday"),
    noted("Tuesday"),
    noted("Wednesday"),
    noted("Thursday"),
    noted("Friday"),
    noted("Saturday"),
    noted("Sunday"),
)
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
    ("iPhone", noted("an iPhone")),
    ("iPad", noted("an iPad")),
    ("Android", "Android"),
    ("Windows", "Windows"),
    ("Mac OS X", noted("a Mac")),
    ("CrOS", noted("a Chromebook")),
    ("Linux", "Linux"),
)


FIRST_WEEKDAYS = (0, 6, 5)
"""On which weeks begin somewhere: Monday, Sunday, Saturday."""


def day_words(day: date, how: Conventions = PLAIN) -> str:
    """A day with its weekday.

    >>> day_words(date(2026, 9, 4)), day_words(date(2026, 9, 4), Conventions(month_first=True))
    ('Friday 4 September', 'Friday, September 4')
    """
    if not (told := reader()).is_english:
        return told.near_date(day)
    weekday, month = WEEKDAYS[day.weekday()], MONTHS[day.month - 1]
    return f"{weekday}, {month} {day.day}" if how.month_first else f"{weekday} {day.day} {month}"


def weekday_words() -> list[tuple[str, str]]:
    """The days of a week, from Monday: in full, and in short.

    >>> weekday_words()[0]
    ('Monday', 'Mon')
    """
    told = reader()
    return [(name, name[:3]) for name in WEEKDAYS] if told.is_english else told.weekdays


def date_words(day: date, how: Conventions = PLAIN) -> str:
    """A day with its weekday and year.

    >>> date_words(date(2026, 9, 4)), date_words(date(2026, 9, 4), Conventions(month_first=True))
    ('Friday 4 September 2026', 'Friday, September 4, 2026')
    """
    if not (told := reader()).is_english:
        return told.date(day)
    return day_words(day, how) + (", " if how.month_first else " ") + str(day.year)


def short_date_words(day: date) -> str:
    """A day without its weekday.

    >>> short_date_words(date(2026, 9, 4))
    '4 September 2026'
    """
    told = reader()
    return f"{day.day} {MONTHS[day.month - 1]} {day.year}" if told.is_english else told.short_date(day)


def month_words(day: date) -> str:
    """The month of a day, with its year.

    >>> month_words(date(2026, 9, 4))
    'September 2026'
    """
    told = reader()
    return f"{MONTHS[day.month - 1]} {day.year}" if told.is_english else told.month(day)


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
        return (
            clock_words(first, last, how) if closes % (24 * 60) else f"{clock_words(first, how=how)}–{say('midnight')}"
        )

    return ", ".join(words(*stretch) for stretch in hours)


def zone_words(zone: str, at: datetime) -> str:
    """A zone by its city, with its offset at that instant.

    >>> from datetime import UTC
    >>> zone_words("Asia/Kathmandu", datetime(2026, 9, 4, tzinfo=UTC))
    'Kathmandu (UTC+5:45)'
    """
    if not (told := reader()).is_english:
        return told.zone(zone, at)
    city = zone.rsplit("/", 1)[-1].replace("_", " ")
    return f"{city} ({offset_words(zone, at)})" if city != "UTC" else "UTC"


def duration_words(minutes: int) -> str:
    """A duration as people say it.

    >>> duration_words(90)
    '1 hour 30 minutes'
    """
    hours, rest = divmod(minutes, 60)
    return " ".join(
        (
            *([count("{number} hour", "{number} hours", hours)] if hours else []),
            *([count("{number} minute", "{number} minutes", rest)] if rest else []),
        )
    )


def span_words(minutes: int) -> str:
    """A span as a form shows it, which ``spans.parse_minutes`` reads back as what it was; nothing for none.

    >>> span_words(90), span_words(2880), span_words(1500), span_words(0)
    ('1 hour 30 minutes', '2 days', '25 hours', '')
    """
    days, rest = divmod(minutes, 24 * 60)
    return count("{number} day", "{number} days", days) if days > 1 and not rest else duration_words(minutes)


def age_words(age: timedelta) -> str:
    """How long something lasts already, roughly.

    >>> age_words(timedelta(days=9, hours=5)), age_words(timedelta(minutes=61)), age_words(timedelta(seconds=5))
    ('9 days', '1 hour', 'just now')
    """
    days, hours, minutes = _days_hours_minutes(age)
    if days:
        return count("{number} day", "{number} days", days)
    if hours:
        return count("{number} hour", "{number} hours", hours)
    return count("{number} minute", "{number} minutes", minutes) if minutes else say("just now")


def count_words(number: int, one: str, many: str, **facts: object) -> str:
    """A message about a number of things, which in English stands there in words up to twelve.

    >>> count_words(6, "{number} time free", "{number} times free"), count_words(14, "{number} day", "{number} days")
    ('six times free', '14 days')
    """
    in_words = reader().is_english and number < len(_SMALL_NUMBERS)
    return count(one, many, number, **{**facts, "number": _SMALL_NUMBERS[number] if in_words else number})


def moment_words(at: datetime, zone: str, *, now: datetime, how: Conventions = PLAIN) -> str:
    """An instant as a host reads it: near days in words.

    >>> from datetime import UTC
    >>> moment_words(datetime(2026, 9, 4, 7, 5, tzinfo=UTC), "UTC", now=datetime(2026, 9, 4, 9, 0, tzinfo=UTC))
    'today 07:05'
    """
    local = at.astimezone(ZoneInfo(zone))
    day = near_day_words(local.date(), today=now.astimezone(ZoneInfo(zone)).date())
    return f"{day} {clock_words(local, how=how)}"


def any_of_words(things: list[str]) -> str:
    """Things of which one is chosen.

    >>> any_of_words(["15 minutes", "30 minutes", "1 hour"])
    '15 minutes or 30 minutes or 1 hour'
    """
    return f" {say('or')} ".join(things)


def offered_words(place: Location, host: str) -> str:
    """Where a meeting is to be, as whoever has not booked is told it.

    >>> offered_words(Location(text="Studio"), "Grace")
    'Studio'
    """
    told = OFFERED.get(place.kind)
    return say(told, host=host, number=place.text) if told else place.text


def for_host_words(place: Location) -> str:
    """The same for its host."""
    return say(TO_HOST[place.kind]) if place.kind in TO_HOST else place.text


def browser_words(user_agent: str) -> str:
    """The browser and the system that call themselves so, as far as anybody can tell.

    >>> browser_words("Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0")
    'Firefox on Linux'
    """
    found = [
        next((name for sign, name in signs if sign in user_agent), "")
        for signs in (_BROWSERS, _SYSTEMS)  # in this order, for most call themselves by several names
    ]
    browser, system = (say(name) if name else "" for name in found)
    if browser and system:
        return say("{browser} on {system}", browser=browser, system=system)
    return browser or system or say("Some browser")


def ago_words(since: timedelta) -> str:
    """How long ago something was, in its largest unit.

    >>> ago_words(timedelta(minutes=4)), ago_words(timedelta(hours=49)), ago_words(timedelta(seconds=59))
    ('4 minutes ago', '2 days ago', 'just now')
    """
    days, hours, minutes = _days_hours_minutes(since)
    if days:
        return count("{number} day ago", "{number} days ago", days)
    if hours:
        return count("{number} hour ago", "{number} hours ago", hours)
    return count("{number} minute ago", "{number} minutes ago", minutes) if minutes else say("just now")


def _days_hours_minutes(span: timedelta) -> tuple[int, int, int]:
    days, rest = divmod(max(span, timedelta()), timedelta(days=1))
    return days, *divmod(rest // timedelta(minutes=1), 60)


def near_day_words(day: date, *, today: date) -> str:
    """A day, in a word where one will do; with its year where it is another one.

    >>> near_day_words(date(2026, 9, 5), today=date(2026, 9, 4))
    'tomorrow'
    """
    near = {0: say("today"), 1: say("tomorrow"), -1: say("yesterday")}.get((day - today).days)
    return near or (day_words(day) if day.year == today.year else date_words(day))


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
