"""A host's calendars elsewhere, which this app only reads: added by a secret address, renamed, removed, given back."""

import re
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from sqlmodel import Session, col, func, select, update

from singleuse_app import db, tokens
from singleuse_app.calendars.addresses import parse_address
from singleuse_app.calendars.problems import FeedProblem
from singleuse_app.ids import CALENDAR_FEED, new_id, parse_id, public_id
from singleuse_app.models import CalendarBusy, CalendarFeed
from singleuse_app.operations.history import Happened, record
from singleuse_app.operations.hosts import hold
from singleuse_app.scheduling.bookings import MAX_NAME_LENGTH, parse_text
from singleuse_app.scheduling.errors import InvalidInput, NotFound, UndoTooLate

MAX_FEEDS = 20
UNDO_WITHIN = timedelta(hours=1)
COUNTED_AHEAD = timedelta(days=61)
"""How far ahead busy times are counted for the host: two months."""

LEAST_BETWEEN_CHECKS = timedelta(seconds=15)
_LONG_ENOUGH_FOR_A_SECRET = 12


@dataclass(frozen=True, slots=True)
class FeedCard:
    """One calendar, and how its reading goes. ``problem`` is a code with a ``detail``, or nothing.

    ``read_at`` is when its copy was last known to be good; before there is one, it takes no time.
    """

    id: str
    name: str
    shown_as: str
    is_being_read: bool
    checked_at: datetime | None
    read_at: datetime | None
    problem: str
    problem_detail: str
    problem_since: datetime | None
    next_check_at: datetime
    busy_count: int


def list_feeds(*, host_id: UUID, now: datetime) -> list[FeedCard]:
    """A host's calendars, in the order in which they were added."""
    with db.reading() as session:
        rows = session.exec(_there(host_id).order_by(col(CalendarFeed.id))).all()
        counted = session.exec(
            select(CalendarBusy.feed_id, func.count())
            .where(
                CalendarBusy.host_id == host_id,
                col(CalendarBusy.end) > now,
                col(CalendarBusy.start) < now + COUNTED_AHEAD,
            )
            .group_by(col(CalendarBusy.feed_id))
        ).all()
        counts: dict[UUID, int] = {feed_id: count for feed_id, count in counted}  # noqa: C416 - rows are no pairs
        return [
            FeedCard(
                id=public_id(CALENDAR_FEED, row.id),
                name=row.name,
                shown_as=row.shown_as,
                is_being_read=row.next_check_at <= now or (row.leased_until is not None and row.leased_until > now),
                checked_at=row.checked_at,
                read_at=row.read_at,
                problem=row.problem,
                problem_detail=row.problem_detail,
                problem_since=row.problem_since,
                next_check_at=row.next_check_at,
                busy_count=counts.get(row.id, 0),
            )
            for row in rows
        ]


@db.retrying
def add_feed(*, host_id: UUID, name: object, url: object, now: datetime) -> str:
    """A new calendar, due at once; its public id. Nothing is asked for here: whoever is due is read in the background.

    Raises ``InvalidInput`` for ``name`` or ``url``.
    """
    wrong: dict[str, str] = {}
    clean_name = _parse_name(name, wrong)
    address = _parse_url(url, wrong)
    if wrong:
        raise InvalidInput(wrong)
    key, kid = new_id(), tokens.current_kid()
    with db.writing() as session:
        hold(session, host_id)
        rows = session.exec(_there(host_id)).all()
        if len(rows) >= MAX_FEEDS:
            raise InvalidInput({"url": "too_many_feeds"})
        if address in {_url_of(row) for row in rows}:
            raise InvalidInput({"url": "feed_twice"})
        row = CalendarFeed(
            id=key,
            host_id=host_id,
            name=clean_name,
            kid=kid,
            sealed_url=tokens.seal(tokens.CALENDAR_FEED, key, address, kid),
            shown_as=shown_as(address),
            created_at=now,
            next_check_at=now,
        )
        db.insert(session, row)
        record(session, Happened.CALENDAR_CHANGED, now=now, host_id=host_id)
    return public_id(CALENDAR_FEED, key)


