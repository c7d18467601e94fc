"""A host's bookings at a secret address, for the calendar program that the host looks at all day."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from sqlalchemy.exc import IntegrityError
from sqlmodel import Session, col, select

from singleuse_app import db, tokens
from singleuse_app.ids import new_id
from singleuse_app.models import Booking, BookingsFeed, Host
from singleuse_app.operations.bookings import confirmation
from singleuse_app.scheduling.bookings import BookingConfirmation
from singleuse_app.scheduling.errors import NotFound

PAST = timedelta(days=90)
MOST = 5_000


@dataclass(frozen=True, slots=True)
class Feed:
    """What a calendar program reads: whose bookings, and those that stand, soonest first."""

    host_name: str
    bookings: list[BookingConfirmation]


@db.retrying
def feed_token(*, host_id: UUID, now: datetime) -> str:
    """The secret of the address of a host's bookings; the same each time, until it is reset."""
    try:
        with db.writing() as session:
            row = session.get(BookingsFeed, host_id)
            if row is not None and row.kid in tokens.known_kids():
                return tokens.derive(tokens.BOOKINGS_FEED, row.key, row.kid)
            return _renew(session, host_id, now)
    except IntegrityError as error:
        raise db.Conflict from error  # another tab has just made it


@db.retrying
def reset_feed(*, host_id: UUID, now: datetime) -> str:
    """Another secret: whoever knew the old address finds nothing there from now on."""
    try:
        with db.writing() as session:
            return _renew(session, host_id, now)
    except IntegrityError as error:
        raise db.Conflict from error


def read_feed(*, token: object, now: datetime) -> Feed:
    """The bookings behind a secret, from three months ago on. Raises ``NotFound`` for one that is nobody's."""
    if not isinstance(token, str) or not token.isascii():
        raise NotFound
    with db.reading() as session:
        whose = select(Host).join(BookingsFeed, col(BookingsFeed.host_id) == Host.id)
        host = session.exec(whose.where(BookingsFeed.token_hash == tokens.hash_token(token))).first()
        if host is None:
            raise NotFound
        rows = session.exec(
            select(Booking)
            .where(Booking.host_id == host.id, col(Booking.cancelled_at).is_(None), col(Booking.start) > now - PAST)
            .where(col(Booking.erased_at).is_(None))
            .order_by(col(Booking.start), col(Booking.id))
            .limit(MOST)
        ).all()
        return Feed(host.name, [confirmation(host, row) for row in rows])


def _renew(session: Session, host_id: UUID, now: datetime) -> str:
    key, kid = new_id(), tokens.current_kid()
    token = tokens.derive(tokens.BOOKINGS_FEED, key, kid)
    row = session.get(BookingsFeed, host_id)
    if row is None:
        row = BookingsFeed(host_id=host_id, key=key, kid=kid, token_hash="", created_at=now)
    row.key, row.kid, row.token_hash, row.created_at = key, kid, tokens.hash_token(token), now
    session.add(row)
    return token
