"""Reading the calendars that are due: one reader each, the last good copy kept, and every trouble told.

A round is three steps, and none of them waits for a network inside a transaction: :func:`claim_due` takes a lease,
:func:`look` asks for the calendar and reads it, :func:`keep_copy` or :func:`keep_problem` writes what came of it, if
the lease still holds.
"""

import hashlib
import random
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from sqlmodel import Session, col, delete, or_, select, update

from singleuse_app import db, tokens
from singleuse_app.calendars.addresses import Allowed
from singleuse_app.calendars.fetching import Validators, fetch
from singleuse_app.calendars.problems import FeedProblem
from singleuse_app.calendars.reading import Bookings, read
from singleuse_app.models import Booking, CalendarBusy, CalendarFeed, Host
from singleuse_app.operations.availability import LONGEST_CLAIM
from singleuse_app.operations.calendar_feeds import UNDO_WITHIN
from singleuse_app.operations.history import Happened, record
from singleuse_app.operations.hosts import hold
from singleuse_app.scheduling.event_types import LONGEST_MEETING
from singleuse_app.scheduling.intervals import Interval, Span, floor_epoch, from_epoch, merge
from singleuse_app.settings import settings

LEASE = timedelta(minutes=3)
"""Longer than any look can take."""

EVERY = timedelta(minutes=10)
FIRST_RETRY = timedelta(minutes=5)
LAST_RETRY = timedelta(hours=6)
KEPT_BACK = timedelta(days=1)
KEPT_AHEAD = timedelta(days=850)
"""How far ahead busy times are kept: what can be booked, two years, and four months in which a feed may be broken."""

AT_ONCE = 500
"""How many rows one statement deletes."""

COMPUTED_ANEW_AFTER = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Claimed:
    """A calendar that the caller alone reads until ``lease``. ``url`` is empty where the key file does not open it."""

    feed_id: UUID
    host_id: UUID
    lease: datetime
    url: str
    zone: str
    known: Validators
    digest: str
    bookings: Bookings


@dataclass(frozen=True, slots=True)
class Copy:
    """What a look brought. ``busy`` is ``None`` where the calendar is as it was."""

    busy: list[Interval] | None
    known: Validators
    digest: str


@db.retrying
def claim_due(*, now: datetime, at_most: int) -> list[Claimed]:
    """Take the lease of calendars that are due, the longest due first; of two who ask, one gets each.

    What was removed for good is forgotten here, its secret address included.
    """
    with db.reading() as session:
        gone = session.exec(select(CalendarFeed.id).where(col(CalendarFeed.removed_at) < now - UNDO_WITHIN)).all()
        due = session.exec(
            select(CalendarFeed.id).where(*_due(now)).order_by(col(CalendarFeed.next_check_at)).limit(at_most)
        ).all()
    if not gone and not due:
        return []
    with db.writing() as session:
        if gone:
            session.exec(delete(CalendarBusy).where(col(CalendarBusy.feed_id).in_(gone)))
            session.exec(delete(CalendarFeed).where(col(CalendarFeed.id).in_(gone)))
        return [claimed for key in due if (claimed := _claim(session, key, now))]


def look(claimed: Claimed, *, now: datetime) -> Copy:
    """Ask for a calendar and read it. It may take a minute and a half. Raises ``FeedProblem``."""
    if not claimed.url:
        raise FeedProblem("feed_key_missing")
    found = fetch(claimed.url, allowed=Allowed(settings().feed_allow), known=claimed.known)
    if found.body is None:
        return Copy(None, claimed.known, claimed.digest)
    digest = _digest(found.body, claimed.zone)
    if digest == claimed.digest:
        return Copy(None, found.validators, digest)
    today = now.replace(hour=0, minute=0, second=0, microsecond=0)  # so that the same calendar is cut alike all day
    within = Interval(today - KEPT_BACK, today + KEPT_AHEAD)
    busy = read(found.body, zone=claimed.zone, within=within, bookings=claimed.bookings)
    return Copy(busy, found.validators, digest)


@db.repeatable
def keep_copy(claimed: Claimed, copy: Copy, *, now: datetime) -> None:
    """Let a copy be the one that counts. One that comes after its lease ended, or after a removal, changes nothing."""
    pause = EVERY * random.uniform(0.9, 1.1)  # noqa: S311 - so that not all are asked for at the same moment
    values: dict[str, Any] = {
        "read_at": now,
        "failures": 0,
        "problem": "",
        "problem_detail": "",
        "problem_since": None,
        "etag": copy.known.etag,
        "last_modified": copy.known.last_modified,
        "digest": copy.digest,
        "next_check_at": now + pause,
    }
    if copy.busy is not None:
        values["expanded_at"] = now
    with db.writing() as session:
        hold(session, claimed.host_id)
        before = session.get(CalendarFeed, claimed.feed_id)
        was_well = before is not None and before.read_at is not None and not before.problem
        if not _write(session, claimed, values, now):
            return
        if copy.busy is not None and _keep_times(session, claimed, copy.busy, now):
            record(session, Happened.CALENDAR_READ, now=now, host_id=claimed.host_id)
        elif not was_well:
            record(session, Happened.CALENDAR_CHECKED, now=now, host_id=claimed.host_id)