@db.repeatable
def rename_feed(*, host_id: UUID, feed_id: object, name: object, now: datetime) -> None:
    """Give a calendar another name. Raises ``NotFound`` for another host's, ``InvalidInput`` for ``name``."""
    wrong: dict[str, str] = {}
    clean_name = _parse_name(name, wrong)
    if wrong:
        raise InvalidInput(wrong)
    with db.writing() as session:
        row = _hold_own(session, host_id, feed_id)
        row.name = clean_name
        session.add(row)
        record(session, Happened.CALENDAR_CHANGED, now=now, host_id=host_id)


@db.repeatable
def check_now(*, host_id: UUID, feed_id: object, now: datetime) -> None:
    """Let a calendar be read as soon as may be: not more often than every 15 seconds. Raises ``NotFound``."""
    with db.writing() as session:
        row = _hold_own(session, host_id, feed_id)
        soon = now if row.checked_at is None else max(now, row.checked_at + LEAST_BETWEEN_CHECKS)
        row.next_check_at = min(row.next_check_at, soon)
        session.add(row)
        record(session, Happened.CALENDAR_CHANGED, now=now, host_id=host_id)


@db.repeatable
def remove_feed(*, host_id: UUID, feed_id: object, now: datetime) -> None:
    """Take a calendar away: its times are free at once. For an hour it can be given back. Raises ``NotFound``."""
    with db.writing() as session:
        row = _hold_own(session, host_id, feed_id)
        row.removed_at = now
        session.add(row)
        _let_times_be_of(session, row.id, None)
        record(session, Happened.CALENDAR_READ, now=now, host_id=host_id)


@db.repeatable
def restore_feed(*, host_id: UUID, feed_id: object, now: datetime) -> None:
    """Give a calendar back that was removed within the hour, with the times it had, and read it anew.

    Raises ``NotFound``, ``UndoTooLate``, ``InvalidInput`` where others have taken its place.
    """
    with db.writing() as session:
        hold(session, host_id)
        row = session.get(CalendarFeed, parse_id(CALENDAR_FEED, feed_id))
        if row is None or row.host_id != host_id:
            raise NotFound
        if row.removed_at is None:
            return
        if now - row.removed_at > UNDO_WITHIN:
            raise UndoTooLate("feed_undo_too_late")
        if len(session.exec(_there(host_id)).all()) >= MAX_FEEDS:
            raise InvalidInput({"url": "too_many_feeds"})
        row.removed_at, row.next_check_at, row.leased_until = None, now, None
        session.add(row)
        _let_times_be_of(session, row.id, host_id)
        record(session, Happened.CALENDAR_READ, now=now, host_id=host_id)


def shown_as(url: str) -> str:
    """What may be seen of a secret address: its host, and the end of its longest part, to tell two of them apart.

    >>> shown_as("https://calendar.google.com/calendar/ical/a%40b.org/private-0123456789abcdef/basic.ics")
    'calendar.google.com …cdef'
    """
    target = parse_address(url)
    longest = max(re.split(r"[^0-9A-Za-z]+", target.path), key=len)
    return f"{target.host} …{longest[-4:]}" if len(longest) >= _LONG_ENOUGH_FOR_A_SECRET else target.host


def _there(host_id: UUID):
    return select(CalendarFeed).where(CalendarFeed.host_id == host_id, col(CalendarFeed.removed_at).is_(None))


def _hold_own(session: Session, host_id: UUID, feed_id: object) -> CalendarFeed:
    key = parse_id(CALENDAR_FEED, feed_id)
    hold(session, host_id)
    row = session.get(CalendarFeed, key)
    if row is None or row.host_id != host_id or row.removed_at is not None:
        raise NotFound
    return row


def _let_times_be_of(session: Session, feed_id: UUID, host_id: UUID | None) -> None:
    session.exec(update(CalendarBusy).where(col(CalendarBusy.feed_id) == feed_id).values(host_id=host_id))


def _parse_name(name: object, wrong: dict[str, str]) -> str:
    clean = parse_text(name, "name", MAX_NAME_LENGTH, wrong)
    if wrong.get("name") == "name_missing":
        wrong["name"] = "feed_name_missing"
    return clean


def _parse_url(url: object, wrong: dict[str, str]) -> str:
    address = url.strip() if isinstance(url, str) else ""
    try:
        parse_address(address)
    except FeedProblem as problem:
        wrong["url"] = problem.code if address else "feed_address_missing"
    return address


def _url_of(row: CalendarFeed) -> str:
    try:
        return tokens.unseal(tokens.CALENDAR_FEED, row.id, row.sealed_url, row.kid)
    except KeyError:
        return ""
