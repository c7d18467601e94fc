"""Readers of the desk's calendars: they claim one, and keep what they found, which is given to them here."""

from datetime import UTC, datetime, timedelta

from singleuse_app.calendars.fetching import Validators
from singleuse_app.operations import calendar_feeds, feed_checks
from singleuse_app.operations.calendar_feeds import FeedCard
from singleuse_app.operations.feed_checks import Claimed, Copy, claim_due
from singleuse_app.scheduling.intervals import Interval
from tests.factories import NOW, Desk

NINE = datetime(2026, 9, 7, 7, tzinfo=UTC)
HALF_HOUR = timedelta(minutes=30)
BUSY = [(NINE, NINE + 2 * HALF_HOUR)]


def only(desk: Desk, *, now: datetime = NOW) -> FeedCard:
    """The one calendar, as its host sees it."""
    [card] = calendar_feeds.list_feeds(host_id=desk.host_id, now=now)
    return card


def claim(*, now: datetime = NOW) -> Claimed:
    """The one calendar that is due, for whoever reads it next."""
    [claimed] = claim_due(now=now, at_most=9)
    return claimed


def keep(claimed: Claimed, busy: list[tuple[datetime, datetime]] | None, *, now: datetime = NOW) -> None:
    """As if a reader had found these busy times, or none but those of before."""
    found = None if busy is None else [Interval(*times) for times in busy]
    feed_checks.keep_copy(claimed, Copy(found, Validators("e", "m"), "d"), now=now)
