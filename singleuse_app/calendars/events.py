"""Which events of a calendar keep its owner busy, and when (RFC 5545).

Whatever cannot be read is a problem that is told, never an event less: who reads "free" would be booked. The library
keeps what a calendar says of its own zones for as long as the process lives, so each calendar is read in a new one.
"""

import warnings
from collections import Counter
from collections.abc import Iterator, Mapping
from datetime import UTC, date, datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from icalendar import Calendar, Component
from icalendar.prop import vDDDTypes
from icalendar.timezone.windows_to_olson import WINDOWS_TO_OLSON
from recurring_ical_events.occurrence import Occurrence
from recurring_ical_events.query import CalendarQuery

from singleuse_app.calendars.problems import FeedProblem
from singleuse_app.scheduling.intervals import Span, floor_epoch, from_epoch, merge
from singleuse_app.scheduling.zones import known_time_zones

MATTERS = ("DTSTART", "DTEND", "DURATION", "RRULE", "RDATE", "EXDATE", "RECURRENCE-ID")
"""The properties by which an event has its times."""

_MARGIN = timedelta(days=2)
"""Local times are looked for so far around the stretch that is wanted, for no zone is farther from UTC."""

_DAY = timedelta(days=1)


def busy_spans(text: str, *, zone: str, within: Span, bookings: Mapping[str, Span] | None = None) -> list[Span]:
    """When the owner of a calendar is busy, in epoch seconds, merged and cut to ``within``.

    ``bookings`` are the host's own by UID: see :class:`singleuse_app.calendars.reading.Bookings`. Raises
    ``FeedProblem``.

    >>> text = '''BEGIN:VCALENDAR
    ... BEGIN:VEVENT
    ... DTSTART;VALUE=DATE:20260904
    ... END:VEVENT
    ... END:VCALENDAR'''
    >>> busy_spans(text, zone="Europe/Berlin", within=(0, 2**33))
    [(1788472800, 1788559200)]
    """
    found: list[Span] = []
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # a zone whose name was guessed is a good one
        for calendar in _calendars(text):
            own_zone = ZoneInfo(_zone_of(calendar, zone))
            found += _busy_events(calendar, own_zone, within, bookings or {})
            found += _busy_blocks(calendar, own_zone)
    first, last = within
    return merge((max(start, first), min(end, last)) for start, end in found)


def _calendars(text: str) -> list[Component]:
    lines = text.strip().splitlines()
    if not lines or lines[0].strip().upper() != "BEGIN:VCALENDAR":
        raise FeedProblem("feed_no_calendar")
    if lines[-1].strip().upper() != "END:VCALENDAR":
        raise FeedProblem("feed_cut_off")
    if not _is_well_nested(lines):
        raise FeedProblem("feed_unreadable")
    try:
        return [found for found in Calendar.from_ical(text, multiple=True) if found.name == "VCALENDAR"]
    except (ValueError, LookupError, AttributeError, TypeError):
        raise FeedProblem("feed_unreadable") from None


def _is_well_nested(lines: list[str]) -> bool:
    """Whether each component ends where it should. The library takes one that does not for nothing at all."""
    inside: list[str] = []
    for line in lines:
        word, _, name = line.rstrip().upper().partition(":")
        if word == "BEGIN":
            inside.append(name)
        elif word == "END" and (not inside or inside.pop() != name):
            return False
    return not inside


def _zone_of(calendar: Component, otherwise: str) -> str:
    named = str(calendar.get("X-WR-TIMEZONE", "")).strip()
    named = WINDOWS_TO_OLSON.get(named, named)
    return named if named in known_time_zones() else otherwise


def _busy_events(calendar: Component, zone: ZoneInfo, within: Span, bookings: Mapping[str, Span]) -> Iterator[Span]:
    events = calendar.walk("VEVENT")
    for event in events:
        _check(event)
    _keep_apart(events)
    first, last = from_epoch(within[0]) - _MARGIN, from_epoch(within[1]) + _MARGIN
    try:
        # Not between(), which copies each event for each time that it takes place.
        occurrences = CalendarQuery(calendar)._occurrences_between(first, last)
    except (ValueError, LookupError, AttributeError, TypeError, OverflowError) as error:
        raise FeedProblem("feed_event_unreadable") from error
    for occurrence in occurrences:
        event = occurrence._adapter._component
        if _is_free(event):
            continue
        start, end = _span(occurrence, zone)
        ours = bookings.get(str(event.get("UID", "")))
        if start < end and not (ours and ours[0] <= start and end <= ours[1]):
            yield start, end