@db.repeatable
def keep_problem(claimed: Claimed, problem: FeedProblem, *, now: datetime) -> None:
    """Note what is wrong with a calendar, and when to try again: ever later. The times of its last good copy stay."""
    with db.writing() as session:
        hold(session, claimed.host_id)
        before = session.get(CalendarFeed, claimed.feed_id)
        if before is None:
            return
        told, since, failures = before.problem, before.problem_since, before.failures + 1
        values = {
            "failures": failures,
            "problem": problem.code,
            "problem_detail": problem.detail,
            "problem_since": since or now,
            "next_check_at": now + pause_after(failures) * random.uniform(0.8, 1.2),  # noqa: S311
        }
        if _write(session, claimed, values, now) and told != problem.code:
            record(session, Happened.CALENDAR_CHECKED, now=now, host_id=claimed.host_id)


def pause_after(failures: int) -> timedelta:
    """How long to wait after so many failures in a row.

    >>> [str(pause_after(number)) for number in (1, 2, 7, 1000)]
    ['0:05:00', '0:10:00', '5:20:00', '6:00:00']
    """
    return min(FIRST_RETRY * 2 ** min(failures - 1, 10), LAST_RETRY)


def _due(now: datetime) -> tuple[Any, ...]:
    return (
        col(CalendarFeed.removed_at).is_(None),
        col(CalendarFeed.next_check_at) <= now,
        or_(col(CalendarFeed.leased_until).is_(None), col(CalendarFeed.leased_until) <= now),
    )


def _claim(session: Session, key: UUID, now: datetime) -> Claimed | None:
    lease = now + LEASE
    won = session.exec(update(CalendarFeed).where(col(CalendarFeed.id) == key, *_due(now)).values(leased_until=lease))
    if won.rowcount != 1:
        return None
    row = session.get_one(CalendarFeed, key)
    zone = session.get_one(Host, row.host_id).time_zone
    is_fresh = row.expanded_at is not None and now - row.expanded_at < COMPUTED_ANEW_AFTER
    own = session.exec(
        select(Booking.uid, Booking.start, Booking.end).where(
            Booking.host_id == row.host_id,
            col(Booking.start) > now - KEPT_BACK - LONGEST_MEETING,  # says nothing new, but the index begins there
            col(Booking.end) > now - KEPT_BACK,
        )
    )
    try:
        url = tokens.unseal(tokens.CALENDAR_FEED, row.id, row.sealed_url, row.kid)
    except KeyError:
        url = ""
    return Claimed(
        feed_id=row.id,
        host_id=row.host_id,
        lease=lease,
        url=url,
        zone=zone,
        known=Validators(row.etag, row.last_modified) if is_fresh else Validators(),
        digest=row.digest if is_fresh else "",
        bookings=Bookings({uid: (floor_epoch(start), floor_epoch(end)) for uid, start, end in own}),
    )


def _write(session: Session, claimed: Claimed, values: dict[str, Any], now: datetime) -> bool:
    """Write what came of a look and give the lease back; whether it still was the caller's."""
    mine = (
        col(CalendarFeed.id) == claimed.feed_id,
        col(CalendarFeed.leased_until) == claimed.lease,
        col(CalendarFeed.removed_at).is_(None),
    )
    done = update(CalendarFeed).where(*mine).values(checked_at=now, leased_until=None, **values)
    return session.exec(done.execution_options(synchronize_session=False)).rowcount == 1


def _keep_times(session: Session, claimed: Claimed, busy: list[Interval], now: datetime) -> bool:
    """Let a feed's times be these; whether anything changed that is not over."""
    found = select(CalendarBusy.start, CalendarBusy.end).where(CalendarBusy.feed_id == claimed.feed_id)
    before = {(floor_epoch(start), floor_epoch(end)) for start, end in session.exec(found)}
    after = set(_pieces(busy))
    old = [from_epoch(start) for start, _ in before - after]
    own_times = delete(CalendarBusy).where(col(CalendarBusy.feed_id) == claimed.feed_id)
    for first in range(0, len(old), AT_ONCE):
        session.exec(own_times.where(col(CalendarBusy.start).in_(old[first : first + AT_ONCE])))
    if new := sorted(after - before):
        own = {"feed_id": claimed.feed_id, "host_id": claimed.host_id}
        rows = [{**own, "start": from_epoch(start), "end": from_epoch(end)} for start, end in new]
        db.insert_values(session, CalendarBusy, *rows)
    return any(end > floor_epoch(now) for _, end in before ^ after)


def _pieces(busy: Iterable[Interval]) -> Iterable[Span]:
    """The same stretches, apart, none longer than the look-up of busy times expects."""
    longest = LONGEST_CLAIM // timedelta(seconds=1)
    for first, last in merge((floor_epoch(each.start), floor_epoch(each.end)) for each in busy):
        for start in range(first, last, longest):
            yield start, min(start + longest, last)


def _digest(body: bytes, zone: str) -> str:
    """What a calendar comes to, without the lines that some servers stamp anew at each request."""
    lines = (line for line in body.splitlines() if not line.startswith(b"DTSTAMP"))
    return hashlib.sha256(b"\n".join([zone.encode(), *lines])).hexdigest()
