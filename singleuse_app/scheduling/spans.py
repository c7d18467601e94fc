"""Spans of time as people type them: "45", "1 hour 30 minutes", "2 days", "2 Tage"."""

import re

_MINUTES = {"m": 1, "h": 60, "d": 1440, "w": 10_080}
_UNITS = {
    "m": ("m", "min", "mins", "minute", "minutes", "minuten"),
    "h": ("h", "hr", "hrs", "hour", "hours", "std", "stunde", "stunden"),
    "d": ("d", "day", "days", "tag", "tage", "tagen"),
    "w": ("w", "week", "weeks", "woche", "wochen"),
}
_WORDS = {word: _MINUTES[unit] for unit, words in _UNITS.items() for word in words}
_PART = re.compile(r"([0-9]{1,6})\s*([a-z]*)")
_ALL = re.compile(r"(?:[0-9]{1,6}\s*[a-z]+\.?(?:\s*,\s*|\s+(?:and|und)\s+|\s*))*[0-9]{1,6}\s*(?:[a-z]+\.?)?")
_MAX_LENGTH = 100


def parse_minutes(text: object) -> int | None:
    """The whole minutes of a span, a number alone being minutes; ``None`` for what is none. Nothing typed is 0.

    >>> parse_minutes("1 hour 30 minutes"), parse_minutes("1h30"), parse_minutes("2 days"), parse_minutes("soon")
    (90, 90, 2880, None)
    >>> parse_minutes("1 Stunde 30 Minuten"), parse_minutes("2 Tage und 1 Std.")
    (90, 2940)
    """
    plain = text.strip().lower() if isinstance(text, str) else ""
    if not plain:
        return 0
    if len(plain) > _MAX_LENGTH or not _ALL.fullmatch(plain):
        return None
    parts = [(int(number), _WORDS.get(unit or "m")) for number, unit in _PART.findall(plain)]
    return None if any(unit is None for _, unit in parts) else sum(number * (unit or 0) for number, unit in parts)