def _check(event: Component) -> None:
    """Raise ``FeedProblem`` where an event's times cannot be read for certain; mend what has one meaning only."""
    unreadable = FeedProblem("feed_event_unreadable", str(event.get("SUMMARY", "")))
    for name, said in event.errors:
        line = said.partition("'")[2].upper()
        if name in MATTERS or (name is None and line.startswith(MATTERS)):
            raise unreadable
    start = event.get("DTSTART")
    if start is None or not all(map(bool, _listed(event.get("RRULE")))):
        raise unreadable
    for name in ("DTSTART", "DTEND", "DURATION", "RECURRENCE-ID"):
        if isinstance(event.get(name), list):
            raise unreadable
    for name in ("DTSTART", "DTEND", "RECURRENCE-ID", "RDATE", "EXDATE"):
        for value in _listed(event.get(name)):
            _check_zone(value)
    _mend_end(event, start.dt)


def _check_zone(value: Any) -> None:
    """A time that names a zone has one. Otherwise it would pass for a time of the calendar's own zone."""
    named = value.params.get("TZID")
    times = [each.dt for each in getattr(value, "dts", [value])]
    if named and any(isinstance(at, datetime) and at.tzinfo is None for at in times):
        raise FeedProblem("feed_zone_unknown", str(named))


def _mend_end(event: Component, start: date) -> None:
    """An all-day event lasts a day at least, as calendars show it; one that ends before it starts takes no time."""
    end = event.get("DTEND")
    if end is None:
        if (duration := event.get("DURATION")) is not None and duration.dt < timedelta():
            event["DURATION"] = vDDDTypes(timedelta())
        return
    if isinstance(start, datetime) != isinstance(end.dt, datetime):
        raise FeedProblem("feed_event_unreadable", str(event.get("SUMMARY", "")))
    if not isinstance(start, datetime):
        if end.dt <= start:
            event["DTEND"] = vDDDTypes(start + _DAY)
    elif _instant(end.dt, UTC) < _instant(start, UTC):
        event["DTEND"] = vDDDTypes(start)


def _keep_apart(events: list[Component]) -> None:
    """Give events that share a UID by mistake one each: the last of them alone would count otherwise.

    Of two that differ in SEQUENCE the higher one replaces the other (RFC 5545, section 3.8.7.4).
    """
    seen: Counter[tuple[str, str]] = Counter()
    for number, event in enumerate(events):
        if "UID" not in event:
            event["UID"] = f"without-{number}"
        if "RECURRENCE-ID" in event:
            continue
        key = str(event["UID"]), str(event.get("SEQUENCE", ""))
        seen[key] += 1
        if seen[key] > 1:
            event["UID"] = f"{key[0]}-again-{number}"


def _is_free(event: Component) -> bool:
    said = {
        name: str(event.get(name, "")).strip().upper() for name in ("TRANSP", "STATUS", "X-MICROSOFT-CDO-BUSYSTATUS")
    }
    return (
        said["TRANSP"] == "TRANSPARENT" or said["STATUS"] == "CANCELLED" or said["X-MICROSOFT-CDO-BUSYSTATUS"] == "FREE"
    )


def _span(occurrence: Occurrence, zone: ZoneInfo) -> Span:
    times: list[Any] = [occurrence.start, occurrence.end]
    start, end = (_instant(at, zone) for at in times)
    wall_start, wall_end = map(_wall, times)
    if end <= start and wall_end > wall_start:
        end = start + (wall_end - wall_start)  # the clocks skip its start
    return floor_epoch(start), floor_epoch(end)


def _instant(at: date, zone: Any) -> datetime:
    """The instant of a time as a calendar writes it: in its zone, or the calendar's own; a date is its midnight."""
    if not isinstance(at, datetime):
        at = datetime.combine(at, time())
    return (at if at.tzinfo is not None else at.replace(tzinfo=zone)).astimezone(UTC)


def _wall(at: date) -> datetime:
    return at.replace(tzinfo=None) if isinstance(at, datetime) else datetime.combine(at, time())


def _busy_blocks(calendar: Component, zone: ZoneInfo) -> Iterator[Span]:
    """The periods of VFREEBUSY components, but for those that say FREE (RFC 5545, section 3.8.2.6)."""
    for block in calendar.walk("VFREEBUSY"):
        for period in _listed(block.get("FREEBUSY")):
            if str(period.params.get("FBTYPE", "BUSY")).upper() == "FREE":
                continue
            start, end = period.dt
            start = _instant(start, zone)
            end = start + end if isinstance(end, timedelta) else _instant(end, zone)
            if start < end:
                yield floor_epoch(start), floor_epoch(end)


def _listed(value: Any) -> list[Any]:
    return value if isinstance(value, list) else [] if value is None else [value]
