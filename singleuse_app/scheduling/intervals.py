"""Half-open stretches of absolute time, and the whole epoch seconds that the engine computes with."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

Span = tuple[int, int]
"""A half-open stretch ``[first, last)`` of whole numbers: epoch seconds, or seconds since local midnight."""

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


@dataclass(frozen=True, slots=True, order=True)
class Interval:
    """A half-open stretch of absolute time, from ``start`` up to but not including ``end``.

    Both are kept in UTC: an aware datetime of another zone is converted. An empty interval (``start == end``) is
    allowed and contains nothing. Raises ``ValueError`` for a naive datetime and for an end before the start.

    >>> nine = datetime(2026, 9, 1, 9, tzinfo=UTC)
    >>> Interval(nine, nine + timedelta(hours=1)).end.hour
    10
    """

    start: datetime
    end: datetime

    def __post_init__(self) -> None:
        object.__setattr__(self, "start", as_instant(self.start))
        object.__setattr__(self, "end", as_instant(self.end))
        if self.end < self.start:
            raise ValueError(f"An interval cannot end at {self.end}, before its start at {self.start}.")


def as_instant(value: datetime) -> datetime:
    """``value`` in UTC. Raises ``ValueError`` for a naive datetime, which names no instant."""
    if value.tzinfo is UTC:
        return value
    if value.utcoffset() is None:
        raise ValueError(f"An instant needs a time zone, but {value!r} has none.")
    return value.astimezone(UTC)


def floor_epoch(instant: datetime) -> int:
    """The last whole epoch second that is not after ``instant``."""
    since = instant - _EPOCH
    return since.days * 86_400 + since.seconds


def ceil_epoch(instant: datetime) -> int:
    """The first whole epoch second that is not before ``instant``."""
    since = instant - _EPOCH
    return since.days * 86_400 + since.seconds + (since.microseconds > 0)


def from_epoch(seconds: int) -> datetime:
    """The UTC instant at ``seconds`` after the epoch."""
    return _EPOCH + timedelta(seconds=seconds)


def merge(spans: Iterable[Span]) -> list[Span]:
    """The same stretches in order and apart: those that overlap or touch become one, empty ones vanish.

    >>> merge([(5, 7), (1, 3), (3, 4), (9, 9)])
    [(1, 4), (5, 7)]
    """
    merged: list[Span] = []
    for first, last in sorted(spans):
        if first >= last:
            continue
        if merged and first <= merged[-1][1]:
            merged[-1] = (merged[-1][0], max(merged[-1][1], last))
        else:
            merged.append((first, last))
    return merged
