"""Hours of a day as people type them: "9-12, 13:00-17:30"."""

import re
from collections.abc import Iterable
from itertools import pairwise

from singleuse_app.scheduling.availability import DAY_MINUTES, MAX_HOURS_A_DAY
from singleuse_app.scheduling.errors import InvalidAvailability
from singleuse_app.scheduling.intervals import merge

Hours = tuple[tuple[int, int], ...]
"""Pairs of start and end, in minutes since local midnight."""

MAX_LENGTH = 400

_CLOCK = r"([0-9]{1,2})(?:[:.h]([0-9]{2}))?\s*(am|pm|a\.m\.|p\.m\.)?"
_RANGE = re.compile(rf"{_CLOCK}\s*(?:[-‐‑‒–—−]|to\b|until\b)\s*{_CLOCK}")
_BETWEEN = re.compile(r"\s*(?:[,;\n]|\band\b)\s*")
_CLOSED = {"", "-", "–", "closed", "none", "not available", "off", "unavailable"}


def parse_hours(text: object) -> Hours:
    """The hours that a text names, in order; none for an empty one and for words like "closed".

    Stretches that touch become one. Raises ``InvalidAvailability`` for what is no hours, for an end that is not after
    its start, and for stretches that overlap, as one of them is a slip.

    >>> parse_hours("9-12, 13:00–17:30")
    ((540, 720), (780, 1050))
    >>> parse_hours("9 am to 12 and 1pm-5pm"), parse_hours("18-24:00"), parse_hours("closed")
    (((540, 720), (780, 1020)), ((1080, 1440),), ())
    """
    plain = " ".join(text.lower().split()) if isinstance(text, str) else ""
    if len(plain) > MAX_LENGTH:
        raise InvalidAvailability("hours_malformed")
    if plain in _CLOSED:
        return ()
    named = sorted(_range(part) for part in _BETWEEN.split(plain.rstrip(",; ")))
    if len(named) > MAX_HOURS_A_DAY:
        raise InvalidAvailability("too_many_hours")
    if any(after[0] < before[1] for before, after in pairwise(named)):
        raise InvalidAvailability("hours_overlap")
    return tuple(merge(named))


def hours_text(hours: Iterable[tuple[int, int]]) -> str:
    """Hours as they are shown, in order and apart, which read back as what they were; nothing for none.

    >>> hours_text([(780, 1050), (540, 720)]), hours_text([])
    ('09:00–12:00, 13:00–17:30', '')
    """
    return ", ".join(f"{_clock_text(opens)}–{_clock_text(closes)}" for opens, closes in merge(hours))


def parse_clock(text: object) -> int | None:
    """The minute since midnight that a time of day names; ``None`` for what is none.

    >>> parse_clock("17:30"), parse_clock("5 pm"), parse_clock("later")
    (1050, 1020, None)
    """
    found = re.fullmatch(_CLOCK, text.strip().lower()) if isinstance(text, str) else None
    if found is None:
        return None
    minute = _minute(*found.groups())
    return minute if minute is not None and minute < DAY_MINUTES else None


def _range(text: str) -> tuple[int, int]:
    found = _RANGE.fullmatch(text)
    if found is None:
        raise InvalidAvailability("hours_malformed")
    opens, closes = _minute(*found.groups()[:3]), _minute(*found.groups()[3:])
    if opens is None or closes is None:
        raise InvalidAvailability("hours_out_of_range")
    if closes <= opens:
        raise InvalidAvailability("hours_end_before_start")
    return opens, closes


def _minute(hour_text: str, minute_text: str | None, half: str | None) -> int | None:
    hour, minute = int(hour_text), int(minute_text or 0)
    if half:
        if not 1 <= hour <= 12:
            return None
        hour = hour % 12 + (12 if half.startswith("p") else 0)
    total = hour * 60 + minute
    return total if minute < 60 and total <= DAY_MINUTES else None


def _clock_text(minute: int) -> str:
    return f"{minute // 60:02}:{minute % 60:02}"
