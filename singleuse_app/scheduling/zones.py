"""Time zones: what the clocks of a zone show at which epoch second. The only module that reads ``zoneinfo``."""

from datetime import UTC, date, datetime, time, timedelta
from functools import cache, lru_cache
from importlib.resources import files
from zoneinfo import ZoneInfo

from singleuse_app.scheduling.intervals import floor_epoch

DAY_SECONDS = 86_400

Stretch = tuple[int, int, int]
"""``[first, last)`` in epoch seconds over which a zone keeps one UTC offset, and that offset in seconds."""

_EPOCH_ORDINAL = date(1970, 1, 1).toordinal()

# Local dates near the ends of the calendar cannot be written in every zone; nothing is open there.
_CALENDAR = (-62_135_000_000, 253_402_000_000)

_CHUNK = 2**23
"""Offsets are looked up for so many seconds at a time, 97 days, and kept: they depend on the zone alone."""


@cache
def known_time_zones() -> frozenset[str]:
    """The names of all IANA time zones, without the one that means "wherever this machine is"."""
    return frozenset((files("tzdata") / "zones").read_text().split()) - {"Factory"}


def offset_words(zone: str, at: datetime) -> str:
    """How far a zone's clocks are from UTC at an instant.

    >>> from datetime import UTC
    >>> offset_words("America/New_York", datetime(2026, 9, 4, tzinfo=UTC))
    'UTC−4'
    """
    minutes = (at.astimezone(ZoneInfo(zone)).utcoffset() or timedelta()) // timedelta(minutes=1)
    hours, rest = divmod(abs(minutes), 60)
    return "UTC" + (f"{'+' if minutes > 0 else '−'}{hours}" + (f":{rest:02}" if rest else "") if minutes else "")


def steady_stretches(zone: str, start: int, end: int) -> list[Stretch]:
    """The stretches of ``[start, end)`` over which the zone keeps one UTC offset, in order.

    >>> steady_stretches("Europe/Berlin", 1_792_800_000, 1_792_900_000)
    [(1792800000, 1792890000, 7200), (1792890000, 1792900000, 3600)]
    """
    start, end = max(start, _CALENDAR[0]), min(end, _CALENDAR[1])
    found: list[Stretch] = []
    for number in range(start // _CHUNK, -(-end // _CHUNK)):
        for first, last, offset in _chunk(zone, number):
            if last <= start or end <= first:
                continue
            if found and found[-1][2] == offset:
                found[-1] = (found[-1][0], min(last, end), offset)
            else:
                found.append((max(first, start), min(last, end), offset))
    return found


def day_number(day: date) -> int:
    """How many days a date is after 1 January 1970."""
    return day.toordinal() - _EPOCH_ORDINAL


def date_of(number: int) -> date:
    """The date so many days after 1 January 1970."""
    return date.fromordinal(number + _EPOCH_ORDINAL)


def local_day(zone: str, seconds: int) -> int:
    """The date that clocks of the zone show at an instant, as :func:`day_number` counts."""
    return day_number(datetime.fromtimestamp(seconds, ZoneInfo(zone)).date())


def local_midnight(zone: str, day: int) -> int:
    """The epoch second at which clocks of the zone first show, or jump over, 00:00 of a date."""
    return int(datetime.combine(date_of(day), time(), ZoneInfo(zone)).timestamp())


@lru_cache(maxsize=4096)
def _chunk(zone: str, number: int) -> tuple[Stretch, ...]:
    """The stretches of the ``number``-th chunk since the epoch.

    Looks once a day and bisects where the offset differs. That misses a change only if it is undone within a day;
    from 2000 to 2037 the shortest-lived offset of the IANA database stays for almost a week (America/Noronha, 2000).
    """
    clock = ZoneInfo(zone)

    def offset_at(seconds: int) -> int:
        return floor_epoch(datetime.fromtimestamp(seconds, clock).replace(tzinfo=UTC)) - seconds

    start, end = max(number * _CHUNK, _CALENDAR[0]), min((number + 1) * _CHUNK, _CALENDAR[1])
    stretches: list[Stretch] = []
    here, offset = start, offset_at(start)
    while here < end:
        there = min(here + DAY_SECONDS, end - 1)
        if offset_at(there) != offset:
            while there - here > 1:
                middle = (here + there) // 2
                here, there = (middle, there) if offset_at(middle) == offset else (here, middle)
            stretches.append((start, there, offset))
            start, offset = there, offset_at(there)
        here = there if there < end - 1 else end
    stretches.append((start, end, offset))
    return tuple(stretches)


@cache
def country_of(time_zone: str) -> str | None:
    """The country, as two letters, that a zone of the IANA database lies in; ``None`` where it lies in none or many.

    >>> country_of("Europe/London"), country_of("UTC")
    ('GB', None)
    """
    for line in files("tzdata").joinpath("zoneinfo", "zone.tab").read_text("utf-8").splitlines():
        country, *rest = line.split("\t")
        if len(rest) > 1 and rest[1] == time_zone:
            return country
    return None
