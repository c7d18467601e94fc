"""What a viewer sees of the free times: one month of them, in the viewer's own zone."""

from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

from singleuse_app.scheduling.intervals import Interval


@dataclass(frozen=True, slots=True)
class View:
    """What a viewer looks at: the month of ``month`` in their ``time_zone``, else the first one with a free time.

    ``chosen`` is a start that they would like to keep.
    """

    time_zone: str = "UTC"
    month: date | None = None
    chosen: datetime | None = None


FIRST_VIEW = View()


@dataclass(frozen=True, slots=True)
class FreeTimes:
    """The starts on offer in one month of a viewer, whose first day is ``month``.

    ``has_earlier`` and ``has_later`` tell whether other months can be booked. Where this one has no start,
    ``next_free`` is the first one after it. ``nearest`` are up to three starts around the one that the viewer had
    chosen; ``None`` where they chose none, or it is still on offer.
    """

    month: date
    starts: tuple[datetime, ...]
    has_earlier: bool
    has_later: bool
    next_free: datetime | None = None
    nearest: tuple[datetime, ...] | None = None


def month_of(first: date, zone: ZoneInfo) -> Interval:
    """A calendar month of a zone, from its first midnight to the next month's."""
    following = (first + timedelta(days=31)).replace(day=1)
    start, end = (datetime(day.year, day.month, 1, tzinfo=zone).astimezone(UTC) for day in (first, following))
    return Interval(start, end)
